"""`twin results export`: a run or a sweep as files for other programs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from twin import terminal
from twin.commands.common import Json, Quiet, WorkspaceFolder, note, refuse

if TYPE_CHECKING:
    from twin.experiment.query.stored import StoredSweep
    from twin.experiment.results import Result

FORMATS = ("parquet", "csv", "xlsx")
BOOK = "results.xlsx"


def export_results(
    reference: Annotated[str, typer.Argument(metavar="RUN|SWEEP")],
    out: Annotated[Path, typer.Option("--out", help="An empty or new folder, or a new file.xlsx.")],
    kind: Annotated[str | None, typer.Option("--format", help="parquet, csv or xlsx.")] = None,
    as_json: Json = False,
    quiet: Quiet = False,
    workspace: WorkspaceFolder = None,
) -> None:
    """Write a run's measures and record, or a sweep's results, as tables."""
    from twin.experiment.query.stored import find_sweep
    from twin.experiment.results import open_result

    is_book = out.suffix.lower() == ".xlsx"
    chosen = kind or ("xlsx" if is_book else "parquet")
    if chosen not in FORMATS or (is_book and chosen != "xlsx"):
        refuse("--format", f"`{out}` cannot be of format `{chosen}`.", f"Choose {', '.join(FORMATS)}.")
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        refuse(str(out), "This place is not empty.", "Give an empty or a new folder, or a new file.")
    sweep = find_sweep(reference, workspace)
    result = None if sweep else open_result(reference, workspace)
    book = out if is_book else out / BOOK
    written = [str(path) for path in (_of_sweep(sweep, out, book, chosen) if sweep else ())]
    written += [str(path) for path in (_of_run(result, out, book, chosen) if result else ())]
    name = str((sweep or result).id)  # type: ignore[union-attr]  # one of them is there
    note(workspace, "export tables", [name])
    if as_json:
        terminal.print_json({"sweep" if sweep else "run": name, "files": written})
    elif not quiet:
        print("\n".join(written))


def _of_run(result: Result, out: Path, book: Path, kind: str) -> Iterator[Path]:
    """A run's tables, its record among them unless they go into one Excel file."""
    from twin.experiment.export import run_sheets, write_excel
    from twin.experiment.tables import export_tables

    if kind == "xlsx":
        yield write_excel(run_sheets(result), book)
    else:
        yield from export_tables(result, out, kind)


def _of_sweep(sweep: StoredSweep, out: Path, book: Path, kind: str) -> Iterator[Path]:
    from twin.experiment.export import sweep_sheets, write_csv, write_excel, write_parquet

    sheets = sweep_sheets(sweep)
    if kind == "xlsx":
        yield write_excel(sheets, book)
    else:
        yield from (write_csv if kind == "csv" else write_parquet)(sheets, out)
