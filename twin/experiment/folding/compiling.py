"""How folding is compiled: `entry` is what Python and kernels call, kept on disk for all files of folding.

Numba's cache watches only the file of the function that it keeps; what is kept here holds for the very code
of this folder. Parts of entries are `inlined` ones.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar, cast

from twin.engine.fingerprint import PACKAGE, fingerprint
from twin.physics.kernels.compiled import in_place

Function = TypeVar("Function", bound=Callable[..., Any])


def entry(function: Function) -> Function:
    """`in_place`, for a function that calls such ones of other files of folding."""
    dispatcher: Any = in_place(function)
    kept = getattr(getattr(dispatcher, "_cache", None), "_cache_file", None)
    if kept is not None:  # there is a folder to cache in, and Numba is not switched off
        kept._source_stamp = (kept._source_stamp, _code())
    return cast(Function, dispatcher)


@cache
def _code() -> str:
    return fingerprint(PACKAGE, ("experiment/folding",))
