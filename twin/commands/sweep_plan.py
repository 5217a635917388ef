"""`twin sweep --dry-run`: the table of what would run, first and last rows where it is long, and what it
costs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from twin import terminal

ALL, FIRST, LAST = 30, 20, 5  # rows in the table, where it is short and where it is long
AXES = 6  # in the table for people


def show(plan: Any, there: Any, workers: int | None, *, as_json: bool) -> None:
    """Print the plan, what it is to be compared with and how much of it is there already; raises InputError
    where it is over the limits.
    """
    from twin.experiment.executors import cores
    from twin.experiment.sweeps.pilot import estimate, refuse_hours, refuse_replications

    refuse_replications(plan)
    cost = estimate(plan, there)
    rows = [
        _row(plan, point, there.points.get(point.number, 0), cost.seconds) for point in _shown(plan.chosen)
    ]
    if as_json:
        compared = zip(plan.beside, cost.beside, strict=True)
        also = {"compared": [_compared(run, took) for run, (_, took) in compared]} if plan.beside else {}
        terminal.print_json(_object(plan, cost, rows, cores(workers)) | also)
    else:
        _table(plan, cost, rows)
        _total(plan, cost, cores(workers))
    if plan.shard is not None:
        whole = plan.whole
        limited = replace(cost, points=len(whole.points), replications=whole.replications)
        cost = replace(limited, there=there.of(whole))
    refuse_hours(plan, cost)


def _shown(points: Sequence[Any]) -> Sequence[Any]:
    return points if len(points) <= ALL else [*points[:FIRST], *points[-LAST:]]


def _row(plan: Any, point: Any, computed: int, seconds: float | None) -> dict[str, Any]:
    """What a point would be, as `run --dry-run` says it; or why it cannot run. Of its replications so many
    are computed, and take no time.
    """
    from twin.plant.errors import InputError

    row = {"number": point.number, "point": point.label, "changes": point.changes}
    try:
        settled = plan.variants.at(point.changes).settled
    except InputError as error:
        return {**row, "error": " ".join(problem.message for problem in error.problems)}
    replications = settled.run.replications
    return {
        **row,
        "run": settled.id,
        "engine": settled.choice.engine,
        "device": settled.device,
        "kind": settled.kind,
        "replications": replications,
        "computed": computed,
        "seed": settled.run.seed,
        "horizon_s": settled.run.horizon,
        "seconds": None if seconds is None else seconds * (replications - computed),
        "error": None,
    }


def _object(plan: Any, cost: Any, rows: Sequence[dict[str, Any]], workers: int) -> dict[str, Any]:
    limits = plan.study.scenario.limits
    return {
        "dry_run": list(rows),
        "sweep": plan.id,
        "points": cost.points,
        "left_out": cost.points - len(rows),
        "replications": cost.replications,
        "computed": cost.there,
        "seconds_per_replication": cost.seconds,
        "hours": cost.hours,
        "workers": workers,
        "limits": limits.model_dump(),
        "note": cost.note,
    }


def _compared(prepared: Any, seconds: float) -> dict[str, Any]:
    return {
        "scenario": prepared.label,
        "run": prepared.id,
        "engine": prepared.engine,
        "replications": prepared.run.replications,
        "seconds": seconds,
    }


def _table(plan: Any, cost: Any, rows: Sequence[dict[str, Any]]) -> None:
    from twin.experiment.designs.labels import short_names

    paths = list(plan.study.scenario.sweep.axes)
    names = short_names(paths)[:AXES]
    shown = [_cells(row, paths[:AXES]) for row in rows]
    if len(plan.chosen) > len(rows):
        shown.insert(FIRST, ["…", *("…" for _ in names), "", "", "", ""])
    for run, (number, seconds) in zip(plan.beside, cost.beside, strict=True):
        beside = [f"to compare: {run.label}", *("" for _ in names[1:])]
        shown.append(["", *beside, str(number), run.id, run.engine, f"{seconds:.2g} s"])
    columns = ("", *names, "replications", "run", "engine", "takes")
    terminal.print_table("", columns, shown, numbers=("", "replications", "takes"))
    if len(paths) > AXES:
        print(f"{len(paths) - AXES} more axes are not shown.")


def _cells(row: dict[str, Any], paths: Sequence[str]) -> list[str]:
    from twin.experiment.designs.labels import told

    values = [told(row["changes"][path]) for path in paths]
    if row["error"]:
        return [str(row["number"]), *values, "", row["error"], "", ""]
    takes = "" if row["seconds"] is None else f"{row['seconds']:.2g} s"
    return [str(row["number"]), *values, str(row["replications"]), row["run"], row["engine"], takes]


def _total(plan: Any, cost: Any, workers: int) -> None:
    run = plan.study.scenario.run
    most = "at most " if run.precision is not None else ""
    print(f"{cost.points:,} points, {most}{cost.replications:,} replications", end="")
    if cost.there:
        print(f" ({cost.there:,} computed already)", end="")
    if cost.beside:
        number = sum(number for number, _ in cost.beside)
        runs = "1 run" if len(cost.beside) == 1 else f"{len(cost.beside)} runs"
        print(f"; to compare with {runs}, {number:,} replications", end="")
    if cost.hours is None:
        print(f"; how long they take is not known. {cost.note}")
        return
    each = f"{cost.seconds:.2g} s each" + (" of the points'" if cost.beside else "")
    limits = plan.study.scenario.limits
    print(f", {each}: about {_time(cost.hours)} of one core, {_time(cost.hours / workers)} with {workers}.")
    print(
        f"Limits: {limits.points:,} points, {limits.replications:,} replications, {limits.hours:g} h. "
        f"Sweep {plan.id}; nothing was computed or written but for the estimate."
    )
    if cost.note:
        print(cost.note)


def _time(hours: float) -> str:
    """A time in the unit that fits.

    >>> _time(0.01), _time(0.5), _time(5), _time(100)
    ('36 s', '30 min', '5 h', '4.2 days')
    """
    for size, unit in ((48, "days"), (2, "h"), (1 / 30, "min")):
        if hours >= size:
            return f"{hours / {'days': 24, 'h': 1, 'min': 1 / 60}[unit]:.2g} {unit}"
    return f"{hours * 3600:.2g} s"
