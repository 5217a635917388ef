"""Utilities in a program: what can be drawn at once, what is stored, and what each piece of work draws.

Part of `program.py`, kept apart for its size. Rates are whole counts, and what they amount to is whole counts
times nanoseconds: one count is `size` millionths of the SI unit (m3, kg or J) per hour, and 1 unless a
storage is so large that its content could not be counted in 64 bits.
"""

from __future__ import annotations

from dataclasses import dataclass

MICRO = 1_000_000
HOUR = 3_600_000_000_000  # ns; a count for an hour is `size` millionths of the SI unit


@dataclass(frozen=True)
class Use:
    """What work draws of a utility at full speed: `rate` in counts, or `amount` in SI over its processing."""

    utility: int
    rate: int
    amount: float = 0.0


@dataclass(frozen=True)
class Utility:
    """A utility; `volume` 0: nothing is stored."""

    name: str
    size: int  # millionths of the SI unit per hour of one count
    capacity: int  # counts
    slows: bool  # work is slowed where it is short, and does not wait
    volume: int = 0  # counts times ns, as `start`
    start: int = 0
    generation: int = 0  # counts


StretchUses = tuple[tuple[Use, ...], ...]
"""For the whole operation, set-up, start-up, processing, loading and unloading."""

NO_USES: StretchUses = ((), (), (), (), (), ())
