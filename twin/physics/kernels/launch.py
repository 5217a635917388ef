"""Runs a whole-integration kernel over lots: on CPU threads, or on a GPU with one lot a lane.

A kernel sees one lot: a row of inputs, a row of outputs to fill and a row of scratch, all float64, and the
sizes of its grid, int64, which all lots share. It knows nothing of its neighbours, so that a lot's answer
cannot depend on them, on the number of threads, on the chunks or on the device's load. CPU and GPU round
differently (a GPU fuses multiplication and addition, and has its own `exp`), so that their answers agree to
rounding and not to the bit.

How an operation uses it: describe the kernel once as a `Kernel` in `kernels/NAME.py`, add it to `KERNELS` in
`kernels/catalogue.py` and a sample of its inputs to `tests/physics/kernel_samples.py`, which gives it the
tests of CPU against simulated GPU. In the operation's equations, with `inputs` of shape (fields, n):

    if launch.takes(inputs):
        outputs = launch.run(KERNEL, sizes, inputs)  # NumPy gives NumPy, CuPy gives CuPy
    else:
        outputs = launch.in_chunks(array_form, inputs, floats_a_lot)  # any other array library

`device` is `auto`, `cpu` or `gpu`. `auto` leaves CuPy arrays on their GPU, and takes NumPy arrays to one
where there are at least as many lots as the kernel's measured break-even; unmeasured, they stay here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType
from typing import Any

import array_api_compat
import numpy as np
import numpy.typing as npt

from twin.physics.backend import Backend, Device, DeviceError, namespace, select
from twin.physics.contract import Array
from twin.physics.kernels.compiled import number_of_threads

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

MEMORY = (
    256 * 2**20
)  # bytes that inputs, outputs and scratch of the lots in hand may take, beyond the caller's
LANES_A_BLOCK = 128


@dataclass(frozen=True)
class BreakEven:
    """From how many lots a GPU is faster than all CPU threads, transfers counted; None where not measured."""

    lots: int | None
    source: str


NOT_MEASURED = BreakEven(None, "not measured")


@dataclass(frozen=True)
class Kernel:
    """One lot's integration, `one(sizes, inputs, outputs, work)`, and the same compiled over a range of lots.

    `several(sizes, inputs, outputs, work, first, last)` computes rows `first` to `last` - 1 of `inputs` and
    `outputs`; it stands beside `one` because kept code holds for one file. `outputs` is the length
    of a lot's row of outputs, `work(sizes)` that of its scratch. A thread takes `lots_a_task` lots at a time:
    few enough to keep all threads busy to the end, enough that a task outlasts its launch.
    """

    name: str
    one: Callable[..., None]
    several: Callable[..., None]
    outputs: int
    work: Callable[[Sequence[int]], int]
    lots_a_task: int = 64
    break_even: BreakEven = NOT_MEASURED


_device: ContextVar[Device] = ContextVar("device of kernels", default="auto")
_threads: ContextVar[int | None] = ContextVar("threads of kernels", default=None)


@contextmanager
def kernels_on(device: Device) -> Iterator[None]:
    """Have kernels that are asked for `auto` meanwhile run on `device`, where the inputs allow."""
    before = _device.set(device)
    try:
        yield
    finally:
        _device.reset(before)


@contextmanager
def in_threads(threads: int) -> Iterator[None]:
    """Have kernels run in so many threads at most meanwhile, where their caller has threads of its own."""
    before = _threads.set(threads)
    try:
        yield
    finally:
        _threads.reset(before)


def workers(tasks: int, threads: int | None = None) -> int:
    """Return how many threads share so many tasks: `threads` at most, else what `in_threads` says, else
    Numba's number of threads.
    """
    return min(threads or _threads.get() or number_of_threads(), tasks)


def takes(inputs: Array) -> bool:
    """Return whether kernels run on such arrays: NumPy's and CuPy's."""
    return bool(array_api_compat.is_numpy_array(inputs) or array_api_compat.is_cupy_array(inputs))


def run(
    kernel: Kernel,
    sizes: Sequence[int],
    inputs: Array,
    device: Device = "auto",
    *,
    threads: int | None = None,
    memory: int = MEMORY,
) -> Array:
    """Return a kernel's outputs, shape (outputs, n), for `inputs` (fields, n), in the inputs' array library.

    `threads` at most on the CPU; `memory` in bytes bounds what a GPU holds of lots in hand, which go through
    it in chunks. Raises `DeviceError` where `gpu` is asked for, or the inputs lie on one, and it cannot be
    used; `ValueError` for another device.
    """
    here = not array_api_compat.is_cupy_array(inputs)
    if not _on_gpu(kernel, device, inputs):
        outputs = on_cpu(kernel, sizes, inputs if here else inputs.get(), threads)
        return outputs if here else select("gpu").array(outputs)
    backend = _gpu()
    if not here:
        return on_gpu(kernel, sizes, inputs, memory)
    outputs = np.empty((kernel.outputs, inputs.shape[1]))
    for part in _parts(inputs.shape[1], _floats_a_lot(kernel, sizes, inputs), memory):
        outputs[:, part] = backend.to_numpy(
            on_gpu(kernel, sizes, backend.array(np.ascontiguousarray(inputs[:, part])), memory)
        )
    return outputs


def on_cpu(kernel: Kernel, sizes: Sequence[int], inputs: Any, threads: int | None = None) -> Floats:
    """Return the outputs, shape (outputs, n), of a kernel for `inputs` of shape (fields, n), lots contiguous.

    Threads as `workers` says; the answer is the same for any number of them. Each holds `lots_a_task` lots
    in hand.
    """
    grid: Integers = np.asarray(sizes, dtype=np.int64)
    given: Floats = np.asarray(inputs, dtype=np.float64)
    lots = given.shape[1]
    outputs = np.empty((kernel.outputs, lots))

    def some(first: int) -> None:
        part = slice(first, min(first + kernel.lots_a_task, lots))
        rows = np.ascontiguousarray(given[:, part].T)
        answers = np.empty((rows.shape[0], kernel.outputs))
        kernel.several(grid, rows, answers, np.empty(kernel.work(sizes)), 0, rows.shape[0])
        outputs[:, part] = answers.T

    starts = range(0, lots, kernel.lots_a_task)
    several = workers(len(starts), threads)
    if several > 1:
        with ThreadPoolExecutor(several) as pool:
            list(pool.map(some, starts))
    else:
        for first in starts:
            some(first)
    return outputs


def on_gpu(kernel: Kernel, sizes: Sequence[int], inputs: Array, memory: int = MEMORY) -> Array:
    """Return the outputs, shape (outputs, n), of a kernel for CuPy `inputs` (fields, n), one lot a lane.

    Neighbouring lanes read neighbouring addresses of inputs, outputs and scratch alike. Lots go in chunks
    whose inputs, outputs and scratch take at most `memory` bytes. In Numba's CUDA simulator, which the tests
    use, `inputs` is a NumPy array.
    """
    xp = namespace(inputs)
    place = array_api_compat.device(inputs)
    lots = inputs.shape[1]
    grid = xp.asarray(list(sizes), dtype=xp.int64, device=place)
    parts = _parts(lots, _floats_a_lot(kernel, sizes, inputs), memory)
    widest = max((part.stop - part.start for part in parts), default=0)
    scratch = xp.empty((max(1, kernel.work(sizes)), widest), dtype=xp.float64, device=place)
    outputs = xp.empty((kernel.outputs, lots), dtype=xp.float64, device=place)
    launch = _lanes().launch
    for part in parts:
        blocks = -(-(part.stop - part.start) // LANES_A_BLOCK), LANES_A_BLOCK
        launch(kernel.one, blocks, grid, inputs, outputs, scratch, part.start, part.stop)
    return outputs


def in_chunks(
    array_form: Callable[[Array], Array], inputs: Array, floats_a_lot: int, memory: int = MEMORY
) -> Array:
    """Return what `array_form` gives for `inputs` (fields, n), computed in chunks of lots.

    `array_form` takes (fields, some lots) and gives (outputs, the same lots), needs about `floats_a_lot`
    numbers of scratch for each and treats lots apart, so that chunks leave no trace in the answer. Scratch
    takes at most `memory` bytes.
    """
    xp = namespace(inputs)
    parts = _parts(inputs.shape[1], floats_a_lot, memory)
    if len(parts) <= 1:
        return array_form(inputs)
    return xp.concat([array_form(inputs[:, part]) for part in parts], axis=1)


def _parts(lots: int, floats_a_lot: int, memory: int) -> list[slice]:
    """Return the lots' chunks: one lot at least each, `memory` bytes of float64 at most."""
    step = max(1, memory // (8 * max(1, floats_a_lot)))
    return [slice(first, min(first + step, lots)) for first in range(0, lots, step)]


def _floats_a_lot(kernel: Kernel, sizes: Sequence[int], inputs: Array) -> int:
    return int(inputs.shape[0]) + kernel.outputs + max(1, kernel.work(sizes))


def _on_gpu(kernel: Kernel, device: Device, inputs: Array) -> bool:
    """Return whether `device` means the GPU for these lots."""
    if device not in ("auto", "cpu", "gpu"):
        raise ValueError(f"The device is {device!r}; it is 'auto', 'cpu' or 'gpu'.")
    if device != "auto":
        return device == "gpu"
    if array_api_compat.is_cupy_array(inputs):
        return True
    if _device.get() != "auto":
        return _device.get() == "gpu"
    enough = kernel.break_even.lots
    if enough is None or inputs.shape[1] < enough:
        return False
    try:
        _gpu()
    except DeviceError:
        return False
    return True


def _gpu() -> Backend:
    """Return the GPU's backend. Raises `DeviceError` where CuPy, numba-cuda or a device is missing."""
    backend = select("gpu")
    if not _lanes().is_available():
        raise DeviceError(
            "A GPU was asked for, and numba-cuda cannot use it, though CuPy can. Install twin with its extra "
            "gpu-cuda12 or gpu-cuda13, or choose the device cpu."
        )
    return backend


def _lanes() -> ModuleType:
    """Return the module on Numba's CUDA part, whose start nobody on a CPU should wait for."""
    return import_module("twin.physics.kernels.lanes")
