"""Small parts that pages share: panels, cards, tables, and the table that stands beside every figure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import dcc, html

from twin.web.icons import icon

ROWS_SHOWN = 200
GRAPH_CONFIG = {"displaylogo": False, "displayModeBar": False, "responsive": True, "showTips": False}


def panel(title: str, note: str, *children: Any) -> Any:
    """Return a titled panel."""
    return html.Section(
        [html.Div([html.H2(title), html.P(note)], className="panel-head"), *children],
        className="panel",
        **{"aria-label": title},
    )


def figure_panel(
    title: str, note: str, figure: Any, columns: Sequence[str], rows: Sequence[Sequence[str]]
) -> Any:
    """Return a panel with a figure and, folded, the same content as a table."""
    graph = dcc.Graph(figure=figure, config=GRAPH_CONFIG, responsive=True)
    drawing = html.Div(
        graph, role="img", **{"aria-label": f"Chart: {title}. {note} The table below has the numbers."}
    )
    return panel(title, note, drawing, folded_table(columns, rows))


def folded_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Any:
    """Return a table that unfolds; long ones show their first rows and say where the rest is."""
    shown = rows[:ROWS_SHOWN]
    rest = f"The first {ROWS_SHOWN} of {len(rows):,} rows; all are in the Parquet download."
    return html.Details(
        [
            html.Summary([icon("table"), "As a table"]),
            html.Div(table(columns, shown), className="scroll"),
            *([html.P(rest, className="faint")] if len(rows) > len(shown) else []),
        ],
        className="twin-table",
    )


def table(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> Any:
    """Return a table whose first column names the row; columns of numbers are set right."""
    kinds = ["number" if rows and all(_numeric(row[i]) for row in rows) else "" for i in range(len(columns))]
    head = [html.Th(name, className=kind, scope="col") for name, kind in zip(columns, kinds, strict=True)]
    body = [
        html.Tr([html.Td(cell, className=kind) for cell, kind in zip(row, kinds, strict=True)])
        for row in rows
    ]
    return html.Table([html.Thead(html.Tr(head)), html.Tbody(body)], className="plain-table")


def notice(*children: Any, kind: str = "") -> Any:
    """Return a line that tells the user something about the page."""
    return html.Div(list(children), className=f"notice {kind}".strip(), role="status")


def empty(symbol: str, title: str, text: str) -> Any:
    """Return what a page shows where there is nothing yet."""
    return html.Div([icon(symbol), html.H2(title), html.P(text)], className="empty")


def _numeric(cell: Any) -> bool:
    text = str(cell).lstrip("+−-").replace("\u2009", "").replace(" %", "")
    return text in ("", "–") or text.replace(".", "", 1).replace(",", "").isdigit()
