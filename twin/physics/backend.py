"""The array library that the equations run on: NumPy, or CuPy when a GPU is asked for.

The equations take their namespace from the arrays that they are given; a caller picks a `Backend` once, makes
its arrays with it and brings results back with it. Nothing else in twin imports CuPy.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import array_api_compat
import numpy as np
import numpy.typing as npt

Device = Literal["auto", "cpu", "gpu"]


class DeviceError(RuntimeError):
    """A GPU was asked for and none can be used; the message says what is missing and what to install."""


@dataclass(frozen=True)
class Backend:
    """An array namespace on a device: `cpu` (NumPy) or `gpu` (CuPy)."""

    device: Literal["cpu", "gpu"]
    namespace: Any

    def array(self, values: npt.ArrayLike) -> Any:
        """Return `values` as a float64 array of this backend, on its device."""
        if self.device == "cpu" and isinstance(values, np.ndarray) and values.dtype == np.float64:
            return values
        return self.namespace.asarray(values, dtype=self.namespace.float64)

    def to_numpy(self, array: Any) -> npt.NDArray[Any]:
        """Return an array of this backend as a NumPy array, copied from the device where it must be."""
        return np.asarray(array) if self.device == "cpu" else array.get()


def select(device: Device = "auto") -> Backend:
    """Return the backend for `device`.

    `auto` is NumPy: closed forms cost less than the way to a GPU and back, and whole integrations find their
    own way there (`kernels.launch`). Raises `DeviceError` when `gpu` is asked for and CuPy or a CUDA device
    is missing, `ValueError` for another word.
    """
    if device in ("auto", "cpu"):
        return Backend("cpu", np)
    if device == "gpu":
        return _gpu()
    raise ValueError(f"The device is {device!r}; it is 'auto', 'cpu' or 'gpu'.")


def namespace(*arrays: Any) -> Any:
    """Return the Array-API namespace of the arrays among the arguments; NumPy's where there are none."""
    found = [array for array in arrays if not isinstance(array, int | float)]
    if all(isinstance(array, np.ndarray) for array in found):
        return np
    return array_api_compat.array_namespace(*found)


def _gpu() -> Backend:
    install = "Install twin with its extra gpu-cuda12 or gpu-cuda13, or choose the device cpu."
    try:
        import cupy
        from array_api_compat import cupy as cupy_namespace
    except ImportError as missing:
        raise DeviceError(f"A GPU was asked for, and CuPy is not installed. {install}") from missing
    try:
        devices = cupy.cuda.runtime.getDeviceCount()
    except cupy.cuda.runtime.CUDARuntimeError as failure:
        raise DeviceError(f"A GPU was asked for, and CUDA does not start: {failure}. {install}") from failure
    if devices == 0:
        raise DeviceError("A GPU was asked for, and CUDA sees none. Choose the device cpu.")
    return Backend("gpu", cupy_namespace)
