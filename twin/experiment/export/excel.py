"""Sheets as one Excel file, written row by row so that memory does not grow with it.

Texts are written as texts whatever they begin with; nothing becomes a formula, a link or a number. A sheet
that is longer than Excel's goes on in another of its name and a number.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from twin.experiment import files
from twin.experiment.export.sheets import Cell, Sheet
from twin.plant.errors import InputError, Problem

MOST_ROWS, MOST_COLUMNS = 1_048_576, 16_384  # of a sheet, its header included
LONGEST = 32_767  # characters of a cell
LARGEST_WHOLE = 2**53  # from which on Excel rounds whole numbers; they are written as text
WIDTHS = {"measure": 34.0, "label": 40.0, "name": 28.0, "value": 80.0}
_AS_WRITTEN = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


def write_excel(sheets: Iterable[Sheet], path: Path, *, most_rows: int = MOST_ROWS) -> Path:
    """Write the sheets as `path`, which appears whole or not at all; raises InputError for a sheet that is
    too wide.
    """
    import xlsxwriter

    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{files.PREFIX}{path.name}")
    try:
        with xlsxwriter.Workbook(str(temporary), _AS_WRITTEN) as book:
            bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
            for sheet in sheets:
                _write_sheet(book, sheet, bold, most_rows)
        files.persist(lambda: temporary.replace(path))
    finally:
        temporary.unlink(missing_ok=True)
    return path


def _write_sheet(book: Any, sheet: Sheet, bold: Any, most_rows: int) -> None:
    if len(sheet.header) > MOST_COLUMNS:
        message = (
            f"The sheet `{sheet.name}` has {len(sheet.header):,} columns, and Excel holds {MOST_COLUMNS:,}."
        )
        raise InputError([Problem("--format xlsx", 0, 0, message, "Take `--format csv` or `parquet`.")])
    page, at, part = _begin(book, sheet, sheet.name, bold), 1, 1
    for row in sheet.rows:
        if at == most_rows:
            part += 1
            page, at = _begin(book, sheet, f"{sheet.name} {part}", bold), 1
        for k, cell in enumerate(row):
            _write_cell(page, at, k, cell)
        at += 1


def _begin(book: Any, sheet: Sheet, name: str, bold: Any) -> Any:
    page = book.add_worksheet(name)
    page.freeze_panes(1, 0)
    for k, head in enumerate(sheet.header):
        page.set_column(k, k, WIDTHS.get(head, min(max(len(head) + 2.0, 10.0), 28.0)))
        page.write_string(0, k, head[:LONGEST], bold)
    return page


def _write_cell(page: Any, row: int, column: int, cell: Cell) -> None:
    match cell:
        case None:
            return
        case bool():
            page.write_boolean(row, column, cell)
        case str():
            page.write_string(row, column, cell if len(cell) <= LONGEST else f"{cell[: LONGEST - 1]}…")
        case int() if abs(cell) >= LARGEST_WHOLE:
            page.write_string(row, column, str(cell))
        case float() if not math.isfinite(cell):
            if not math.isnan(cell):
                page.write_string(row, column, str(cell))
        case _:
            page.write_number(row, column, cell)
