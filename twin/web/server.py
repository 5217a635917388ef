"""The app's server: the Dash app with its pages, hooks and downloads, behind waitress.

`create_app` builds it for a workspace and starts nothing; `serve` refuses addresses that other machines can
reach, starts the supervisor of the workers, has the baseline run, and serves until it is stopped.
"""

from __future__ import annotations

from pathlib import Path

from dash import Dash

from twin.web import compare_page, downloads, routes, runs_page, shell, workbench_callbacks
from twin.web.backend import Backend
from twin.web.security import protect
from twin.web.visitors import name_visitors

TITLE = "twin"


def create_app(workspace: Path, start: str | None = None) -> Dash:
    """Return the app for a workspace.

    Args:
        workspace: folder with the user's plants, scenarios and runs.
        start: what the first page shows, `twin:NAME` or a file's name in the workspace; default: the tablet line.
    """
    app = Dash(
        "twin.web",
        title=TITLE,
        update_title="",
        assets_folder=str(Path(__file__).parent / "assets"),
        index_string=shell.INDEX,
        suppress_callback_exceptions=True,
        compress=True,
        add_log_handler=False,
        meta_tags=[{"name": "viewport", "content": "width=device-width, initial-scale=1"}],
    )
    backend = Backend(workspace, start)
    app.layout = shell.layout
    protect(app.server, app.csp_hashes)
    name_visitors(app.server)
    for part in (routes, workbench_callbacks, runs_page, compare_page, downloads):
        part.register(app, backend)
    return app
