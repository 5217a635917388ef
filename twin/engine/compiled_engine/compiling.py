"""How the compiled engine's functions are compiled: `inner` ones as parts of `entry` ones, which disk keeps.

Numba's cache watches only the file of the function that it keeps. An entry of this engine calls functions of
many files, so that it is kept under the fingerprint of all code that computes instead. Where several
processes want it at once, one compiles, and the others wait for what it keeps.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from io import FileIO
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
from numba.core import caching, config, types

from twin.engine.compiled_engine.linking import PartCompiler, WholeCompiler
from twin.engine.fingerprint import PACKAGE, fingerprint

Function = TypeVar("Function", bound=Callable[..., Any])

_caching: Any = caching
_config: Any = config
_njit: Any = numba.njit  # its types know neither the wrappers nor the cache
# References to arrays are not counted, which took as long as all else: nothing here makes an array.
_FLAGS: dict[str, Any] = {"nogil": True, "error_model": "numpy", "_nrt": False}
_PART = _FLAGS | {"pipeline_class": PartCompiler, "no_cpython_wrapper": True, "no_cfunc_wrapper": True}

if sys.platform == "win32":

    def _wait_for(file: FileIO) -> None:
        """Do not wait: Windows has no lock that is waited for, and each process compiles for itself."""

else:
    import fcntl

    def _wait_for(file: FileIO) -> None:
        """Take the lock of an open file once no other process has it, till it is closed."""
        with suppress(OSError):  # a folder without locks: each process compiles for itself
            fcntl.flock(file, fcntl.LOCK_EX)


def inner(function: Function) -> Function:
    """Compile as a part of the compiled functions that call it; plain Python where Numba is switched off."""
    return cast(Function, _of_any_number(_njit(**_PART)(function)))


def expanded(function: Function) -> Function:
    """`inner` for a function that gives a part of an array: put in where it is called."""
    return cast(Function, _njit(inline="always", **_PART)(function))


def _of_any_number(part: Any) -> Any:
    """Have a part compiled once for all numbers written out where it is called.

    Numba by itself compiles it anew for each: two fifths of all parts were such copies, more than a core's
    cache of instructions holds.
    """
    if not _config.DISABLE_JIT:
        template = part.get_call_template
        part.get_call_template = lambda given, named: template(
            tuple(map(types.unliteral, given)), {name: types.unliteral(kind) for name, kind in named.items()}
        )
    return part


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
    """Numba's, in which one process at a time compiles what is not kept."""

    _impl_class = _Kept
    _turn: FileIO | None = None  # the locked file, while this process compiles

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        found = super().load_overload(sig, target_context)
        if found is None and self._turn is None:
            with suppress(OSError):  # a folder that others filled, and this user may only read
                self._turn = FileIO(Path(self.cache_path, f"{self._py_func.__qualname__}.lock"), "wb")
                _wait_for(self._turn)
            found = super().load_overload(sig, target_context)
            if found is not None:
                self._end_turn()
        return found

    def save_overload(self, sig: Any, data: Any) -> None:
        super().save_overload(sig, data)
        self._end_turn()

    def _end_turn(self) -> None:
        if self._turn is not None:
            self._turn.close()
            self._turn = None


def is_kept() -> bool:
    """Whether the kernel of this very code has been compiled on this machine, for this user."""
    folder = Path(_caching.AppDirs(appname="twin", appauthor=False).user_cache_dir) / "engine"
    return any((folder / _engine_fingerprint()[:16]).glob("blocks.run-*.nbc"))
