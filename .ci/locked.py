"""Complain about installed packages that the lock does not pin: `python .ci/locked.py requirements.lock`."""

from __future__ import annotations

import re
import sys
from importlib.metadata import distributions
from pathlib import Path

OWN = {"plant-twin", "pip", "setuptools"}


def normal(name: str) -> str:
    """A package's name as registries compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def main(lock: Path) -> int:
    pins = {
        tuple(line.split(";")[0].strip().split("=="))
        for line in lock.read_text(encoding="utf-8").splitlines()
    }
    installed = {(normal(d.name), d.version) for d in distributions()}
    loose = sorted(f"{name}=={version}" for name, version in installed - pins if name not in OWN)
    print(f"{len(installed)} packages installed; not in the lock: {', '.join(loose) or 'none'}")
    return 1 if loose else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
