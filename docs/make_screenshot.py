"""Take docs/screenshot.png anew: the app as it opens, with the baseline run. Not part of the package.

Needs Playwright and a Chromium on the PATH: `python docs/make_screenshot.py`.
"""

from __future__ import annotations

import shutil
import tempfile
import threading
from pathlib import Path

import waitress
from playwright.sync_api import sync_playwright

from twin.experiment.supervisor import Supervisor
from twin.web.backend import Backend
from twin.web.server import ask_for_first_run, create_app

TARGET = Path(__file__).parent / "screenshot.png"
FLAGS = ["--no-sandbox", "--disable-dev-shm-usage", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
PATIENCE = 300_000  # ms


def main() -> None:
    """Serve the app on a free port in a workspace of its own, wait for the result, and take the picture."""
    with tempfile.TemporaryDirectory() as folder:
        workspace = Path(folder)
        server = waitress.create_server(create_app(workspace).server, host="127.0.0.1", port=0)
        threading.Thread(target=server.run, daemon=True).start()
        with Supervisor(workspace):
            ask_for_first_run(Backend(workspace))
            take(f"http://127.0.0.1:{server.effective_port}")


def take(address: str) -> None:
    """Save the first page, 1440 px wide, once its figures are drawn."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(address)
        page.locator(".js-plotly-plot .barlayer").first.wait_for(timeout=PATIENCE)
        page.wait_for_load_state("networkidle")
        page.screenshot(path=str(TARGET))
        browser.close()


if __name__ == "__main__":
    main()
