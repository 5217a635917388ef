"""Sheets as CSV files, a file each: UTF-8, comma, a header with units, numbers to their last digit."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Iterator
from pathlib import Path

from twin.experiment.export.cells import as_text
from twin.experiment.export.sheets import Cell, Sheet


def write_csv(sheets: Iterable[Sheet], folder: Path) -> Iterator[Path]:
    """Write each sheet into the folder, yielding its file."""
    folder.mkdir(parents=True, exist_ok=True)
    for sheet in sheets:
        path = folder / f"{sheet.name}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow([as_text(name) for name in sheet.header])
            writer.writerows([_written(cell) for cell in row] for row in sheet.rows)
        yield path


def _written(cell: Cell) -> Cell:
    if isinstance(cell, str):
        return as_text(cell)
    return None if isinstance(cell, float) and math.isnan(cell) else cell
