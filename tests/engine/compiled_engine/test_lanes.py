"""The network kernel in the lanes of a GPU gives the record of the CPU: in Numba's CUDA simulator, which runs
its source, and on this processor, which runs what is compiled for a GPU.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.engine.compiled_engine.lanes_plant import BEGUN, SEED, SMALL
from tests.gpu_code import a_card, has_nvvm, needs_card, needs_numba_cuda, needs_nvvm, ptx_of
from twin.engine.compile import compile_program
from twin.engine.compiled_engine import blocks
from twin.engine.compiled_engine.image import image
from twin.engine.compiled_engine.lanes_text import SMALL as SMALL_FUNCTION
from twin.engine.compiled_engine.lanes_text import merged
from twin.engine.compiled_engine.memory import Room, layout
from twin.physics.kernels.building import dispatchers_in_place
from twin.plant.scenario import Run

ROOT = Path(__file__).resolve().parents[3]
ON_PROCESSOR = {**os.environ, "LLVMLITE_ENABLE_IR_LAYER_TYPED_POINTERS": "0"}


def said_by(module: str, *arguments: str, environment: dict[str, str]) -> str:
    module = f"tests.engine.compiled_engine.{module}"
    command = [sys.executable, "-m", "tests.numba_cuda", module, *arguments]
    ran = subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True)
    return ran.stdout


def test_a_small_plant_runs_alike_in_simulated_lanes():
    simulator = {**os.environ, "NUMBA_ENABLE_CUDASIM": "1", "NUMBA_DISABLE_JIT": "1"}
    assert said_by("in_lanes", environment=simulator) == "compared\n"


@needs_card
def test_a_small_plant_without_logarithms_runs_alike_on_a_gpu():
    assert said_by("in_lanes", environment=dict(os.environ)) == "compared\n"


@needs_numba_cuda
def test_what_is_compiled_for_lanes_begins_replications_as_the_processors_code_does(tmp_path):
    file = tmp_path / "begun.npy"
    said_by("on_processor", "begin", str(file), environment=ON_PROCESSOR)
    of = image(compile_program(SMALL, Run()))
    begun = layout(of, Room())
    memory = begun.memory(len(BEGUN))
    memory.s[:] = 77  # as there
    begun.lay_out(memory)
    numbers = np.array(BEGUN, dtype=np.int64)
    blocks.begin(of.integers, of.reals, memory.s.reshape(-1), SEED, 0, numbers)
    assert np.load(file).tolist() == memory.s.tolist()


@needs_numba_cuda
@pytest.mark.skipif(
    not (os.environ.get("CI") or has_nvvm()),
    reason="compiles for a minute: in CI, and where NVIDIA's compiler is installed",
)
def test_what_is_compiled_for_lanes_gives_the_record_of_the_simpy_engine():
    assert said_by("on_processor", "run", environment=ON_PROCESSOR) == "compared\n"


@needs_nvvm
def test_nvidias_compiler_makes_little_code_of_the_network_kernel():
    from numba.cuda import types

    from twin.engine.compiled_engine import lanes, lanes_linking

    def arrays(dimensions: int) -> tuple[object, object]:
        kinds = types.int64, types.float64
        return tuple(types.Array(kind, dimensions, "C") for kind in kinds)

    signature = *arrays(1), *arrays(3), types.Array(types.int64, 1, "C")
    with dispatchers_in_place(lanes_linking.part), a_card():
        code = ptx_of(lanes._run, signature)
    assert ".entry" in code
    assert len(code) < 5e6


def module_of(name: str, lines: int, *calls: str, marks: str = "") -> str:
    body = [f'  call void @"{called}"()' for called in calls]
    body += [f"  %x{k} = add i64 {k}, {k}, !note !1" for k in range(lines)]
    declared = [f'declare void @"{called}"()' for called in calls]
    metadata = ["!nvvmir.version = !{ !0 }", "!0 = !{ i32 2 }", f'!1 = !{{ !"{marks}" }}']
    function = [f'define linkonce_odr void @"{name}"()', "{", "entry:", *body, "  ret void", "}"]
    return "\n".join(["; a comment", 'target triple = "card"', *declared, *function, *metadata])


def test_modules_become_one_in_which_a_large_function_of_two_callers_stays_by_itself():
    large = SMALL_FUNCTION + 1
    top = module_of("top", 1, "once", "twice", "log", marks="here")
    others = [
        module_of("once", large, "twice", marks="there"),
        module_of("twice", large, marks="here"),
    ]
    found = merged(top, others).splitlines()
    assert [line for line in found if line.startswith(("define", "declare"))] == [
        'define linkonce_odr void @"top"()',
        'define internal void @"once"()',
        'define internal void @"twice"() noinline',
        'declare void @"log"()',
    ]
    assert [line for line in found if line.startswith("!")] == [
        "!0 = !{ i32 2 }",
        '!1 = !{ !"here" }',
        '!2 = !{ !"there" }',
        "!nvvmir.version = !{ !0 }",
    ]
    assert [line[-2:] for line in found if "%x0 " in line] == ["!1", "!2", "!1"]
    assert found[0] == 'target triple = "card"'
