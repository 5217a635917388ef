"""The list of runs: what was run, when, with which result; choose two to compare."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import dash
import dash_ag_grid as dag
import dash_mantine_components as dmc
from dash import Dash, Input, Output, State, html

from twin.experiment.jobs import Job
from twin.experiment.results import Result
from twin.web.backend import Backend
from twin.web.cards import Row, rows_of
from twin.web.icons import icon
from twin.web.measure_names import measure_name
from twin.web.parts import empty
from twin.web.wording import interval, ratio_unit

RIGHT = "number ag-right-aligned-cell"
SHOWN = ("throughput", "lead_time_mean", "makespan")


def register(app: Dash, backend: Backend) -> None:
    """Install the list's callbacks."""

    @app.callback(
        Output("runs-compare", "disabled"), Input("runs-grid", "selectedRows"), prevent_initial_call=True
    )
    def chosen(rows: list[dict[str, Any]] | None) -> bool:
        return len(_finished(rows)) != 2

    @app.callback(
        Output("url", "pathname", allow_duplicate=True),
        Output("url", "search", allow_duplicate=True),
        Input("runs-compare", "n_clicks"),
        State("runs-grid", "selectedRows"),
        prevent_initial_call=True,
    )
    def compare(clicks: int | None, rows: list[dict[str, Any]] | None) -> Any:
        ids = _finished(rows)
        if not clicks or len(ids) != 2:
            return dash.no_update, dash.no_update
        return "/compare", f"?a={ids[0]}&b={ids[1]}"

    @app.callback(
        Output("url", "pathname", allow_duplicate=True),
        Input("runs-grid", "cellDoubleClicked"),
        State("runs-grid", "rowData"),
        prevent_initial_call=True,
    )
    def open_run(cell: dict[str, Any] | None, rows: list[dict[str, Any]]) -> Any:
        return f"/run/{cell['rowId']}" if cell else dash.no_update


def page(backend: Backend) -> Any:
    """Return the page."""
    rows = [
        *(_job_row(backend, job) for job in backend.open_jobs()),
        *(_result_row(backend, result) for result in backend.results()),
    ]
    if not rows:
        return empty(
            "file", "No runs yet", "Runs of this workspace are listed here, also those of the command line."
        )
    grid = dag.AgGrid(
        id="runs-grid",
        rowData=rows,
        columnDefs=_columns(),
        getRowId="params.data.id",
        defaultColDef={"sortable": True, "resizable": True, "suppressHeaderMenuButton": True},
        dashGridOptions={
            "domLayout": "autoHeight",
            "rowHeight": 44,
            "headerHeight": 40,
            "rowSelection": {"mode": "multiRow", "enableClickSelection": False},
            "selectionColumnDef": {"width": 48},
            "animateRows": False,
        },
        className="",
        style={"height": None},
    )
    head = html.Div(
        [
            html.Div(
                [
                    html.H1("Runs"),
                    html.P("Tick two finished runs to compare them; open one by its name.", className="soft"),
                ]
            ),
            html.Div(
                dmc.Button(
                    "Compare", id="runs-compare", leftSection=icon("compare"), disabled=True, size="sm"
                ),
                className="actions",
            ),
        ],
        className="title-row",
    )
    return html.Div([head, html.Div(grid, className="scroll-x grid-host")], className="sheet")


def _columns() -> list[dict[str, Any]]:
    measures = [
        {
            "field": name,
            "headerName": measure_name(name),
            "width": 190,
            "cellClass": RIGHT,
            "type": "rightAligned",
        }
        for name in SHOWN
    ]
    return [
        {
            "field": "name",
            "headerName": "Plant or scenario",
            "minWidth": 240,
            "flex": 1,
            "cellRenderer": "markdown",
        },
        {"field": "state", "headerName": "State", "width": 110},
        {
            "field": "replications",
            "headerName": "Replications",
            "width": 120,
            "type": "rightAligned",
            "cellClass": RIGHT,
        },
        *measures,
        {"field": "at", "headerName": "Made", "width": 160, "cellClass": "number"},
    ]


def _result_row(backend: Backend, result: Result) -> dict[str, Any]:
    measures = {row.measure: row for row in rows_of(result.measures)}
    manifest = result.manifest
    return {
        "id": result.id,
        "name": f"[{escaped(backend.title(result))}](/run/{result.id})",
        "state": "finished",
        "replications": manifest["replications"],
        "at": datetime.fromisoformat(manifest["made"]["at"]).astimezone().strftime("%Y-%m-%d %H:%M"),
        **{name: _text(measures.get(name)) for name in SHOWN},
    }


def _job_row(backend: Backend, job: Job) -> dict[str, Any]:
    return {
        "id": job.key,
        "name": f"[{escaped(backend.title_of_job(job))}](/run/{job.key})",
        "state": {"waiting": "queued"}.get(job.state, job.state),
        "replications": job.total,
        "at": datetime.fromtimestamp(job.created).astimezone().strftime("%Y-%m-%d %H:%M"),
        **dict.fromkeys(SHOWN, ""),
    }


def escaped(text: str) -> str:
    """Return a name as Markdown that shows it as it is, whatever it contains."""
    safe = "".join(f"&#{ord(c)};" if not (c.isalnum() or c in " -–,.") else c for c in text)
    return safe or "–"


def _text(row: Row | None) -> str:
    if row is None:
        return "–"
    shown = interval(row.mean, row.low, row.high, ratio_unit(row.measure, row.unit))
    return f"{shown.mean} {shown.unit}"


def _finished(rows: list[dict[str, Any]] | None) -> list[str]:
    return [row["id"] for row in rows or [] if row["state"] == "finished"]
