"""Figures of unit states under the app's own legend: the same swatches on every page, in one order."""

from __future__ import annotations

from collections.abc import Container
from typing import Any

import plotly.graph_objects as go
from dash import html

from twin.experiment.figures import state_stacks, table_of
from twin.experiment.figures.palette import STATE_LOOKS
from twin.experiment.results import Result
from twin.web.attributes import attributes
from twin.web.parts import figure_and_table, panel

ROW, NARROW_ROW, MANY = 32, 22, 24  # px for each unit, and for each of more than so many
AXIS = 44  # px for the axis below

# Plotly's fill patterns by the class of assets/app.css that draws the same on a swatch.
HATCHES = {
    "": "none",
    "/": "rising",
    "\\": "falling",
    "x": "crossed",
    "-": "flat",
    "|": "upright",
    "+": "grid",
    ".": "dotted",
}


def states_panel(result: Result) -> Any:
    """Return the panel with each unit's share of time in each state."""
    figure = state_stacks(result)
    return panel(
        "Where the time goes", table_of(figure).caption, *states_figure("Where the time goes", figure)
    )


def states_figure(title: str, figure: go.Figure) -> tuple[Any, ...]:
    """Return a figure of states under its legend, and its table."""
    shown = {trace.name for trace in figure.data}
    units = len(figure.layout.yaxis.categoryarray)
    figure.update_layout(showlegend=False, height=(NARROW_ROW if units > MANY else ROW) * units + AXIS)
    return state_legend(shown), *figure_and_table(title, figure)


def state_legend(labels: Container[str] | None = None) -> Any:
    """Return the legend of the states with these labels; default: of all."""
    looks = [look for look in STATE_LOOKS.values() if labels is None or look.label in labels]
    return html.Div(
        [
            html.Span(
                [
                    html.Span(
                        className=f"swatch hatch-{HATCHES[look.pattern]}",
                        style={"backgroundColor": look.color},
                        **attributes(aria_hidden="true"),
                    ),
                    look.label,
                ]
            )
            for look in looks
        ],
        className="legend",
    )
