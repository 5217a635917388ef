"""The one way to Numba: compiled for CPU threads, without the interpreter's lock, kept on disk.

Numba's cache on disk watches only the file of the function that it stores, so that a compiled function and
all compiled functions which it calls stand in one file.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

_Function = TypeVar("_Function", bound=Callable[..., object])


def compiled(function: _Function) -> _Function:
    """Compile with Numba, kept on disk where some cache folder can be written, else in this process only."""
    try:
        return cast(_Function, numba.njit(cache=True, nogil=True, error_model="numpy")(function))
    except RuntimeError:  # Numba's word for: no folder to cache in
        return cast(_Function, numba.njit(nogil=True, error_model="numpy")(function))


def in_place(function: _Function) -> _Function:
    """`compiled`, for functions that change arrays given to them and make none.

    Numba then counts no references to arrays. In functions of many arrays and branches, where it does not see
    by itself that there is nothing to count, counting takes fifteen times as long as all else.
    """
    try:
        return cast(_Function, numba.njit(cache=True, **_IN_PLACE)(function))
    except RuntimeError:
        return cast(_Function, numba.njit(**_IN_PLACE)(function))


def inlined(function: _Function) -> _Function:
    """Compile as a part of the `in_place` functions of the same file that call it, put in where it is
    called.
    """
    return cast(_Function, numba.njit(forceinline=True, **_IN_PLACE)(function))


def expanded(function: _Function) -> _Function:
    """`inlined` for a function that gives a part of an array, as no compiled `in_place` function may."""
    return cast(_Function, numba.njit(inline="always", **_IN_PLACE)(function))


_IN_PLACE: dict[str, Any] = {"nogil": True, "error_model": "numpy", "_nrt": False}
