"""How the functions of lines are compiled: `inner` ones as parts of `entry` ones, which disk keeps.

An entry here calls functions of several files, so that what is kept of it holds only for the fingerprint of
all of the engine's code.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from twin.engine.fingerprint import engine_fingerprint
from twin.physics.kernels.compiled import FLAGS, Way, compiled_by

Function = TypeVar("Function", bound=Callable[..., Any])


def inner(function: Function) -> Function:
    """Compile as a part of the compiled functions that call it; plain Python where Numba is switched off."""
    return compiled_by(_INNER, function)


def entry(function: Function) -> Function:
    """Compile what Python calls, kept on disk where some cache folder can be written."""
    return compiled_by(_ENTRY, function)


def _code(function: Callable[..., Any]) -> str:
    return engine_fingerprint()


_INNER = Way(FLAGS, whole="", code=_code)
_ENTRY = Way(FLAGS, code=_code)
