"""`twin results verify`: whether runs and sweeps are what was written, and computing anew what is not."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from twin import terminal
from twin.commands.common import FAILED, Json, Quiet, Workers, WorkspaceFolder, follow
from twin.plant.errors import InputError

if TYPE_CHECKING:
    from twin.experiment.verify import Verified


def verify_results(
    reference: Annotated[
        str | None, typer.Argument(metavar="[RUN|SWEEP]", help="Default: all of the workspace.")
    ] = None,
    repair: Annotated[bool, typer.Option("--repair", help="Compute what is damaged anew.")] = False,
    workers: Workers = None,
    as_json: Json = False,
    quiet: Quiet = False,
    workspace: WorkspaceFolder = None,
) -> None:
    """Check every file of runs and sweeps by its checksum, and name each that is damaged."""
    from twin.experiment.verify import verify

    looked = list(verify(reference, workspace))
    damaged = [found for found in looked if found.damages]
    mended = []
    if repair:
        for found in damaged:
            mended.append((found, _mend(found, workspace, workers, quiet=quiet or as_json)))
    left = [pair for pair in mended if pair[1]] if repair else [(found, "") for found in damaged]
    if as_json:
        terminal.print_json(_object(looked, mended))
    elif not quiet:
        _show(looked, damaged, mended)
    if left:
        raise typer.Exit(FAILED)


def _mend(found: Verified, workspace: Path | None, workers: int | None, *, quiet: bool) -> str:
    """Compute a run or sweep anew; returns why it cannot be, empty where it was."""
    from twin.experiment.verify import repair_run, repair_sweep, verify

    repair = repair_sweep if found.kind == "sweep" else repair_run
    try:
        follow(repair(found, workspace, workers), found.id, quiet)
    except InputError as error:
        return " ".join(f"{problem.message} {problem.hint}" for problem in error.problems)
    (again,) = verify(str(found.path), workspace)
    return " ".join(damage.sentence for damage in again.damages)


def _object(looked: Sequence[Verified], mended: Sequence[tuple[Verified, str]]) -> dict[str, Any]:
    why = {found.path: reason for found, reason in mended}
    return {
        "checked": len(looked),
        "damaged": [
            {
                "kind": found.kind,
                "id": found.id,
                "files": [
                    {"file": str(d.file), "expected": d.expected, "found": d.found} for d in found.damages
                ],
                "repaired": found.path in why and not why[found.path],
                "message": why.get(found.path, ""),
            }
            for found in looked
            if found.damages
        ],
    }


def _show(
    looked: Sequence[Verified], damaged: Sequence[Verified], mended: Sequence[tuple[Verified, str]]
) -> None:
    for found in damaged:
        print(f"{found.kind} {found.id}", file=sys.stderr)
        for damage in found.damages:
            print(f"  {damage.file}: {damage.sentence}", file=sys.stderr)
    for found, reason in mended:
        print(f"{found.kind} {found.id}: {reason or 'computed anew, and as it was.'}")
    print(f"{len(looked)} looked at, {len(damaged)} damaged.")
