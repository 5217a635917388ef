"""How the compiled engine's functions are compiled: `inner` ones as parts of `entry` ones, which disk keeps.

An entry of this engine calls functions of many files, so that it is kept under the fingerprint of all code of
the engines.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from twin.engine.fingerprint import engine_fingerprint
from twin.physics.kernels import keeping
from twin.physics.kernels.compiled import FLAGS_IN_PLACE, Way, compiled_by

Function = TypeVar("Function", bound=Callable[..., Any])
_LINKING = "twin.engine.compiled_engine.linking"


def inner(function: Function) -> Function:
    """Compile as a part of the compiled functions that call it; plain Python where Numba is switched off."""
    return compiled_by(_INNER, function)


def expanded(function: Function) -> Function:
    """`inner` for a function that gives a part of an array: put in where it is called."""
    return compiled_by(_EXPANDED, function)


def entry(function: Function) -> Function:
    """Compile what Python calls, with NumPy's arrays, and keep it on disk for this very code."""
    return compiled_by(_ENTRY, function)


def _code(function: Callable[..., Any]) -> str:
    return engine_fingerprint()


def is_kept() -> bool:
    """Whether the kernel of this very code has been compiled on this machine, for this user."""
    return keeping.is_kept("blocks.run", engine_fingerprint())


_INNER = Way(FLAGS_IN_PLACE, part=f"{_LINKING}:part_of_any_number", whole="", code=_code)
_EXPANDED = Way({**FLAGS_IN_PLACE, "inline": "always"}, part=f"{_LINKING}:part", whole="", code=_code)
_ENTRY = Way(FLAGS_IN_PLACE, whole=f"{_LINKING}:WholeCompiler", code=_code)
