"""Tables of a spreadsheet, CSV or Excel: a file in, rows of cells with their places out, or what is wrong.

Nothing here knows what the columns mean. Only values are read: a formula counts as the value that was
computed when the file was saved. What spreadsheets add unasked (byte-order marks, empty rows, a `sep=` line,
semicolons in place of commas) is understood; what could be read in two ways is refused.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path as FilePath
from typing import Any

from twin.plant.errors import MOST, InputError, Problem

MOST_BYTES = 20_000_000
MOST_UNPACKED = 400_000_000  # of an Excel file, in all
MOST_PARTS = 2_000  # of an Excel file
MOST_ROWS = 100_000
MOST_COLUMNS = 100

Cell = str | int | float | bool


@dataclass(frozen=True)
class Row:
    """A row that is not empty: its number in the file and its cells by column number, both from 1."""

    number: int
    cells: Mapping[int, Cell]


@dataclass
class Table:
    """A table's heading and rows, with the problems of single cells; `text` is the table as CSV."""

    heading: Mapping[int, str]
    heading_row: int
    rows: list[Row]
    problems: list[Problem] = field(default_factory=list)
    text: str = ""


def read_table(path: FilePath, name: str, sheet: str | None) -> Table:
    """Read a `.csv` or `.xlsx` file, called `name` in problems. `sheet` is for Excel; none: its first.

    Raises `InputError` where the file is not there, is too large, or is no such table.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise _refused(name, f"The file is larger than {MOST_BYTES // 1_000_000} MB.", "Split it.")
        content = path.read_bytes()
    except OSError as error:
        reason = error.strerror or "it cannot be read"
        raise _refused(name, f"The file cannot be read: {reason}.", "Check its name.") from None
    if path.suffix.lower() == ".xlsx":
        return _excel(content, name, sheet)
    if path.suffix.lower() == ".csv":
        if sheet is not None:
            raise _refused(name, "A CSV file has no sheets.", "Leave `sheet` out.")
        return _csv(content, name)
    raise _refused(name, "The file is neither `.csv` nor `.xlsx`.", "Save it as one of them.")


def _csv(content: bytes, name: str) -> Table:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _refused(name, "The file is in UTF-16.", "Save it as `CSV UTF-8`.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        problem = Problem(name, line, 1, "The line is not in UTF-8.", "Save the file as `CSV UTF-8`.")
        raise InputError([problem]) from None
    separator, skipped = _separator(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    rows: list[tuple[int, list[Cell | None]]] = []
    before = 0
    try:
        for cells in reader:
            if before >= skipped:
                rows.append((before + 1, [cell.strip() or None for cell in cells]))
            before = reader.line_num
    except csv.Error as error:
        problem = Problem(name, before + 1, 1, f"The row cannot be read: {error}.", "Check its quotes.")
        raise InputError([problem]) from None
    table = _table(iter(rows), name)
    table.text = content.decode("utf-8")
    return table


def _separator(text: str) -> tuple[str, int]:
    """What separates cells, and how many lines at the top say only that."""
    first = text.partition("\n")[0].rstrip("\r")
    said = re.fullmatch(r"sep=(.)", first)
    if said:
        return said[1], 1
    heading = next((line for line in text.splitlines() if line.strip(" ,;\t")), "")
    return max(",;\t", key=heading.count), 0


def _excel(content: bytes, name: str, sheet: str | None) -> Table:
    import openpyxl  # takes long, and few plants have their orders in Excel

    _check_package(content, name)
    try:
        values = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        written = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=False)
        names = [each.title for each in values.worksheets]
        if not names or (sheet is not None and sheet not in names):
            hint = f"There is {', '.join(f'`{each}`' for each in names[:12])}." if names else ""
            raise _refused(name, f"The file has no sheet `{sheet}`.", hint)
        title = sheet or names[0]
        if b"<mergeCell " in _part_of(values[title], content):
            raise _refused(name, f"Sheet `{title}` has merged cells.", "Unmerge them.")
        problems: list[Problem] = []
        table = _table(_values(values[title], written[title], name, problems), name)
    except (KeyError, ValueError, TypeError, AttributeError, zipfile.BadZipFile, SyntaxError) as error:
        raise _refused(name, f"The file is no Excel workbook that can be read: {error}.", "") from None
    table.problems[:0] = problems
    table.text = _as_csv(table)
    return table


def _check_package(content: bytes, name: str) -> None:
    """Refuse what is no package of XML, unpacks to too much, or declares entities of its own."""
    try:
        package = zipfile.ZipFile(io.BytesIO(content))
    except zipfile.BadZipFile:
        raise _refused(name, "The file is no Excel workbook.", "Save it as `.xlsx`.") from None
    parts = package.infolist()
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise _refused(name, "The workbook is too large when unpacked.", "Give the orders one of their own.")
    for part in parts:
        if part.filename.endswith((".xml", ".rels")):
            with package.open(part) as file:
                unpacked = file.read(part.file_size + 1)
            if _declares(unpacked.replace(b"\0", b"")):  # in UTF-16 every other byte is zero
                raise _refused(name, f"`{part.filename}` in the workbook declares a document type.", "")


def _declares(xml: bytes) -> bool:
    return re.search(rb"<!\s*(DOCTYPE|ENTITY)", xml, re.IGNORECASE) is not None


def _part_of(sheet: Any, content: bytes) -> bytes:
    """The XML of a sheet."""
    part = str(sheet._worksheet_path).lstrip("/")
    return zipfile.ZipFile(io.BytesIO(content)).read(part)


def _values(
    values: Any, written: Any, name: str, problems: list[Problem]
) -> Iterator[tuple[int, list[Cell | None]]]:
    """The rows of a sheet as cells that CSV could have, formulas by their values."""
    for sheet in (values, written):
        sheet.reset_dimensions()  # which some programs write wrongly
    both = zip(values.iter_rows(), written.iter_rows(), strict=True)
    for number, (row, formulas) in enumerate(both, 1):
        cells: list[Cell | None] = []
        for column, (cell, formula) in enumerate(zip(row, formulas, strict=True), 1):
            value, complaint = _plain(cell.value), ""
            if cell.value is None and formula.value is not None:
                complaint = "The cell has a formula without a value."
            elif cell.data_type == "e":
                value, complaint = None, f"The cell has the error `{cell.value}`."
            if complaint:
                hint = "Open the file in a spreadsheet program, see that the cell is right, and save it."
                problems.append(Problem(name, number, column, complaint, hint))
            cells.append(value)
        yield number, cells


def _plain(value: object) -> Cell | None:
    """A cell's value as text or a number, dates as the language writes them."""
    if isinstance(value, datetime):
        return value.replace(microsecond=0).isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, timedelta):
        return f"{value.total_seconds():.12g} s"
    if isinstance(value, time):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, (bool, int, float)):
        return value
    return None if value is None else str(value).strip() or None


def _table(rows: Iterator[tuple[int, list[Cell | None]]], name: str) -> Table:
    """Heading and rows; empty rows are left out."""
    filled = ((number, cells) for number, cells in rows if any(cell is not None for cell in cells))
    heading_row, heading = next(filled, (0, []))
    if not heading_row:
        raise _refused(name, "The table is empty.", "Its first row names the columns.")
    columns = {c: str(cell) for c, cell in enumerate(heading, 1) if cell is not None}
    table = Table(columns, heading_row, [])
    for number, cells in filled:
        if len(table.rows) == MOST_ROWS:
            raise _refused(name, f"The table has more than {MOST_ROWS:,} rows.", "Split it.")
        found = {c: cell for c, cell in enumerate(cells, 1) if cell is not None}
        strange = [c for c in found if c not in columns or c > MOST_COLUMNS]
        if strange and len(table.problems) < MOST:
            message = "The cell stands in a column without a heading."
            hint = "A comma inside a cell needs quotes around the cell."
            table.problems.append(Problem(name, number, strange[0], message, hint))
        table.rows.append(Row(number, {c: cell for c, cell in found.items() if c in columns}))
    return table


def _as_csv(table: Table) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    width = max(table.heading)
    writer.writerow([table.heading.get(c, "") for c in range(1, width + 1)])
    for row in table.rows:
        writer.writerow([row.cells.get(c, "") for c in range(1, width + 1)])
    return out.getvalue()


def _refused(name: str, message: str, hint: str) -> InputError:
    return InputError([Problem(name, 0, 0, message, hint)])
