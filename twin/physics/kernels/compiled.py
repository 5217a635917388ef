"""The one way to Numba: compiled for CPU threads, without the interpreter's lock, kept on disk.

Numba's cache on disk watches only the file of the function that it stores, so that a compiled function and
all compiled functions which it calls stand in one file.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

import numba

_Function = TypeVar("_Function", bound=Callable[..., object])


def compiled(function: _Function) -> _Function:
    """Compile with Numba, kept on disk where some cache folder can be written, else in this process only."""
    try:
        return cast(_Function, numba.njit(cache=True, nogil=True, error_model="numpy")(function))
    except RuntimeError:  # Numba's word for: no folder to cache in
        return cast(_Function, numba.njit(nogil=True, error_model="numpy")(function))
