"""`twin audit`: the trail of who did what, when and why."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from twin import terminal
from twin.commands.common import FAILED, Json, Quiet, WorkspaceFolder

app = typer.Typer(help="The audit trail.", no_args_is_help=True)


@app.command("verify")
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
