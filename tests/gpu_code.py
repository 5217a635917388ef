"""What tests of the code for a GPU share: where it can be compiled, without a card."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib import import_module
from importlib.util import find_spec
from types import SimpleNamespace
from typing import Any
from unittest import mock

import pytest

CAPABILITY = 9, 0  # of the cards that code is compiled for here

HAS_NUMBA_CUDA = find_spec("numba_cuda") is not None
SIMULATES = os.environ.get("NUMBA_ENABLE_CUDASIM", "0") == "1"


def has_nvvm() -> bool:
    """Whether NVIDIA's compiler is installed, with the libraries that numba-cuda looks for beside it."""
    try:
        found = _of_numba_cuda("cudadrv.libs").get_libdevice()
        return bool(found) and bool(_of_numba_cuda("cudadrv.nvvm").is_available())
    except (RuntimeError, ImportError):  # numba-cuda's words for: a library is not there
        return False


def has_card() -> bool:
    """Whether there is a GPU that numba-cuda can use."""
    try:
        return bool(_of_numba_cuda("cudadrv.driver").driver.is_available)
    except (RuntimeError, ImportError):
        return False


def _of_numba_cuda(module: str) -> Any:
    if not HAS_NUMBA_CUDA or SIMULATES:
        raise ImportError
    return import_module(f"numba.cuda.{module}")


needs_card = pytest.mark.skipif(not has_card(), reason="there is no GPU, or no numba-cuda to use it")
needs_numba_cuda = pytest.mark.skipif(
    not HAS_NUMBA_CUDA or SIMULATES, reason="numba-cuda, of the extra test, is not installed"
)
needs_nvvm = pytest.mark.skipif(
    not has_nvvm(), reason="NVIDIA's compiler is not installed: pip install 'numba-cuda[cu12]' brings it"
)


@contextmanager
def a_card() -> Iterator[None]:
    """Have numba-cuda compile for a card that is not there."""
    names = ["numba.cuda.dispatcher", "numba.cuda.api", "twin.engine.compiled_engine.lanes_linking"]
    device = SimpleNamespace(compute_capability=CAPABILITY)
    with ExitStack() as patches:
        for name in names:
            module = import_module(name)
            patches.enter_context(mock.patch.object(module, "get_current_device", return_value=device))
        yield


def ptx_of(function: Any, signature: tuple[Any, ...]) -> str:
    """The code of a kernel, for any card of a capability."""
    compiled: Any = import_module("numba.cuda").compile(
        function, signature, device=False, abi="numba", cc=CAPABILITY
    )
    return str(compiled[0])
