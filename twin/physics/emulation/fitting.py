"""Fits an emulator to what a model gave at the points of a design, and says how good it is.

For each output the polynomial of lowest degree that is good enough, of the output or of its logarithm;
where none is, the best of them with a Gaussian process on what it leaves over. The error is that of lots
which had no part in the fit: the points are dealt into `FOLDS`, and each is left out once. It is stated
over lot-to-lot noise, the standard deviation among the design's lots. `design` calls this and decides
whether that is good enough.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from twin.physics.emulation import gaussian_process, polynomials
from twin.physics.emulation.polynomials import Floats, Terms
from twin.physics.emulation.quality import Quality

FOLDS = 5
PLENTY = 0.2  # of the tolerance: a polynomial as good as this is taken though a higher one were better
LIKELIHOOD_POINTS = 256  # on which lengths of correlation are found
PROCESS_POINTS = 1024  # that a Gaussian process has at most
TREND = 1  # degree of the polynomial under a Gaussian process
CONFIDENT = 1.645  # standard deviations of a mean that it exceeds in 5 of 100 cases
STILL = 1e-6  # of an output's size: what varies less among lots counts as this noisy


@dataclass(frozen=True)
class Sample:
    """The model's answers at a design's points, where it holds: coordinates `at` (d, n), `lots` (n,)
    whether a point is one of the lots or one of the box, and outputs by name, (n,).
    """

    at: Floats
    lots: npt.NDArray[np.bool_]
    outputs: Mapping[str, Floats]


@dataclass(frozen=True)
class Fitted:
    """An output's fit: coefficients of the terms, (m,), of its logarithm or of itself, and what a Gaussian
    process adds, if anything: lengths (d,) and weights (n,) at `process_points`.
    """

    coefficients: Floats
    log: bool
    quality: Quality
    lengths: Floats | None = None
    weights: Floats | None = None


@dataclass(frozen=True)
class _Ground:
    """What all outputs' fits stand on: terms' values (m, n), targets (forms, n), what polynomials of each
    degree say of points that had no part in their fit, (degrees, forms, n), and the whole fit's triangle
    and components.
    """

    sample: Sample
    terms: Terms
    values: Floats
    targets: Floats
    held_out: Floats
    whole: tuple[Floats, Floats]


def fit(sample: Sample, terms: Terms, tolerance: float) -> dict[str, Fitted]:
    """Return every output's fit; `tolerance` is the error that is good enough, over the noise."""
    values = polynomials.values_of(terms.parent, terms.coordinate, terms.degree, sample.at)
    forms = [
        (name, log) for name, y in sample.outputs.items() for log in (False, True)[: 1 + bool(y.min() > 0)]
    ]
    targets = np.array([np.log(sample.outputs[name]) if log else sample.outputs[name] for name, log in forms])
    whole = polynomials.orthogonalised(values.copy(), targets.copy())
    ground = _Ground(sample, terms, values, targets, held_out(values, targets, terms), whole)
    return {
        name: _best(
            ground, name, [(row, log) for row, (of, log) in enumerate(forms) if of == name], tolerance
        )
        for name in sample.outputs
    }


def process_points(sample: Sample) -> npt.NDArray[np.int64]:
    """Return which points a Gaussian process stands on, as many of the lots as of the box."""
    return _spread(sample, PROCESS_POINTS)


def _folds(count: int) -> npt.NDArray[np.int64]:
    return np.arange(count) % FOLDS


def held_out(values: Floats, targets: Floats, terms: Terms) -> Floats:
    """Return what polynomials of each degree say of points that had no part in their fit: (degrees,
    targets, n).
    """
    folds = _folds(values.shape[1])
    found = np.empty((len(terms.up_to), *targets.shape))
    for fold in range(FOLDS):
        out = folds == fold
        kept = np.ascontiguousarray(values[:, ~out]), np.ascontiguousarray(targets[:, ~out])
        triangle, components = polynomials.orthogonalised(*kept)
        left = np.ascontiguousarray(values[:, out])
        for degree, count in enumerate(terms.up_to):
            coefficients = polynomials.solved(triangle, components, count)
            found[degree][:, out] = polynomials.combined(coefficients, left)
    return found


def _best(ground: _Ground, name: str, rows: list[tuple[int, bool]], tolerance: float) -> Fitted:
    """Return the simplest fit of an output that is good enough, else the best one."""
    tried = [
        (
            _quality(ground, name, _plain(ground.held_out[degree, row], log), _polynomial(degree)),
            degree,
            row,
            log,
        )
        for degree in range(len(ground.terms.up_to))
        for row, log in rows
    ]
    enough = [trial for trial in tried if trial[0].bound <= PLENTY * tolerance]
    quality, degree, row, log = enough[0] if enough else min(tried, key=lambda trial: trial[0].bound)
    coefficients = polynomials.solved(*ground.whole, ground.terms.up_to[degree])[:, row]
    fitted = Fitted(coefficients, log, quality)
    if quality.bound <= tolerance:
        return fitted
    # A higher degree would take in, at the points of its fit, what the process is there to learn.
    better = _with_process(ground, name, min(TREND, degree), row, log)
    return better if better.quality.bound < quality.bound else fitted


def _polynomial(degree: int) -> str:
    return f"polynomial of degree {degree}"


def _with_process(ground: _Ground, name: str, degree: int, row: int, log: bool) -> Fitted:
    """Return a polynomial with a Gaussian process on what it leaves over."""
    sample, target = ground.sample, ground.targets[row]
    count = ground.terms.up_to[degree]
    at, values = np.ascontiguousarray(sample.at.T), np.ascontiguousarray(ground.values[:count])
    coefficients = polynomials.solved(*ground.whole, count)[:, row]
    rest = target - polynomials.combined(coefficients[:count, None], values)[0]
    few, points = _spread(sample, LIKELIHOOD_POINTS), process_points(sample)
    correlation = gaussian_process.likeliest(at[few], rest[few])
    predicted, folds = np.empty_like(target), _folds(target.size)
    for fold in range(FOLDS):
        out = folds == fold
        kept = points[folds[points] != fold]
        triangle, components = polynomials.orthogonalised(
            np.ascontiguousarray(values[:, ~out]), np.ascontiguousarray(target[None, ~out])
        )
        trend = polynomials.combined(polynomials.solved(triangle, components, count), values)[0]
        weight = gaussian_process.weights(at[kept], (target - trend)[kept], correlation)
        predicted[out] = trend[out] + gaussian_process.predicted(
            at[kept], weight, correlation.lengths, at[out]
        )
    method = f"{_polynomial(degree)} and a Gaussian process"
    quality = _quality(ground, name, _plain(predicted, log), method)
    weight = gaussian_process.weights(at[points], rest[points], correlation)
    return Fitted(coefficients, log, quality, correlation.lengths, weight)


def _plain(values: Floats, log: bool) -> Floats:
    with np.errstate(over="ignore"):
        return np.exp(values) if log else values


def _quality(ground: _Ground, name: str, predicted: Floats, method: str) -> Quality:
    sample, output = ground.sample, ground.sample.outputs[name]
    noise = max(float(np.std(output[sample.lots])), STILL * float(np.max(np.abs(output))), 1e-300)
    squares = ((predicted - output) / noise) ** 2
    own = squares[sample.lots]
    mean = float(np.mean(own))
    above = CONFIDENT * float(np.std(own)) / math.sqrt(own.size)
    return Quality(
        method,
        noise,
        error=math.sqrt(mean),
        bound=math.sqrt(mean + above),
        in_box=math.sqrt(float(np.mean(squares))),
        largest=math.sqrt(float(np.max(own))),
    )


def _spread(sample: Sample, most: int) -> npt.NDArray[np.int64]:
    """Return at most so many points, as many of the lots as of the box where there are that many of each."""
    lots, box = np.flatnonzero(sample.lots), np.flatnonzero(~sample.lots)
    few = min(lots.size, max(most // 2, most - box.size))
    return np.sort(np.concatenate([lots[:few], box[: most - few]]))
