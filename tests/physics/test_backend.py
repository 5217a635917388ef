"""Which array library runs the equations, and what is said where there is no GPU."""

import importlib.util
import sys
from types import ModuleType, SimpleNamespace

import array_api_strict
import numpy as np
import pytest

from twin.physics import evaluate_on, models
from twin.physics.backend import Backend, DeviceError, namespace, select


@pytest.mark.parametrize("device", ["auto", "cpu"])
def test_numpy_unless_a_gpu_is_asked_for(device):
    backend = select(device)
    assert (backend.device, backend.namespace) == ("cpu", np)
    array = backend.array([1, 2])
    assert array.dtype == np.float64
    assert backend.to_numpy(array) is array


@pytest.mark.skipif(importlib.util.find_spec("cupy") is not None, reason="CuPy is installed here")
def test_asking_for_a_gpu_without_cupy_says_what_to_install():
    with pytest.raises(DeviceError, match=r"CuPy is not installed\. Install twin with its extra gpu-cuda12"):
        select("gpu")


class CUDARuntimeError(RuntimeError):
    pass


def no_driver():
    raise CUDARuntimeError("cudaErrorNoDevice")


@pytest.mark.parametrize(
    ("count_devices", "says"),
    [(no_driver, "CUDA does not start: cudaErrorNoDevice"), (lambda: 0, "CUDA sees none")],
)
def test_asking_for_a_gpu_without_a_device_says_so(monkeypatch, count_devices, says):
    cupy = ModuleType("cupy")
    cupy.cuda = SimpleNamespace(
        runtime=SimpleNamespace(CUDARuntimeError=CUDARuntimeError, getDeviceCount=count_devices)
    )
    monkeypatch.setitem(sys.modules, "cupy", cupy)
    monkeypatch.setitem(sys.modules, "array_api_compat.cupy", ModuleType("array_api_compat.cupy"))
    with pytest.raises(DeviceError, match=says):
        select("gpu")


@pytest.mark.skipif(importlib.util.find_spec("cupy") is not None, reason="CuPy is installed here")
def test_a_model_is_evaluated_where_one_argument_says():
    blending, batches = models()["blending"], {"batch_mass": [240.0, 300.0]}
    here = evaluate_on("cpu", blending, batches, {}, {})
    assert evaluate_on("auto", blending, batches, {}, {}).attributes["fill_fraction"].tobytes() == (
        here.attributes["fill_fraction"].tobytes()
    )
    with pytest.raises(DeviceError, match="CuPy is not installed"):
        evaluate_on("gpu", blending, batches, {}, {})


def test_what_is_computed_elsewhere_comes_back_as_numpy():
    elsewhere = Backend("cpu", array_api_strict)
    there = evaluate_on(elsewhere, models()["blending"], {"batch_mass": np.asarray([240.0])}, {}, {})
    assert type(there.duration) is np.ndarray
    assert there.duration.tolist() == [1500.0]


def test_another_device_is_refused():
    with pytest.raises(ValueError, match="'auto', 'cpu' or 'gpu'"):
        select("tpu")


def test_the_namespace_is_that_of_the_arrays_among_numbers():
    assert namespace(1.0, 2) is np
    assert namespace(1.0, np.ones(2)) is np
    assert namespace(1.0, array_api_strict.ones(2)) is array_api_strict
