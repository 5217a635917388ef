"""Functions whose indices are known, on SALib's designs, with or without replication noise."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from twin.experiment.chance import uniforms

Array = NDArray[np.float64]


def problem(names: str) -> dict[str, Any]:
    listed = names.split()
    return {"num_vars": len(listed), "names": listed, "bounds": [[0.0, 1.0]] * len(listed)}


def ishigami(design: Array, a: float = 7.0, b: float = 0.1) -> Array:
    """T. Ishigami, T. Homma (1990): sin x₁ + a sin² x₂ + b x₃⁴ sin x₁ on (−π, π)³."""
    x = (2 * design - 1) * np.pi
    value: Array = np.sin(x[:, 0]) + a * np.sin(x[:, 1]) ** 2 + b * x[:, 2] ** 4 * np.sin(x[:, 0])
    return value


def ishigami_indices(a: float = 7.0, b: float = 0.1) -> tuple[Array, Array]:
    """First and total indices by integration."""
    one = 0.5 * (1 + b * np.pi**4 / 5) ** 2
    two = a**2 / 8
    both = b**2 * np.pi**8 * (1 / 18 - 1 / 50)
    variance = one + two + both
    return np.array([one, two, 0.0]) / variance, np.array([one + both, two, both]) / variance


def linear(design: Array, weights: Array) -> Array:
    value: Array = design @ weights
    return value


def g_function(design: Array, a: Array) -> Array:
    """I. M. Sobol's: Π (|4x − 2| + a) / (1 + a)."""
    value: Array = np.prod((abs(4 * design - 2) + a) / (1 + a), axis=1)
    return value


def replicated(
    values: Array, replications: int, *, own: float = 0.0, shared: float = 0.0, seed: int = 1
) -> Array:
    """Each value with normal noise: `shared` by all points of a replication, `own` of each point alone."""
    each = ndtri(uniforms(seed, "experiment/test/own", values.size * replications)).reshape(-1, replications)
    all_ = ndtri(uniforms(seed, "experiment/test/shared", replications))
    return values[:, None] + own * each + shared * all_
