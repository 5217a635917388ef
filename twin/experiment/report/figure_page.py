"""One figure as a page of its own, with its numbers in a table: what commands write for `--html` and `--out`.

It is drawn as in a report. A figure with marks that the drawing does not know, such as a floor plan, is left
to Plotly, whose script the page then holds.
"""

from __future__ import annotations

from typing import Any

from twin.experiment.figures.theme import table_of
from twin.experiment.report.document import STATIC, WITH_SCRIPT, document
from twin.experiment.report.drawing import svg_of
from twin.experiment.report.markup import Markup, joined, tag, verbatim
from twin.experiment.report.section import numbers_of


def figure_page(figure: Any, title: str) -> str:
    """The page's text; raises KeyError for a figure that carries no table."""
    shown = table_of(figure)
    drawing = svg_of(figure, "f1", f"{title}. {shown.caption}")
    chart = _by_plotly(figure) if drawing is None else drawing
    body = [
        tag("figure", chart, tag("figcaption", shown.caption, ".")),
        tag("section", tag("h2", "The numbers"), numbers_of(shown)),
    ]
    allowed = WITH_SCRIPT if drawing is None else STATIC
    return document(title, "Figure of a simulation with twin", None, joined(body), allowed)


def _by_plotly(figure: Any) -> Markup:
    import plotly.io

    bare = {"displayModeBar": False}  # its buttons lie over the legend
    return verbatim(plotly.io.to_html(figure, config=bare, include_plotlyjs=True, full_html=False))
