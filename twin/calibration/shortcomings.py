"""Where the fitted press is wrong, in sentences with the numbers that show it.

Called by `report.py`. Each function looks for one shortcoming in the evidence and returns its lines, none
where the evidence does not show it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from twin.calibration.evidence import HOUR, LEVEL, MINUTE, Floats, Validation
from twin.calibration.fit import running_ratio, samples
from twin.calibration.prediction import Quantity, score


def shortcomings(v: Validation) -> list[str]:
    """All shortcomings, one Markdown item each."""
    found = [bad_batches, running_time, start_up, waste, bursts, short_stops, speed, weekends, other_products]
    return [line for each in found for line in each(v)]


def outside(v: Validation, quantity: Quantity) -> dict[int, float]:
    """Batches left out whose recorded quantity lies outside its interval, with that quantity."""
    scores = {p.batch.batch: score(p, quantity, LEVEL) for p in v.left_out}
    return {b: s.recorded for b, s in scores.items() if not s.inside and not np.isnan(s.recorded)}


def bad_batches(v: Validation) -> list[str]:
    """Batches that take longer than foreseen."""
    names = [f"{batch} ({time / HOUR:.2f} h)" for batch, time in outside(v, "batch_time").items()]
    if not names:
        return []
    return [
        f"- **Bad batches.** Outside their intervals: {', '.join(names)}. How badly a batch runs is a "
        f"gamma distributed factor with nothing known of it beforehand; {len(v.log.campaigns())} "
        "campaigns tell little of its tail, and a fit without a bad batch does not foresee one."
    ]


def running_time(v: Validation) -> list[str]:
    """Running time strays by campaign, not by batch."""
    ratios = [(b.campaign, running_ratio(b, v.products.batch_size[b.product])) for b in v.log.batches]
    shown = [f"{c}: {np.mean([r for of, r in ratios if of == c]):.3f}" for c in v.log.campaigns()]
    return [
        "- **Running time.** Its stray from size over speed is drawn anew for each batch; in the log it "
        f"goes by campaign ({'; '.join(shown)}): tablets of one campaign are alike. Within a campaign "
        "the model is too loose, between campaigns too tight."
    ]


def start_up(v: Validation) -> list[str]:
    """Time and waste of start-up go together."""
    seen = samples(v.log.batches, v.products.batch_size)
    together = float(np.corrcoef(seen["start_up_time"], seen["start_up_waste"])[0, 1])
    return [
        f"- **Start-up.** Its time and its waste go together in the log (correlation {together:.2f}); "
        "they are drawn independently. Both are the same for any product."
    ]


def waste(v: Validation) -> list[str]:
    """Waste comes with stops only."""
    names = ", ".join(f"{batch} ({amount:,.0f})" for batch, amount in outside(v, "waste").items())
    return [
        f"- **Waste.** Outside their intervals: {names or 'none'}. After start-up the model's waste "
        "comes with stops only; in the log some comes without (batches 165 to 167), so its total is "
        "right on average and its tie to stops is not."
    ]


def bursts(v: Validation) -> list[str]:
    """Stops come closer together than a renewal process has them."""
    ours, theirs = _middle(v.between), _middle(v.whole.between)
    if ours >= theirs:
        return []
    return [
        f"- **Bursts.** Half of the recorded running times between stops are below {ours:.0f} min, half "
        f"of the simulated ones below {theirs:.0f} min: stops come in bursts more than a renewal process "
        "has them, though there are as many."
    ]


def _middle(lots: Sequence[Floats]) -> float:
    """Median of times between stops, in min."""
    return float(np.median(np.concatenate(list(lots)))) / MINUTE


def short_stops(v: Validation) -> list[str]:
    """Stops that the log cannot show."""
    return [
        "- **Shorter stops than 10 s** are not in the log and not in the model. Stop lengths do not "
        "depend on the batch, its age or the shift."
    ]


def speed(v: Validation) -> list[str]:
    """What is not known of speed."""
    speeds = sorted({round(b.planned_speed * HOUR / 1000) for b in v.log.batches})
    others = ", ".join(f"{b.batch}: {b.planned_speed * HOUR / 1000:.0f}" for b in v.other.batches)
    return [
        "- **Speed.** The set speed counts as known beforehand, as the control recipe gives it; it is "
        f"read off the log as the speed held in most running rows (product {v.other.batches[0].product}, "
        f"thousand tablets an hour: {others}; its earlier batch would not have told the later ones). "
        f"What speed does to the rate of stops is not known: product {v.log.batches[0].product} ran at "
        f"{' and '.join(map(str, speeds))} only."
    ]


def weekends(v: Validation) -> list[str]:
    """What comes after a calendar stop."""
    lines = []
    for batch in v.other.batches:
        for rest in batch.of_kind("calendar"):
            after = [s for s in batch.of_kind("production") if s.began > rest.began]
            soon = sum(s.running_before < rest.running_before + 10 * MINUTE for s in after)
            lines.append(
                f"- **After a weekend** the press starts up again: batch {batch.batch} has {soon} stops "
                f"in the ten running minutes after it, and most of its {batch.waste:,.0f} rejected "
                "tablets. The model resumes as if nothing had been."
            )
    return lines


def other_products(v: Validation) -> list[str]:
    """Batches of the other product that the prediction misses."""
    lines = []
    for prediction in v.predicted:
        batch, s = prediction.batch, score(prediction, "batch_time", LEVEL)
        if s.inside:
            continue
        stops, stopped = len(batch.of_kind("production")), batch.stopped("production") / HOUR
        lines.append(
            f"- **Another product's troubles.** Batch {batch.batch} of product {batch.product} took "
            f"{s.recorded / HOUR:.1f} h, with {stops} stops in production and {stopped:.1f} h stopped, "
            f"at {batch.planned_speed * HOUR / 1000:.0f} thousand tablets an hour; the interval ends at "
            f"{s.high / HOUR:.1f} h. Stops of one product do not foretell the first campaign of another."
        )
    return lines
