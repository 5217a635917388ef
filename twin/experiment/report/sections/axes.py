"""What a sweep tells: each axis with the others averaged out, the best points, and those that failed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from twin.experiment.catalogue import HEADLINES, describe
from twin.experiment.designs.labels import short_names
from twin.experiment.display import display_unit, three_digits, with_interval
from twin.experiment.figures.axis_effect import axis_effect
from twin.experiment.query.points import SHOWN, PointLine, list_points
from twin.experiment.query.stored import StoredSweep
from twin.experiment.query.summary import summarise
from twin.experiment.report.markup import Markup, joined, table, tag
from twin.experiment.report.section import Figures, Section
from twin.experiment.report.sections.outcome import TITLES
from twin.experiment.statistics import Interval

MOST_MEASURES = 3  # that are drawn over each axis
MOST_AXES = 6  # that are drawn
MOST_COLUMNS = 4  # axes that have a column of their own
MOST_POINTS = 12  # listed for each measure


def of_axes(sweep: StoredSweep, figures: Figures) -> Section | None:
    """A figure for each axis and main measure; none of a screening design, which moves one axis at a time."""
    if sweep.manifest.get("method") in ("morris", "sobol"):
        return None
    drawn = [
        figures.draw(
            axis_effect(sweep, axis, summarise(sweep, by=[axis], measures=[measure])), f"{measure} by {axis}"
        )
        for axis in sweep.axes[:MOST_AXES]
        for measure in main_measures(sweep)
    ]
    if not drawn:
        return None
    said = (
        "Each mark is the mean over the sweep's other axes, with its interval; the grey band reaches from "
        "the lowest to the highest point at that value."
    )
    if len(sweep.axes) > MOST_AXES:
        said += f" The first {MOST_AXES} of {len(sweep.axes)} axes are drawn."
    return Section("What each axis does", joined([tag("p", said), *drawn]))


def best_points(sweep: StoredSweep, figures: Figures) -> Section | None:
    """The best points by each main measure of which it is known what is better."""
    parts: list[object] = []
    few = len(sweep.axes) <= MOST_COLUMNS
    shown = main_measures(sweep)
    for measure in shown:
        better = _better(measure)
        if not better:
            continue
        sign = "-" if better == "higher" else ""
        lines = list_points(sweep, measures=shown, sort=f"{sign}{measure}", limit=MOST_POINTS).lines
        units = {name: _unit(lines, name, sweep.unit_of(name)) for name in shown}
        rows = [
            (
                line.point,
                *((_setting(value) for value in line.settings.values()) if few else (line.label,)),
                *(_with(line.intervals[name], units[name][0]) for name in shown),
            )
            for line in lines
        ]
        heads = [f"{name}, {label}" if label else name for name, (_, label) in units.items()]
        parts.append(tag("h3", f"By {measure}, {'highest' if sign else 'lowest'} first"))
        columns = ("point", *(short_names(sweep.axes) if few else ("settings",)), *heads)
        parts.append(table(columns, rows, numbers=("point",), whole=heads, class_="small"))
        if len(lines) < MOST_POINTS:  # these are all of them: another order tells nothing new
            break
    if not parts:
        return None
    note = (
        "The first of many is partly first by luck: compare it with the next ones, or select with a stated "
        "probability, before it is believed."
    )
    return Section("The best points", joined([*parts, tag("p", note, class_="note")]))


def best_sentence(sweep: StoredSweep) -> Markup | None:
    """The best point by the first main measure of which it is known what is better."""
    for measure in main_measures(sweep):
        better = _better(measure)
        if not better:
            continue
        sign = "-" if better == "higher" else ""
        lines = list_points(sweep, measures=[measure], sort=f"{sign}{measure}").lines
        best = lines[0] if lines else None
        if best is None or best.intervals[measure].mean is None:
            return None
        i = best.intervals[measure]
        mean, bounds, unit = with_interval(i.mean, i.low, i.high, sweep.unit_of(measure))
        said = f" is the {'highest' if sign else 'lowest'} mean of {sweep.manifest['points']} points"
        alike = sum(1 for line in lines if line.intervals[measure].mean == i.mean) - 1
        also = f" (as of {alike} other{'s' * (alike > 1)})" if alike else ""
        text = f"{mean} {unit} ({bounds})" if bounds != "–" else f"{mean} {unit}"
        name = TITLES.get(measure, measure)
        return tag("p", f"{name} of ", tag("b", text), said, f", at point {best.point}{also}: {best.label}.")
    return None


def failed_points(sweep: StoredSweep, figures: Figures) -> Section | None:
    """Points that gave no result, with what they said."""
    failed: Sequence[dict[str, Any]] = sweep.manifest.get("failed") or ()
    if not failed:
        return None
    rows = [(each.get("point"), each.get("label"), each.get("error")) for each in failed]
    return Section("Points that failed", table(("point", "settings", "why"), rows, numbers=("point",)))


def main_measures(sweep: StoredSweep) -> list[str]:
    """The measures that are looked at first."""
    first = [name for name in SHOWN if name in sweep.measures]
    more = [name for name in sweep.measures if name in HEADLINES and name not in first]
    return ([*first, *more] or sweep.measures)[:MOST_MEASURES]


def _better(measure: str) -> str:
    try:
        return describe(measure).better
    except KeyError:
        return ""


def _setting(value: Any) -> object:
    return f"{value:g}" if isinstance(value, float) else value


def _unit(lines: Sequence[PointLine], measure: str, unit: str) -> tuple[float, str]:
    """A factor from SI and a label that suit a column."""
    means = [abs(line.intervals[measure].mean or 0.0) for line in lines]
    return display_unit(unit, max(means, default=0.0))


def _with(interval: Interval, factor: float) -> str:
    if interval.mean is None:
        return "–"
    text = three_digits(interval.mean * factor)
    if interval.low is None or interval.high is None:
        return text
    return f"{text} ({three_digits(interval.low * factor)} … {three_digits(interval.high * factor)})"
