"""What the commands share: flags, exit codes, and the way to follow a run. Nothing is computed here."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from twin import terminal
from twin.plant.errors import InputError, Problem

FAILED, WRONG_INPUT, PARTLY, INTERRUPTED = 1, 2, 3, 130

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
Record = Annotated[str | None, typer.Option(help="auto, full or folded: what is kept of each replication.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Print what would run, and run nothing.")]
Alone = Annotated[bool, typer.Option("--alone", help="Do not run what the scenario compares with.")]
Workers = Annotated[int | None, typer.Option(min=1, help="Processes; default: as many as pay.")]
OutFolder = Annotated[Path | None, typer.Option("--out", help="An empty or new folder for this result.")]
Runs = Annotated[list[str], typer.Argument(metavar="RUN…", help="Ids of runs, or their folders.")]


def pairs(changes: Sequence[str] | None) -> dict[str, object]:
    """`PATH=VALUE` flags as a mapping; raises InputError for one without `=`."""
    pairs: dict[str, object] = {}
    for change in changes or ():
        path, sign, value = change.partition("=")
        if not sign or not path.strip():
            refuse(
                f"--set {change}", "A change is written PATH=VALUE.", "Such as `--set run.horizon='2 weeks'`."
            )
        pairs[path.strip()] = value
    return pairs


def follow(steps: Any, label: str, quiet: bool) -> Any:
    """Drive a stream to its result, with progress on stderr; an interrupt says how much of it is kept."""
    from twin.experiment.run import Progress, drain

    line = terminal.ProgressLine(label, quiet=quiet)
    kept = ""

    def show(step: Any) -> None:
        nonlocal kept
        if isinstance(step, Progress):
            kept = f"At least {step.kept} of {step.total} replications"
        line.show(step.done, step.total)

    try:
        return drain(steps, show)
    except KeyboardInterrupt:
        line.close()
        terminal.print_kept(kept)
        raise
    finally:
        line.close()


def follow_sweep(steps: Any, label: str, quiet: bool) -> Any:
    """Drive a sweep to its end, with progress on stderr."""
    line = terminal.ProgressLine(label, quiet=quiet)
    try:
        while True:
            try:
                step = next(steps)
            except StopIteration as end:
                return end.value
            line.show(step.done, step.total, found=step.found, failed=step.failed)
    except KeyboardInterrupt:
        steps.close()
        raise
    finally:
        line.close()


def note(workspace: Path | None, what: str, runs: Sequence[str]) -> None:
    """Put what was done with these runs in the audit trail."""
    from twin.experiment import audit
    from twin.experiment.store import workspace_at

    audit.record(workspace_at(workspace).path, what, before=" ".join(runs), why="twin " + what.split()[0])


def refuse(where: str, message: str, hint: str) -> NoReturn:
    """Raise InputError about a flag."""
    raise InputError([Problem(where, 0, 0, message, hint)])


def simulation_error() -> type[Exception]:
    """The error of a run that cannot go on, without loading what runs."""
    from twin.experiment.run import SimulationError

    return SimulationError
