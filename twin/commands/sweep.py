"""`twin sweep`: a scenario at every point of its sweep, computed once, gone on with after an interrupt."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from twin import terminal
from twin.commands import sweep_plan, sweep_shard
from twin.commands.common import (
    FAILED,
    PARTLY,
    Alone,
    Changes,
    Device,
    DryRun,
    Engine,
    Json,
    OutFolder,
    Quiet,
    Replications,
    Seed,
    Workers,
    WorkspaceFolder,
    follow_sweep,
    pairs,
    refuse,
)

COLUMNS = ("throughput", "lead_time_mean", "wip_mean")
SHOWN = 100  # points in the table for people


def sweep(
    source: Annotated[str, typer.Argument(metavar="SCENARIO", help="A file with a sweep, or twin:NAME.")],
    changes: Changes = None,
    replications: Replications = None,
    seed: Seed = None,
    engine: Engine = "auto",
    device: Device = "auto",
    workers: Workers = None,
    scheduler: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Compute on the workers of a Dask scheduler.")
    ] = None,
    shard: Annotated[
        str | None, typer.Option(metavar="I/N", help="Only every N-th point, from the I-th, on its own.")
    ] = None,
    merge: Annotated[
        bool, typer.Option("--merge", help="Put together what shards have left; compute nothing.")
    ] = False,
    out: OutFolder = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on in a folder that holds part of the sweep.")
    ] = False,
    alone: Alone = False,
    dry_run: DryRun = False,
    as_json: Json = False,
    quiet: Quiet = False,
    workspace: WorkspaceFolder = None,
) -> None:
    """Run every point of a scenario's sweep. What is finished already is not computed again."""
    from twin.commands.compared import Asked, run_compared
    from twin.experiment.compared_scenarios import MOST_POINTS
    from twin.experiment.store import workspace_at
    from twin.experiment.sweeps.left import there_for
    from twin.experiment.sweeps.plan import plan_sweep

    _refuse_both({"--scheduler": scheduler, "--shard": shard, "--merge": merge or None})
    _refuse_both({"--scheduler": scheduler, "--workers": workers})
    given = pairs(changes)
    plan = plan_sweep(
        source,
        given,
        replications=replications,
        seed=seed,
        engine=engine,
        device=device,
        shard=shard,
        workspace=workspace,
    )
    study = plan.study
    sources = () if alone or shard is not None else study.compared
    asked = Asked(sources, study.scenario.run, engine, device, workers, workspace, computes=not merge)
    others = asked.prepared()
    if not merge and len(plan.points) <= MOST_POINTS:
        plan = replace(plan, beside=others)
    if dry_run:
        goes_on = resume or shard is not None
        there = there_for(plan, workspace_at(workspace), out, resume=goes_on)
        sweep_plan.show(plan, there, workers, as_json=as_json)
        return
    if shard is not None:
        sweep_shard.run(source, plan, workspace, out, workers, as_json=as_json, quiet=quiet)
        return
    if merge:
        folder = sweep_shard.merged(plan, workspace, out)
    else:
        folder = _computed(plan, workspace, out, resume, workers, scheduler, quiet or as_json)
    points = _points(folder, {point.number for point in plan.points})
    if not (as_json or quiet):
        _show(folder, points)
    results = [point.result for point in points if point.result is not None]
    compared = run_compared(asked, folder.path, results, quiet=quiet or as_json)
    if as_json:
        shards = {"missing_shards": _missing(folder, points)} if merge else {}
        terminal.print_json(_object(source, folder, points) | compared.as_object() | shards)
    elif not quiet:
        compared.show_points({point.run: point.number for point in points[:SHOWN]})
    if any(point.error for point in points):
        raise typer.Exit(PARTLY if any(point.result for point in points) else FAILED)
    if merge and folder.manifest()["unfinished"]:
        raise typer.Exit(PARTLY)
    compared.exit()


def _refuse_both(flags: dict[str, Any]) -> None:
    """Refuse flags that say different things about where a sweep is computed."""
    given = [flag for flag, value in flags.items() if value is not None]
    if len(given) > 1:
        message = f"{given[0]} and {given[1]} are two ways to compute a sweep."
        refuse(given[1], message, "Give one of them.")


def _computed(
    plan: Any,
    workspace: Path | None,
    out: Path | None,
    resume: bool,
    workers: int | None,
    scheduler: str | None,
    quiet: bool,
) -> Any:
    """The folder of a sweep that was run, here or on a cluster."""
    from twin.experiment.sweeps.running import stream_sweep

    run = partial(
        stream_sweep, plan, workspace=workspace, out=out, resume=resume, workers=workers, why="twin sweep"
    )
    try:
        if scheduler is None:
            return follow_sweep(run(), plan.study.name, quiet)
        from twin.experiment.sweeps.cluster import cluster

        with cluster(scheduler, plan, workspace, out) as executor:
            return follow_sweep(run(executor=executor), plan.study.name, quiet)
    except KeyboardInterrupt:
        _say_what_is_kept(plan, workspace, out)
        raise


def _say_what_is_kept(plan: Any, workspace: Path | None, out: Path | None) -> None:
    """How much of a sweep that was interrupted need not be computed again."""
    from twin.experiment.store import workspace_at
    from twin.experiment.sweeps.left import there_for

    there = there_for(plan, workspace_at(workspace), out, resume=True).of(plan)
    if there:
        terminal.print_kept(f"{there:,} of {plan.replications:,} replications")


@dataclass(frozen=True)
class _Point:
    """A point that was run: its result, or why there is none."""

    number: int
    label: str
    changes: dict[str, object]
    run: str | None
    result: Any
    error: str


def _points(folder: Any, numbers: set[int]) -> list[_Point]:
    """The points that were asked for, from the sweep's folder."""
    import json

    import pyarrow.parquet as pq

    from twin.experiment.query.stored import StoredSweep
    from twin.experiment.store import RunFolder
    from twin.experiment.sweeps.point import SweepPoint

    stored = StoredSweep(folder.path)
    failed = {each["point"]: each["error"] for each in stored.manifest["failed"]}
    finished = set(stored.finished_points)
    rows = pq.read_table(folder.path / "points.parquet", columns=["point", "label", "run", "changes"])
    found = []
    for row in rows.to_pylist():
        number = row["point"]
        if number in numbers:
            error = failed.get(number, "")
            result = SweepPoint(RunFolder(folder.path), number) if number in finished else None
            found.append(_Point(number, row["label"], json.loads(row["changes"]), row["run"], result, error))
    return found


def _missing(folder: Any, points: list[_Point]) -> list[str]:
    """The shards of points that are not computed yet."""
    from twin.experiment.sweeps.shards import unfinished_shards

    return unfinished_shards(folder, [point.number for point in points if not (point.result or point.error)])


def _object(source: str, folder: Any, points: list[_Point]) -> dict[str, Any]:
    """The object of `sweep --json`: of each point the headlines; `twin results export` has all measures."""
    manifest = folder.manifest()
    return {
        "sweep": source,
        "id": manifest["sweep"],
        "folder": str(folder.path),
        "points": [
            {
                "point": point.label,
                "number": point.number,
                "changes": point.changes,
                "error": point.error or None,
                "run": point.run,
                **({} if point.result is None else _measures(point.result)),
            }
            for point in points
        ],
    }


def _measures(result: Any) -> dict[str, Any]:
    from twin.experiment.catalogue import HEADLINES

    measures = {}
    for name in (name for name in HEADLINES if name in result.values):
        measures[name] = {**result.interval(name).as_object(), "unit": result.unit_of(name)}
    return {"replications": len(result.replications), "measures": measures}


def _columns(results: list[Any]) -> list[str]:
    """The measures that are shown: the usual ones that the sweep keeps, else the first that it does."""
    from twin.experiment.catalogue import HEADLINES

    kept = list(dict.fromkeys(name for result in results for name in result.values))
    usual = [name for name in COLUMNS if name in kept]
    headlines = [name for name in HEADLINES if name in kept]
    return (usual or headlines or kept or list(COLUMNS))[: len(COLUMNS)]


def _cell(result: Any, name: str, size: float | None) -> str:
    """A mean with its interval and unit, in a column whose largest number is of a size."""
    from twin.experiment.display import with_interval

    if name not in result.values:
        return "–"
    i = result.interval(name)
    mean, interval, unit = with_interval(i.mean, i.low, i.high, result.unit_of(name), size)
    return " ".join(part for part in (mean, interval and f"({interval})", unit) if part)


def _show(folder: Any, points: list[_Point]) -> None:
    """A line for each point, with its throughput, lead time and work in process."""
    from twin.experiment.display import largest_of

    results = [point.result for point in points[:SHOWN] if point.result is not None]
    columns = _columns(results)
    means = {name: [r.interval(name).mean for r in results if name in r.values] for name in columns}
    sizes = {name: largest_of(found) for name, found in means.items()}
    rows = []
    for point in points[:SHOWN]:
        cells = [point.error or "not computed yet", *("" for _ in columns[1:])]
        if point.result is not None:
            cells = [_cell(point.result, name, sizes[name]) for name in columns]
        rows.append([str(point.number), point.label, *cells])
    terminal.print_table("", ("", "point", *columns), rows, numbers=("", *columns))
    if len(points) > SHOWN:
        print(f"{len(points) - SHOWN} more points are not shown.")
    manifest = folder.manifest()
    level = next((point.result.level for point in points if point.result is not None), None)
    if level is not None:
        print(f"In brackets {100 * level:g} % intervals of the means.")
    for name in manifest["damaged"]:
        print(f"{name} was damaged, and what it held was computed anew.")
    if manifest["unfinished"]:
        print(f"{manifest['unfinished']} of {manifest['points']} points of the sweep are not computed yet.")
        missing = _missing(folder, points)
        if missing:
            print(f"They are of shard {', '.join(missing)}.")
    print(f"sweep {manifest['sweep']}  audit {manifest['made']['audit_head'][:16]}…  folder {folder.path}")
