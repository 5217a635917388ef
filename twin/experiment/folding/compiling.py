"""How folding is compiled: `entry` is what Python and kernels call, kept on disk for all files of folding.

What is kept here holds for the very code of this folder, and for the files of others whose numbers it has.
Parts of entries are `inlined` ones.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar

from twin.engine.fingerprint import PACKAGE, fingerprint
from twin.physics.kernels.compiled import FLAGS, FLAGS_IN_PLACE, Way, compiled_by

Function = TypeVar("Function", bound=Callable[..., Any])

CODE = (
    "experiment/folding",
    "experiment/active_periods.py",
    "experiment/lots.py",
    "engine/handing_over.py",
    "engine/merging.py",
    "engine/record.py",
    "engine/rows.py",
    "engine/rules/parts.py",
    "engine/takers.py",
    "physics/contract.py",
)


def entry(function: Function) -> Function:
    """`compiled.in_place`, for a function that calls such ones of other files of folding."""
    return compiled_by(_ENTRY, function)


def making_arrays(function: Function) -> Function:
    """`entry`, for a function that makes arrays for itself."""
    return compiled_by(_MAKING_ARRAYS, function)


@cache
def _code_of_folding() -> str:
    return fingerprint(PACKAGE, CODE)


def _code(function: Callable[..., Any]) -> str:
    return _code_of_folding()


_ENTRY = Way(FLAGS_IN_PLACE, code=_code)
_MAKING_ARRAYS = Way(FLAGS, code=_code)
