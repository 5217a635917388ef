"""How a result was made, apart from what it is: when, by whom, in how long, with which versions."""

from __future__ import annotations

import platform
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from twin.engine.broker import Counts
from twin.experiment import audit

LIBRARIES = ("numpy", "scipy", "numba", "simpy", "pyarrow")


def made_of(seconds: float, entry: audit.Entry, asked: Counts) -> dict[str, Any]:
    """What a manifest says of it."""
    return {
        "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "by": entry.who,
        "seconds": round(seconds, 3),
        "physics": asked.report(),
        "audit_head": entry.hash,
        "audit_entry": entry.number,
        "python": platform.python_version(),
        "platform": platform.platform(),
        "versions": {name: version(name) for name in LIBRARIES} | {"plant-twin": own_version()},
    }


def own_version() -> str:
    """Version of twin, as installed; of a checkout that is not installed, `0+checkout`."""
    try:
        return version("plant-twin")
    except PackageNotFoundError:
        return "0+checkout"
