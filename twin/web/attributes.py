"""Attributes of HTML whose names are not Python's: `aria-label`, `data-run`."""

from __future__ import annotations

from typing import Any


def attributes(**values: str) -> dict[str, Any]:
    """Return the attributes by their HTML names.

    >>> attributes(aria_label="Runs")
    {'aria-label': 'Runs'}
    """
    return {name.replace("_", "-"): value for name, value in values.items()}
