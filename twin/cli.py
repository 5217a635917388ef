"""The command line: reads flags, calls the layers below, prints. Nothing is computed here. Commands with more
to say than fits here stand in `commands/`.

Exit codes: 0 done, 1 failed, 2 the input is wrong, 3 some tasks failed and the rest are usable, 130
interrupted. Modules below are imported when a command needs them, so that `twin --help` is fast.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from twin import terminal
from twin.commands import (
    audit,
    bottleneck,
    compare,
    diff,
    estimate,
    layout,
    optimise,
    report,
    results,
    select,
    sweep,
)
from twin.commands.common import (
    FAILED,
    INTERRUPTED,
    WRONG_INPUT,
    Alone,
    Changes,
    Device,
    DryRun,
    Engine,
    Json,
    OutFolder,
    Quiet,
    Record,
    Replications,
    Runs,
    Seed,
    Workers,
    WorkspaceFolder,
    follow,
    note,
    pairs,
    refuse,
    simulation_error,
)
from twin.plant.errors import InputError, Problem

app = typer.Typer(
    name="twin",
    help="A digital twin of a pharmaceutical plant: run it, compare, look at it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(results.app, name="results")
app.add_typer(audit.app, name="audit")
app.command("layout")(layout.layout)
app.command("optimise")(optimise.optimise)
app.command("bottleneck")(bottleneck.bottleneck)
app.command("diff")(diff.show_diff)
app.command("report")(report.report)
app.command("sweep")(sweep.sweep)
app.command("compare")(compare.compare)
app.command("estimate")(estimate.estimate)
app.command("select")(select.select)


@app.command()
def check(
    files: Annotated[list[str], typer.Argument(metavar="FILE…", help="Plants, scenarios, state files.")],
    as_json: Json = False,
    quiet: Quiet = False,
    workspace: WorkspaceFolder = None,
) -> None:
    """Check plants, scenarios and state files whole, and list every problem."""
    from twin.experiment.check import Checked, check_file

    problems: list[Problem] = []
    good: list[Checked] = []
    for file in files:
        try:
            good.append(check_file(file, workspace))
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(list(dict.fromkeys(problems)))  # files may be based on the same one
    if as_json:
        terminal.print_json({"files": [{"file": f.file, "kind": f.kind, "name": f.name} for f in good]})
    elif not quiet:
        for line in good:
            print(f"{line.file}: the {line.kind} is well formed. {line.note}".rstrip())


@app.command()
def run(
    source: Annotated[str, typer.Argument(metavar="SCENARIO|PLANT", help="A file, or twin:NAME.")],
    changes: Changes = None,
    replications: Replications = None,
    seed: Seed = None,
    snapshot_at: Annotated[
        str | None, typer.Option(metavar="TIME", help="Keep the state of this time as snapshot.json.")
    ] = None,
    engine: Engine = "auto",
    device: Device = "auto",
    record: Record = None,
    out: OutFolder = None,
    workers: Workers = None,
    alone: Alone = False,
    dry_run: DryRun = False,
    as_json: Json = False,
    quiet: Quiet = False,
    workspace: WorkspaceFolder = None,
) -> None:
    """Run a plant or a scenario, and print its measures with their intervals, and what it compares with."""
    from twin import reports
    from twin.commands.compared import Asked, run_compared
    from twin.experiment.prepare import prepare
    from twin.experiment.run import stream

    given = pairs(changes)
    at = {} if snapshot_at is None else {"run.snapshot_at": snapshot_at}
    prepared = prepare(
        source,
        {**given, **at},
        replications=replications,
        seed=seed,
        engine=engine,
        device=device,
        record=record,
        workspace=workspace,
    )
    if prepared.sweep:
        hint = f"Run it with `twin sweep {source}`."
        raise InputError(
            [Problem(source, 0, 0, "The scenario sweeps over several values; `run` runs one.", hint)]
        )
    asked = Asked(() if alone else prepared.compare, prepared.run, engine, device, workers, workspace)
    others = asked.prepared()
    if dry_run:
        reports.show_plan([("", prepared), *((f"compared: {p.label}", p) for p in others)], as_json=as_json)
        return
    steps = stream(prepared, workspace=workspace, out=out, workers=workers, why="twin run")
    result = follow(steps, prepared.label, quiet or as_json)
    if not (as_json or quiet):
        reports.show_result(result)
    compared = run_compared(asked, result.path, [result], quiet=quiet or as_json)
    if as_json:
        terminal.print_json(reports.run_object(result, prepared.scenario_name) | compared.as_object())
    elif not quiet:
        compared.show_runs()
    compared.exit()


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
        refuse("--usd", "It is not said where the stage goes.", "Give `--usd PATH` or `--glb PATH`.")
    opened = [open_result(reference, workspace) for reference in runs]
    from twin.scene.export import export_files

    written = []
    for result in opened:
        if replication not in result.replications:
            refuse("--replication", f"The run {result.id} has {len(result.replications)} replications.", "")
        chosen = parse_window(window, result.start) if window else None
        try:
            files = export_files(
                result, usd, glb, several=len(opened) > 1, replication=replication, window=chosen
            )
        except ValueError as error:
            refuse("export", str(error), "")
        written.append({"run": result.id, **files})
    note(workspace, "export stage", [result.id for result in opened])
    if as_json:
        terminal.print_json({"exports": written})
    elif not quiet:
        for line in written:
            print(f"{line['run']}: {', '.join(line[kind] for kind in ('usd', 'glb') if kind in line)}")


@app.command()
def schema(
    which: Annotated[str, typer.Argument(metavar="[plant|scenario|state]")] = "plant",
    as_json: Json = False,
    quiet: Quiet = False,
    workspace: WorkspaceFolder = None,
) -> None:
    """Print the JSON Schema of plant, scenario or state files, for editors."""
    import json

    from twin.plant.json_schema import plant_schema, scenario_schema, state_schema

    schemas = {"plant": plant_schema, "scenario": scenario_schema, "state": state_schema}
    if which not in schemas:
        refuse("schema", f"There is no schema `{which}`.", "Choose `plant`, `scenario` or `state`.")
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


# The base of all complaints about flags, wherever this version of typer keeps its click.
_FLAG_ERROR: type[Exception] = typer.BadParameter.__mro__[2]


def execute(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code."""
    as_json = "--json" in arguments
    try:
        code = typer.main.get_command(app).main(list(arguments), prog_name="twin", standalone_mode=False)
        if code == INTERRUPTED:  # as newer versions of typer say it
            return _interrupted()
        return int(code or 0)
    except InputError as error:
        terminal.print_problems(error.problems, as_json=as_json)
        return WRONG_INPUT
    except (KeyboardInterrupt, typer.Abort):
        return _interrupted()
    except _FLAG_ERROR as error:
        message = getattr(error, "format_message", error.__str__)()
        if message:  # empty where only the help was to be shown
            terminal.print_failure(message, as_json=as_json)
        return WRONG_INPUT
    except _failures() as error:
        terminal.print_failure(_sentence_of(error), as_json=as_json)
        return FAILED


def _sentence_of(error: Exception) -> str:
    """What went wrong; of the disk without the number that the system has for it."""
    if isinstance(error, OSError) and error.strerror and error.filename:
        return f"{error.strerror}: {error.filename}"
    return str(error)


def _interrupted() -> int:
    print("twin: Interrupted; what was finished is kept.", file=sys.stderr)
    return INTERRUPTED


def _failures() -> tuple[type[Exception], ...]:
    """Errors of a run, and of the disk, that need no traceback."""
    import sqlite3

    if "twin.experiment.run" not in sys.modules:
        return (OSError, sqlite3.Error)
    return (OSError, sqlite3.Error, simulation_error())


def main() -> None:
    """Entry point of `twin`, in which Python looks for garbage more rarely than by itself: most of what a
    command makes first are modules, which stay.
    """
    gc.set_threshold(10_000, 10, 10)
    sys.exit(execute(sys.argv[1:]))


if __name__ == "__main__":
    main()
