"""How fast a unit is: processing takes the time drawn or computed, divided by the unit's speed."""

from __future__ import annotations

from twin.engine.draws import LONGEST


def processing_time(seconds: float, speed: float) -> int:
    """Processing in ns of what takes `seconds` at speed 1; rounded once, half to even, up to `LONGEST`."""
    return round(min(seconds / speed * 1e9, LONGEST))
