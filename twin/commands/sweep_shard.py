"""`twin sweep --shard I/N` and `--merge`: a part of a sweep on this machine, and the parts put together."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer

from twin import terminal
from twin.commands.common import FAILED, PARTLY, follow_sweep


def run(
    source: str,
    plan: Any,
    workspace: Path | None,
    out: Path | None,
    workers: int | None,
    *,
    as_json: bool,
    quiet: bool,
) -> None:
    """Compute a shard and say what became of it."""
    from twin.experiment.sweeps.shards import stream_shard

    steps = stream_shard(plan, workspace=workspace, out=out, workers=workers)
    folder, report = follow_sweep(steps, f"{plan.study.name} {plan.shard}", quiet or as_json)
    if as_json:
        terminal.print_json(_object(source, plan, folder, report))
    elif not quiet:
        _show(plan, folder, report)
    if report.failed:
        raise typer.Exit(PARTLY if report.points else FAILED)


def merged(plan: Any, workspace: Path | None, out: Path | None) -> Any:
    """The folder of a sweep whose files are made of what its shards have left."""
    from twin.experiment.sweeps.shards import merge

    return merge(plan, workspace=workspace, out=out, why="twin sweep --merge")


def _object(source: str, plan: Any, folder: Any, report: Any) -> dict[str, Any]:
    return {
        "sweep": source,
        "id": plan.id,
        "shard": report.shard,
        "folder": str(folder.path),
        "points": len(plan.chosen),
        "replications": report.replications,
        "failed": [{"point": number, "error": error} for number, error in sorted(report.failed.items())],
        "left": list(report.left),
    }


def _show(plan: Any, folder: Any, report: Any) -> None:
    done = len(report.points)
    print(f"shard {report.shard}: {done} of {len(plan.chosen)} points, {report.replications} replications")
    for number, error in sorted(report.failed.items()):
        print(f"point {number} failed: {error}")
    if report.left:
        print(f"{len(report.left)} points are whole runs, and left to the sweep without `--shard`.")
    print(f"sweep {plan.id}  folder {folder.path}")
    print("When all shards have ended: the same command with `--merge` instead of `--shard`.")
