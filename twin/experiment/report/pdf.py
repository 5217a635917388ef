"""A report as PDF, printed by a browser that is installed: Chromium, Chrome or Edge, without a window.

The page is twin's own, holds no script and asks for nothing; its names may come from anywhere, so the browser
keeps its sandbox, gets a fresh profile in a temporary folder and no network. Only where the browser cannot
run in its sandbox at all, as for root on Linux in a container, does it run without, and says so.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from twin.experiment import files

VARIABLE = "TWIN_BROWSER"
NAMES = (
    *("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"),
    *("microsoft-edge", "microsoft-edge-stable", "msedge"),
)
USUAL_PLACES = {
    "darwin": (
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
        "/Applications/Chromium.app/Contents/MacOS/Chromium",
        "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    ),
    "win32": (
        r"Google\Chrome\Application\chrome.exe",
        r"Chromium\Application\chrome.exe",
        r"Microsoft\Edge\Application\msedge.exe",
    ),
}
ROOTS_ON_WINDOWS = ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA")
PATIENCE = 120.0  # s
FLAGS = (
    "--headless=new",
    "--disable-gpu",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-extensions",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-dev-shm-usage",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--proxy-server=127.0.0.1:9",
    "--no-pdf-header-footer",
)


class NoBrowserError(Exception):
    """There is no browser that could print, or it did not; the message is a sentence."""


@dataclass(frozen=True)
class Printed:
    """A PDF, the browser that printed it, and whether it ran in its sandbox."""

    path: Path
    browser: Path
    sandboxed: bool


def find_browser(environment: Mapping[str, str] = os.environ, platform: str = sys.platform) -> Path:
    """The browser that `TWIN_BROWSER` names, else one on the path, else one in a usual place.

    Raises:
        NoBrowserError: there is none, or `TWIN_BROWSER` names none.
    """
    named = environment.get(VARIABLE)
    if named:
        found = shutil.which(named)
        if found is None:
            raise NoBrowserError(f"{VARIABLE} names `{named}`, which is no program.")
        return Path(found)
    for candidate in _candidates(environment, platform):
        if candidate.is_file():
            return candidate
    raise NoBrowserError(
        "There is no Chromium, Chrome or Edge to print a PDF with. Install one, or name it by TWIN_BROWSER; "
        "or open the HTML file in any browser and print it."
    )


def print_pdf(html: Path, pdf: Path, *, browser: Path | None = None) -> Printed:
    """Print an HTML file; the PDF appears whole or not at all.

    Raises:
        NoBrowserError: there is no browser, or it did not print.
        OSError: the PDF cannot be written.
    """
    chosen = browser or find_browser()
    pdf.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="twin-print-", ignore_cleanup_errors=True) as folder:
        target = Path(folder) / "report.pdf"
        without = _is_root()
        said = _print(chosen, html, target, Path(folder) / "profile", sandbox=not without)
        if not target.is_file():
            raise NoBrowserError(f"{chosen.name} did not print the report. {said}".strip())
        files.write_bytes(pdf, target.read_bytes())
    return Printed(pdf, chosen, not without)


def _print(browser: Path, html: Path, target: Path, profile: Path, *, sandbox: bool) -> str:
    """Have the browser print; returns what it said last where it failed."""
    command = [
        str(browser),
        *FLAGS,
        *([] if sandbox else ["--no-sandbox"]),
        f"--user-data-dir={profile}",
        f"--print-to-pdf={target}",
        html.resolve().as_uri(),
    ]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, errors="replace", timeout=PATIENCE, check=False
        )
    except subprocess.TimeoutExpired:
        return f"It was still at it after {PATIENCE:g} s."
    except OSError as error:
        return str(error)
    lines = done.stderr.strip().splitlines()
    return lines[-1] if lines else f"It ended with {done.returncode}."


def _candidates(environment: Mapping[str, str], platform: str) -> Iterator[Path]:
    for name in NAMES:
        found = shutil.which(name, path=environment.get("PATH"))
        if found is not None:
            yield Path(found)
    for place in USUAL_PLACES.get(platform, ()):
        if platform != "win32":
            yield Path(place)
            continue
        yield from (Path(environment[root]) / place for root in ROOTS_ON_WINDOWS if root in environment)


def _is_root() -> bool:
    """Whether this is Linux's root, for whom Chromium has no sandbox."""
    return sys.platform.startswith("linux") and os.geteuid() == 0
