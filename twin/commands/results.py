"""`twin results`: the finished runs of the workspace."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from twin import terminal
from twin.commands.common import Json, Quiet, WorkspaceFolder, note, refuse

app = typer.Typer(help="The runs of the workspace.", no_args_is_help=True)


@app.command("list")
def list_results(as_json: Json = False, quiet: Quiet = False, workspace: WorkspaceFolder = None) -> None:
    """List the finished runs, newest first."""
    from dataclasses import asdict

    from twin.experiment.index import list_runs
    from twin.experiment.store import workspace_at

    lines = [asdict(line) for line in list_runs(workspace_at(workspace))]
    if as_json:
        terminal.print_json({"runs": lines})
    elif not quiet:
        columns = ("run", "plant", "scenario", "replications", "finished (UTC)")
        rows = [[str(v if v is not None else "–") for v in line.values()] for line in lines]
        terminal.print_table("", columns, rows, numbers=("replications",))


@app.command("show")
def show_result(
    reference: Annotated[str, typer.Argument(metavar="RUN")],
    every: Annotated[bool, typer.Option("--all", help="Every measure, not only the headlines.")] = False,
    as_json: Json = False,
    quiet: Quiet = False,
    workspace: WorkspaceFolder = None,
) -> None:
    """Show a run's measures with their intervals."""
    from twin import reports
    from twin.experiment.results import open_result

    result = open_result(reference, workspace)
    if as_json:
        terminal.print_json(reports.run_object(result, result.manifest["scenario"]))
    elif not quiet:
        (reports.show_every_measure if every else reports.show_result)(result)


@app.command("export")
def export_tables(
    reference: Annotated[str, typer.Argument(metavar="RUN")],
    out: Annotated[Path, typer.Option("--out", help="An empty or new folder.")],
    kind: Annotated[str, typer.Option("--format", help="parquet or csv.")] = "parquet",
    as_json: Json = False,
    quiet: Quiet = False,
    workspace: WorkspaceFolder = None,
) -> None:
    """Write a run's measures and record as tables."""
    from twin.experiment.results import open_result
    from twin.experiment.tables import FORMATS, export_tables

    if kind not in FORMATS:
        refuse("--format", f"There is no format `{kind}`.", f"Choose {' or '.join(FORMATS)}.")
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        refuse(str(out), "This folder is not empty.", "Give an empty or a new folder.")
    result = open_result(reference, workspace)
    written = [str(path) for path in export_tables(result, out, kind)]
    note(workspace, "export tables", [result.id])
    if as_json:
        terminal.print_json({"run": result.id, "files": written})
    elif not quiet:
        print("\n".join(written))


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
