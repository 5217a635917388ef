"""Starts the app: `python app.py` takes the flags of `twin app`."""

from __future__ import annotations

import sys

from twin.cli import execute

if __name__ == "__main__":
    sys.exit(execute(["app", *sys.argv[1:]]))
