"""How folding is compiled: `entry` is what Python and kernels call, kept on disk for all files of folding.

What is kept here holds for the very code of this folder and of the engines, whose rows it reads. Parts of
entries are `inlined` ones.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar

from twin.engine.fingerprint import PACKAGE, fingerprint
from twin.physics.kernels.compiled import FLAGS_IN_PLACE, Way, compiled_by

Function = TypeVar("Function", bound=Callable[..., Any])


def entry(function: Function) -> Function:
    """`compiled.in_place`, for a function that calls such ones of other files of folding."""
    return compiled_by(_ENTRY, function)


@cache
def _code_of_folding() -> str:
    return fingerprint(PACKAGE, ("experiment/folding", "engine"))


def _code(function: Callable[..., Any]) -> str:
    return _code_of_folding()


_ENTRY = Way(FLAGS_IN_PLACE, code=_code)
