"""How the compiled engine's functions are compiled: `inner` ones as parts of `entry` ones, which disk keeps.

Numba's cache watches only the file of the function that it keeps. An entry of this engine calls functions of
many files, so that it is kept under the fingerprint of all code that computes instead.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
from numba.core import caching, config

from twin.engine.compiled_engine.linking import PartCompiler, WholeCompiler
from twin.engine.fingerprint import PACKAGE, fingerprint

Function = TypeVar("Function", bound=Callable[..., Any])

_caching: Any = caching
_config: Any = config
_njit: Any = numba.njit  # its types know neither the wrappers nor the cache
# References to arrays are not counted, which took as long as all else: nothing here makes an array.
_FLAGS: dict[str, Any] = {"nogil": True, "error_model": "numpy", "_nrt": False}
_PART = _FLAGS | {"pipeline_class": PartCompiler, "no_cpython_wrapper": True, "no_cfunc_wrapper": True}


def inner(function: Function) -> Function:
    """Compile as a part of the compiled functions that call it; plain Python where Numba is switched off."""
    return cast(Function, _njit(**_PART)(function))


def expanded(function: Function) -> Function:
    """`inner` for a function that gives a part of an array: put in where it is called."""
    return cast(Function, _njit(inline="always", **_PART)(function))


def entry(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile what Python calls, with NumPy's arrays, and keep it on disk for this very code."""
    dispatcher = _njit(pipeline_class=WholeCompiler, **_FLAGS)(function)
    if not _config.DISABLE_JIT:
        with suppress(RuntimeError):  # no folder to cache in
            dispatcher._cache = _Cache(function)
    return cast(Callable[..., Any], dispatcher)


class _Locator(caching._CacheLocator):
    """Finds what was kept by the fingerprint of the engine's code, in the user's folder for caches."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._name = function.__qualname__
        self._folder = Path(_caching.AppDirs(appname="twin", appauthor=False).user_cache_dir) / "engine"
        self._code = _engine_fingerprint()

    def get_cache_path(self) -> str:
        return os.fspath(self._folder / self._code[:16])

    def get_source_stamp(self) -> str:
        return self._code

    def get_disambiguator(self) -> str:
        return self._name

    @classmethod
    def from_function(cls, function: Callable[..., Any], file: str) -> _Locator | None:
        self = cls(function)
        try:
            self.ensure_cache_path()
        except OSError:
            return None
        return self


@cache
def _engine_fingerprint() -> str:
    return fingerprint(PACKAGE, ("engine",))


class _Kept(caching.CompileResultCacheImpl):
    _locator_classes: Any = (_Locator,)


class _Cache(caching.FunctionCache):
    _impl_class = _Kept


def is_kept() -> bool:
    """Whether the kernel of this very code has been compiled on this machine, for this user."""
    folder = Path(_caching.AppDirs(appname="twin", appauthor=False).user_cache_dir) / "engine"
    return any((folder / _engine_fingerprint()[:16]).glob("blocks.run-*.nbc"))
