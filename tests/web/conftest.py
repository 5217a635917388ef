"""The app for tests: served on a free port with a worker for its runs, and a browser to look at it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import waitress
from dash import Dash
from flask.testing import FlaskClient
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Page,
    expect,
    sync_playwright,
)

from twin.experiment.jobs import Queue
from twin.experiment.supervisor import Supervisor
from twin.web.server import create_app

FLAGS = ["--no-sandbox", "--disable-dev-shm-usage", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
START = "twin:two_machines"
expect.set_options(timeout=20_000)  # ms; a loaded machine is slow, not wrong


@dataclass(frozen=True)
class Served:
    """A served app: its address, its workspace, and the supervisor of its workers."""

    address: str
    workspace: Path
    supervisor: Supervisor

    @property
    def queue(self) -> Queue:
        return self.supervisor.queue


@contextmanager
def serving(workspace: Path) -> Iterator[Served]:
    app = create_app(workspace, START)
    server = waitress.create_server(app.server, host="127.0.0.1", port=0, threads=8)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    with Supervisor(workspace, processes=1) as supervisor:
        yield Served(f"http://127.0.0.1:{server.effective_port}", workspace, supervisor)
    server.close()


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One app for all browser tests: its worker has compiled everything after the first run."""
    with serving(tmp_path_factory.mktemp("workspace")) as app:
        yield app


@pytest.fixture
def app(tmp_path: Path) -> Dash:
    return create_app(tmp_path, START)


@pytest.fixture
def client(app: Dash) -> FlaskClient:
    client: FlaskClient = app.server.test_client()
    return client


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """One user: cookies and storage of their own."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(30_000)
    yield context
    context.close()


@dataclass
class Watched:
    """What a page did behind the user's back: requests to elsewhere, and complaints in the console."""

    strangers: list[str]
    complaints: list[str]


def watch(page: Page, address: str) -> Watched:
    seen = Watched([], [])
    own = (address, "data:", "blob:")
    page.on(
        "request", lambda request: None if request.url.startswith(own) else seen.strangers.append(request.url)
    )
    page.on(
        "console",
        lambda message: (
            seen.complaints.append(message.text) if message.type in ("error", "warning") else None
        ),
    )
    page.on("pageerror", lambda error: seen.complaints.append(str(error)))
    return seen


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()
