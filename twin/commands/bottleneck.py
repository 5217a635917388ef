"""`twin bottleneck`: which unit holds the plant up, and what making each one faster would bring."""

from __future__ import annotations

from typing import Annotated

import typer

from twin import terminal
from twin.commands.common import (
    FAILED,
    PARTLY,
    Changes,
    Device,
    DryRun,
    Engine,
    Json,
    Quiet,
    Replications,
    Seed,
    Workers,
    WorkspaceFolder,
    follow,
    pairs,
    simulation_error,
)


def bottleneck(
    source: Annotated[str, typer.Argument(metavar="SCENARIO|PLANT", help="A file, or twin:NAME.")],
    faster: Annotated[str, typer.Option(help="By how much each unit is made faster.")] = "5%",
    units: Annotated[
        list[str] | None, typer.Option(help="Equipment to make faster, as often as needed; default: all.")
    ] = None,
    measure: Annotated[str, typer.Option(help="The measure whose gain is asked for.")] = "throughput",
    changes: Changes = None,
    replications: Replications = None,
    seed: Seed = None,
    engine: Engine = "auto",
    device: Device = "auto",
    workers: Workers = None,
    dry_run: DryRun = False,
    as_json: Json = False,
    quiet: Quiet = False,
    workspace: WorkspaceFolder = None,
) -> None:
    """Find the bottleneck: by active periods, and by the gain when each unit is made faster."""
    from twin import reports
    from twin.experiment.gain import compare_gains, parse_share, plan, streams

    study = plan(
        source,
        pairs(changes),
        faster=parse_share(faster),
        equipment=units,
        measure=measure,
        replications=replications,
        seed=seed,
        engine=engine,
        device=device,
        workspace=workspace,
    )
    if dry_run:
        points = [("", study.baseline), *((v.label, v.prepared) for v in study.variants)]
        reports.show_plan(points, as_json=as_json)
        return
    results, failures = {}, {}
    for name, label, steps in streams(study, workspace=workspace, workers=workers):
        try:
            results[name] = follow(steps, label, quiet or as_json)
        except (RuntimeError, simulation_error()) as error:
            if name == "":
                raise
            failures[name] = str(error)
    found = compare_gains(study, results, failures)
    if as_json:
        terminal.print_json(reports.bottleneck_object(found))
    elif not quiet:
        reports.show_bottleneck(found)
    if failures:
        raise typer.Exit(PARTLY if len(failures) < len(study.variants) else FAILED)
