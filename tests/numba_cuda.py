"""Runs a module that uses numba-cuda where not even CUDA's runtime is installed, whose version that asks for.

`python -m tests.numba_cuda MODULE ARGUMENTS`. Without the runtime nothing is compiled or run by CUDA; the
simulator needs none, and what numba-cuda would hand to NVIDIA's compiler can be looked at, or run elsewhere.
"""

from __future__ import annotations

import runpy
import sys
from importlib import import_module
from typing import Any


def start_without_runtime() -> None:
    """Have numba-cuda, where it is installed, start without CUDA's runtime."""
    try:
        runtime: Any = import_module("cuda.bindings.runtime")
        runtime.getLocalRuntimeVersion()
    except ImportError:  # Numba's own CUDA part does not ask
        return
    except RuntimeError:  # the word of NVIDIA's bindings for: the library is not there
        runtime.getLocalRuntimeVersion = lambda: (0, 13_000)


if __name__ == "__main__":
    start_without_runtime()
    del sys.argv[0]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
