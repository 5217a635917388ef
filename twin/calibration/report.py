"""The text of the validation report, docs/validation.md, from predictions and fits.

Pure functions of what `validate.py` computed: tables and sentences in Markdown, nothing read or drawn.
Sentences that judge depend on the numbers that they judge.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from twin.calibration.evidence import HOUR, LEVEL, MINUTE, Validation
from twin.calibration.fragment import number
from twin.calibration.prediction import (
    Prediction,
    Quantity,
    Score,
    coverage,
    error_of_the_mean,
    score,
)
from twin.calibration.shortcomings import shortcomings

NEAR = 0.01  # of probability, from the edge of an interval
BAR_INSIDE, BAR_BATCHES, BAR_ERROR = 13, 16, 0.10  # what was asked for before the first comparison

NAMES: dict[Quantity, tuple[str, str, float, int]] = {  # title, unit, divisor, digits
    "batch_time": ("Batch time", "h", HOUR, 2),
    "stops": ("Stops per batch", "", 1.0, 1),
    "stopped": ("Time stopped after start-up", "min", MINUTE, 1),
    "waste": ("Waste", "tablets", 1.0, 0),
}


def report(validation: Validation) -> str:
    """The report in Markdown."""
    sections: list[Callable[[Validation], list[str]]] = [
        _opening,
        _verdict,
        _batch_times,
        _other_product,
        _quantities,
        _spreads,
        _fitted,
        _wrong,
        _how,
    ]
    return "\n".join(line for section in sections for line in [*section(validation), ""]).rstrip() + "\n"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """A Markdown table; columns but the first are set right."""
    line = ["---"] + ["---:"] * (len(head) - 1)
    return ["| " + " | ".join(row) + " |" for row in (head, line, *rows)]


def _opening(v: Validation) -> list[str]:
    return [
        "# Validation: a real tablet press",
        "",
        f"The press of `plant_models/tablet_line.yaml` against {len(v.log.batches)} recorded batches of "
        f"product {v.log.batches[0].product} and {len(v.other.batches)} of product "
        f"{v.other.batches[0].product}. Made by",
        "",
        "```",
        v.command,
        "```",
        "",
        'Data: J. Žagar, J. Mihelič, "Big data collection in pharmaceutical manufacturing", Scientific Data '
        "9:99 (2022), doi 10.1038/s41597-022-01203-x, CC BY 4.0; the press log has a row every 10 s.",
    ]


def _verdict(v: Validation) -> list[str]:
    inside, n = coverage(v.left_out, "batch_time", LEVEL)
    error = error_of_the_mean(v.left_out, "batch_time")
    reached = inside >= BAR_INSIDE and n == BAR_BATCHES and abs(error) < BAR_ERROR
    others = [score(p, "batch_time", LEVEL) for p in v.predicted]
    names = ", ".join(str(p.batch.batch) for p, s in zip(v.predicted, others, strict=True) if s.inside)
    missed = ", ".join(str(p.batch.batch) for p, s in zip(v.predicted, others, strict=True) if not s.inside)
    return [
        "## In short",
        "",
        f"- Each campaign left out in turn: **{inside} of {n}** batch times lie in their 90 % prediction "
        f"intervals, and the mean is off by **{error:+.1%}**. Asked for were at least {BAR_INSIDE} of "
        f"{BAR_BATCHES} and less than {BAR_ERROR:.0%}: {'reached' if reached else 'NOT reached'}.",
        f"- Product {v.other.batches[0].product}, with the numbers of product {v.log.batches[0].product} "
        f"and no code changed: inside are {names or 'none'}; outside "
        f"{'is ' + missed if missed else 'none'}.",
        "- [Where the model is wrong](#where-the-model-is-wrong).",
    ]


def _batch_times(v: Validation) -> list[str]:
    rows = [_row(p, score(p, "batch_time", LEVEL), HOUR, 2) for p in v.left_out]
    scores = [score(p, "batch_time", LEVEL) for p in v.left_out]
    width = np.mean([s.high - s.low for s in scores]) / HOUR
    levels = [(level, *coverage(v.left_out, "batch_time", level)) for level in (0.5, 0.8, 0.9)]
    edges = ((1 - LEVEL) / 2, (1 + LEVEL) / 2)
    close = [
        str(p.batch.batch)
        for p, s in zip(v.left_out, scores, strict=True)
        if min(abs(s.rank - edge) for edge in edges) < NEAR
    ]
    return [
        "## Batch time, one campaign left out",
        "",
        "Batch time runs from the first to the last running row. The press is fitted to all campaigns "
        f"but one; the engine then runs {v.runs:,} batches of the size and set speed of the campaign "
        "left out. The interval holds the middle 90 % of them.",
        "",
        "![Recorded batch times and prediction intervals](validation/batch_time.svg)",
        "",
        *table(["campaign", "batch", "recorded, h", "simulated mean, h", "90 % interval, h", "inside"], rows),
        "",
        f"Intervals are {width:.2f} h wide on average. Inside are "
        + ", ".join(f"{k} of {n} at {level:.0%}" for level, k, n in levels)
        + f". Mean recorded {np.mean([s.recorded for s in scores]) / HOUR:.2f} h, simulated "
        f"{np.mean([s.mean for s in scores]) / HOUR:.2f} h. So near the edge of its interval "
        f"that another seed may put it on the other side: {', '.join(close) or 'none'}.",
    ]


def _row(prediction: Prediction, s: Score, divisor: float, digits: int) -> list[str]:
    batch = prediction.batch
    shown = [f"{value / divisor:.{digits}f}" for value in (s.recorded, s.mean, s.low, s.high)]
    inside = "–" if np.isnan(s.recorded) else ("yes" if s.inside else "**no**")
    return [str(batch.campaign), str(batch.batch), shown[0], shown[1], f"{shown[2]} – {shown[3]}", inside]


def _other_product(v: Validation) -> list[str]:
    rows = []
    for p in v.predicted:
        s = score(p, "batch_time", LEVEL)
        size, speed = v.products.batch_size[p.batch.product], p.batch.planned_speed * HOUR / 1000
        rows.append(
            [
                *_row(p, s, HOUR, 2),
                f"{size:,.0f}",
                f"{speed:.0f}",
                f"{p.batch.stopped('calendar') / HOUR:.1f}",
            ]
        )
    head = ["campaign", "batch", "recorded, h", "simulated mean, h", "90 % interval, h", "inside"]
    more = ["tablets", "set speed, 1000/h", "calendar stop left out, h"]
    return [
        f"## Product {v.other.batches[0].product}, never fitted",
        "",
        f"The fit to product {v.log.batches[0].product} predicts the other product from its batch size "
        "and set speed. A calendar stop, told by its length and the time of day, is taken out of the "
        "recorded time: it is the plant's calendar and not the press's behaviour (in the plant file the "
        "press's calendar makes it).",
        "",
        *table([*head, *more], rows),
    ]


def _quantities(v: Validation) -> list[str]:
    rows = []
    for quantity, (title, unit, divisor, digits) in NAMES.items():
        kept = [s for s in (score(p, quantity, LEVEL) for p in v.left_out) if not np.isnan(s.recorded)]
        shown = [np.mean([getattr(s, name) for s in kept]) / divisor for name in ("recorded", "mean")]
        inside, n = coverage(v.left_out, quantity, LEVEL)
        error = error_of_the_mean(v.left_out, quantity)
        name = f"{title}, {unit}" if unit else title
        rows.append(
            [name, f"{shown[0]:.{digits}f}", f"{shown[1]:.{digits}f}", f"{error:+.1%}", f"{inside} of {n}"]
        )
    return [
        "## Stops and waste, one campaign left out",
        "",
        *table(["", "recorded mean", "simulated mean", "error of the mean", "inside 90 %"], rows),
        "",
        "![Stops per batch](validation/stops.svg)",
        "",
        "![Waste per batch](validation/waste.svg)",
        "",
        "Waste of batches whose counters stuck is not scored: "
        + (", ".join(str(b.batch) for b in v.log.batches if b.counter_stuck) or "none")
        + ".",
    ]


def _spreads(v: Validation) -> list[str]:
    rows = [[c.name, str(c.n), f"{c.distance:.3f}", f"{c.p:.2f}"] for c in v.chances]
    return [
        "## Distributions, all batches",
        "",
        "Recorded against simulated with the fit to all batches, so this is a fit and not a prediction. "
        f"p is how often {len(v.log.batches)} simulated batches are further from the whole simulation "
        "than the recorded ones are: values of one batch go together, so batches are compared and not "
        "values. A small p tells of a model that is wrong there.",
        "",
        "![Stop lengths, times between stops, stops and waste per batch](validation/spreads.svg)",
        "",
        *table(["", "n", "Kolmogorov–Smirnov distance", "p"], rows),
    ]


def _fitted(v: Validation) -> list[str]:
    rows = []
    for name, fitted in v.fit.distributions().items():
        unit = {"s": "min", "pieces": "tablets"}.get(fitted.unit, "")
        values = "; ".join(
            f"{key} {number(key, e.value, fitted.unit)} [{number(key, e.low, fitted.unit)}, "
            f"{number(key, e.high, fitted.unit)}]"
            for key, e in fitted.estimates.items()
            if e.standard_error > 0
        )
        good = v.goodness.get(name)
        p = f"{good.kolmogorov_smirnov_p:.2f} / {good.anderson_darling_p:.2f}" if good else "–"
        rows.append(
            [
                name.replace("_", " ").replace("start up", "start-up"),
                f"{fitted.kind}: {values} {unit}".rstrip(),
                str(fitted.n),
                p,
            ]
        )
    lots = v.stop_log_likelihood - v.simpler.one_rate
    shape = v.stop_log_likelihood - v.simpler.memoryless
    return [
        "## Fitted numbers",
        "",
        "Maximum likelihood; in brackets 95 % intervals. p: Kolmogorov–Smirnov / Anderson–Darling, by "
        "parametric bootstrap with refitting. Lengths and times between stops count as known to the "
        "log's 10 s.",
        "",
        *table(["", "distribution", "n", "p"], rows),
        "",
        f"A factor per lot on the rate of stops raises the log-likelihood by {lots:.1f}, a Weibull "
        f"instead of an exponential time between stops by {shape:.1f}; each costs one number. Stops in "
        f"start-up have variance over mean {v.dispersion:.2f} (Poisson: 1).",
    ]


def _wrong(v: Validation) -> list[str]:
    return ["## Where the model is wrong", "", *shortcomings(v)]


def _how(v: Validation) -> list[str]:
    stuck = [str(b.batch) for b in v.log.batches if b.counter_stuck]
    copied = [f"`{a}` repeats `{b}`" for a, b in v.log.copied_columns]
    return [
        "## How",
        "",
        "- The fitted numbers go into the plant file by the dotted paths that a scenario uses; the "
        "press then runs alone, with its operation only, in the engine that runs every plant. There is "
        "no second model of the press.",
        "- Start-up is what happens until ten minutes have been run; its stopped time is fitted, its "
        "ten running minutes belong to the running time, on which the clock of production stops counts.",
        "- A lot begins inside an interval between stops: its first interval follows the equilibrium of "
        "the renewal process, its last is censored, and its factor on the rate is integrated out.",
        "- Running time is batch size over set speed, times a factor near 1; recorded durations are not "
        "used for it.",
        "- The log: counters that fall are accumulated; `produced` sticks in "
        f"{', '.join(stuck) or 'no batch'}; {' and '.join(copied) or 'no column repeats another'}; "
        f"{v.other.empty_rows} rows without values are left out.",
        f"- Prediction intervals are quantiles of {v.runs:,} simulated batches (seed {v.seed}). They "
        "hold chance between batches, not the uncertainty of the fitted numbers.",
    ]
