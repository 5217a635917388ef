"""Small parts that pages share: panels, cards, tables, and the table that stands beside every figure."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go
from dash import dcc, html

from twin.experiment.figures import FigureTable, table_of
from twin.web.attributes import attributes
from twin.web.icons import icon

ROWS_SHOWN = 200
FITTING = {
    "font_family": "Inter, system-ui, sans-serif",
    "font_size": 12,
    "margin": {"l": 8, "r": 18, "t": 8, "b": 32},
}
GRAPH_CONFIG: Any = {"displaylogo": False, "displayModeBar": False, "responsive": True, "showTips": False}


def panel(title: str, note: str, *children: Any, tools: Any = None) -> Any:
    """Return a titled panel; `tools` stand at the right of its title."""
    return html.Section(
        [html.Div([html.H2(title), html.P(note), tools], className="panel-head"), *children],
        className="panel",
        **attributes(aria_label=title),
    )


def figure_panel(title: str, figure: go.Figure) -> Any:
    """Return a panel with a figure and, folded, the same content as a table."""
    return panel(title, table_of(figure).caption, *figure_and_table(title, figure))


def figure_and_table(title: str, figure: go.Figure) -> tuple[Any, Any]:
    """Return a figure, named for those who do not see it, and its table."""
    told = table_of(figure)
    bare = go.Figure(figure).update_layout(meta=None, **FITTING)
    graph = dcc.Graph(figure=bare, config=GRAPH_CONFIG, responsive=True, style={"height": bare.layout.height})
    name = f"{title}. {told.caption}. The table below has the numbers."
    return html.Div(graph, role="img", **attributes(aria_label=name)), folded_table(told)


def folded_table(told: FigureTable) -> Any:
    """Return a table that unfolds; long ones show their first rows and say where the rest is."""
    rows = [tuple("–" if cell is None else cell for cell in row) for row in told.rows[:ROWS_SHOWN]]
    rest = f"The first {ROWS_SHOWN} of {len(told.rows):,} rows; the Parquet download has all."
    return html.Details(
        [
            html.Summary([icon("table"), "As a table"]),
            html.Div(table(told.columns, rows), className="scroll", tabIndex=0),
            *([html.P(rest, className="faint")] if len(told.rows) > len(rows) else []),
        ],
        className="twin-table",
    )


def table(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> Any:
    """Return a table whose first column names the row; columns of numbers are set right.

    It goes to the browser as data, and `assets/tables.js` builds it when it is looked at: a component for
    each of some thousand cells would take the browser seconds.
    """
    numbers = [bool(rows) and all(_numeric(row[i]) for row in rows) for i in range(len(columns))]
    data = {"columns": list(columns), "numbers": numbers, "rows": [[str(c) for c in row] for row in rows]}
    return html.Div(className="table-host", **attributes(data_table=json.dumps(data, ensure_ascii=False)))


def notice(*children: Any, kind: str = "") -> Any:
    """Return a line that tells the user something about the page."""
    return html.Div(list(children), className=f"notice {kind}".strip(), role="status")


def empty(symbol: str, title: str, text: str) -> Any:
    """Return what a page shows where there is nothing yet."""
    return html.Div([icon(symbol), html.H2(title), html.P(text)], className="empty")


def _numeric(cell: Any) -> bool:
    text = str(cell).lstrip("+−-").replace("\u2009", "").replace(" %", "")
    return text in ("", "–") or text.replace(".", "", 1).replace(",", "").isdigit()
