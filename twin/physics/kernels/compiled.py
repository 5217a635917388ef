"""Functions in the language of Numba: compiled once on a machine, and called from disk ever after.

Decorating costs nothing here. A function is compiled when Python first calls it with arguments of some kinds,
by `building`; its machine code is kept by `keeping`, and from then on called by `calling`, without Numba,
whose start would take longer than that of all else. What a function kept for itself depends on must stand in
its file, or be named by the `code` of its `Way`: other code is compiled anew.

Where `NUMBA_DISABLE_JIT` is set the decorators give back the function itself.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property, update_wrapper
from hashlib import blake2b
from pathlib import Path
from threading import RLock
from types import FunctionType
from typing import Any, TypeVar, cast

from twin.physics.kernels import calling, keeping

_Function = TypeVar("_Function", bound=Callable[..., object])
IS_OFF = os.environ.get("NUMBA_DISABLE_JIT", "0") not in ("", "0")


def _file_of(function: Callable[..., Any]) -> str:
    """The fingerprint of the file that a function stands in."""
    return _fingerprint(cast(FunctionType, function).__code__.co_filename)


@cache
def _fingerprint(file: str) -> str:
    return blake2b(Path(file).read_bytes()).hexdigest()


@dataclass(frozen=True)
class Way:
    """How a function is compiled: Numba's `options`; what makes a `part` of others of it, as `module:name` of
    a function of the function and its options; the compiler of a `whole`, which Python calls, as
    `module:class`, empty where Python never does; and the fingerprint of all the `code` that it depends on.
    """

    options: Mapping[str, Any] = field(default_factory=dict)
    part: str = "twin.physics.kernels.building:part"
    whole: str = "twin.physics.kernels.building:CallableCompiler"
    code: Callable[[Callable[..., Any]], str] = _file_of


class Compiled:
    """A function to be compiled; for Numba, one of its own, its `dispatcher`."""

    def __init__(self, function: Callable[..., Any], way: Way) -> None:
        update_wrapper(self, function)
        self.py_func, self.way = function, way
        self._calls: dict[keeping.Kinds, calling.Call | None] = {}  # none: it is called by Numba
        self._lock = RLock()
        ALL.append(self)

    def __call__(self, *arguments: Any) -> Any:
        """Call the machine code for arguments of these kinds."""
        try:
            call = self._call(calling.kinds_of(arguments))
        except calling.UnknownKindError:
            call = None
        return self.by_numba(*arguments) if call is None else call(*arguments)

    def address(self, kinds: keeping.Kinds) -> int:
        """Where the machine code for arguments of these kinds stands, to be called as `calling` says."""
        call = self._call(kinds)
        if call is not None:
            return call.address
        from twin.physics.kernels import building  # where Numba is to call it only

        return building.address(self.by_numba, kinds)

    @property
    def targetoptions(self) -> Mapping[str, Any]:
        """As Numba asks for them, where it looks what to put in place of a call."""
        return self.way.options

    @cached_property
    def dispatcher(self) -> Any:
        """What Numba calls from other compiled functions."""
        from twin.physics.kernels import building  # where something is compiled only

        return building.named(self.way.part)(self.py_func, self.way.options)

    @cached_property
    def by_numba(self) -> Any:
        """What Numba makes of it to be called from Python, in its own cache."""
        from twin.physics.kernels import building  # where something is compiled only

        return building.by_numba(self.py_func, self.way)

    def _call(self, kinds: keeping.Kinds) -> calling.Call | None:
        """A call of the machine code on disk, which is put there first; none where Numba has to call it."""
        if kinds not in self._calls:
            with self._lock:
                if kinds not in self._calls:
                    code = self.way.code(self.py_func)
                    found = keeping.read(self.py_func, code, kinds) or self._built(code, kinds)
                    can = calling.can_be_called(found)
                    self._calls[kinds] = calling.Call(found, kinds) if can else None
        return self._calls[kinds]

    def _built(self, code: str, kinds: keeping.Kinds) -> keeping.MachineCode:
        with keeping.turn(self.py_func, code):
            found = keeping.read(self.py_func, code, kinds)  # as another process has kept it meanwhile
            if found is None:
                from twin.physics.kernels import building  # where something is compiled only

                found = building.machine_code(self.py_func, self.way, kinds)
                keeping.write(self.py_func, code, kinds, found)
            return found


ALL: list[Compiled] = []  # in the order in which they were decorated


@dataclass(frozen=True)
class Intrinsic:
    """What only Numba can put into compiled code that names it, found as `module:name` when it compiles."""

    path: str


def compiled_by(way: Way, function: _Function) -> _Function:
    """Compile in this way; the function itself where Numba is switched off."""
    return function if IS_OFF else cast(_Function, Compiled(function, way))


def compiled(function: _Function) -> _Function:
    """Compile for CPU threads, without the interpreter's lock. A function that gives numbers or nothing is
    called without Numba, one that gives arrays is not.
    """
    return compiled_by(_COMPILED, function)


def in_place(function: _Function) -> _Function:
    """`compiled`, for functions that change arrays given to them and make none.

    Numba then counts no references to arrays. In functions of many arrays and branches, where it does not see
    by itself that there is nothing to count, counting takes fifteen times as long as all else.
    """
    return compiled_by(_IN_PLACE, function)


def inlined(function: _Function) -> _Function:
    """Compile as a part of the `in_place` functions of the same file that call it, put in where it is
    called.
    """
    return compiled_by(_INLINED, function)


def expanded(function: _Function) -> _Function:
    """`inlined` for a function that gives a part of an array, as no compiled `in_place` function may."""
    return compiled_by(_EXPANDED, function)


def number_of_threads() -> int:
    """How many threads compiled functions run in, as Numba has it: as it was told, else a thread a core."""
    told = os.environ.get("NUMBA_NUM_THREADS", "")
    if told.isdigit() and int(told) > 0:
        return int(told)
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


FLAGS: Mapping[str, Any] = {"nogil": True, "error_model": "numpy"}
FLAGS_IN_PLACE: Mapping[str, Any] = {**FLAGS, "_nrt": False}
_COMPILED = Way(FLAGS)
_IN_PLACE = Way(FLAGS_IN_PLACE)
_INLINED = Way({**FLAGS_IN_PLACE, "forceinline": True})
_EXPANDED = Way({**FLAGS_IN_PLACE, "inline": "always"})
