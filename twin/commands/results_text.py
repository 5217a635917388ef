"""What `twin results` says of lists, sweeps, points and summaries: objects for `--json`, else tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from twin.experiment.catalogue import HEADLINES
from twin.experiment.display import largest_of, with_interval
from twin.terminal import print_table

if TYPE_CHECKING:
    from twin.experiment.query.listing import Listing
    from twin.experiment.query.points import PointLine, Points
    from twin.experiment.query.stored import StoredSweep
    from twin.experiment.query.summary import Level
    from twin.experiment.statistics import Interval


def listing_object(listing: Listing) -> dict[str, Any]:
    """The object of `list --json`."""
    return {
        "sweeps": [asdict(line) for line in listing.sweeps],
        "runs": [line._asdict() for line in listing.runs],
        "total": listing.total,
        "damaged": list(listing.damaged),
    }


def show_listing(listing: Listing) -> None:
    """A table of sweeps where there are any, and one of runs."""
    if listing.sweeps:
        heads = ("sweep", "plant", "scenario", "points", "replications", "finished (UTC)")
        rows = [[_dash(v) for v in asdict(line).values()] for line in listing.sweeps]
        print_table("", heads, rows, numbers=("points", "replications"))
    columns = ("run", "plant", "scenario", "replications", "finished (UTC)")
    rows = [[_dash(v) for v in line] for line in listing.runs]
    print_table("", columns, rows, numbers=("replications",))
    _say_how_many(len(listing.runs), listing.total, "runs")
    for sentence in listing.damaged:
        print(sentence)


def points_object(sweep: StoredSweep, points: Points) -> dict[str, Any]:
    """The object of `list SWEEP --json`; measures in SI."""
    return {
        "sweep": sweep.id,
        "points": [_point_object(sweep, line) for line in points.lines],
        "total": points.total,
    }


def show_points(sweep: StoredSweep, points: Points) -> None:
    """A line for each point: its settings, and the measures with their intervals."""
    names = list(points.lines[0].intervals) if points.lines else []
    sizes = {name: largest_of(line.intervals[name].mean for line in points.lines) for name in names}
    rows = [
        [
            str(line.point),
            *(value_text(value) for value in line.settings.values()),
            *(interval_text(line.intervals[name], sweep.unit_of(name), sizes[name]) for name in names),
        ]
        for line in points.lines
    ]
    print_table(f"{sweep.name} ({sweep.id})", ("point", *sweep.axes, *names), rows, numbers=("point",))
    _say_how_many(len(points.lines), points.total, "points")


def sweep_object(sweep: StoredSweep, point: int | None) -> dict[str, Any]:
    """The object of `show SWEEP --json` and of `show SWEEP:POINT --json`."""
    from twin.experiment.query.points import list_points

    if point is not None:
        (line,) = list_points(sweep, measures=sweep.measures, point=point).lines
        return {"sweep": sweep.id, **_point_object(sweep, line)}
    about = {name: sweep.manifest.get(name) for name in ("plant", "scenario", "points", "replications")}
    return {"sweep": sweep.id, **about, "axes": sweep.axes, "measures": sweep.measures}


def show_sweep(sweep: StoredSweep, point: int | None, *, every: bool) -> None:
    """What a sweep asked and what each value of each axis gave; or the measures of one point."""
    from twin.experiment.query.points import list_points
    from twin.experiment.query.summary import summarise

    shown = sweep.measures if every else [n for n in sweep.measures if n in HEADLINES] or sweep.measures
    if point is not None:
        (line,) = list_points(sweep, measures=shown, point=point).lines
        print(f"point {line.point} of {sweep.name} ({sweep.id}): {line.label}")
        print("not computed yet" if line.run is None else f"run {line.run}")
        rows = [(name, *_texts(sweep, name, i), str(i.n)) for name, i in line.intervals.items()]
        columns = ("measure", "mean", f"{100 * sweep.level:g} % interval", "unit", "n")
        print_table("", columns, rows, numbers=("mean", "n"))
        return
    manifest = sweep.manifest
    print(f"sweep {sweep.id}  {sweep.name}")
    if manifest.get("question"):
        print(manifest["question"])
    for assumption in manifest.get("assumptions", ()):
        print(f"assumed: {assumption}")
    print(f"{manifest['points']} points, {sweep.replications} replications each")
    for axis in sweep.axes:
        show_summary(sweep, [axis], summarise(sweep, by=[axis], measures=shown if every else None))


def summary_object(sweep: StoredSweep, by: Sequence[str], levels: Sequence[Level]) -> dict[str, Any]:
    """The object of `summary --json`: a value of each axis, or where values were grouped their ends."""
    rows = [
        {
            "measure": level.measure,
            "values": dict(zip(by, level.values, strict=True)),
            "points": level.points,
            **level.interval.as_object(),
            "lowest": level.lowest,
            "highest": level.highest,
            "unit": sweep.unit_of(level.measure),
        }
        for level in levels
    ]
    return {"sweep": sweep.id, "by": list(by), "levels": rows}


def show_summary(sweep: StoredSweep, by: Sequence[str], levels: Sequence[Level]) -> None:
    """A line for each measure and level."""
    rows = []
    for level in levels:
        unit = sweep.unit_of(level.measure)
        size = largest_of(each.highest for each in levels if each.measure == level.measure)
        i = level.interval
        mean, interval, label = with_interval(i.mean, i.low, i.high, unit, size)
        ends = [with_interval(v, None, None, unit, size) for v in (level.lowest, level.highest)]
        spread = " … ".join(" ".join(part for part in (text, own) if part) for text, _, own in ends)
        spread = "–" if level.lowest is None else spread
        values = [value_text(value) for value in level.values]
        rows.append([*values, level.measure, mean, interval, label, spread, str(level.points)])
    columns = (*by, "measure", "mean", f"{100 * sweep.level:g} % interval", "unit", "of its points", "points")
    print_table("", columns, rows, numbers=("mean", "points"))


def value_text(value: Any) -> str:
    """A value of an axis as people read it; a pair is from … to.

    >>> value_text((1.0, 2.5)), value_text(12.0), value_text(None)
    ('1 … 2.5', '12', '–')
    """
    if isinstance(value, tuple):
        return " … ".join(value_text(end) for end in value)
    return f"{value:g}" if isinstance(value, float) else _dash(value)


def interval_text(interval: Interval, unit: str, size: float | None) -> str:
    """Mean, unit and interval in one cell of a column whose largest number is of a size."""
    mean, bounds, label = with_interval(interval.mean, interval.low, interval.high, unit, size)
    text = f"{mean} {label}".strip()
    return text if bounds == "–" else f"{text} ({bounds})"


def _texts(sweep: StoredSweep, name: str, i: Interval) -> tuple[str, str, str]:
    return with_interval(i.mean, i.low, i.high, sweep.unit_of(name))


def _point_object(sweep: StoredSweep, line: PointLine) -> dict[str, Any]:
    measures = {name: {**i.as_object(), "unit": sweep.unit_of(name)} for name, i in line.intervals.items()}
    return {
        "point": line.point,
        "label": line.label,
        "run": line.run,
        "settings": line.settings,
        "measures": measures,
    }


def _say_how_many(shown: int, total: int, what: str) -> None:
    if not total:
        print(f"No {what} to show.")
    if shown < total:
        print(f"{shown} of {total:,} {what}; `--limit 0` shows all.")


def _dash(value: Any) -> str:
    return "–" if value is None else str(value)
