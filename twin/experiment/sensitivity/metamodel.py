"""A metamodel: a Gaussian process through the points of a design, with its cross-validated error.

Matérn 5/2 with a length for each factor, by scikit-learn. The noise of a point's mean is not fitted but taken
from its replications, after what a replication does to all points alike is set aside (they share random
numbers; that part moves the level of all predictions, and is added to their intervals). How good it is, says
Q²: the points are left out fold by fold, everything is fitted anew to the others, and

    Q² = 1 − Σ (y − ŷ)² / Σ (y − ȳ)²,    ȳ the mean of the others.

Below `LEAST_Q2` it is not used: `predict` refuses. That bound is a decision of this package, not a law: at .7
the errors of prediction still have half (√.3) the spread of what is predicted.

Source: C. E. Rasmussen, C. K. I. Williams, Gaussian Processes for Machine Learning, 2006, ch. 2, 4 and 5.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from twin.experiment.chance import shuffled
from twin.experiment.sensitivity.noise import Array

LEAST_Q2 = 0.7
FOLDS = 10
FEWEST = 10  # points, below which no metamodel is fitted
MOST = 3000  # points, for memory and time
_JITTER = 1e-8  # of the standardised variance, for the Cholesky factor
_FITTED_TO = (
    400  # points to which lengths are fitted: the first ones, which a Latin hypercube draws at random
)
_OWN_NOISE_FROM = 10  # replications, from which on each point's own variance is believed


@dataclass(frozen=True)
class Metamodel:
    """A fitted process and what cross-validation says about it.

    `coverage` is the share of points left out that lay inside their intervals at `level`; `noise_share` the
    share of the variance of the points' means that is noise, so that no Q² above 1 − `noise_share` can be
    expected; None where one replication leaves the noise to be fitted.
    """

    names: tuple[str, ...]
    points: int
    left_out: int
    q2: float
    coverage: float
    noise_share: float | None
    level: float
    fitted: Fitted = field(repr=False)
    folds: tuple[Fitted, ...] = field(repr=False)

    @property
    def usable(self) -> bool:
        """Whether Q² is high enough for predictions."""
        return self.q2 >= LEAST_Q2

    def predict(self, design: Array) -> tuple[Array, Array, Array]:
        """The expected measure at points of the unit cube, (n, k): mean, lower and upper bound at `level`.

        Raises:
            ValueError: the metamodel is too poor to be used.
        """
        if not self.usable:
            raise ValueError(f"Q² of the metamodel is {self.q2:.2f}, below {LEAST_Q2:g}: it is not used.")
        mean, deviation = self.fitted.at(design)
        reach = float(ndtri(0.5 + self.level / 2)) * np.sqrt(deviation**2 + self.fitted.level_variance)
        return mean, mean - reach, mean + reach


@dataclass(frozen=True)
class Fitted:
    """A process fitted to standardised means: `level_variance` is that of the noise which all points
    share.
    """

    process: Any
    shift: float
    scale: float
    level_variance: float

    def at(self, design: Array) -> tuple[Array, Array]:
        """Mean and standard deviation of the expected measure at points of the unit cube, (n, k)."""
        mean, deviation = self.process.predict(design, return_std=True)
        return self.shift + self.scale * mean, self.scale * deviation

    def means(self, design: Array) -> Array:
        """Mean alone, for many points."""
        mean: Array = self.process.predict(design)
        return self.shift + self.scale * mean


def fit_metamodel(
    problem: dict[str, Any], design: Array, values: Array, *, level: float = 0.95, seed: int = 1
) -> Metamodel:
    """Fit a metamodel and cross-validate it.

    Args:
        problem: SALib's, with `names`.
        design: (n, k) on the unit cube.
        values: (n, replications), NaN where a replication gave none; points without all of theirs are left
            out.
        level: of predictions.
        seed: of the order in which points are left out.

    Raises: ValueError: fewer than ten points with values, more than 3,000, or the measure is the same at all
        of them.
    """
    whole = ~np.isnan(values).any(axis=1)
    inputs, outputs = design[whole], values[whole]
    if len(outputs) < FEWEST:
        raise ValueError(f"A metamodel needs {FEWEST} points with values, and there are {len(outputs)}.")
    if len(outputs) > MOST:
        raise ValueError(f"A metamodel takes at most {MOST:,} points, and there are {len(outputs):,}.")
    means = outputs.mean(axis=1)
    if float(np.ptp(means)) <= 1e-12 * float(abs(means).max()):
        raise ValueError("The measure is the same at all points: there is nothing to model.")
    noise, shared = point_noise(outputs)
    fitted = _fitted(_starts(inputs.shape[1], own_noise=noise is None), inputs, means, noise, shared)
    fold = np.empty(len(means), dtype=np.int64)
    fold[shuffled(seed, "experiment/folds", len(means))] = np.arange(len(means)) % FOLDS
    known = [fitted.process.kernel_]
    folds = tuple(
        _fitted(
            known, inputs[fold != k], means[fold != k], None if noise is None else noise[fold != k], shared
        )
        for k in range(FOLDS)
    )
    q2, coverage = _validated(folds, fold, inputs, means, noise, level)
    share = None if noise is None else min(float(noise.mean() / means.var(ddof=1)), 1.0)
    names = tuple(problem["names"])
    return Metamodel(names, len(means), int((~whole).sum()), q2, coverage, share, level, fitted, folds)


def point_noise(values: Array) -> tuple[Array | None, float]:
    """Variance of each point's mean that is its own, (n,), and of the level that all share; None, 0 where R =
    1.

    Two-way analysis without repetition: e_ir = y_ir − ȳ_i − ȳ_r + ȳ. Each point's own variance from ten
    replications on, the pooled one below.
    """
    points, replications = values.shape
    if replications == 1:
        return None, 0.0
    by_replication = values.mean(axis=0)
    residual = values - values.mean(axis=1, keepdims=True) - by_replication + values.mean()
    own = (residual**2).sum(axis=1) / (replications - 1) * points / (points - 1)
    if replications < _OWN_NOISE_FROM:
        own = np.full(points, own.mean())
    level_variance = max(float(by_replication.var(ddof=1)) - float(own.mean()) / points, 0.0)
    return own / replications, level_variance / replications


def _fitted(kernels: list[Any], design: Array, means: Array, noise: Array | None, shared: float) -> Fitted:
    """The fit of the highest likelihood among those that begin with these kernels, on one thread."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.gaussian_process import GaussianProcessRegressor
    from threadpoolctl import threadpool_limits

    shift, scale = float(means.mean()), float(means.std(ddof=1)) or 1.0
    alpha: Any = _JITTER if noise is None else noise / scale**2 + _JITTER
    first = slice(_FITTED_TO)
    processes = [
        GaussianProcessRegressor(kernel, alpha=alpha if noise is None else alpha[first]) for kernel in kernels
    ]
    with warnings.catch_warnings(), threadpool_limits(1):
        warnings.simplefilter("ignore", ConvergenceWarning)  # a length or a noise at its bound is an answer
        fits = [process.fit(design[first], (means[first] - shift) / scale) for process in processes]
        best = max(fits, key=lambda fit: float(fit.log_marginal_likelihood_value_))
        if len(means) > _FITTED_TO:
            best = GaussianProcessRegressor(best.kernel_, alpha=alpha, optimizer=None)
            best.fit(design, (means - shift) / scale)
    return Fitted(best, shift, scale, shared)


def _starts(factors: int, *, own_noise: bool) -> list[Any]:
    """Kernels with short and with long lengths; with a noise to be fitted where replications do not tell
    it.
    """
    from sklearn.gaussian_process.kernels import ConstantKernel, Matern, WhiteKernel

    kernels = []
    for length in (0.5, 3.0):
        lengths: NDArray[np.float64] = np.full(factors, length)
        kernel = ConstantKernel(1.0, (1e-3, 1e3)) * Matern(lengths, (0.05, 100.0), nu=2.5)
        kernels.append(kernel + WhiteKernel(0.01, (1e-8, 1.0)) if own_noise else kernel)
    return kernels


def _validated(
    folds: tuple[Fitted, ...],
    fold: NDArray[np.int64],
    design: Array,
    means: Array,
    noise: Array | None,
    level: float,
) -> tuple[float, float]:
    """Q² and the share of points left out that lie in their intervals, their own noise included."""
    wide = float(ndtri(0.5 + level / 2))
    squares = total = 0.0
    inside = 0
    for k, fitted in enumerate(folds):
        out = fold == k
        mean, deviation = fitted.at(design[out])
        own = 0.0 if noise is None else noise[out]
        error = means[out] - mean
        squares += float((error**2).sum())
        total += float(((means[out] - fitted.shift) ** 2).sum())
        inside += int((abs(error) <= wide * np.sqrt(deviation**2 + own)).sum())
    return 1 - squares / total, inside / len(means)
