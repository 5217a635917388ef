"""Runs Python code in a process that the kernel ends where it asks for an internet socket.

Patching Python's `socket` would not see what a library written in C++ does. On Linux a seccomp filter (see
seccomp(2), and struct sock_filter in linux/filter.h) looks at every `socket` call whoever makes it.
"""

from __future__ import annotations

import platform
import subprocess
import sys
from collections.abc import Sequence

import pytest

_FILTER = """
import ctypes, platform, struct, sys
number, architecture = {"x86_64": (41, 0xC000003E), "aarch64": (198, 0xC00000B7)}[platform.machine()]
INET, INET6, KILL, ALLOW = 2, 10, 0x80000000, 0x7FFF0000
LOAD, EQUAL, RETURN = 0x20, 0x15, 0x06
steps = [
    (LOAD, 0, 0, 4), (EQUAL, 0, 5, architecture), (LOAD, 0, 0, 0), (EQUAL, 0, 3, number),
    (LOAD, 0, 0, 16), (EQUAL, 2, 0, INET), (EQUAL, 1, 0, INET6), (RETURN, 0, 0, ALLOW), (RETURN, 0, 0, KILL),
]
code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
class Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_void_p)]
program = Program(len(steps), ctypes.cast(code, ctypes.c_void_p))
libc = ctypes.CDLL(None, use_errno=True)
if libc.prctl(38, 1, 0, 0, 0) or libc.prctl(22, 2, ctypes.byref(program), 0, 0):
    sys.exit(77)
"""
CANNOT = 77


def run_without_sockets(code: str, arguments: Sequence[str] = ()) -> subprocess.CompletedProcess[str]:
    """Run Python code so; skips the test where the kernel has no such filter."""
    if not sys.platform.startswith("linux") or platform.machine() not in ("x86_64", "aarch64"):
        pytest.skip("only Linux lets a process refuse itself sockets")
    command = [sys.executable, "-c", _FILTER + code, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    if done.returncode == CANNOT:
        pytest.skip("this kernel does not let a process filter its calls")
    return done
