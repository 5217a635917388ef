"""Every kernel gives a lot the same answer alone, among others, on threads and on a (simulated) GPU."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import array_api_strict
import numpy as np
import pytest

from tests.gpu_code import a_card, needs_nvvm, ptx_of
from tests.physics.kernel_samples import DECAY, SAMPLES, TRIED, in_three_chunks
from twin.physics.backend import DeviceError, select
from twin.physics.contract import Quantity
from twin.physics.evaluation import Answer, evaluate_on, unit_operation
from twin.physics.kernels import launch
from twin.physics.kernels.building import dispatchers_in_place
from twin.physics.kernels.launch import NOT_MEASURED, BreakEven, in_chunks, on_cpu, run, takes

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(params=sorted(TRIED))
def sample(request):
    assert request.param in SAMPLES, f"add a sample of {request.param}'s inputs to kernel_samples.py"
    return TRIED[request.param], *SAMPLES[request.param]


def test_a_lots_answer_does_not_depend_on_neighbours_order_tasks_or_threads(sample):
    kernel, sizes, inputs = sample
    lots = inputs.shape[1]
    whole = on_cpu(kernel, sizes, inputs, threads=1)
    assert whole.shape == (kernel.outputs, lots)
    order = np.random.default_rng(5).permutation(lots)
    assert on_cpu(kernel, sizes, inputs[:, order]).tobytes() == whole[:, order].tobytes()
    assert on_cpu(replace(kernel, lots_a_task=2), sizes, inputs, threads=3).tobytes() == whole.tobytes()
    for lot in range(lots):
        assert on_cpu(kernel, sizes, inputs[:, lot : lot + 1]).tobytes() == whole[:, lot].tobytes()


def test_the_simulated_gpu_gives_what_the_cpu_gives(sample, tmp_path):
    kernel, sizes, inputs = sample
    simulator = {**os.environ, "NUMBA_ENABLE_CUDASIM": "1", "NUMBA_DISABLE_JIT": "1"}
    answers = tmp_path / "answers.npz"
    subprocess.run(
        [sys.executable, "-m", "tests.numba_cuda", "tests.physics.kernel_samples", kernel.name, str(answers)],
        cwd=ROOT,
        env=simulator,
        check=True,
    )
    with np.load(answers) as simulated:
        whole, chunked = simulated["whole"], simulated["chunked"]
    assert chunked.tobytes() == whole.tobytes()
    # The simulator interprets: Python's exp and powers may round otherwise than the compiled ones.
    np.testing.assert_allclose(whole, on_cpu(kernel, sizes, inputs), rtol=1e-10, atol=1e-300)


@needs_nvvm
def test_nvidias_compiler_takes_the_kernel(sample):
    from numba.cuda import types

    from twin.physics.kernels import lanes

    kernel = sample[0]
    columns = types.Array(types.float64, 2, "C")
    signature = types.Array(types.int64, 1, "C"), columns, columns, columns, types.int64, types.int64
    with dispatchers_in_place(), a_card():
        one = getattr(kernel.one, "dispatcher", kernel.one)
        assert ".entry" in ptx_of(lanes._lanes_of(one).py_func, signature)


def test_a_gpu_gives_what_the_cpu_gives(sample):
    kernel, sizes, inputs = sample
    try:
        outputs = run(kernel, sizes, inputs, device="gpu", memory=in_three_chunks(kernel, sizes, inputs))
    except DeviceError as none:
        pytest.skip(str(none))
    np.testing.assert_allclose(outputs, on_cpu(kernel, sizes, inputs), rtol=1e-9, atol=1e-300)
    there = run(kernel, sizes, select("gpu").array(inputs))
    np.testing.assert_array_equal(select("gpu").to_numpy(there), outputs)


def test_no_lots_give_no_answers():
    assert run(DECAY, (8,), np.empty((2, 0))).shape == (2, 0)


def test_a_kernel_takes_numpy_and_no_other_array_on_the_cpu():
    assert takes(np.ones((2, 3)))
    assert not takes(array_api_strict.ones((2, 3)))


def test_auto_stays_on_the_cpu_where_no_break_even_was_measured():
    sizes, inputs = SAMPLES["decay"]
    assert DECAY.break_even == NOT_MEASURED
    assert run(DECAY, sizes, inputs).tobytes() == on_cpu(DECAY, sizes, inputs).tobytes()


@pytest.mark.parametrize(("enough", "goes"), [(7, True), (8, False)])
def test_auto_takes_a_gpu_from_the_break_even_on(monkeypatch, enough, goes):
    sizes, inputs = SAMPLES["decay"]
    went = []

    def gpu(kernel, sizes, inputs, memory):
        went.append(inputs.shape[1])
        return on_cpu(kernel, sizes, inputs)

    monkeypatch.setattr(launch, "_gpu", lambda: select("cpu"))
    monkeypatch.setattr(launch, "on_gpu", gpu)
    kernel = replace(DECAY, break_even=BreakEven(enough, "this test"))
    chunk = 8 * (2 + 2 + 9) * 3  # three lots in hand
    assert run(kernel, sizes, inputs, memory=chunk).tobytes() == on_cpu(kernel, sizes, inputs).tobytes()
    assert went == ([3, 3, 1] if goes else [])


@pytest.mark.parametrize(("device", "goes"), [("cpu", False), ("auto", True), ("gpu", True)])
def test_a_model_s_kernels_run_where_its_caller_says(monkeypatch, device, goes):
    sizes, inputs = SAMPLES["decay"]
    went = []

    def gpu(kernel, sizes, inputs, memory):
        went.append(inputs.shape[1])
        return on_cpu(kernel, sizes, inputs)

    monkeypatch.setattr(launch, "_gpu", lambda: select("cpu"))
    monkeypatch.setattr(launch, "on_gpu", gpu)
    kernel = replace(DECAY, break_even=BreakEven(7, "this test"))
    with launch.kernels_on(device):
        run(kernel, sizes, inputs)
    assert bool(went) == goes


@pytest.mark.parametrize(("device", "goes"), [(select("cpu"), False), ("cpu", False), ("auto", True)])
def test_a_run_on_the_cpu_keeps_its_kernels_there(monkeypatch, device, goes):
    """A run says in its identity on which arithmetic it was computed."""
    went = []
    decay, sizes = replace(DECAY, break_even=BreakEven(1, "this test")), SAMPLES["decay"][0]

    def gpu(kernel, sizes, inputs, memory):
        went.append(inputs.shape[1])
        return on_cpu(kernel, sizes, inputs)

    def equations(given):
        rate = given["rate"]
        left = run(decay, sizes, np.stack([rate, rate]))[0]
        return Answer(left, left, {}, rate > 0.0)

    monkeypatch.setattr(launch, "_gpu", lambda: select("cpu"))
    monkeypatch.setattr(launch, "on_gpu", gpu)
    decaying = unit_operation(
        "decaying",
        material=(Quantity("rate", "1/s", "rate of decay"),),
        settings=(),
        equipment=(),
        attributes=(),
        equations=equations,
    )
    evaluate_on(device, decaying, {"rate": [0.5, 1.0]}, {}, {})
    assert bool(went) == goes


def test_auto_stays_on_the_cpu_where_there_is_no_gpu(monkeypatch):
    def missing(device):
        raise DeviceError("none")

    monkeypatch.setattr(launch, "select", missing)
    sizes, inputs = SAMPLES["decay"]
    kernel = replace(DECAY, break_even=BreakEven(1, "this test"))
    assert run(kernel, sizes, inputs).tobytes() == on_cpu(kernel, sizes, inputs).tobytes()
    with pytest.raises(DeviceError, match="none"):
        run(kernel, sizes, inputs, device="gpu")


def test_another_device_is_refused():
    with pytest.raises(ValueError, match="'auto', 'cpu' or 'gpu'"):
        run(DECAY, (8,), np.ones((2, 1)), device="tpu")


def test_chunks_bound_the_array_forms_memory_and_leave_no_trace():
    widths = []

    def square(inputs):
        widths.append(inputs.shape[1])
        return inputs * inputs

    inputs = np.linspace(0.0, 1.0, 20).reshape(2, 10)
    assert in_chunks(square, inputs, floats_a_lot=4, memory=8 * 4 * 3).tobytes() == (inputs**2).tobytes()
    assert widths == [3, 3, 3, 1]


def test_kernels_take_no_more_threads_than_a_caller_with_threads_of_its_own_leaves_them():
    with launch.in_threads(1):
        assert launch.workers(10) == 1
        assert launch.workers(10, threads=3) == 3
    with launch.in_threads(4):
        assert launch.workers(10) == 4
        assert launch.workers(2) == 2
