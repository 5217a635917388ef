"""A section of a report, the figures in it, and the hooks by which others add theirs.

A section is made by a function of what is reported; one that has nothing to say returns None. Sensitivity,
selection and optimisation append their functions to `RUN_SECTIONS` or `SWEEP_SECTIONS` (in
`twin.experiment.report.sections`), and draw through `Figures`, which numbers figures and keeps their tables.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from twin.experiment.figures.theme import FigureTable, table_of
from twin.experiment.query.stored import StoredSweep
from twin.experiment.report.drawing import svg_of
from twin.experiment.report.markup import Markup, joined, table, tag
from twin.experiment.results import Result


@dataclass(frozen=True)
class Section:
    """A heading and what stands below it."""

    title: str
    body: Markup


@dataclass
class Figures:
    """The figures of a report so far; each has a number and a table of what it shows."""

    tables: list[tuple[str, FigureTable]] = field(default_factory=list)

    def draw(self, figure: Any, title: str) -> Markup:
        """A figure of `twin.experiment.figures` with its title, caption and a link to its table.

        Raises KeyError for a figure that carries no table.
        """
        shown = table_of(figure)
        self.tables.append((title, shown))
        number = len(self.tables)
        drawing = svg_of(figure, f"f{number}", f"{title}. {shown.caption}")
        link = tag("a", f"table {number}", href=f"#table-{number}")
        caption = tag(
            "figcaption", tag("b", f"Figure {number}. {title}. "), f"{shown.caption}. Its numbers: ", link
        )
        empty = tag("p", "The numbers stand in the table.", class_="quiet")
        return tag("figure", drawing or empty, caption, id=f"figure-{number}")

    def appendix(self) -> Section | None:
        """The tables of all figures."""
        if not self.tables:
            return None
        parts = [
            tag(
                "div",
                tag("h3", f"Table {number}. {title}"),
                tag(
                    "p",
                    shown.caption,
                    " (",
                    tag("a", f"figure {number}", href=f"#figure-{number}"),
                    ")",
                    class_="quiet",
                ),
                numbers_of(shown),
                id=f"table-{number}",
            )
            for number, (title, shown) in enumerate(self.tables, start=1)
        ]
        return Section("The numbers of the figures", joined(parts))


def numbers_of(shown: FigureTable) -> Markup:
    """The table of a figure's numbers."""
    return table(shown.columns, shown.rows, numbers=_numeric(shown), class_="small")


def _numeric(shown: FigureTable) -> list[str]:
    """Columns in which all cells are numbers."""
    cells = zip(*shown.rows, strict=True) if shown.rows else [()] * len(shown.columns)
    return [
        name
        for name, column in zip(shown.columns, cells, strict=True)
        if column and all(isinstance(cell, (int, float)) or cell is None for cell in column)
    ]


OfRun = Callable[[Result, Figures], Section | None]
OfSweep = Callable[[StoredSweep, Figures], Section | None]
