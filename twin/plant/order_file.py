"""An order book from a file: each row is a line of `orders`, each column one of its words.

`load.py` calls `with_order_files` before anything is checked; what the file says then goes through the same
checks as `orders` in YAML, and every complaint names the row and the column. Columns have the names of the
keys; `every [h]` gives the unit of a column of plain numbers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path as FilePath

from twin.plant import shipped
from twin.plant.checking import Origin
from twin.plant.document import Document
from twin.plant.errors import Complaint, InputError, Path, Problem
from twin.plant.sentences import did_you_mean, sentence
from twin.plant.tables import Cell, Table, read_table

COLUMNS = (
    "recipe",
    "batches",
    "every",
    "first",
    "at",
    "times",
    "due",
    "priority",
    "hot",
    "release",
    "when_full",
)
_WHOLE = ("batches", "times", "priority")
_WITH_UNIT = ("every", "first", "due")
_KEYS = ("file", "sheet")
_HEADING = re.compile(r"([a-z_]+)\s*(?:\[\s*([^\]\s]+)\s*\])?")
_DECIMAL_COMMA = re.compile(r"\s*[-+]?\d+,\d+(\s.*)?")
_DAY_FIRST = re.compile(r"\s*\d{1,2}[./-]\d{1,2}[./-]\d{2,4}(\s.*)?")


@dataclass(frozen=True)
class OrderFile:
    """The lines of an order file as data of a plant, the row and the columns of each, and what is wrong."""

    name: str
    lines: Sequence[dict[str, object]]
    rows: Sequence[int]
    columns: Mapping[str, int]
    text: str
    problems: Sequence[Problem] = field(default=())
    words: Mapping[str, object] = field(default_factory=dict)  # by which the plant names it

    def problem(self, complaint: Complaint) -> Problem:
        """The complaint about a line with its row, and its column where it is about one."""
        index, *keys = (*complaint.path, None)[:2] if complaint.path else (None, None)
        row = self.rows[index] if isinstance(index, int) and index < len(self.rows) else 1
        column = self.columns.get(str(keys[0]), 1) if keys else 1
        return Problem(self.name, row, column, complaint.message, complaint.hint)


@dataclass(frozen=True)
class _Named:
    """Where `orders` names a file: what it says, and who says it (none: the plant's own document)."""

    words: Mapping[str, object]
    by: Origin | None


def with_order_files(
    document: Document, origins: Sequence[Origin]
) -> tuple[list[Origin], OrderFile | None, list[Problem]]:
    """The changes to a plant with, before them, that of `orders` by the file which it names, if it does.

    Returns the changes, the file, and problems of naming or reading it; then a stand-in takes its place.
    """
    named, rest = _named(document, origins)
    if named is None:
        return list(origins), None, []
    try:
        book = _opened(document, named)
    except InputError as error:
        return [Origin("orders", [{"recipe": _first_recipe(document)}]), *rest], None, list(error.problems)
    lines = list(book.lines) or [{"recipe": _first_recipe(document)}]
    return [Origin("orders", lines, book), *rest], book, list(book.problems)


def names_order_file(dotted: str) -> bool:
    """Whether a dotted path may lead to the name of an order file."""
    return dotted == "orders" or dotted in [f"orders.{key}" for key in _KEYS]


def _named(document: Document, origins: Sequence[Origin]) -> tuple[_Named | None, list[Origin]]:
    """The file that `orders` names after all changes, and the changes that are not about that."""
    written = document.data.get("orders")
    named = _Named(written, None) if isinstance(written, Mapping) else None
    rest: list[Origin] = []
    for origin in origins:
        if origin.dotted == "orders":
            named = _Named(origin.value, origin) if isinstance(origin.value, Mapping) else None
            rest = [other for other in rest if not other.dotted.startswith("orders.")]
            rest += [] if named else [origin]
        elif names_order_file(origin.dotted) and named is not None:
            named = _Named({**named.words, origin.dotted.partition(".")[2]: origin.value}, origin)
        else:
            rest.append(origin)
    return named, rest


def _opened(document: Document, named: _Named) -> OrderFile:
    """Read the file that is named. Raises `InputError`."""
    file, sheet = named.words.get("file"), named.words.get("sheet")
    if not isinstance(file, str):
        hint = "Write a list of orders, or name a file: `{file: orders.csv}`."
        raise InputError([_told(document, named, (), "`orders` must be a list, and a mapping is not.", hint)])
    strange = [key for key in named.words if key not in _KEYS]
    if strange:
        message = f"`{strange[0]}` is none of the keys of an order file."
        raise InputError([_told(document, named, (strange[0],), message, did_you_mean(strange[0], _KEYS))])
    if sheet is not None and not isinstance(sheet, str):
        raise InputError([_told(document, named, ("sheet",), "`sheet` must be the name of a sheet.", "")])
    by = named.by.document if named.by is not None else None
    folder = _folder(by if isinstance(by, Document) else document)
    path = (folder / file).resolve()
    if FilePath(file).is_absolute() or not path.is_relative_to(folder.resolve()):
        message = f"The order file `{file}` leads outside the folder of the file that names it."
        raise InputError([_told(document, named, ("file",), message, "Put it into that folder.")])
    name = path.relative_to(folder.resolve()).as_posix()
    return replace(order_file(read_table(path, name, sheet), name), words=dict(named.words))


def _told(document: Document, named: _Named, path: Path, message: str, hint: str) -> Problem:
    complaint = Complaint(("orders", *path), message, hint)
    return document.problem(complaint) if named.by is None else named.by.problem(complaint, path)


def _folder(document: Document) -> FilePath:
    """The folder of a document."""
    name = document.file
    return (shipped.find(name) if name.startswith(shipped.PREFIX) else FilePath(name)).parent


def _first_recipe(document: Document) -> object:
    recipes = document.data.get("recipes")
    return next(iter(recipes), "") if isinstance(recipes, Mapping) else ""


def order_file(table: Table, name: str) -> OrderFile:
    """The lines of a table as data of `orders`."""
    problems = list(table.problems)
    columns: dict[str, int] = {}
    units: dict[str, str] = {}
    for column, heading in table.heading.items():
        match = _HEADING.fullmatch(heading.strip().lower() if "[" not in heading else heading.strip())
        key = match[1] if match else heading
        if key not in COLUMNS:
            message, hint = f"`{heading}` is none of the columns.", did_you_mean(key, COLUMNS)
            problems.append(Problem(name, table.heading_row, column, message, hint))
        elif key in columns:
            message = f"`{heading}` heads a second column."
            problems.append(Problem(name, table.heading_row, column, message, "Keep one."))
        else:
            columns[key] = column
            if match and match[2]:
                units[key] = match[2]
    if "recipe" not in columns:
        message = "The table lacks the column `recipe`."
        problems.append(Problem(name, table.heading_row, 1, message, "Name it in the first row."))
        return OrderFile(name, [], [], columns, table.text, problems)
    lines: list[dict[str, object]] = []
    for row in table.rows:
        line: dict[str, object] = {}
        for key, column in columns.items():
            if column in row.cells:
                value, wrong, hint = _value(key, row.cells[column], units.get(key))
                if wrong:
                    message = sentence(("orders", len(lines), key), wrong)
                    problems.append(Problem(name, row.number, column, message, hint))
                else:
                    line[key] = value
        lines.append(line)
    if not lines:
        problems.append(Problem(name, table.heading_row, 1, "The table has no row below its heading.", ""))
    return OrderFile(name, lines, [row.number for row in table.rows], columns, table.text, problems)


def _value(key: str, cell: Cell, unit: str | None) -> tuple[object, str, str]:
    """What a cell says as a value of the language, what is wrong with it, and a hint."""
    if isinstance(cell, str) and cell.startswith("="):
        return None, f"is a formula, `{cell[:60]}`", "Save the file with values in place of formulas."
    if key in _WHOLE:
        return _whole(cell)
    if key == "hot":
        return _true_or_false(cell)
    text = str(cell)
    if key in ("at", "due") and _DAY_FIRST.fullmatch(text):
        hint = "Write year, month and day, as in `2026-03-02 06:00`."
        return None, f"has a date that can be read in two ways, `{text}`", hint
    if key in _WITH_UNIT:
        if _DECIMAL_COMMA.fullmatch(text):
            return None, f"has a comma where a point must be, `{text}`", "Write for example `2.5 h`."
        plain = re.fullmatch(r"[-+]?\d+(\.\d*)?([eE][-+]?\d+)?", text) is not None
        return (f"{text} {unit}" if plain and unit else text), "", ""
    return text, "", ""


def _whole(cell: Cell) -> tuple[object, str, str]:
    if isinstance(cell, int) and not isinstance(cell, bool):
        return cell, "", ""
    if isinstance(cell, str) and re.fullmatch(r"[-+]?\d{1,18}", cell):
        return int(cell), "", ""
    return None, f"must be a whole number, and `{cell}` is not", ""


def _true_or_false(cell: Cell) -> tuple[object, str, str]:
    if isinstance(cell, bool):
        return cell, "", ""
    if str(cell).lower() in ("true", "false"):
        return str(cell).lower() == "true", "", ""
    return None, f"must be `true` or `false`, and `{cell}` is not", ""
