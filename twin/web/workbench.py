"""The workbench: a source's form on the left, the result, the floor plan and the changes on the right.

`/` shows a source, `/run/<id>` a run with the inputs it was made from, so that every result is a place to go
on from. Nothing is computed here: a run is put into the queue, and the page asks how far it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html

from twin.experiment.results import Result
from twin.plant.errors import InputError
from twin.web import form_view, plan, result_view
from twin.web.attributes import attributes
from twin.web.backend import Backend, Status
from twin.web.cards import rows_of
from twin.web.changes_view import changes_view
from twin.web.draft import Draft, open_draft, quoted
from twin.web.icons import icon
from twin.web.parts import empty, notice, panel
from twin.web.sources import Source
from twin.web.states_view import state_legend

POLL = 500  # ms
POSITION = ".at"


def page_of_source(backend: Backend, source_id: str | None) -> Any:
    """Return the workbench with a source as it stands, and its result where it has been run."""
    source = backend.source(source_id) if source_id else backend.first_source()
    if source is None:
        return empty("search", "There is no such plant or scenario.", "Choose one in the workbench.")
    return _page(backend, source, {}, None)


def page_of_run(backend: Backend, run_id: str) -> Any:
    """Return the workbench with a run and the inputs it was made from."""
    status = backend.status(run_id)
    if status.kind == "unknown":
        return empty("search", "There is no such run.", "It may have been made in another workspace.")
    source, changes = backend.inputs(run_id)
    try:
        if source is None:
            return _lone_result(backend, run_id, status)
        return _page(backend, source, changes, run_id)
    except InputError as error:  # a part of the run is missing or was changed
        return html.Div([html.H1(run_id), problems_of(error)], className="sheet")


def pane_of_run(backend: Backend, run_id: str | None, status: Status) -> Any:
    """Return what stands under `Result`: the result, how far the run is, or why there is none."""
    if run_id is None or status.kind == "unknown":
        return empty("play", "Not run yet", "Press Run: the result appears here and keeps its address.")
    if status.kind == "finished":
        return result_view.result(backend.result(run_id))
    if status.kind in ("queued", "running"):
        return _progress(status)
    title = "The run was cancelled." if status.kind == "cancelled" else "The run failed."
    return notice(icon("warning"), html.Div([html.B(title), html.P(status.message)]), kind="bad")


def _page(backend: Backend, source: Source, changes: Mapping[str, str], run_id: str | None) -> Any:
    try:
        draft = open_draft(backend.workspace, source, changes)
    except InputError as error:
        return html.Div([_pane_head(backend, source, None), problems_of(error)], className="sheet")
    shown = run_id or backend.known_run(draft)
    status = backend.status(shown)
    result = backend.result(shown) if shown and status.kind == "finished" else None
    return html.Div(
        [
            *_stores(source, changes, shown, status),
            _pane(backend, draft),
            html.Div(_sheet(backend, draft, shown, status, result), className="sheet"),
        ],
        className="workbench",
    )


def _stores(source: Source, changes: Mapping[str, str], run_id: str | None, status: Status) -> list[Any]:
    """What the page remembers; `positions` are the changes made on the floor plan."""
    positions = {path: text for path, text in changes.items() if path.endswith(POSITION)}
    return [
        dcc.Store(id="base", data={"source": source.id, "run": run_id, "changes": dict(changes)}),
        dcc.Store(id="positions", data=positions),
        dcc.Store(id="plan-move"),
        dcc.Store(id="form-wants", data={}),
        dcc.Store(id="finished"),
        dcc.Interval(
            id="poll", interval=POLL, max_intervals=1, disabled=status.kind not in ("queued", "running")
        ),
    ]


def _pane(backend: Backend, draft: Draft) -> Any:
    foot = [
        html.Div(id="draft-problems"),
        dmc.Button(
            "Run", id="run", leftSection=icon("play"), fullWidth=True, size="md", disabled=draft.study is None
        ),
    ]
    tools = html.Div(
        [
            dmc.TextInput(
                id="form-filter",
                placeholder="Find a parameter",
                leftSection=icon("search"),
                size="sm",
                attributes={"input": {"aria-label": "Find a parameter"}},
                flex=1,
            ),
            dmc.Switch(id="form-all", label="All", size="xs", checked=False),
        ],
        className="pane-row",
    )
    toggle = html.Button(
        [icon("sliders"), "Parameters"],
        id="pane-toggle",
        className="quiet-button pane-toggle",
        **attributes(aria_expanded="false", aria_controls="pane-body"),
    )
    return html.Aside(
        [
            _pane_head(backend, draft.source, draft, toggle),
            html.Div(
                [
                    html.Div(tools, style={"padding": "10px 12px 6px"}),
                    *form_view.form(draft.base.sections, draft.changes),
                    html.P("The file sets none of that name. Switch on All.", className="soft none-set"),
                    html.P("No parameter has that name.", className="soft none-there"),
                ],
                className="pane-body",
                id="pane-body",
            ),
            html.Div(foot, className="pane-foot"),
        ],
        className="pane",
        **attributes(aria_label="Inputs"),
    )


def _pane_head(backend: Backend, source: Source, draft: Draft | None, *more: Any) -> Any:
    groups: dict[str, list[dict[str, str]]] = {}
    for item in backend.sources():
        kind = "Scenarios" if item.kind == "scenario" else "Plants"
        own = kind if item.shipped else f"Your {kind.lower()}"
        groups.setdefault(own, []).append({"value": item.id, "label": item.title})
    select = dmc.Select(
        id="source-select",
        value=source.id,
        data=[{"group": name, "items": items} for name, items in groups.items()],
        label="Plant or scenario",
        allowDeselect=False,
        searchable=True,
        comboboxProps={"shadow": "md"},
        size="sm",
        maxDropdownHeight=420,
    )
    scenario = draft.base.study.scenario if draft else None
    question = [html.P(scenario.question, className="question")] if scenario and scenario.question else []
    assumed = [
        html.Div([icon("warning"), html.Span(["Assumed: ", text])], className="assumption")
        for text in (scenario.assumptions if scenario else ())
    ]
    return html.Div([select, *question, *assumed, *more], className="pane-head")


def _sheet(
    backend: Backend, draft: Draft, run_id: str | None, status: Status, result: Result | None
) -> list[Any]:
    measures = rows_of(result.measures) if result else ()
    study = draft.study or draft.base.study
    tabs = dmc.Tabs(
        [
            dmc.TabsList(
                [
                    dmc.TabsTab("Result", value="result"),
                    dmc.TabsTab("Floor plan", value="plan"),
                    dmc.TabsTab(
                        ["Changes", html.Span(id="changes-count", className="badge")], value="changes"
                    ),
                ]
            ),
            dmc.TabsPanel(
                html.Div(
                    [
                        html.Div(id="pending"),
                        html.Div(pane_of_run(backend, run_id, status), id="result-pane"),
                    ],
                    className="stack",
                ),
                value="result",
            ),
            dmc.TabsPanel(_plan_panel(plan.scene(study.base.plant, measures)), value="plan"),
            dmc.TabsPanel(html.Div(changes_view(draft), id="changes-view"), value="changes"),
        ],
        value="result",
        id="tabs",
    )
    return [
        html.Div(
            [
                html.Div(
                    [
                        html.H1(draft.base.study.scenario.scenario),
                        html.Div(result_view.meta(result), id="meta"),
                    ]
                ),
                html.Div(result_view.actions(result), id="actions", className="actions"),
            ],
            className="title-row",
        ),
        tabs,
    ]


def _plan_panel(scene: dict[str, Any]) -> Any:
    help_text = (
        "Drag a unit, or focus it and press the arrow keys (with Shift: 1 m). Positions snap to 0.25 m; "
        "red means that units overlap or leave their area."
    )
    if not scene["units"]:
        return empty("sliders", "No floor plan", "No unit of this plant has a position (`at`).")
    return panel(
        "Floor plan",
        "",
        html.P(help_text, id="plan-help", className="soft"),
        html.P("", id="plan-status", className="number", **attributes(aria_live="polite")),
        dcc.Store(id="plan-scene", data=scene),
        html.Div(id="floor-plan", className="plan-host"),
        state_legend({state["label"] for state in scene["states"]}),
    )


def _progress(status: Status) -> Any:
    words = "Waiting for a worker" if status.kind == "queued" else "Running"
    share = 100 * status.done / status.total if status.total else 0
    count = f"{status.done} of {status.total} replications" if status.total else ""
    return html.Div(
        [
            html.Div(
                [html.H2(words), html.Span(count, className="soft number"), html.Span(className="spring"),
                 html.Button([icon("stop"), "Cancel"], id="cancel", className="quiet-button")],
                className="progress-line",
            ),
            dmc.Progress(value=share, size="md", radius="xl", animated=status.kind == "running",
                         **attributes(aria_label="Progress of the run")),
        ],
        className="panel progress-panel",
        role="status",
        id="progress",
    )  # fmt: skip


def _lone_result(backend: Backend, run_id: str, status: Status) -> Any:
    """A run whose inputs are not among the sources of this workspace: its result, without a form."""
    result = backend.result(run_id) if status.kind == "finished" else None
    title = html.Div([html.H1(result.name if result else run_id), html.Div(result_view.meta(result))])
    why = "This run's plant or scenario is not in this workspace as it was, so it cannot be edited here."
    return html.Div(
        [
            html.Div(
                [title, html.Div(result_view.actions(result), className="actions")], className="title-row"
            ),
            notice(icon("file"), why),
            pane_of_run(backend, run_id, status),
        ],
        className="sheet",
    )


def problems_of(error: InputError) -> Any:
    """Return the complaints about an input, each with its place."""
    lines = [quoted(f"{p.file}:{p.line}:{p.column}: {p.message} {p.hint}".strip()) for p in error.problems]
    return notice(icon("warning"), html.Div([html.P(line) for line in lines]), kind="bad")
