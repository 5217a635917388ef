"""What every test has: a home of its own, so that nothing is written outside clone and temporary folder.

`chromium` is how a test asks for a browser: where none is, the test skips with a reason on a developer's
machine, and fails under `CI=true`.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
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


@pytest.fixture(scope="session", autouse=True)
def home_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An empty home for this session and all the processes it starts."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        for name in HOMES:
            patch.setenv(name, str(home))
        patch.delenv("TWIN_WORKSPACE", raising=False)
        yield home


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
