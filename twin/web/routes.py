"""Which page an address shows. Addresses hold ids only, and an id that is not known shows so."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs

import dash
from dash import Dash, Input, Output, html

from twin.web import compare_page, runs_page, shell, workbench
from twin.web.backend import Backend
from twin.web.icons import icon


def register(app: Dash, backend: Backend) -> None:
    """Fill the frame when the address changes."""

    @app.callback(
        Output("page", "children"),
        *[Output({"nav": path}, "className") for path, _ in shell.PAGES],
        Input("url", "pathname"),
        Input("url", "search"),
    )
    def show(path: str | None, search: str | None) -> Any:
        if path is None:
            return dash.no_update
        query = {key: values[0] for key, values in parse_qs((search or "").lstrip("?")).items()}
        return page(backend, path, query), *shell.navigation_classes(path)


def page(backend: Backend, path: str, query: dict[str, str]) -> Any:
    """Return the page at `path` with `query`."""
    if path == "/":
        return workbench.page_of_source(backend, query.get("model"))
    if path.startswith("/run/"):
        return workbench.page_of_run(backend, path.removeprefix("/run/"))
    if path == "/runs":
        return runs_page.page(backend)
    if path == "/compare":
        return compare_page.page(backend, query.get("a"), query.get("b"))
    return missing("There is no such page.")


def missing(why: str) -> Any:
    """Return the page that says what was not found."""
    return html.Div([icon("search"), html.H1(why), html.A("To the workbench", href="/")], className="empty")
