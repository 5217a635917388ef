"""The frame around every page: header, navigation, colour scheme, and the empty place that pages fill."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html

from twin.web.attributes import attributes
from twin.web.icons import icon
from twin.web.theme import THEME

PAGES = (("/", "Workbench"), ("/runs", "Runs"), ("/compare", "Compare"))

INDEX = """<!DOCTYPE html>
<html lang="en">
    <head>
        {%metas%}
        <title>{%title%}</title>
        {%favicon%}
        {%css%}
        <script src="/assets/color_scheme.js"></script>
    </head>
    <body>
        {%app_entry%}
        <footer>
            {%config%}
            {%scripts%}
            {%renderer%}
        </footer>
    </body>
</html>
"""


def layout() -> Any:
    """Return the app's outermost layout."""
    return dmc.MantineProvider(
        theme=THEME,
        defaultColorScheme="auto",
        children=[
            dcc.Location(id="url", refresh="callback-nav"),
            html.A("Skip to content", href="#page", className="skip"),
            dmc.AppShell(
                header={"height": 56},
                padding=0,
                children=[dmc.AppShellHeader(_header()), dmc.AppShellMain(html.Main(id="page", tabIndex=-1))],
            ),
        ],
    )


def _header() -> Any:
    mark = html.Span(className="mark", **attributes(aria_hidden="true"))
    return html.Div(
        className="header",
        children=[
            dcc.Link([mark, "twin"], href="/", className="brand"),
            html.Nav(
                [dcc.Link(name, href=path, className="nav-link", id={"nav": path}) for path, name in PAGES],
                **attributes(aria_label="Pages"),
            ),
            html.Div(className="spring"),
            dmc.ColorSchemeToggle(
                lightIcon=icon("sun"),
                darkIcon=icon("moon"),
                variant="subtle",
                color="gray",
                size="lg",
                **attributes(aria_label="Light or dark"),
            ),
        ],
    )


def navigation_classes(path: str) -> list[str]:
    """Return the class names of the navigation's links when `path` is open."""
    current = "/" if path.startswith("/run/") else path
    return ["nav-link is-current" if current == href else "nav-link" for href, _ in PAGES]
