"""Runs a whole-integration kernel over lots: on CPU threads here.

A kernel sees one lot: a row of inputs, a row of outputs to fill and a row of scratch, all float64, and the
sizes of its grid, int64, which all lots share. It knows nothing of its neighbours, so that a lot's answer
cannot depend on them, on the number of threads or on the device's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numba
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

LOTS_A_TASK = 64  # a thread takes so many lots at a time: few enough to keep all threads busy to the end


@dataclass(frozen=True)
class Kernel:
    """One lot's integration, `one(sizes, inputs, outputs, work)`, and the same compiled over a range of lots.

    `several(sizes, inputs, outputs, work, first, last)` loops `one` over rows `first` to `last` - 1 of
    `inputs` and `outputs`; it stands beside `one` because Numba's cache must see them in one file. `outputs`
    is the length of a lot's row of outputs, `work(sizes)` that of its scratch.
    """

    name: str
    one: Callable[..., None]
    several: Callable[..., None]
    outputs: int
    work: Callable[[Sequence[int]], int]


def on_cpu(kernel: Kernel, sizes: Sequence[int], inputs: Any, threads: int | None = None) -> Floats:
    """Return the outputs, shape (outputs, n), of a kernel for `inputs` of shape (fields, n), lots contiguous.

    `threads` at most, Numba's number of threads where none is given; the answer is the same for any.
    """
    grid: Integers = np.asarray(sizes, dtype=np.int64)
    rows: Floats = np.ascontiguousarray(np.asarray(inputs, dtype=np.float64).T)
    lots = rows.shape[0]
    outputs = np.empty((lots, kernel.outputs))

    def some(first: int) -> None:
        scratch = np.empty(kernel.work(sizes))
        kernel.several(grid, rows, outputs, scratch, first, min(first + LOTS_A_TASK, lots))

    starts = range(0, lots, LOTS_A_TASK)
    workers = min(threads or numba.get_num_threads(), len(starts))
    if workers > 1:
        with ThreadPoolExecutor(workers) as pool:
            list(pool.map(some, starts))
    else:
        for first in starts:
            some(first)
    return np.ascontiguousarray(outputs.T)
