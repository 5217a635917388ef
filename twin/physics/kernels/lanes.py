"""A kernel as a CUDA kernel, one lot a lane: what `launch` runs on a GPU, and in Numba's CUDA simulator.

It stands apart so that only those who use a GPU wait for Numba's CUDA part to start; the simulator needs
`cuda` to be a name of the module.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

import numba.cuda

from twin.physics.kernels.building import dispatchers_in_place

cuda: Any = numba.cuda


def is_available() -> bool:
    """Return whether Numba's CUDA part can use a device."""
    return bool(cuda.is_available())


def launch(one: Callable[..., None], blocks: tuple[int, int], *arguments: Any) -> None:
    """Run a kernel over lots in so many blocks of lanes: sizes; columns of inputs, outputs and, for each of
    these lots, of scratch; the first lot and the last one but for 1.
    """
    with dispatchers_in_place():
        _lanes_of(getattr(one, "dispatcher", one))[blocks](*arguments)


def keep_on_disk(kernels: Iterable[Any], code: str) -> None:
    """Have numba-cuda keep the machine code of CUDA kernels on disk, for code of this fingerprint."""
    for kernel in kernels:
        try:
            kernel.enable_caching()
        except RuntimeError:  # its word for: no folder to keep it in
            return
        file = kernel._cache._cache_file
        file._source_stamp = (file._source_stamp, code)


@cache
def _lanes_of(one: Callable[..., None]) -> Any:
    """The CUDA kernel."""

    def lanes(sizes: Any, inputs: Any, outputs: Any, work: Any, first: int, last: int) -> None:
        lane = cuda.grid(1)
        lot = first + lane
        if lot < last:
            one(sizes, inputs[:, lot], outputs[:, lot], work[:, lane])

    return cuda.jit(lanes)
