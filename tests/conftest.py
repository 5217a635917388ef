"""What every test has: a home of its own, so that nothing is written outside clone and temporary folder.

The session's workers share that home, which is set before anything of twin's is imported. The kernels of the
compiled engine stay in the clone, with what pytest keeps there, so that neither another worker, nor a process
that a test starts, nor the next session compiles them again. `chromium` is how a test asks for a browser:
where none is, the test skips with a reason on a developer's machine, and fails under `CI=true`.
"""

from __future__ import annotations

import atexit
import os
import shutil
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

import pytest
from hypothesis import settings

# No test is timed: a machine that is busy with something else is no failure of twin's.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

# Where programs keep what they cache or configure, on Linux, macOS and Windows.
HOMES = (
    "HOME",
    "USERPROFILE",
    "XDG_CACHE_HOME",
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
    "MPLCONFIGDIR",
    "LOCALAPPDATA",
)
KERNELS = Path(__file__).parents[1] / ".pytest_cache" / "kernels"

if "PYTEST_XDIST_WORKER" not in os.environ:  # a worker inherits what its session has set
    home = tempfile.TemporaryDirectory(prefix="home-of-tests-", ignore_cleanup_errors=True)
    atexit.register(home.cleanup)
    caches = Path(home.name, "Library" if sys.platform == "darwin" else "", "Caches")
    os.environ.update(dict.fromkeys(HOMES, home.name), XDG_CACHE_HOME=str(caches))
    os.environ.pop("TWIN_WORKSPACE", None)
    KERNELS.mkdir(parents=True, exist_ok=True)
    caches.mkdir(parents=True)
    with suppress(OSError):  # Windows, which links for administrators only: compiled anew in each session
        (caches / "twin").symlink_to(KERNELS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """First what compiles the kernels, then what needs none: while one worker compiles, no other waits."""
    compiling = "tests/engine/compiled_engine/"
    waiting = ("engine", "experiment", "plants", "verification", "web")

    def when(item: pytest.Item) -> int:
        return 0 if item.nodeid.startswith(compiling) else 1 + (item.nodeid.split("/")[1] in waiting)

    items.sort(key=when)


def missing(what: str) -> NoReturn:
    """Skip the test for lack of `what`; fail it where CI promises that it is there."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"CI promises {what}, and it is not there")
    pytest.skip(f"{what} is not installed")


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of a Chromium on this machine."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        found = shutil.which(name)
        if found:
            return found
    missing("Chromium")
