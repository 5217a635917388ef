"""What a newcomer does first: paste the README's two commands. Called by `.ci/run` in the clone's root.

`python .ci/first_steps.py app` runs the README's first `sh` block until the app answers, then stops it;
`python .ci/first_steps.py page COMMAND…` does the same with any other command that starts the app;
`python .ci/first_steps.py tests` runs the second block. Standard library only.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

PAGE = "http://127.0.0.1:8050/"
PATIENCE = 300  # s, installing included


def blocks() -> list[str]:
    """The README's `sh` blocks, in order."""
    return re.findall(r"```sh\n(.*?)\n```", Path("README.md").read_text(encoding="utf-8"), re.S)


def first_page() -> bytes:
    """The app's first page, or nothing while it does not answer."""
    try:
        with urllib.request.urlopen(PAGE, timeout=10) as page:
            return bytes(page.read())
    except OSError:
        return b""


def start_and_stop(command: list[str]) -> int:
    """Start the app, wait for its first page, ask it to stop; 0 when all of that went well."""
    if first_page():
        print(f"something already answers on {PAGE}")
        return 1
    began = time.monotonic()
    app = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
    page = b""
    while not page and app.poll() is None and time.monotonic() - began < PATIENCE:
        time.sleep(0.5)
        page = first_page()
    print(f"the first page: {len(page)} bytes after {time.monotonic() - began:.0f} s")
    if app.poll() is None:
        os.killpg(app.pid, signal.SIGTERM)
    try:
        app.wait(20)
    except subprocess.TimeoutExpired:
        os.killpg(app.pid, signal.SIGKILL)
        print("the app did not stop within 20 s of being asked")
        return 1
    return 0 if b"<title>" in page else 1


def main(arguments: list[str]) -> int:
    match arguments:
        case ["app"]:
            return start_and_stop(["bash", "-c", blocks()[0]])
        case ["page", *command] if command:
            return start_and_stop(command)
        case ["tests"]:
            return subprocess.run(["bash", "-c", blocks()[1]], stdin=subprocess.DEVNULL).returncode
    print(__doc__)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
