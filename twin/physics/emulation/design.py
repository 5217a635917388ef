"""Makes an emulator: a design over the lots that reach an operation, the model's answers, the fit.

Half of a design fills the box of the space, by Sobol's points, scrambled; the other half is lots as they
come, so that the fit is closest and its error measured where the lots are. It is doubled until every output
is good enough or `MOST_POINTS` are reached. `cache` calls this where it has no emulator yet.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.stats import qmc

from twin.physics.contract import OK, UnitOperation
from twin.physics.emulation import fitting, polynomials
from twin.physics.emulation.border import Border, border_of
from twin.physics.emulation.emulator import DURATION, YIELD, Emulator
from twin.physics.emulation.fitting import Fitted, Sample
from twin.physics.emulation.kernel import Tables
from twin.physics.emulation.polynomials import Terms
from twin.physics.emulation.quality import TOLERANCE
from twin.physics.emulation.space import Space, space_of
from twin.physics.evaluation import evaluate_on

Floats = npt.NDArray[np.float64]

FEWEST_POINTS, MOST_POINTS = 512, 2048
PILOT = 512  # lots from which the box of inputs that depend on each other is known
SAME = 1e-9  # relative difference up to which an input is what it always is
HELD = 0.5  # of the design's lots, at least, that must be clear of where the model does not hold


@dataclass(frozen=True)
class Reach:
    """The lots that an emulator is for.

    `fixed` are inputs that are always the same, `ranges` those that vary by themselves; all others depend
    on each other. `lots(n)` gives the first n of an endless row of typical lots: all inputs by name, (n,)
    each; `seed` decides the rest of the design.
    """

    fixed: Mapping[str, float]
    ranges: Mapping[str, tuple[float, float]]
    lots: Callable[[int], Mapping[str, Floats]]
    seed: int


@dataclass(frozen=True)
class Design:
    """A design's points: coordinates `at` (d, n), the box first, and which of them are lots, (n,)."""

    at: Floats
    lots: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Answers:
    """What the model gave at a design's points: outputs by name and whether it holds, (n,) each."""

    outputs: Mapping[str, Floats]
    holds: npt.NDArray[np.bool_]
    design: Design


def emulator_of(
    model: UnitOperation, reach: Reach, tolerance: float = TOLERANCE, most_points: int = MOST_POINTS
) -> Emulator:
    """Return the emulator of a model for the lots that reach it.

    `tolerance` is the error of an output's emulation, over its lot-to-lot noise, that is good enough. Where
    `most_points` do not reach it, `declined` says so and every lot is handed to the model.
    """
    outside = [name for name, (low, high) in _ranges(model, reach).items() if not low <= high]
    if outside:
        return Emulator(model.name, declined=f"`{outside[0]}` lies outside the range that the model holds in")
    space, fixed = _space(model, reach)
    points = FEWEST_POINTS
    answers: Answers | None = None
    while True:
        design = _design(reach, space, points)
        answers = _answers(model, space, fixed, design, answers)
        made = _emulator(model, space, fixed, answers, tolerance)
        if not made.declined or 2 * points > most_points or not space.names:
            return made
        points *= 2


def sobol(dimensions: int, count: int, seed: int) -> Floats:
    """Return `count` scrambled points of Sobol's between 0 and 1, (dimensions, count); more begin with
    fewer.
    """
    if not dimensions:
        return np.empty((0, count))
    with warnings.catch_warnings():  # about counts that are no powers of 2, which are as good as they come
        warnings.simplefilter("ignore", UserWarning)
        found: Floats = qmc.Sobol(dimensions, scramble=True, rng=seed).random(count).T
    return found


def _ranges(model: UnitOperation, reach: Reach) -> dict[str, tuple[float, float]]:
    """The ranges of inputs that vary by themselves, as far as the model holds there."""
    holds = {q.name: (q.low, q.high) for q in (*model.material, *model.settings, *model.equipment)}
    return {n: (max(holds[n][0], low), min(holds[n][1], high)) for n, (low, high) in reach.ranges.items()}


def _space(model: UnitOperation, reach: Reach) -> tuple[Space, dict[str, float]]:
    """The space of what varies, and the inputs that stand still."""
    ranges, fixed = {}, dict(reach.fixed)
    for name, (low, high) in _ranges(model, reach).items():
        if high - low <= SAME * max(abs(low), abs(high)):
            fixed[name] = low
        else:
            ranges[name] = (low, high)
    sample: dict[str, Floats] = {}
    for name, values in reach.lots(PILOT).items():
        if name in fixed or name in ranges:
            continue
        middle = float(np.median(values))
        if np.max(np.abs(values - middle)) <= SAME * abs(middle):
            fixed[name] = middle
        else:
            sample[name] = values
    return space_of(ranges, sample), fixed


def _design(reach: Reach, space: Space, points: int) -> Design:
    """So many points, less the lots among them that are outside the box."""
    count = points // 2 if space.names else fitting.FOLDS
    box = 2.0 * sobol(len(space.names), count, reach.seed) - 1.0
    lots = reach.lots(count)
    columns = [lots[name] for name in space.names]
    there = space.coordinates(np.array(columns)) if columns else np.empty((0, count))
    at = np.concatenate([box, there[:, np.all(np.abs(there) <= 1.0, axis=0)]], axis=1)
    return Design(np.ascontiguousarray(at), np.arange(at.shape[1]) >= count)


def _answers(
    model: UnitOperation, space: Space, fixed: Mapping[str, float], design: Design, before: Answers | None
) -> Answers:
    """The model's answers; those at the points of a smaller design, `before`, are known."""
    known = np.zeros(design.lots.size, dtype=bool)
    if before is not None:
        own = before.design.lots
        known[np.flatnonzero(~design.lots)[: int((~own).sum())]] = True
        known[np.flatnonzero(design.lots)[: int(own.sum())]] = True
    inputs = dict(zip(space.names, space.inputs(design.at[:, ~known]), strict=True))
    inputs |= {name: np.full(int((~known).sum()), value) for name, value in fixed.items()}
    groups = (model.material, model.settings, model.equipment)
    outcome = evaluate_on(
        "cpu", model, *({q.name: inputs[q.name] for q in g if q.name in inputs} for g in groups)
    )
    new = {DURATION: outcome.duration, YIELD: outcome.yield_, **outcome.attributes}
    outputs = {name: np.empty(known.size) for name in new}
    holds = np.empty(known.size, dtype=bool)
    holds[~known] = outcome.status == OK
    for name, values in new.items():
        outputs[name][~known] = values
        if before is not None:
            outputs[name][known] = before.outputs[name]
    if before is not None:
        holds[known] = before.holds
    return Answers(outputs, holds, design)


def _emulator(
    model: UnitOperation,
    space: Space,
    fixed: Mapping[str, float],
    answers: Answers,
    tolerance: float,
) -> Emulator:
    """The emulator of one design, good enough or declined."""
    design, holds = answers.design, answers.holds
    points = design.lots.size
    known = Emulator(model.name, points=points, failed=int(points - holds.sum()))
    terms = polynomials.terms_of(len(space.names), points * (fitting.FOLDS - 1) // fitting.FOLDS)
    border = border_of(design.at, holds, terms)
    clear = float(np.mean(border.clear[design.lots]))
    if clear < HELD:
        return replace(
            known, declined=f"only {clear:.0%} of its lots are clear of where the model does not hold"
        )
    outputs = {name: values[holds] for name, values in answers.outputs.items()}
    sample = Sample(np.ascontiguousarray(design.at[:, holds]), design.lots[holds], outputs)
    fits = fitting.fit(sample, terms, tolerance)
    sizes, numbers = _tables(model, space, fixed, terms, border, sample, fits).packed()
    quality = {name: fitted.quality for name, fitted in fits.items()}
    worst = max(quality, key=lambda name: quality[name].bound)
    bound = quality[worst].bound
    declined = ""
    if not bound <= tolerance:
        declined = f"with {points} points the error of `{worst}` may be {bound:.2f} of its lot-to-lot noise"
    return replace(
        known,
        inputs=(*space.names, *fixed),
        outputs=tuple(fits),
        quality=quality,
        declined=declined,
        sizes=sizes,
        numbers=numbers,
    )


def _tables(
    model: UnitOperation,
    space: Space,
    fixed: Mapping[str, float],
    terms: Terms,
    border: Border,
    sample: Sample,
    fits: Mapping[str, Fitted],
) -> Tables:
    """What the kernel reads; the border's score is the last output."""
    holds = {q.name: (q.low, q.high) for q in (*model.material, *model.settings, *model.equipment)}
    still = np.array([[v - SAME * abs(v), v + SAME * abs(v)] for v in fixed.values()]).reshape(-1, 2)
    ends = np.concatenate([np.array([holds[name] for name in space.names]).reshape(-1, 2), still])
    limits = {DURATION: (0.0, np.inf), YIELD: (0.0, 1.0)} | {
        q.name: (q.low, q.high) for q in model.attributes
    }
    processes = [
        (o, f) for o, f in enumerate(fits.values()) if f.lengths is not None and f.weights is not None
    ]
    points = sample.at[:, fitting.process_points(sample) if processes else []]
    return Tables(
        space=space,
        least=ends[:, 0],
        most=ends[:, 1],
        terms=terms,
        coefficients=np.column_stack([*(f.coefficients for f in fits.values()), border.coefficients]),
        logs=np.array([*(f.log for f in fits.values()), False]),
        floor=np.array([*(limits[name][0] for name in fits), border.least]),
        ceiling=np.array([*(limits[name][1] for name in fits), np.inf]),
        processes=np.array([o for o, _ in processes], dtype=np.int64),
        lengths=np.array([f.lengths for _, f in processes]).reshape(len(processes), len(space.names)),
        weights=np.array([f.weights for _, f in processes]).reshape(len(processes), points.shape[1]),
        points=points,
        apart=border.apart,
        distances=border.distances,
    )
