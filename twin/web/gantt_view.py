"""The Gantt chart with what chooses its part: which replication, and how much of its time."""

from __future__ import annotations

from typing import Any

import dash
import dash_mantine_components as dmc
from dash import Dash, Input, Output, State, html

from twin.experiment.figures import gantt, table_of
from twin.experiment.results import Result
from twin.web.attributes import attributes
from twin.web.backend import Backend
from twin.web.parts import panel
from twin.web.states_view import states_figure

TITLE = "Gantt"
DAY = 86_400_000_000_000  # ns
SPANS = {"day": DAY, "week": 7 * DAY}


def register(app: Dash, backend: Backend) -> None:
    """Redraw when another replication or span is chosen."""

    @app.callback(
        Output("gantt", "children"),
        Input("gantt-replication", "value"),
        Input("gantt-span", "value"),
        State("gantt-run", "data-run"),
        prevent_initial_call=True,
    )
    def redraw(replication: Any, span: str, run_id: str) -> Any:
        result = backend.result(run_id) if backend.finished(run_id) else None
        if result is None or replication not in result.kept_replications:
            return dash.no_update
        return _chart(result, replication, span)


def gantt_panel(result: Result) -> Any:
    """Return the panel with the first replication kept, a week of it where it is longer."""
    kept = result.kept_replications
    start, end = result.windows[kept[0]]
    length = end - start
    span = "week" if length > SPANS["week"] else "all"
    tools = html.Div(
        [
            dmc.NumberInput(
                id="gantt-replication",
                value=kept[0],
                min=kept[0],
                max=kept[-1],
                size="xs",
                w=150,
                prefix="Replication ",
                clampBehavior="strict",
                attributes={"input": {"aria-label": "Replication"}},
            ),
            dmc.SegmentedControl(
                id="gantt-span",
                value=span,
                size="xs",
                data=[
                    {"value": key, "label": text}
                    for key, text in (("day", "Day"), ("week", "Week"), ("all", "All"))
                ],
            ),
        ],
        className="pane-row panel-tools",
    )
    return panel(
        TITLE,
        "" if result.record_is_whole else f"Of {len(kept)} replications a record was kept.",
        html.Div(id="gantt-run", **attributes(data_run=result.id)),
        html.Div(_chart(result, kept[0], span), id="gantt"),
        tools=tools,
    )


def _chart(result: Result, replication: int, span: str) -> list[Any]:
    start, end = result.windows[replication]
    if span in SPANS:
        end = min(end, start + SPANS[span])
    figure = gantt(result, replication=replication, window=(start, end))
    return [html.P(table_of(figure).caption, className="soft"), *states_figure(TITLE, figure)]
