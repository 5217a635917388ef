"""How the functions of lines are compiled: `inner` ones as parts of `entry` ones, which disk keeps.

Numba's cache watches only the file of the function that it keeps. An entry here calls functions of several
files, so that what is kept holds only for the fingerprint of all of the engine's code.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar, cast

import numba

from twin.engine.fingerprint import PACKAGE, fingerprint

Function = TypeVar("Function", bound=Callable[..., Any])


def inner(function: Function) -> Function:
    """Compile as a part of the compiled functions that call it; plain Python where Numba is switched off."""
    return cast(Function, numba.njit(nogil=True, error_model="numpy")(function))


def entry(function: Function) -> Function:
    """Compile what Python calls, kept on disk where some cache folder can be written."""
    try:
        dispatcher: Any = numba.njit(cache=True, nogil=True, error_model="numpy")(function)
    except RuntimeError:  # Numba's word for: no folder to cache in
        return inner(function)
    if dispatcher is not function:
        index = dispatcher._cache._cache_file
        index._source_stamp = (index._source_stamp, _code())
    return cast(Function, dispatcher)


@cache
def _code() -> str:
    return fingerprint(PACKAGE, ("engine",))
