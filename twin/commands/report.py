"""`twin report`: runs and sweeps as one HTML file for people who decide, or as PDF."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from twin import terminal
from twin.commands.common import FAILED, Json, Quiet, WorkspaceFolder, note, refuse

if TYPE_CHECKING:
    from twin.experiment.query.stored import StoredSweep
    from twin.experiment.results import Result


def report(
    references: Annotated[
        list[str], typer.Argument(metavar="RUN|SWEEP…", help="The first run is the baseline.")
    ],
    html: Annotated[Path | None, typer.Option("--html", help="File to write.")] = None,
    pdf: Annotated[
        Path | None, typer.Option("--pdf", help="File to write; printed by Chromium, Chrome or Edge.")
    ] = None,
    title: Annotated[str | None, typer.Option(help="Instead of the first one's name.")] = None,
    as_json: Json = False,
    quiet: Quiet = False,
    workspace: WorkspaceFolder = None,
) -> None:
    """Write what was asked, run and found as one self-contained HTML file, or as PDF."""
    from twin.experiment import files
    from twin.experiment.report import html_of

    if html is None and pdf is None:
        refuse("--html", "It is not said where the report goes.", "Give `--html PATH` or `--pdf PATH`.")
    page = html or pdf.with_suffix(".html")  # type: ignore[union-attr]  # one of them is given
    results, sweeps = _opened(references, workspace)
    files.write_text(page, html_of(results, sweeps, title=title, workspace=workspace))
    note(workspace, "report", [*(result.id for result in results), *(sweep.id for sweep in sweeps)])
    written, message = _printed(page, pdf, keep=html is not None, quiet=quiet)
    if as_json:
        terminal.print_json({**written, "error": message or None})
    elif not quiet and not message:
        print("\n".join(written.values()))
    if message:
        if not as_json:
            print(f"twin: {message}", file=sys.stderr)
        raise typer.Exit(FAILED)


def _printed(page: Path, pdf: Path | None, *, keep: bool, quiet: bool) -> tuple[dict[str, str], str]:
    """The files that stay, by kind, and why there is no PDF; empty where there is, or none was asked for."""
    from twin.experiment.report import NoBrowserError, print_pdf

    if pdf is None:
        return {"html": str(page)}, ""
    try:
        printed = print_pdf(page, pdf)
    except NoBrowserError as error:
        return {"html": str(page)}, f"{error} The report is in {page}."
    if not printed.sandboxed and not quiet:
        print("twin: The browser ran without its sandbox, as it must for root.", file=sys.stderr)
    if keep:
        return {"html": str(page), "pdf": str(pdf)}, ""
    page.unlink()
    return {"pdf": str(pdf)}, ""


def _opened(references: list[str], workspace: Path | None) -> tuple[list[Result], list[StoredSweep]]:
    """Runs and sweeps in the order they were named."""
    from twin.experiment.query.stored import find_sweep, point_of
    from twin.experiment.results import open_result

    results: list[Result] = []
    sweeps: list[StoredSweep] = []
    for reference in references:
        sweep = None if point_of(reference, workspace) else find_sweep(reference, workspace)
        if sweep is not None:
            sweeps.append(sweep)
        else:
            results.append(open_result(reference, workspace))
    return results, sweeps
