"""A figure as one page of HTML that needs nothing else: the chart, and its numbers as a table."""

from __future__ import annotations

import html
from typing import Any

import plotly.io

from twin.experiment.figures.theme import table_of

STYLE = (
    "body{font-family:system-ui,sans-serif;margin:2rem;max-width:70rem}table{border-collapse:collapse}"
    "td,th{padding:.2rem .8rem;text-align:right;border-bottom:1px solid #ddd}"
)


def page_of(figure: Any, title: str) -> str:
    """The page's text; raises KeyError for a figure that carries no table."""
    table = table_of(figure)
    head = "".join(f"<th scope='col'>{html.escape(column)}</th>" for column in table.columns)
    rows = "".join(
        "<tr>" + "".join(f"<td>{'' if v is None else html.escape(str(v))}</td>" for v in row) + "</tr>"
        for row in table.rows
    )
    chart = plotly.io.to_html(figure, include_plotlyjs=True, full_html=False)
    name = html.escape(title)
    return (
        f"<!doctype html><html lang='en'><head><meta charset='utf-8'><title>{name}</title>"
        f"<style>{STYLE}</style></head><body><h1>{name}</h1><p>{html.escape(table.caption)}</p>{chart}"
        f"<details><summary>The numbers</summary><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody>"
        "</table></details></body></html>\n"
    )
