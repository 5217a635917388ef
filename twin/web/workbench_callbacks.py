"""What happens on the workbench: checking what is typed, moving units, running, following, cancelling."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dash
from dash import ALL, ClientsideFunction, Dash, Input, Output, State, ctx

from twin.plant.errors import InputError
from twin.web import form_callbacks, form_view, plan, result_view
from twin.web.backend import Backend
from twin.web.cards import rows_of
from twin.web.changes_view import changes_view, pending_notice
from twin.web.draft import Draft, open_base, open_draft, quoted
from twin.web.form_callbacks import FIELDS, Ids, typed_changes
from twin.web.icons import icon
from twin.web.parts import notice
from twin.web.visitors import visitor
from twin.web.workbench import pane_of_run, problems_of

ROWS = {"field-row": ALL}


def register(app: Dash, backend: Backend) -> None:
    """Install the workbench's callbacks."""
    _register_choice(app)
    form_callbacks.register(app, backend)
    _register_draft(app, backend)
    _register_undo(app, backend)
    _register_run(app, backend)
    app.clientside_callback(  # type: ignore[no-untyped-call]  # Dash leaves it untyped
        ClientsideFunction("floor_plan", "draw"),
        Output("floor-plan", "title"),
        Input("plan-scene", "data"),
        Input("tabs", "value"),
    )


def _draft(
    backend: Backend, base: Mapping[str, Any], ids: Ids, values: Sequence[str | None], positions: Any
) -> Draft:
    """The draft as it is in the browser. Raises `InputError`, also where the source is gone."""
    source = backend.require_source(base["source"])
    opened = open_base(backend.workspace, source)
    return open_draft(backend.workspace, source, typed_changes(opened, ids, values, positions or {}))


def _register_choice(app: Dash) -> None:
    @app.callback(
        Output("url", "pathname", allow_duplicate=True),
        Output("url", "search", allow_duplicate=True),
        Input("source-select", "value"),
        State("base", "data"),
        prevent_initial_call=True,
    )
    def choose(source_id: str | None, base: dict[str, Any] | None) -> Any:
        if not source_id or (base and base["source"] == source_id):
            return dash.no_update, dash.no_update
        return "/", f"?model={source_id}"


def _register_draft(app: Dash, backend: Backend) -> None:
    @app.callback(
        Output(FIELDS, "error"),
        Output(ROWS, "className"),
        Output("draft-problems", "children"),
        Output("run", "disabled"),
        Output("changes-view", "children"),
        Output("changes-count", "children"),
        Output("pending", "children"),
        Output("plan-scene", "data"),
        Input(FIELDS, "value"),
        Input("positions", "data"),
        State(FIELDS, "id"),
        State("base", "data"),
    )
    def check(values: list[str | None], positions: Any, ids: Ids, base: dict[str, Any]) -> Any:
        try:
            draft = _draft(backend, base, ids, values, positions)
        except InputError as error:
            rows = [dash.no_update] * len(ids)
            return rows, rows, problems_of(error), True, *[dash.no_update] * 4
        known = draft.base.parameters
        paths = [field["field"] for field in ids]
        unplaced = {path: text for path, text in draft.wrong.items() if path not in paths}
        return (
            [draft.wrong.get(path) or None for path in paths],
            [form_view.row_class(known[path], path in draft.changes) for path in paths],
            _problems(draft, unplaced),
            draft.study is None,
            changes_view(draft),
            str(len(draft.changes)) if draft.changes else "",
            pending_notice(draft.changes, base["changes"], base["run"]),
            _scene(backend, draft, base["run"]),
        )

    @app.callback(
        Output("positions", "data"),
        Input("plan-move", "data"),
        State("positions", "data"),
        prevent_initial_call=True,
    )
    def move(moved: dict[str, Any] | None, positions: dict[str, str] | None) -> Any:
        if not moved:
            return dash.no_update
        x, y = (float(value) for value in moved["at"])
        return {**(positions or {}), f"equipment.{moved['equipment']}.at": f"[{x:g}, {y:g}]"}


def _problems(draft: Draft, unplaced: Mapping[str, str]) -> Any:
    """The complaints that belong beside no field."""
    lines = [*unplaced.values(), *(quoted(f"{p.message} {p.hint}".strip()) for p in draft.problems)]
    if lines:
        return notice(icon("warning"), "\n".join(lines), kind="bad")
    if draft.wrong:
        count = len(draft.wrong)
        return notice(icon("warning"), f"{count} field{'s' if count > 1 else ''} to mend", kind="bad")
    return []


def _scene(backend: Backend, draft: Draft, run_id: str | None) -> Any:
    """The floor plan of the draft, with the states of the result shown."""
    study = draft.study
    if study is None:
        return plan.moved(plan.scene(draft.base.study.base.plant, ()), draft.changes)
    finished = run_id is not None and backend.status(run_id).kind == "finished"
    return plan.scene(
        study.base.plant, rows_of(backend.result(run_id).measures) if finished and run_id else ()
    )


def _register_undo(app: Dash, backend: Backend) -> None:
    @app.callback(
        Output("positions", "data", allow_duplicate=True),
        Input({"reset": ALL}, "n_clicks"),
        State("positions", "data"),
        State(FIELDS, "id"),
        State("base", "data"),
        prevent_initial_call=True,
    )
    def undo(
        clicks: list[int | None], positions: dict[str, str] | None, ids: Ids, base: dict[str, Any]
    ) -> Any:
        if not any(clicks) or not isinstance(ctx.triggered_id, Mapping):
            return dash.no_update
        target = ctx.triggered_id["reset"]
        known = open_base(backend.workspace, backend.require_source(base["source"])).parameters
        for path in (field["field"] for field in ids):
            if target in ("*", path):
                text = known[path].text
                dash.set_props(
                    form_view.field_id(path), {"value": (text or None) if known[path].choices else text}
                )
        return {} if target == "*" else {p: text for p, text in (positions or {}).items() if p != target}


def _register_run(app: Dash, backend: Backend) -> None:
    @app.callback(
        Output("url", "pathname", allow_duplicate=True),
        Output("url", "search", allow_duplicate=True),
        Output("draft-problems", "children", allow_duplicate=True),
        Input("run", "n_clicks"),
        State(FIELDS, "value"),
        State("positions", "data"),
        State(FIELDS, "id"),
        State("base", "data"),
        prevent_initial_call=True,
    )
    def run(
        clicks: int | None, values: list[str | None], positions: Any, ids: Ids, base: dict[str, Any]
    ) -> Any:
        if not clicks:
            return [dash.no_update] * 3
        try:
            run_id = backend.submit(_draft(backend, base, ids, values, positions), visitor())
        except InputError as error:
            return dash.no_update, dash.no_update, problems_of(error)
        return f"/run/{run_id}", "", []

    @app.callback(
        Output("result-pane", "children"),
        Output("poll", "disabled"),
        Output("poll", "max_intervals"),
        Output("finished", "data"),
        Input("poll", "n_intervals"),
        State("base", "data"),
        prevent_initial_call=True,
    )
    def follow(looks: int | None, base: dict[str, Any]) -> Any:
        """Say how far the run is. The page looks again after the answer, as an overtaken one is dropped."""
        if not looks:
            return [dash.no_update] * 4
        status = backend.status(base["run"])
        if status.kind == "finished":
            return dash.no_update, True, dash.no_update, base["run"]
        ended = status.kind not in ("queued", "running")
        return pane_of_run(backend, base["run"], status), ended, looks + 1, dash.no_update

    @app.callback(
        Output("result-pane", "children", allow_duplicate=True),
        Output("meta", "children"),
        Output("actions", "children"),
        Output("plan-scene", "data", allow_duplicate=True),
        Input("finished", "data"),
        prevent_initial_call=True,
    )
    def show(run_id: str | None) -> Any:
        if not run_id or not backend.finished(run_id):
            return [dash.no_update] * 4
        result = backend.result(run_id)
        scene = plan.scene(result.plant, rows_of(result.measures))
        return result_view.result(result), result_view.meta(result), result_view.actions(result), scene

    @app.callback(
        Output("result-pane", "children", allow_duplicate=True),
        Output("poll", "disabled", allow_duplicate=True),
        Input("cancel", "n_clicks"),
        State("base", "data"),
        prevent_initial_call=True,
    )
    def cancel(clicks: int | None, base: dict[str, Any]) -> Any:
        if not clicks:
            return dash.no_update, dash.no_update
        if backend.cancel(base["run"], visitor()):
            return pane_of_run(backend, base["run"], backend.status(base["run"])), True
        return notice(icon("warning"), "Somebody else waits for this run too, so it goes on."), True
