"""`twin estimate`: one number of a run, or of each point of a sweep, with its interval and how it was had."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from twin import terminal
from twin.commands.common import Json, Quiet, WorkspaceFolder, refuse

if TYPE_CHECKING:
    from twin.experiment.estimates import Side, Stated
    from twin.experiment.query.stored import StoredSweep
    from twin.experiment.results import Result
    from twin.experiment.sweeps.point import SweepPoint

More = dict[str, Any]
SHOWN = 100  # points in the table for people


def estimate(
    reference: Annotated[str, typer.Argument(metavar="RUN|SWEEP|SWEEP:POINT")],
    measure: Annotated[
        str,
        typer.Argument(metavar="MEASURE", help="`lead_time` or `attribute.NAME` for shares of lots."),
    ],
    quantile: Annotated[float | None, typer.Option(help="Over replications, such as 0.9.")] = None,
    above: Annotated[
        str | None, typer.Option(metavar="VALUE", help="How probable is more, such as `5 d`.")
    ] = None,
    below: Annotated[str | None, typer.Option(metavar="VALUE", help="How probable is less.")] = None,
    rate: Annotated[bool, typer.Option("--rate", help="Events per time, of a measure that counts.")] = False,
    exact: Annotated[bool, typer.Option("--exact", help="Probabilities by Clopper and Pearson.")] = False,
    controls: Annotated[
        bool, typer.Option("--controls", help="Use control variates where they pay.")
    ] = False,
    level: Annotated[float | None, typer.Option(min=0.5, max=0.9999, help="Default: the run's.")] = None,
    as_json: Json = False,
    quiet: Quiet = False,
    workspace: WorkspaceFolder = None,
) -> None:
    """State a mean, quantile, probability, share or rate of a run or a sweep's points, with its interval."""
    from twin.experiment.estimates import is_of_lots
    from twin.experiment.query.stored import find_sweep
    from twin.experiment.results import open_result
    from twin.experiment.store import workspace_at

    asked = [quantile is not None, above is not None, below is not None, rate, controls]
    if sum(asked) > 1:
        refuse(
            "estimate",
            "One number at a time.",
            "Give one of --quantile, --above, --below, --rate, --controls.",
        )
    if quantile is not None and not 0 < quantile < 1:
        refuse("--quantile", f"{quantile:g} is no quantile.", "Such as 0.9.")

    def stated(result: Result) -> tuple[Stated, More]:
        from twin.experiment import estimates

        own = level or result.level
        if controls:
            return _controlled(result, measure, own)
        if quantile is not None:
            return estimates.quantile(result, measure, quantile, own), {}
        if above is not None:
            return _probability(result, measure, "above", above, own, exact), {}
        if below is not None:
            return _probability(result, measure, "below", below, own, exact), {}
        return (estimates.rate if rate else estimates.mean)(result, measure, own), {}

    shares = is_of_lots(measure) and (above is not None or below is not None)
    by_runs = controls or shares
    runs_in = workspace_at(workspace).path if by_runs else None
    sweep = find_sweep(reference, workspace)
    if sweep is not None:
        _of_points(sweep, stated, measure, runs_in, as_json=as_json, quiet=quiet)
        return
    result = open_result(reference, workspace)
    found, more = stated(_own_run(result, workspace) if by_runs else result)
    if as_json:
        terminal.print_json({"run": result.id, **_object(measure, found), **more})
    elif not quiet:
        _show(found)


def _own_run(result: Result, workspace: Path | None) -> Result:
    """The same, or of a point of a sweep its own run, where there is one."""
    from twin.experiment.sweeps.point import SweepPoint

    return result if not isinstance(result, SweepPoint) else result.own_run(workspace) or result


def _of_points(
    sweep: StoredSweep,
    stated: Callable[[Result], tuple[Stated, More]],
    measure: str,
    runs_in: Path | None,
    *,
    as_json: bool,
    quiet: bool,
) -> None:
    """The number of each point that has a result, by its own run where one in a workspace is asked for."""
    from twin.experiment.store import RunFolder
    from twin.experiment.sweeps.point import SweepPoint

    numbers = sweep.finished_points
    if not numbers:
        sweep.tables()  # which says that no point has a result
    shown = numbers if as_json else numbers[:SHOWN]
    points = [SweepPoint(RunFolder(sweep.path), number) for number in shown]
    runs = points if runs_in is None else _own_runs(sweep, points, runs_in)
    found = [(point, *stated(run)) for point, run in zip(points, runs, strict=True)]
    if as_json:
        rows = [
            {"point": point.number, "label": point.name, "run": point.id, **_object(measure, each), **more}
            for point, each, more in found
        ]
        terminal.print_json({"sweep": sweep.id, "points": rows})
    elif not quiet:
        _show_points(sweep, [(point.number, point.name, each) for point, each, _ in found], len(numbers))


def _own_runs(sweep: StoredSweep, points: Sequence[SweepPoint], workspace: Path) -> list[Result]:
    """The runs of points; raises InputError with how to make those that there are not."""
    runs = {point.number: point.own_run(workspace) for point in points}
    without = [point for point in points if runs[point.number] is None]
    if without:
        numbers = ", ".join(str(point.number) for point in without[:10])
        more = f" and {len(without) - 10} more" if len(without) > 10 else ""
        hint = (
            f"`{points[0].sweep_command}` is the same sweep with a run and its record for each point; "
            f"or make a point's own run, such as `{without[0].command}`, and ask again."
        )
        refuse(
            sweep.id,
            f"Point {numbers}{more} of the sweep has measures, and no record of what happened.",
            hint,
        )
    return [run for run in runs.values() if run is not None]


def _show_points(sweep: StoredSweep, rows: list[tuple[int, str, Stated]], total: int) -> None:
    from twin.experiment.display import largest_of

    size = largest_of(each.interval.mean for _, _, each in rows)
    cells = [(str(number), name, *_cells(each, size), str(each.interval.n)) for number, name, each in rows]
    first = rows[0][2]
    level = f"{100 * first.interval.level:g} % interval"
    terminal.print_table(
        f"{first.what}: {sweep.name} ({sweep.id})",
        ("", "point", "estimate", level, "n"),
        cells,
        numbers=("", "estimate", "n"),
    )
    if total > len(rows):
        print(f"{total - len(rows)} more points are not shown; `--json` has them all.")
    print(f"Each interval holds by itself. Point {rows[0][0]} by {first.method}.")
    for note in dict.fromkeys(each.note for _, _, each in rows if each.note):
        noted = [str(number) for number, _, each in rows if each.note == note]
        print(f"Point {', '.join(noted)}: {note}")


def _probability(result: Result, measure: str, side: Side, text: str, level: float, exact: bool) -> Stated:
    from twin.experiment import estimates
    from twin.experiment.wanted import measured_in
    from twin.plant.units import WrongValueError

    of_lots = estimates.is_of_lots(measure)
    if not of_lots:
        estimates.check(result, measure)
    unit = "s" if measure == estimates.LEAD_TIME else result.unit_of(measure)
    try:
        threshold = measured_in(text, unit)
    except WrongValueError as wrong:
        refuse(f"--{side}", f"The threshold {wrong.predicate}.", wrong.hint or "Such as `5 d` or `0.8`.")
    if of_lots:
        stated = estimates.share_of_lots(result, measure, side, threshold, level)
    else:
        stated = estimates.probability(result, measure, side, threshold, level, exact=exact)
    return replace(stated, what=f"{stated.what} {text}")


def _controlled(result: Result, measure: str, level: float) -> tuple[Stated, dict[str, Any]]:
    from twin.experiment import estimates
    from twin.experiment.control_draws import controlled
    from twin.experiment.inference.control_variates import FEWEST

    plain = estimates.mean(result, measure, level)
    found, offered = controlled(result, measure, level)
    used = list(dict.fromkeys(offered[k].name for half in found.controls for k in half))
    note = "" if used else "No control pays: this is the plain mean."
    if len(result.values[measure]) < FEWEST:
        note = f"Controls need {FEWEST} replications: this is the plain mean."
    method = plain.method
    if used:
        method = (
            f"{found.interval.n} replications, controls {', '.join(used)} chosen half by half; "
            f"{found.narrower:.0%} of the plain interval's width"
        )
    stated = estimates.Stated(plain.what, found.interval, plain.unit, method, note)
    return stated, {"controls": used, "offered": len(offered), "narrower": found.narrower}


def _object(measure: str, stated: Stated) -> dict[str, Any]:
    from twin.experiment.statistics import bounds

    i = stated.interval
    return {
        "measure": measure,
        "what": stated.what,
        "estimate": i.mean,
        "ci": bounds(i.low, i.high),
        "level": i.level,
        "n": i.n,
        "unit": stated.unit,
        "method": stated.method,
        "note": stated.note,
    }


def _show(stated: Stated) -> None:
    value, interval = _cells(stated)
    print(f"{stated.what}: {value}, {100 * stated.interval.level:g} % interval {interval}")
    print(f"by {stated.method}.")
    if stated.note:
        print(stated.note)


def _cells(stated: Stated, size: float | None = None) -> tuple[str, str]:
    """The number with its unit, and its interval, of which one side may be open; in a column in the unit of a
    number of the size given.
    """
    from twin.experiment.display import three_digits, with_interval

    i = stated.interval
    value, interval, unit = with_interval(i.mean, i.low, i.high, stated.unit, size)
    if interval == "–" and (i.low is not None or i.high is not None):
        value, unit = three_digits(i.mean or 0.0), stated.unit
        interval = (
            f"from {three_digits(i.low)}" if i.low is not None else f"up to {three_digits(i.high or 0.0)}"
        )
    return f"{value} {unit}".strip(), interval
