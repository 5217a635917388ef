"""The running clock of failures: exposure, which is producing time times the rate of the lot in hand."""

from __future__ import annotations

import math

from twin.engine.rules.calendars import NEVER


def time_to_failure(exposure_left: int, rate: float) -> int:
    """Producing time in ns until `exposure_left` ns are used up at `rate`; `NEVER` where the rate is 0."""
    if rate == 1.0:
        return exposure_left
    if rate == 0.0:
        return NEVER
    time = exposure_left / rate
    return NEVER if time >= NEVER else math.ceil(time)


def exposure_after(exposure_left: int, rate: float, producing: int) -> int:
    """Exposure in ns still left after `producing` ns of production at `rate`; never negative."""
    used = producing if rate == 1.0 else round(producing * rate)
    return max(0, exposure_left - used)
