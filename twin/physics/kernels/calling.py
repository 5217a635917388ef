"""Calls of machine code from Python, without Numba: what a call hands over, and LLVM's putting it in memory.

Every function that is called so has one form in C: `int32 f(int64 *row)`. The row holds numbers of eight
bytes: the arguments, of each array its address and its shape, and behind them room for what comes back. It
gives 0, or else has put into the row's first number where an error is described, as Numba does. `building`
puts such a function around each compiled one; `keeping` keeps the two; compiled code that knows only an
address calls it too, as `engine.takers` says.
"""

from __future__ import annotations

import ctypes
import pickle
import struct
from typing import Any

import numpy as np

from twin.physics.kernels import keeping, supplies
from twin.physics.kernels.keeping import Kinds, MachineCode

_LARGEST = 2**63
# How a number of each of NumPy's letters stands in eight bytes.
_LETTERS = {"?": "q"} | dict.fromkeys("bhilq", "q") | dict.fromkeys("BHILQ", "Q") | {"f": "d", "d": "d"}


class UnknownKindError(TypeError):
    """An argument that no kept function takes: Numba is to say what it makes of it."""


class KernelError(RuntimeError):
    """Compiled code ended with an error of its own."""


def kinds_of(arguments: tuple[Any, ...]) -> Kinds:
    """The kinds of arguments. Raises `UnknownKindError` where one is no number, tuple, or array in order.

    >>> kinds_of((3, 2.5, np.zeros((2, 2)), (1, True)))
    ('q', 'd', ('d', 2, True), (<class 'tuple'>, 'q', '?'))
    """
    return tuple([_kind_of(value) for value in arguments])


def _kind_of(value: Any) -> Any:
    kind = type(value)
    if kind is np.ndarray:
        flags = value.flags
        if flags.c_contiguous and flags.aligned and value.dtype.char in _LETTERS:
            return value.dtype.char, value.ndim, flags.writeable
    elif kind is int:
        if -_LARGEST <= value < _LARGEST:
            return "q"
        if 0 <= value < 2 * _LARGEST:
            return "Q"
    elif kind is float:
        return "d"
    elif kind is bool:
        return "?"
    elif isinstance(value, tuple):
        return kind, *[_kind_of(each) for each in value]
    elif isinstance(value, np.generic) and value.dtype.char in _LETTERS:
        return value.dtype.char
    raise UnknownKindError(kind.__name__)


def can_be_called(found: MachineCode) -> bool:
    """Whether all functions that machine code calls are here: those of Python's own process, and `supplies`.

    LLVM ends the process where one is missing.
    """
    try:
        here = ctypes.CDLL(None)
    except TypeError:  # Windows has no such list
        return False
    return bool(found.code) and all(name in supplies.NAMES or hasattr(here, name) for name in found.needs)


class Call:
    """Calls machine code in memory; the interpreter's lock is free meanwhile."""

    def __init__(self, found: MachineCode, kinds: Kinds) -> None:
        self._machine, self.address = _put_in_memory(found)
        self._function = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_void_p)(self.address)
        self._arguments = struct.Struct("=" + _format(kinds))
        self._result = struct.Struct("=" + "".join(_LETTERS[letter] for letter in found.result))
        self._room: Any = ctypes.c_char * max(8, self._arguments.size + self._result.size)
        self._flags = tuple(k for k, letter in enumerate(found.result) if letter == "?")
        self._is_tuple = found.is_tuple

    def __call__(self, *arguments: Any) -> Any:
        """What the compiled function gives for these arguments; raises what it raises."""
        row: list[Any] = []
        _fill(row, arguments)
        room = self._room()
        self._arguments.pack_into(room, 0, *row)
        if self._function(ctypes.addressof(room)):
            raise _error_at(*struct.unpack_from("=q", room))
        if not self._result.size:
            return None
        found: tuple[Any, ...] = self._result.unpack_from(room, self._arguments.size)
        if self._flags:
            found = tuple(bool(each) if k in self._flags else each for k, each in enumerate(found))
        return found if self._is_tuple else found[0]


def _format(kinds: Any) -> str:
    """The row of numbers that arguments of these kinds make, in the letters of `struct`."""
    row = ""
    for kind in kinds:
        if isinstance(kind, str):
            row += _LETTERS[kind]
        elif isinstance(kind[0], str):
            row += "q" * (1 + kind[1])
        else:
            row += _format(kind[1:])
    return row


def _fill(row: list[Any], arguments: tuple[Any, ...]) -> None:
    for value in arguments:
        if isinstance(value, np.ndarray):
            row.append(value.ctypes.data)
            row.extend(value.shape)
        elif isinstance(value, tuple):
            _fill(row, value)
        else:
            row.append(value)


class _Described(ctypes.Structure):
    """An error, as Numba describes it: its class, what is said of it and where, pickled; `made_there` counts
    what was found out as it was raised only.
    """

    _fields_ = (
        ("pickled", ctypes.c_void_p),
        ("length", ctypes.c_int32),
        ("known_there", ctypes.c_void_p),
        ("read_by", ctypes.c_void_p),
        ("made_there", ctypes.c_int32),
    )


def _error_at(address: int) -> BaseException:
    """The error that is described at an address."""
    told = _Described.from_address(address)
    kind, said, _ = pickle.loads(ctypes.string_at(told.pickled, told.length))
    if told.made_there:
        return KernelError(f"A compiled function ended with {kind.__name__}.")
    error: BaseException = kind(*said)
    return error


def _put_in_memory(found: MachineCode) -> tuple[Any, int]:
    """Machine code in memory, which stays as long as the first thing that comes back, and its address."""
    llvm = keeping.llvm()
    machine = llvm.Target.from_default_triple().create_target_machine(opt=0, jit=True)  # of supplies alone
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(supplies.text_of(found.needs)), machine)
    engine.add_object_file(llvm.ObjectFileRef.from_data(found.code))
    engine.finalize_object()
    return engine, engine.get_function_address(found.name)
