"""The command line: reads flags, calls the layers below, prints. Nothing is computed here.

Exit codes: 0 done, 1 failed, 2 the input is wrong, 3 some tasks failed and the rest are usable, 130
interrupted. Modules below are imported when a command needs them, so that `twin --help` is fast.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from twin import terminal
from twin.plant.errors import InputError, Problem

FAILED, WRONG_INPUT, PARTLY, INTERRUPTED = 1, 2, 3, 130

app = typer.Typer(
    name="twin",
    help="A digital twin of a pharmaceutical plant: run it, compare, look at it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
results_app = typer.Typer(help="The runs of the workspace.", no_args_is_help=True)
audit_app = typer.Typer(help="The audit trail.", no_args_is_help=True)
app.add_typer(results_app, name="results")
app.add_typer(audit_app, name="audit")

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print no progress and no tables.")]
WorkspaceFolder = Annotated[
    Path | None, typer.Option("--workspace", help="Default: TWIN_WORKSPACE, else the current folder.")
]
Changes = Annotated[
    list[str] | None, typer.Option("--set", metavar="PATH=VALUE", help="Change the plant or `run.…`.")
]
Replications = Annotated[int | None, typer.Option(min=1, help="Instead of the scenario's.")]
Seed = Annotated[int | None, typer.Option(min=0, help="Instead of the scenario's.")]
Engine = Annotated[str, typer.Option(help="auto, simpy or compiled.")]
Device = Annotated[str, typer.Option(help="auto, cpu or gpu.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Print what would run, and run nothing.")]
Workers = Annotated[int | None, typer.Option(min=1, help="Processes; default: as many as pay.")]
OutFolder = Annotated[Path | None, typer.Option("--out", help="An empty or new folder for this result.")]
Runs = Annotated[list[str], typer.Argument(metavar="RUN…", help="Ids of runs, or their folders.")]


@app.command()
def check(
    files: Annotated[list[str], typer.Argument(metavar="FILE…", help="Plants or scenarios.")],
    as_json: Json = False,
    quiet: Quiet = False,
    workspace: WorkspaceFolder = None,
) -> None:
    """Check plants and scenarios whole, and list every problem."""
    from twin.experiment.prepare import prepare

    problems: list[Problem] = []
    good: list[dict[str, str]] = []
    for file in files:
        try:
            prepared = prepare(file, workspace=workspace)
            kind = "scenario" if prepared.scenario_name else "plant"
            good.append({"file": file, "kind": kind, "name": prepared.label})
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    if as_json:
        terminal.print_json({"files": good})
    elif not quiet:
        for line in good:
            print(f"{line['file']}: the {line['kind']} is well formed.")


@app.command()
def run(
    source: Annotated[str, typer.Argument(metavar="SCENARIO|PLANT", help="A file, or twin:NAME.")],
    changes: Changes = None,
    replications: Replications = None,
    seed: Seed = None,
    engine: Engine = "auto",
    device: Device = "auto",
    out: OutFolder = None,
    workers: Workers = None,
    dry_run: DryRun = False,
    as_json: Json = False,
    quiet: Quiet = False,
    workspace: WorkspaceFolder = None,
) -> None:
    """Run a plant or a scenario, and print its measures with their intervals."""
    from twin import reports
    from twin.experiment.prepare import prepare
    from twin.experiment.run import stream

    prepared = prepare(
        source,
        _pairs(changes),
        replications=replications,
        seed=seed,
        engine=engine,
        device=device,
        workspace=workspace,
    )
    if prepared.sweep:
        hint = f"Run it with `twin sweep {source}`."
        raise InputError(
            [Problem(source, 0, 0, "The scenario sweeps over several values; `run` runs one.", hint)]
        )
    if dry_run:
        reports.show_plan([("", prepared)], as_json=as_json)
        return
    steps = stream(prepared, workspace=workspace, out=out, workers=workers, why="twin run")
    result = _follow(steps, prepared.label, quiet or as_json)
    if as_json:
        terminal.print_json(reports.run_object(result, prepared.scenario_name))
    elif not quiet:
        reports.show_result(result)


@app.command()
def sweep(
    source: Annotated[str, typer.Argument(metavar="SCENARIO", help="A file with a sweep, or twin:NAME.")],
    changes: Changes = None,
    replications: Replications = None,
    seed: Seed = None,
    workers: Workers = None,
    shard: Annotated[
        str | None, typer.Option(metavar="I/N", help="Only every N-th point, from the I-th.")
    ] = None,
    out: OutFolder = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on in a folder that holds part of the sweep.")
    ] = False,
    dry_run: DryRun = False,
    as_json: Json = False,
    quiet: Quiet = False,
    workspace: WorkspaceFolder = None,
) -> None:
    """Run every point of a scenario's sweep. Points that are finished already are not run again."""
    from twin import reports
    from twin.experiment.sweep import check_out_empty, plan, sweep_points

    points = plan(
        source, _pairs(changes), replications=replications, seed=seed, shard=shard, workspace=workspace
    )
    if dry_run:
        reports.show_plan([(point.label, point.prepared) for point in points], as_json=as_json)
        return
    if not resume:
        check_out_empty(out)
    done = []
    for point, steps in sweep_points(points, workspace=workspace, out=out, workers=workers):
        result, message = None, ""
        try:
            result = _follow(steps, point.label, quiet or as_json)
        except (RuntimeError, _simulation_error()) as error:
            message = str(error)
        prepared = point.prepared
        done.append(
            reports.Done(point.label, point.changes, prepared.id, prepared.scenario_name, result, message)
        )
    if as_json:
        terminal.print_json(reports.sweep_object(source, done))
    elif not quiet:
        reports.show_sweep(done)
    if any(point.message for point in done):
        raise typer.Exit(PARTLY if any(point.result for point in done) else FAILED)


@app.command()
def compare(
    runs: Runs,
    measure: Annotated[
        list[str] | None, typer.Option("--measure", help="A measure or pattern; default: the headlines.")
    ] = None,
    level: Annotated[float | None, typer.Option(min=0.5, max=0.9999, help="Of the whole family.")] = None,
    correction: Annotated[str, typer.Option(help="bonferroni, holm or none.")] = "bonferroni",
    as_json: Json = False,
    quiet: Quiet = False,
    workspace: WorkspaceFolder = None,
) -> None:
    """Compare runs with the first one: differences with intervals, corrected for how many there are."""
    from twin import reports
    from twin.experiment.compare import CORRECTIONS
    from twin.experiment.compare import compare as compare_results
    from twin.experiment.results import open_result

    if correction not in CORRECTIONS:
        _refuse(
            "--correction", f"There is no correction `{correction}`.", f"Choose {', '.join(CORRECTIONS)}."
        )
    baseline, *others = [open_result(reference, workspace) for reference in runs]
    comparison = compare_results(baseline, *others, measures=measure, level=level, correction=correction)
    if as_json:
        terminal.print_json(reports.comparison_object(comparison))
    elif not quiet:
        reports.show_comparison(comparison)


@app.command()
def export(
    runs: Runs,
    usd: Annotated[Path | None, typer.Option("--usd", help="File or folder of the stage.")] = None,
    glb: Annotated[Path | None, typer.Option("--glb", help="File for browsers, ending in .glb.")] = None,
    replication: Annotated[int, typer.Option(min=1, help="Which replication moves on the stage.")] = 1,
    window: Annotated[
        str | None,
        typer.Option(metavar="FROM/TO", help="Such as `0 h/24 h`, or two dates; default: a full day."),
    ] = None,
    as_json: Json = False,
    quiet: Quiet = False,
    workspace: WorkspaceFolder = None,
) -> None:
    """Write runs as OpenUSD stages, or their start as binary glTF."""
    from twin.experiment.results import open_result
    from twin.experiment.window import parse_window

    if usd is None and glb is None:
        _refuse("--usd", "It is not said where the stage goes.", "Give `--usd PATH` or `--glb PATH`.")
    results = [open_result(reference, workspace) for reference in runs]
    from twin.scene.export import export_files

    written = []
    for result in results:
        if replication not in result.replications:
            _refuse("--replication", f"The run {result.id} has {len(result.replications)} replications.", "")
        chosen = parse_window(window, result.start) if window else None
        try:
            files = export_files(
                result, usd, glb, several=len(results) > 1, replication=replication, window=chosen
            )
        except ValueError as error:
            _refuse("export", str(error), "")
        written.append({"run": result.id, **files})
    _audit(workspace, "export stage", [result.id for result in results])
    if as_json:
        terminal.print_json({"exports": written})
    elif not quiet:
        for line in written:
            print(f"{line['run']}: {', '.join(line[kind] for kind in ('usd', 'glb') if kind in line)}")


@app.command()
def schema(
    which: Annotated[str, typer.Argument(metavar="[plant|scenario]")] = "plant",
    as_json: Json = False,
    quiet: Quiet = False,
    workspace: WorkspaceFolder = None,
) -> None:
    """Print the JSON Schema of plant or scenario files, for editors."""
    import json

    from twin.plant.json_schema import plant_schema, scenario_schema

    schemas = {"plant": plant_schema, "scenario": scenario_schema}
    if which not in schemas:
        _refuse("schema", f"There is no schema `{which}`.", "Choose `plant` or `scenario`.")
    print(json.dumps(schemas[which](), ensure_ascii=False, indent=None if as_json else 2))


@app.command("app")
def serve_app(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on.")] = 8050,
    as_json: Json = False,
    quiet: Quiet = False,
    workspace: WorkspaceFolder = None,
) -> None:
    """Start the app in the browser, with the tablet line loaded."""
    from twin.experiment.store import workspace_at
    from twin.web.server import serve

    serve(host, port, workspace_at(workspace).path)


@results_app.command("list")
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


@results_app.command("show")
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


@results_app.command("export")
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
        _refuse("--format", f"There is no format `{kind}`.", f"Choose {' or '.join(FORMATS)}.")
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        _refuse(str(out), "This folder is not empty.", "Give an empty or a new folder.")
    result = open_result(reference, workspace)
    written = [str(path) for path in export_tables(result, out, kind)]
    _audit(workspace, "export tables", [result.id])
    if as_json:
        terminal.print_json({"run": result.id, "files": written})
    elif not quiet:
        print("\n".join(written))


@results_app.command("reindex")
def reindex_results(as_json: Json = False, quiet: Quiet = False, workspace: WorkspaceFolder = None) -> None:
    """Build the workspace's index anew from the runs themselves."""
    from twin.experiment.index import reindex
    from twin.experiment.store import workspace_at

    runs, chunks = reindex(workspace_at(workspace))
    if as_json:
        terminal.print_json({"runs": runs, "chunks": chunks})
    elif not quiet:
        print(f"{runs} runs and {chunks} chunks are in the index.")


@audit_app.command("verify")
def verify_audit(
    head: Annotated[
        str | None, typer.Option(help="A hash that the trail must hold, from a manifest or report.")
    ] = None,
    as_json: Json = False,
    quiet: Quiet = False,
    workspace: WorkspaceFolder = None,
) -> None:
    """Recompute the audit trail's chain of hashes."""
    from twin.experiment.audit import verify
    from twin.experiment.store import workspace_at

    found = verify(workspace_at(workspace).path, head)
    if as_json:
        terminal.print_json(
            {"sound": found.sound, "entries": found.entries, "head": found.head, "complaint": found.complaint}
        )
    elif not found.sound:
        print(f"twin: The audit trail is broken. {found.complaint}", file=sys.stderr)
    elif not quiet:
        print(f"The audit trail holds: {found.entries} entries, head {found.head}.")
    if not found.sound:
        raise typer.Exit(FAILED)


def _pairs(changes: Sequence[str] | None) -> dict[str, object]:
    """`PATH=VALUE` flags as a mapping; raises InputError for one without `=`."""
    pairs: dict[str, object] = {}
    for change in changes or ():
        path, sign, value = change.partition("=")
        if not sign or not path.strip():
            _refuse(
                f"--set {change}", "A change is written PATH=VALUE.", "Such as `--set run.horizon='2 weeks'`."
            )
        pairs[path.strip()] = value
    return pairs


def _follow(steps: Any, label: str, quiet: bool) -> Any:
    """Drive a stream to its result, with progress on stderr."""
    from twin.experiment.run import drain

    line = terminal.ProgressLine(label, quiet=quiet)
    try:
        return drain(steps, lambda step: line.show(step.done, step.total))
    finally:
        line.close()


def _audit(workspace: Path | None, what: str, runs: Sequence[str]) -> None:
    from twin.experiment import audit
    from twin.experiment.store import workspace_at

    audit.record(workspace_at(workspace).path, what, before=" ".join(runs), why="twin " + what.split()[0])


def _refuse(where: str, message: str, hint: str) -> NoReturn:
    raise InputError([Problem(where, 0, 0, message, hint)])


def _simulation_error() -> type[Exception]:
    from twin.experiment.run import SimulationError

    return SimulationError


# The base of all complaints about flags, wherever this version of typer keeps its click.
_FLAG_ERROR: type[Exception] = typer.BadParameter.__mro__[2]


def execute(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code."""
    as_json = "--json" in arguments
    try:
        code = typer.main.get_command(app).main(list(arguments), prog_name="twin", standalone_mode=False)
        return int(code or 0)
    except InputError as error:
        terminal.print_problems(error.problems, as_json=as_json)
        return WRONG_INPUT
    except (KeyboardInterrupt, typer.Abort):
        print("twin: Interrupted; what was finished is kept.", file=sys.stderr)
        return INTERRUPTED
    except _FLAG_ERROR as error:
        message = getattr(error, "format_message", error.__str__)()
        if message:  # empty where only the help was to be shown
            terminal.print_failure(message, as_json=as_json)
        return WRONG_INPUT
    except _failures() as error:
        terminal.print_failure(str(error), as_json=as_json)
        return FAILED


def _failures() -> tuple[type[Exception], ...]:
    """Errors of a run, and of the disk, that need no traceback."""
    import sqlite3

    if "twin.experiment.run" not in sys.modules:
        return (OSError, sqlite3.Error)
    return (OSError, sqlite3.Error, _simulation_error())


def main() -> None:
    """Entry point of `twin`."""
    sys.exit(execute(sys.argv[1:]))


if __name__ == "__main__":
    main()
