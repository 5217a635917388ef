"""The lanes of a GPU fold a line as threads do: here in Numba's CUDA simulator."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from tests.engine.lines.on_gpu import LINES, REPLICATIONS, run_of, small_line
from tests.gpu_code import a_card, needs_card, needs_nvvm, ptx_of
from twin.engine.compile import compile_program
from twin.engine.lines import fold_line
from twin.physics.kernels.building import dispatchers_in_place

ROOT = Path(__file__).resolve().parents[3]


def totals_on_gpu(file, **environment):
    command = [sys.executable, "-m", "tests.numba_cuda", "tests.engine.lines.on_gpu", str(file)]
    subprocess.run(command, cwd=ROOT, env={**os.environ, **environment}, check=True)
    with np.load(file) as found:
        return dict(found)


@pytest.fixture(scope="module")
def simulated(tmp_path_factory):
    file = tmp_path_factory.mktemp("gpu") / "totals.npz"
    return totals_on_gpu(file, NUMBA_ENABLE_CUDASIM="1", NUMBA_DISABLE_JIT="1")


@pytest.mark.parametrize("name", LINES)
def test_the_simulated_gpu_folds_a_line_as_threads_do(simulated, name):
    expected = asdict(fold_line(compile_program(small_line(name), run_of(name)), 11, REPLICATIONS))
    assert (expected["left"] > 8).all()
    for field, values in expected.items():
        assert simulated[f"{name}/{field}"].tolist() == values.tolist(), field


@needs_card
def test_a_gpu_folds_a_line_as_threads_do_but_for_rounding_of_draws(tmp_path):
    found = totals_on_gpu(tmp_path / "totals.npz")
    for name in LINES:
        expected = asdict(fold_line(compile_program(small_line(name), run_of(name)), 11, REPLICATIONS))
        for field, values in expected.items():
            np.testing.assert_allclose(found[f"{name}/{field}"], values, rtol=1e-9, atol=1e4)  # ns
        assert found[f"{name}/left"].tolist() == expected["left"].tolist()


@needs_nvvm
def test_nvidias_compiler_takes_the_kernel_of_a_line():
    from numba.cuda import types

    from twin.engine.lines import lanes

    def array(kind, dimensions):
        return types.Array(kind, dimensions, "C")

    whole, words, reals = types.int64, types.uint64, types.float64
    plant = [array(kind, 2) for kind in (whole, whole, whole, reals, reals)]
    route = [array(whole, 1)] * 5
    state = [array(words, 3), array(whole, 2), array(whole, 3), array(whole, 3), array(whole, 2)]
    signature = array(whole, 1), array(whole, 1), whole, *plant, *route, *state
    with dispatchers_in_place(), a_card():
        code = ptx_of(lanes._lanes, signature)
    assert ".entry" in code
    assert len(code) < 1e6
