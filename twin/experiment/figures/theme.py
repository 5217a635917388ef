"""What all figures share: light and dark templates, escaped names, and the table that a figure carries
with it.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif"
INK = {"light": "#1f2933", "dark": "#e4e7eb"}
GRID = {"light": "#e4e7eb", "dark": "#3e4c59"}
HATCH = {"light": "#ffffff", "dark": "#1f2933"}


@dataclass(frozen=True)
class FigureTable:
    """The numbers that a figure shows: a caption, column names with units, rows of text or numbers."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]


def new_figure(
    template: str, caption: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]
) -> go.Figure:
    """An empty figure with its table; raises ValueError for a template other than `light` and `dark`."""
    if template not in INK:
        raise ValueError(f"There is no template `{template}`: choose `light` or `dark`.")
    ink, grid = INK[template], GRID[template]
    axis = {"gridcolor": grid, "linecolor": grid, "zerolinecolor": grid, "automargin": True}
    layout = {
        "template": "none",
        "font": {"family": FONT, "size": 13, "color": ink},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "margin": {"l": 56, "r": 16, "t": 16, "b": 48},
        "xaxis": axis,
        "yaxis": axis,
        "hoverlabel": {"font": {"family": FONT}},
        "legend": {"orientation": "h", "yanchor": "bottom", "y": 1.02, "x": 0, "traceorder": "normal"},
        "meta": {
            "table": {"caption": caption, "columns": list(columns), "rows": [list(row) for row in rows]}
        },
    }
    return go.Figure(layout=layout)


def table_of(figure: go.Figure) -> FigureTable:
    """The table twin of a figure made here; raises KeyError for another one."""
    meta = figure.layout.meta
    if not isinstance(meta, dict) or "table" not in meta:
        raise KeyError("This figure carries no table.")
    table = meta["table"]
    return FigureTable(table["caption"], tuple(table["columns"]), tuple(tuple(row) for row in table["rows"]))


def escaped(name: str) -> str:
    """A name safe to show: Plotly reads some HTML in texts."""
    return html.escape(name, quote=False)


def rounded(value: float | None, digits: int = 3) -> float | None:
    """To significant digits, for tables."""
    return None if value is None else float(f"{value:.{digits}g}")


def faint(color: str, opacity: float) -> str:
    """`#rrggbb` as `rgba()`, for bands."""
    red, green, blue = (int(color[k : k + 2], 16) for k in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity:g})"
