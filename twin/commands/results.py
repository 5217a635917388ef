"""`twin results`: the finished runs and sweeps of the workspace. What they say is in `results_text`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from twin import terminal
from twin.commands import results_export as export
from twin.commands import sensitivity, verify, warm_up
from twin.commands.common import Json, Quiet, WorkspaceFolder, refuse

if TYPE_CHECKING:
    from twin.experiment.query.stored import StoredSweep

app = typer.Typer(help="The runs and sweeps of the workspace.", no_args_is_help=True)


app.command("export")(export.export_results)
app.command("verify")(verify.verify_results)
app.command("warm-up")(warm_up.warm_up)
app.command("sensitivity")(sensitivity.sensitivity)
Where = Annotated[
    list[str] | None,
    typer.Option(metavar="CONDITION", help="`NAME SIGN VALUE`, such as `throughput > 5 1/h`; all must hold."),
]
Sort = Annotated[str | None, typer.Option(metavar="NAME", help="`-NAME`: the largest first.")]
Limit = Annotated[int, typer.Option(min=0, help="The most lines; 0: all.")]
Measures = Annotated[
    list[str] | None, typer.Option("--measure", help="A measure or pattern; may be repeated.")
]


@app.command("list")
def list_results(
    sweep: Annotated[str | None, typer.Argument(metavar="[SWEEP]", help="List its points.")] = None,
    plant: Annotated[str | None, typer.Option(help="A name or pattern.")] = None,
    scenario: Annotated[str | None, typer.Option(help="A name or pattern.")] = None,
    since: Annotated[
        str | None, typer.Option(metavar="TIME", help="A date in UTC, or how long ago: `7 days`.")
    ] = None,
    where: Where = None,
    measures: Measures = None,
    sort: Sort = None,
    limit: Limit = 100,
    as_json: Json = False,
    quiet: Quiet = False,
    workspace: WorkspaceFolder = None,
) -> None:
    """List the finished runs and sweeps, newest first, or the points of a sweep."""
    from twin.commands import results_text as texts
    from twin.experiment.query.conditions import parse_conditions
    from twin.experiment.query.listing import Filter, list_results, parse_since
    from twin.experiment.store import workspace_at

    conditions = tuple(parse_conditions(where or ()))
    if sweep is not None:
        if plant or scenario or since:
            refuse("list", "Points of a sweep are all of one plant and scenario.", "Use `--where`.")
        from twin.experiment.query.points import list_points

        stored = sweep_at(sweep, workspace)
        points = list_points(stored, measures=measures, where=conditions, sort=sort, limit=limit or None)
        if as_json:
            terminal.print_json(texts.points_object(stored, points))
        elif not quiet:
            texts.show_points(stored, points)
        return
    wanted = Filter(plant, scenario, parse_since(since) if since else None, conditions)
    listing = list_results(workspace_at(workspace), wanted, sort=sort, limit=limit or None)
    if as_json:
        terminal.print_json(texts.listing_object(listing))
    elif not quiet:
        texts.show_listing(listing)


@app.command("show")
def show_result(
    reference: Annotated[str, typer.Argument(metavar="RUN|SWEEP|SWEEP:POINT")],
    every: Annotated[bool, typer.Option("--all", help="Every measure, not only the headlines.")] = False,
    as_json: Json = False,
    quiet: Quiet = False,
    workspace: WorkspaceFolder = None,
) -> None:
    """Show the measures of a run, a sweep or a point of it, with their intervals."""
    from twin import reports
    from twin.commands import results_text as texts
    from twin.experiment.query.stored import StoredSweep, find_sweep
    from twin.experiment.results import open_result
    from twin.experiment.sweeps.point import SweepPoint

    stored = find_sweep(reference, workspace)
    result = None if stored is not None else open_result(reference, workspace)
    point = None
    if isinstance(result, SweepPoint):
        stored, point = StoredSweep(result.path), result.number
    if stored is not None:
        if as_json:
            terminal.print_json(texts.sweep_object(stored, point))
        elif not quiet:
            texts.show_sweep(stored, point, every=every)
        return
    assert result is not None, "a reference names a sweep, a point or a run"
    if as_json:
        terminal.print_json(reports.run_object(result, result.manifest["scenario"]))
    elif not quiet:
        (reports.show_every_measure if every else reports.show_result)(result)


@app.command("summary")
def summarise_sweep(
    sweep: Annotated[str, typer.Argument(metavar="SWEEP")],
    by: Annotated[
        list[str] | None, typer.Option("--by", metavar="AXIS", help="An axis; several go together.")
    ] = None,
    measures: Measures = None,
    groups: Annotated[
        int | None, typer.Option(min=2, help="Cut a numeric axis into so many groups of values.")
    ] = None,
    as_json: Json = False,
    quiet: Quiet = False,
    workspace: WorkspaceFolder = None,
) -> None:
    """Tell what a measure is at each value of an axis, averaged over the others, with its interval."""
    from twin.commands import results_text as texts
    from twin.experiment.query.summary import summarise

    stored = sweep_at(sweep, workspace)
    levels = summarise(stored, by=by or (), measures=measures, groups=groups)
    if as_json:
        terminal.print_json(texts.summary_object(stored, by or (), levels))
    elif not quiet:
        texts.show_summary(stored, by or (), levels)


@app.command("trace")
def trace_lot(
    reference: Annotated[str, typer.Argument(metavar="RUN")],
    name: Annotated[str, typer.Argument(metavar="LOT", help="`12`, a part `12.3`, a delivery `api#4`.")],
    replication: Annotated[int, typer.Option("--replication", min=1, help="Of which replication.")] = 1,
    into: Annotated[bool, typer.Option("--into", help="What it went into, not what it was made of.")] = False,
    as_json: Json = False,
    quiet: Quiet = False,
    workspace: WorkspaceFolder = None,
) -> None:
    """Trace a lot back to what it was made of, or forward to what it went into."""
    from twin import reports
    from twin.experiment import genealogy
    from twin.experiment.results import open_result

    result = open_result(reference, workspace)
    try:
        asked = genealogy.node(name)
    except ValueError:
        refuse("LOT", f"`{name}` is no lot.", "Write `12`, `12.3` for a part, or `api#4` for a delivery.")
    try:
        table = result.replication("genealogy", replication)
    except KeyError:
        refuse("--replication", f"The run has no replication {replication}.", "Take one that it has.")
    if asked not in genealogy.nodes(table):
        refuse("LOT", f"Nothing is known of `{name}` in replication {replication}.", "Look in `export`.")
    links = (genealogy.descendants if into else genealogy.ancestors)(table, asked)
    if as_json:
        terminal.print_json({"run": result.id, "lot": name, "links": [reports.link_object(k) for k in links]})
    elif not quiet:
        print("\n".join([name, *(reports.link_line(link) for link in links)]))


@app.command("reindex")
def reindex_results(as_json: Json = False, quiet: Quiet = False, workspace: WorkspaceFolder = None) -> None:
    """Build the workspace's index anew from the runs themselves."""
    from twin.experiment.index import reindex
    from twin.experiment.store import workspace_at

    runs, chunks = reindex(workspace_at(workspace))
    if as_json:
        terminal.print_json({"runs": runs, "chunks": chunks})
    elif not quiet:
        print(f"{runs} runs and {chunks} chunks are in the index.")


def sweep_at(reference: str, workspace: Path | None) -> StoredSweep:
    """The sweep that a user names; raises InputError where there is none."""
    from twin.experiment.query.stored import find_sweep

    found = find_sweep(reference, workspace)
    if found is None:
        refuse(
            reference, f"There is no sweep `{reference}`.", "`twin results list` shows the sweeps there are."
        )
    return found
