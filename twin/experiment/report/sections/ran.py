"""What was run: plant, horizon, replications, seed, engine, what was deleted and what was kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from twin.experiment.display import display_unit, three_digits
from twin.experiment.query.stored import StoredSweep, axis_values
from twin.experiment.report.markup import definitions
from twin.experiment.report.section import Figures, Section
from twin.experiment.results import Result
from twin.experiment.sweeps.point import SweepPoint

MOST_VALUES = 12  # of an axis that are listed


def ran(subject: Result | StoredSweep, figures: Figures) -> Section | None:
    """The run or sweep in a line for each thing that decides what came out."""
    if isinstance(subject, SweepPoint):
        return Section("What was run", definitions(_of_point(subject)))
    pairs = _of_run(subject) if isinstance(subject, Result) else _of_sweep(subject)
    return Section("What was run", definitions(pairs))


def _of_point(point: SweepPoint) -> Iterator[tuple[str, object]]:
    manifest = point.manifest
    yield "Plant", manifest["plant"]
    yield "Point", f"{point.number} of the sweep {point.sweep['sweep']}"
    yield "Replications", f"{len(point.replications)}, from seed {manifest['seed']}"
    yield "Engine", manifest["engine_note"]
    yield "Intervals", f"Student's, at {100 * point.level:g} %"
    yield "Run", point.id


def _of_run(result: Result) -> Iterator[tuple[str, object]]:
    manifest = result.manifest
    start, end = result.window
    yield "Plant", manifest["plant"]
    yield (
        "Replications",
        f"{len(result.replications)}, each with random numbers of its own, from seed {manifest['seed']}",
    )
    horizon = manifest.get("horizon_s")
    yield "Horizon", "until the last lot has left" if horizon is None else duration(horizon)
    yield "Measured", f"from {result.date(start):%Y-%m-%d %H:%M} to {result.date(end):%Y-%m-%d %H:%M}"
    yield "Warm-up", _warm_up(manifest["warm_up"])
    yield "Engine", manifest["engine_note"]
    kept = result.kept_replications
    yield (
        "Record",
        f"kept of replications {kept[0]} to {kept[-1]}"
        if kept
        else "none; every replication was folded into measures",
    )
    yield "Intervals", f"Student's, at {100 * result.level:g} %"
    for row in manifest.get("physics", ()):
        yield f"Physics of {row['operation']}", f"{row['model']}, {row['mode']}, {row['when']}"
    yield "Run", result.id


def _of_sweep(sweep: StoredSweep) -> Iterator[tuple[str, object]]:
    manifest = sweep.manifest
    yield "Plant", manifest["plant"]
    yield "Points", f"{manifest['points']} by a {manifest.get('method', 'grid')} design"
    for name, values in axis_values(sweep).items():
        yield f"Axis {name}", _values(values, sweep.unit_of_axis(name))
    yield (
        "Replications",
        f"{sweep.replications} at each point, which share their random numbers",
    )
    yield "Seed", manifest.get("seed")
    yield from _engines(manifest)
    if manifest.get("unfinished"):
        yield "Not finished", f"{manifest['unfinished']} points"
    yield "Intervals", f"Student's, at {100 * sweep.level:g} %"
    yield "Sweep", sweep.id


def _engines(manifest: Mapping[str, Any]) -> Iterator[tuple[str, object]]:
    """The engine of a sweep's points and why; where there are several, of which points each is."""
    engines = manifest.get("engines", ())
    if not engines and manifest.get("engine"):
        yield "Engine", manifest["engine"]
    for each in engines:
        shown = ", ".join(str(a) if a == b else f"{a}–{b}" for a, b in each["points"][:MOST_VALUES])
        more = ", …" if len(each["points"]) > MOST_VALUES else ""
        yield f"Engine of points {shown}{more}" if len(engines) > 1 else "Engine", each["note"]


def _values(values: Sequence[Any], unit: str) -> str:
    """Values of an axis: each where they are few, else from the least to the largest."""
    label = "" if unit in ("", "1") else f" {unit}"
    if not any(isinstance(value, str) for value in values):
        values = sorted(values)
    if len(values) <= MOST_VALUES or any(isinstance(value, str) for value in values):
        more = f", … {len(values)} in all" if len(values) > MOST_VALUES else ""
        shown = ", ".join(f"{v:g}" if isinstance(v, float) else str(v) for v in values[:MOST_VALUES])
        return f"{shown}{label}{more}"
    return f"{min(values):g} … {max(values):g}{label}, {len(values)} values"


def duration(seconds: float) -> str:
    """A time as people read it.

    >>> duration(14 * 86400.0)
    '14 d'
    """
    factor, label = display_unit("s", seconds)
    text = three_digits(seconds * factor)
    return f"{text.rstrip('0').rstrip('.') if '.' in text else text} {label}"


def _warm_up(warm_up: Mapping[str, Any]) -> str:
    if not warm_up["ns"]:
        return "none is deleted"
    found = {"MSER-5": ", found by MSER-5", "given": ", as the scenario says"}.get(warm_up["method"], "")
    settled = "" if warm_up["settled"] else "; the run had not settled: its horizon is too short"
    return f"the first {duration(warm_up['ns'] / 1e9)} are deleted{found}{settled}"
