"""How well fitted distributions describe what was recorded, by two distances between distributions.

Because the parameters are fitted to the same values, textbook p-values would flatter; here p comes from the
fitted distribution itself: samples of the same size are drawn from it, fitted again and compared (parametric
bootstrap: W. Stute, W. González Manteiga, M. Presedo Quindimil, Metrika 40, 243-256, 1993).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twin.calibration.likelihood import FitKind, FittedDistribution, cumulative, fit_kind
from twin.engine.draws import compile_distribution, draw_block, source_hash, stream_key

Floats = NDArray[np.float64]
NEAR_ZERO = 1e-12


@dataclass(frozen=True)
class Goodness:
    """Distances of a sample of n values from its fitted distribution, and how often chance exceeds them."""

    n: int
    kolmogorov_smirnov: float
    kolmogorov_smirnov_p: float
    anderson_darling: float
    anderson_darling_p: float


def goodness(kind: FitKind, fitted: FittedDistribution, sample: Floats, repeats: int, seed: int) -> Goodness:
    """Compare a sample, shape (n,), with its fitted distribution, p from `repeats` bootstrap samples."""
    seen = distances(kind, parameters(fitted), sample)
    compiled = compile_distribution(fitted.distribution)
    source = source_hash(f"calibration/goodness/{kind}")
    exceeded = np.zeros(2)
    for repeat in range(repeats):
        drawn = draw_block(*compiled, *stream_key(seed, repeat, source), 0, len(sample))
        refitted = fit_kind(kind, drawn, fitted.unit)
        exceeded += np.asarray(distances(kind, parameters(refitted), drawn)) >= np.asarray(seen)
    ks_p, ad_p = (exceeded + 1) / (repeats + 1)
    return Goodness(len(sample), seen[0], float(ks_p), seen[1], float(ad_p))


def parameters(fitted: FittedDistribution) -> Floats:
    """The fitted parameters in the language's order, shape (k,)."""
    return np.array([estimate.value for estimate in fitted.estimates.values()])


def distances(kind: FitKind, values: Floats, sample: Floats) -> tuple[float, float]:
    """Kolmogorov–Smirnov D and Anderson–Darling A² of a sample, shape (n,), from a distribution."""
    n = len(sample)
    u = np.clip(cumulative(kind, values, np.sort(sample)), NEAR_ZERO, 1 - NEAR_ZERO)
    rank = np.arange(1, n + 1)
    d = float(np.max(np.maximum(rank / n - u, u - (rank - 1) / n)))
    a = float(-n - np.mean((2 * rank - 1) * (np.log(u) + np.log1p(-u[::-1]))))
    return d, a


def dispersion(counts: Floats) -> float:
    """Variance over mean of counts, shape (n,): 1 where they are Poisson distributed."""
    return float(np.var(counts, ddof=1) / np.mean(counts))
