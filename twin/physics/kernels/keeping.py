"""Machine code kept on disk: where it stands, what it was made from, and which process makes it.

A piece of machine code is an object file with one function that Python can call as `calling` says. It is
found by the fingerprint of the code that it was made from, of the compilers and of the processor; a checksum
tells a damaged piece, which counts for none. `building` makes pieces, `compiled` asks for them.
"""

from __future__ import annotations

import json
import os
import struct
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from importlib.util import find_spec
from io import FileIO
from pathlib import Path
from types import FunctionType
from typing import Any, TypeAlias, cast

import llvmlite
import numpy as np

# Of a number NumPy's letter; of an array its numbers' letter, dimensions, and whether it may be written; of a
# tuple its class and the kinds of its parts.
Kinds: TypeAlias = tuple[Any, ...]

FORM = "2"  # of what is kept: to be raised with a change of `building`, `linking`, or `calling`
_SETTINGS = ("NUMBA_CPU_NAME", "NUMBA_CPU_FEATURES", "NUMBA_OPT", "NUMBA_BOUNDSCHECK", "NUMBA_DEBUGINFO")
_SUM = 32  # bytes before a kept piece, by which a damaged one is known


if sys.platform == "win32":

    def _wait_for(file: FileIO) -> None:
        """Do not wait: Windows has no lock that is waited for, and each process compiles for itself."""

else:
    import fcntl

    def _wait_for(file: FileIO) -> None:
        """Take the lock of an open file once no other process has it, till it is closed."""
        with suppress(OSError):  # a folder without locks: each process compiles for itself
            fcntl.flock(file, fcntl.LOCK_EX)


@dataclass(frozen=True)
class MachineCode:
    """An object file; the name of its function; the letters of the numbers that come back, and whether these
    are a tuple; and the functions of other libraries that it calls. Without `code` the function cannot stand
    by itself, and Numba has to call it.
    """

    code: bytes = b""
    name: str = ""
    result: str = ""
    is_tuple: bool = False
    needs: tuple[str, ...] = ()


@contextmanager
def turn(function: Callable[..., Any], code: str) -> Iterator[None]:
    """While one process compiles a function, others that want it wait here for what it will keep."""
    folder = _folder(code)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = FileIO(folder / f"{_name(function)}.lock", "wb")
    except OSError:  # a folder that others filled, and this user may only read
        yield
        return
    with file:
        _wait_for(file)
        yield


def read(function: Callable[..., Any], code: str, kinds: Kinds) -> MachineCode | None:
    """The machine code of a function for arguments of these kinds; none where none is kept undamaged."""
    try:
        content = _file(function, code, kinds).read_bytes()
    except OSError:
        return None
    if blake2b(content[_SUM:], digest_size=_SUM).digest() != content[:_SUM]:
        return None
    (length,) = struct.unpack_from("=q", content, _SUM)
    begins = _SUM + 8 + length
    told = json.loads(content[_SUM + 8 : begins])
    return MachineCode(content[begins:], **told | {"needs": tuple(told["needs"])})


def write(function: Callable[..., Any], code: str, kinds: Kinds, found: MachineCode) -> None:
    """Keep machine code, where there is a folder to keep it in; no other process sees a part of it."""
    told = {"name": found.name, "result": found.result, "is_tuple": found.is_tuple, "needs": found.needs}
    head = json.dumps(told).encode()
    content = struct.pack("=q", len(head)) + head + found.code
    file = _file(function, code, kinds)
    beside = file.with_name(f"{file.name}-{os.urandom(8).hex()}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        beside.write_bytes(blake2b(content, digest_size=_SUM).digest() + content)
        beside.replace(file)
    except OSError:
        with suppress(OSError):
            beside.unlink()


def is_kept(name: str, code: str) -> bool:
    """Whether machine code of a function, `module.function`, is kept for arguments of some kinds."""
    return any(_folder(code).glob(f"{name}-*.o"))


def folder_of_caches() -> Path:
    """The user's folder for what twin can make again."""
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", "~")).expanduser() / "twin" / "Cache"
    if sys.platform == "darwin":
        return Path("~/Library/Caches/twin").expanduser()
    return Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")).expanduser() / "twin"


@cache
def llvm() -> Any:
    """LLVM, ready to put machine code in memory; it is loaded with the first function that is called."""
    from llvmlite import binding  # a twentieth of a second, for those who call compiled functions

    binding.initialize_native_target()
    binding.initialize_native_asmprinter()
    return binding


def _name(function: Callable[..., Any]) -> str:
    return f"{function.__module__.rpartition('.')[2]}.{cast(FunctionType, function).__qualname__}"


def _file(function: Callable[..., Any], code: str, kinds: Kinds) -> Path:
    words = blake2b(_words(kinds).encode(), digest_size=8).hexdigest()
    return _folder(code) / f"{_name(function)}-{words}.o"


def _words(kinds: Any) -> str:
    """Kinds in words that are the same in every process."""
    if isinstance(kinds, tuple):
        return f"({','.join(map(_words, kinds))})"
    return f"{kinds.__module__}.{kinds.__qualname__}" if isinstance(kinds, type) else repr(kinds)


@cache
def _folder(code: str) -> Path:
    what = f"{code} {_machine()}"
    return folder_of_caches() / "kernels" / blake2b(what.encode(), digest_size=8).hexdigest()


@cache
def _machine() -> str:
    """The compilers, and the processor that they make code for."""
    found = llvm()
    words = [found.get_default_triple(), found.get_host_cpu_name(), found.get_host_cpu_features().flatten()]
    words += [f"{name}={os.environ.get(name)}" for name in _SETTINGS]
    return " ".join([FORM, *words, sys.version, np.__version__, llvmlite.__version__, _version_of_numba()])


def _version_of_numba() -> str:
    """The file that says which Numba is installed, which is not loaded for it."""
    spec = find_spec("numba")
    assert spec is not None, "twin depends on Numba"
    assert spec.origin is not None, "Numba stands in a folder"
    return Path(spec.origin).with_name("_version.py").read_text(encoding="utf-8")
