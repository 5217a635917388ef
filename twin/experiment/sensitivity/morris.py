"""Morris screening: which of many factors matter at all, from few points for each.

Along a trajectory one factor moves at a time, so each step gives one elementary effect of one factor. Their
mean µ says in which direction a factor works, the mean of their sizes µ* how much, their spread σ whether it
depends on the others. Effects are per whole range of a factor, in the measure's unit.

Estimates are SALib's, on means over replications. Intervals are this module's: µ* is a mean over independent
trajectories, so its interval is Student's; what replications do to all points alike is added by the jackknife
(`noise.py`). Noise makes effects of either sign where there are none: `noise` is the µ* that a factor without
any effect would be expected to show, and a factor matters where even its µ* at the lower bound lies above
that, at a level corrected for the number of factors.

Sources: M. D. Morris, Technometrics 33 (1991) 161; F. Campolongo, J. Cariboni, A. Saltelli, Environmental
Modelling & Software 22 (2007) 1509.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twin.experiment.sensitivity.noise import Array, complete, variance_over_replications
from twin.experiment.statistics import student_quantile

_HALF_NORMAL = math.sqrt(2 / math.pi)  # E|z| of a standard normal z


@dataclass(frozen=True)
class Screened:
    """One factor: µ, µ* with its interval, σ; `noise` is the µ* of an idle factor, None where it is not
    known.

    `matters` is None where nothing can be said: one replication, or a single trajectory.
    """

    factor: str
    mu: float
    mu_star: float
    low: float | None
    high: float | None
    sigma: float
    noise: float | None
    matters: bool | None


@dataclass(frozen=True)
class Screening:
    """All factors in the order of the problem; `left_out` trajectories had a point without a value."""

    factors: tuple[Screened, ...]
    trajectories: int
    left_out: int
    replications: int
    level: float

    @property
    def ranked(self) -> tuple[Screened, ...]:
        """The factors, largest µ* first."""
        return tuple(sorted(self.factors, key=lambda each: -each.mu_star))


def screen(
    problem: dict[str, Any], design: Array, values: Array, *, level: float = 0.95, levels: int = 4
) -> Screening:
    """Screen factors by the elementary effects of a Morris design.

    Args:
        problem: SALib's, with `num_vars` k and `names`.
        design: (trajectories · (k + 1), k) on the unit cube, as SALib's `morris` samples it.
        values: (trajectories · (k + 1), replications), NaN where a replication gave none.
        level: of the intervals.
        levels: of the grid on which the design was made.

    Raises:
        ValueError: the shapes do not fit, or no trajectory is whole.
    """
    factors = int(problem["num_vars"])
    if design.shape != (len(values), factors) or len(values) % (factors + 1):
        raise ValueError(
            f"{len(values)} points are no whole trajectories of {factors + 1} points, {factors} factors."
        )
    paths = values.reshape(-1, factors + 1, values.shape[1])
    whole = ~np.isnan(paths).any(axis=(1, 2))
    if not whole.any():
        raise ValueError("No trajectory has a value at all of its points.")
    steps = design.reshape(-1, factors + 1, factors)[whole]
    effects = elementary_effects(steps, complete(paths), _step(levels))
    found = _estimates(problem, steps, complete(paths).mean(axis=2), levels)
    rows = tuple(
        _screened(
            name, effects[:, k], [float(found[key][k]) for key in ("mu", "mu_star", "sigma")], level, factors
        )
        for k, name in enumerate(problem["names"])
    )
    return Screening(rows, int(whole.sum()), int((~whole).sum()), values.shape[1], level)


def elementary_effects(steps: Array, paths: Array, step: float) -> Array:
    """The effect of each factor in each trajectory and replication, per whole range.

    Args:
        steps: (trajectories, k + 1, k), points on the unit cube; one factor moves at each step.
        paths: (trajectories, k + 1, replications), values there.
        step: by which a factor moves.

    Returns (trajectories, k, replications). A step that the settings could not follow, such as an integer
    that stayed, counts as the effect 0 that it had.
    """
    moved = np.diff(steps, axis=1)
    change = np.diff(paths, axis=1)
    effects: Array = np.einsum("tsk,tsr->tkr", np.sign(moved), change) / step
    return effects


def _step(levels: int) -> float:
    """Morris's step on a grid of `levels`, p / (2 (p − 1)).

    >>> round(_step(4), 4)
    0.6667
    """
    return levels / (2 * (levels - 1))


def _estimates(
    problem: dict[str, Any], steps: Array, means: NDArray[np.float64], levels: int
) -> dict[str, Any]:
    """µ, µ* and σ of the means over replications, by SALib; its own interval is not used."""
    from SALib.analyze.morris import analyze

    unit = {"num_vars": problem["num_vars"], "names": list(problem["names"])}
    unit["bounds"] = [[0.0, 1.0]] * unit["num_vars"]
    if len(steps) == 1:  # SALib has no spread to report; the one effect is µ
        effects = elementary_effects(steps, means[..., None], _step(levels))[0, :, 0]
        return {"mu": effects, "mu_star": abs(effects), "sigma": np.zeros(len(effects))}
    flat = steps.reshape(-1, steps.shape[2])
    found: dict[str, Any] = analyze(unit, flat, means.reshape(-1), num_resamples=2, num_levels=levels, seed=1)
    return found


def _screened(name: str, effects: Array, estimates: list[float], level: float, factors: int) -> Screened:
    """One factor from its effects, (trajectories, replications)."""
    mu, mu_star, sigma = estimates
    noise = _idle(effects)
    error = _standard_error(effects)
    if error is None:
        return Screened(name, mu, mu_star, None, None, sigma, noise, None)
    freedom = len(effects) - 1
    reach = student_quantile(freedom, level) * error
    sure = student_quantile(freedom, 1 - (1 - level) / factors) * error
    matters = None if noise is None else mu_star - sure > noise
    return Screened(name, mu, mu_star, max(mu_star - reach, 0.0), mu_star + reach, sigma, noise, matters)


def _standard_error(effects: Array) -> float | None:
    """Of µ*: over trajectories, and over what replications do to all of them; None for a single
    trajectory.
    """
    if len(effects) < 2:
        return None
    sizes = abs(effects.mean(axis=1))
    over_paths = float(sizes.var(ddof=1)) / len(sizes)
    shared = variance_over_replications(effects, lambda e: np.asarray(abs(e.mean(axis=-1)).mean()))
    return math.sqrt(over_paths + (0.0 if shared is None else float(shared)))


def _idle(effects: Array) -> float | None:
    """The µ* that replication noise alone would show: √(2/π) times the mean standard error of an effect."""
    replications = effects.shape[1]
    if replications < 2:
        return None
    errors = effects.std(axis=1, ddof=1) / math.sqrt(replications)
    return float(_HALF_NORMAL * errors.mean())
