"""Runs the code that is compiled for the lanes of a GPU on the processor, where there is no GPU.

`python -m tests.numba_cuda tests.engine.compiled_engine.on_processor begin FILE` saves what replications of a
small plant begin with; `… run` compares records of whole replications with those of the SimPy engine, and
prints the differences. numba-cuda's functions are handed to LLVM for this processor instead of to NVIDIA's
compiler: the same instructions, with the processor's own logarithm. LLVM reads them where the environment
says LLVMLITE_ENABLE_IR_LAYER_TYPED_POINTERS=0.
"""

from __future__ import annotations

import ctypes
import re
import sys
from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

import llvmlite.binding as llvm
import numpy as np
from numba.cuda import types
from numba.cuda.cudadrv import nvvm

from tests.engine.compiled_engine.alike import TABLES, of_table
from tests.engine.compiled_engine.lanes_plant import BEGUN, SEED, SMALL
from tests.gpu_code import a_card, has_nvvm
from twin.engine.compile import compile_program
from twin.engine.compiled_engine import instant, lanes, lanes_linking, rows
from twin.engine.compiled_engine.image import image
from twin.engine.compiled_engine.lanes import LANES
from twin.engine.compiled_engine.memory import Room, layout
from twin.engine.compiled_engine.tables import head
from twin.engine.program import Program
from twin.engine.simpy_engine import simulate
from twin.experiment.prepare import prepare
from twin.physics.kernels.building import dispatchers_in_place
from twin.plant.scenario import Run


class _Array(np.ndarray):
    """An array of the GPU's."""

    def copy_to_host(self) -> Any:
        return np.array(self)

    def copy_to_device(self, values: Any) -> None:
        self[...] = values


class _Kernel:
    """A CUDA kernel."""

    def __init__(self, over_lanes: Any) -> None:
        self._over_lanes = over_lanes

    def __getitem__(self, blocks: Any) -> Any:
        return self._over_lanes


def put_in_place(names: tuple[str, ...]) -> None:
    """Have `lanes` use this processor, for the kernels `begin`, `run` and `empty` of these names."""
    code = {name: _of_processor(*_KINDS[name]()) for name in names}
    for name, over_lanes in _OVER_LANES.items():
        setattr(lanes, f"_{name.upper()}", _Kernel(over_lanes(code.get(name))))
    lanes.cuda = SimpleNamespace(
        to_device=lambda array: np.array(array).view(_Array),
        device_array=lambda shape, kind: np.full(shape, 77, dtype=kind).view(_Array),
        current_context=lambda: SimpleNamespace(get_memory_info=lambda: SimpleNamespace(free=2**40)),
    )
    lanes._parts_in_place = nullcontext


def _of_processor(part: Any, kinds: tuple[Any, ...]) -> Any:
    """A part of kernels, for arguments of these kinds, as a function of this processor."""
    with dispatchers_in_place(lanes_linking.part), a_card():
        compiled = lanes_linking.part(part).compile_device(kinds)
        (text,) = map(str, compiled.library.modules)
    text = text.replace("addrspacecast", "bitcast").replace(" addrspace(1)", "")
    text = re.sub("(?m)^target .*$", "", text).replace("define linkonce_odr", "define")
    module = llvm.parse_assembly(re.sub(r'@"__nv_(\w+)"', r'@"\1"', text))
    module.triple, module.data_layout = _MACHINE.triple, str(_MACHINE.target_data)
    module.verify()
    builder = llvm.create_pass_builder(_MACHINE, llvm.create_pipeline_tuning_options(speed_level=1))
    builder.getModulePassManager().run(module, builder)
    _ENGINE.add_module(module)
    _ENGINE.finalize_object()
    arguments = [kind for each in kinds for kind in _PASSED[getattr(each, "ndim", 0)]]
    given = ctypes.c_int64 if part is instant.run else ctypes.c_void_p
    return ctypes.CFUNCTYPE(given, *arguments)(_ENGINE.get_function_address(compiled.fndesc.llvm_func_name))


def _all(array: Any) -> tuple[int, int]:
    return array.ctypes.data, len(array)


def _own(array: Any, lane: int) -> tuple[int, int]:
    """Where a lane's numbers begin, and how many they are."""
    return array[lane // LANES, :, lane % LANES].ctypes.data, array.shape[1]


def _lay_out(_: Any) -> Any:
    def over_lanes(s: Any, f: Any, whole: Any, reals: Any, count: int) -> None:
        for lane in range(count):
            s[lane // LANES, : len(whole), lane % LANES] = whole
            f[lane // LANES, : len(reals), lane % LANES] = reals

    return over_lanes


def _begin(code: Any) -> Any:
    def over_lanes(p: Any, q: Any, s: Any, low: int, high: int, replications: Any) -> None:
        for lane, replication in enumerate(replications.tolist()):
            code(*_all(p), *_all(q), *_own(s, lane), low, high, replication)

    return over_lanes


def _run(code: Any) -> Any:
    def over_lanes(p: Any, q: Any, s: Any, f: Any, status: Any) -> None:
        for lane in np.flatnonzero(status == head.ROWS_FULL).tolist():
            status[lane] = code(*_all(p), *_all(q), *_own(s, lane), *_own(f, lane))

    return over_lanes


def _fetch(_: Any) -> Any:
    def over_lanes(s: Any, f: Any, whole: Any, reals: Any) -> None:
        for lane in range(len(whole)):
            whole[lane] = s[lane // LANES, :, lane % LANES]
            reals[lane] = f[lane // LANES, :, lane % LANES]

    return over_lanes


def _put(_: Any) -> Any:
    def over_lanes(s: Any, f: Any, whole: Any, reals: Any) -> None:
        for lane in range(len(whole)):
            s[lane // LANES, :, lane % LANES] = whole[lane]
            f[lane // LANES, :, lane % LANES] = reals[lane]

    return over_lanes


def _empty(code: Any) -> Any:
    def over_lanes(s: Any, taken: Any) -> None:
        for lane in np.flatnonzero(taken).tolist():
            code(*_own(s, lane))

    return over_lanes


_OVER_LANES = {
    "lay_out": _lay_out,
    "begin": _begin,
    "run": _run,
    "fetch": _fetch,
    "put": _put,
    "empty": _empty,
}
_PASSED = {0: (ctypes.c_int64,), 1: (ctypes.c_void_p, ctypes.c_int64)}


def _arrays() -> tuple[Any, ...]:
    """The kinds of `p`, `q`, `s` and `f`."""
    pairs = (types.int64, "C"), (types.float64, "C"), (types.int64, "A"), (types.float64, "A")
    return tuple(types.Array(kind, 1, order) for kind, order in pairs)


def _numbers(count: int) -> tuple[Any, ...]:
    return (types.int64,) * count


_KINDS = {
    "begin": lambda: (instant.begin, (*_arrays()[:3], *_numbers(3))),
    "run": lambda: (instant.run, _arrays()),
    "empty": lambda: (rows.rows_are_gone, _arrays()[2:3]),
}


def begun() -> Any:
    """What the replications `BEGUN` of a small plant begin with, shape (replications, numbers)."""
    laid_out = layout(image(compile_program(SMALL, Run())), Room())
    side_by_side = lanes._Lanes(laid_out, SEED, np.array(BEGUN, dtype=np.int64))
    return side_by_side.fetch().s


def compare(program: Program, replications: range) -> None:
    """Print how the records of replications differ from those of the SimPy engine."""
    for replication, found in enumerate(lanes.simulate_lanes(program, SEED, replications)):
        expected = simulate(program, SEED, replication)
        for name in TABLES:
            for difference in of_table(name, getattr(expected, name), getattr(found, name)):
                print(replication, difference)


if __name__ == "__main__":
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    _MACHINE = llvm.Target.from_default_triple().create_target_machine(opt=1)
    _ENGINE = llvm.create_mcjit_compiler(llvm.parse_assembly(""), _MACHINE)
    if not has_nvvm():  # which numba-cuda asks for two things that it writes at the head of a module
        nvvm.NVVM = lambda: SimpleNamespace(data_layout=nvvm._datalayout, get_ir_version=lambda: (2, 0, 3, 2))
    if sys.argv[1] == "begin":
        put_in_place(("begin",))
        np.save(sys.argv[2], begun())
    else:
        put_in_place(("begin", "run", "empty"))
        compare(compile_program(SMALL, Run()), range(LANES + 2))
        physics = prepare("twin:solid_dose_physics", {"run.horizon": "2 days", "sweep": None})
        compare(compile_program(physics.plant, physics.run), range(1))
        print("compared")
