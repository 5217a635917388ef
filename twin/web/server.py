"""The app's server: the Dash app with its pages, hooks and downloads, behind waitress.

`create_app` builds it for a workspace and starts nothing; `serve` refuses addresses that other machines can
reach, starts the supervisor of the workers, asks for the baseline run, and serves until it is stopped.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from pathlib import Path

import waitress
from dash import Dash

from twin.experiment.supervisor import Supervisor
from twin.plant.errors import InputError, Problem
from twin.web import (
    compare_page,
    downloads,
    gantt_view,
    routes,
    runs_page,
    shell,
    workbench_callbacks,
)
from twin.web.backend import Backend
from twin.web.draft import open_draft
from twin.web.security import protect, refuse_open_address
from twin.web.visitors import name_visitors

TITLE = "twin"
THREADS = 8


def create_app(workspace: Path, start: str | None = None) -> Dash:
    """Return the app for a workspace.

    Args:
        workspace: folder with the user's plants, scenarios and runs.
        start: id of what the first page shows, such as `twin:NAME`; default: the tablet line.
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
    for part in (routes, workbench_callbacks, gantt_view, runs_page, compare_page, downloads):
        part.register(app, backend)
    return app


def announce(address: str) -> None:
    """Tell the terminal where the app is."""
    print(f"twin is at {address} (Ctrl-C ends it)", file=sys.stderr, flush=True)


def serve(
    host: str = "127.0.0.1",
    port: int = 8050,
    workspace: Path = Path(),
    start: str | None = None,
    ready: Callable[[str], None] = announce,
) -> None:
    """Serve the app until interrupted, with a worker for its runs and the first page's run asked for.

    Args:
        host: an address of this machine alone.
        port: 0 takes a free one.
        workspace: folder with the user's plants, scenarios and runs.
        start: id of what the first page shows; default: the tablet line.
        ready: called with the app's address once it listens.

    Raises:
        InputError: other machines can reach `host`, the port is taken, or there is no source `start`.
    """
    refuse_open_address(host)
    logging.getLogger("waitress.queue").setLevel(
        logging.ERROR
    )  # a page's forty files always queue for a moment
    host = "127.0.0.1" if host == "localhost" else host  # a name may stand for two addresses, with two ports
    app = create_app(workspace, start)
    try:
        server = waitress.create_server(app.server, host=host, port=port, threads=THREADS, ident="twin")
    except OSError as error:
        hint = "Give another one with --port; 0 takes a free one."
        problem = Problem("--port", 0, 0, f"The app cannot listen on {host}:{port}: {error.strerror}.", hint)
        raise InputError([problem]) from None
    with Supervisor(Backend(workspace).workspace):
        ask_for_first_run(Backend(workspace, start))
        ready(f"http://{host}:{server.effective_port}")
        try:
            server.run()
        finally:
            server.close()


def ask_for_first_run(backend: Backend) -> str | None:
    """Put the run of the first page's source into the queue where it has not been made yet; return its id."""
    source = backend.first_source()
    if source is None:
        return None
    return backend.submit(open_draft(backend.workspace, source, {}), "app")
