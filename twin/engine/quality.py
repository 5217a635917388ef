"""The tables of quality in a `Program`: inquiries of the laboratory, limits of attributes, hold times.

`compile/quality.py` makes them from the words of the language; engines read them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from twin.engine.program import Needs, Source

REJECT, BACK, HOLD = 0, 1, 2  # what becomes of a lot outside a limit, the gravest first
SCRAP_LATE, REWORK_LATE, FLAG_LATE = 0, 1, 2  # what becomes of a lot that waited too long

EVERY_LOT, BY_COUNT, BY_CHANCE = 0, 1, 2  # which lots a plan samples
ON_HOLD = 3  # those that a limit holds


@dataclass(frozen=True)
class Inquiry:
    """A question to the laboratory about lots that finish `operation`; `test` is the operation of its job."""

    name: str
    address: str  # of its draws
    operation: int
    test: int
    chosen: int  # EVERY_LOT, BY_COUNT, BY_CHANCE or ON_HOLD
    every: int
    fraction: float
    quantity: int  # mg or pieces
    fails: float


@dataclass(frozen=True)
class Limit:
    """Limits of an attribute at the end of `operation`, in SI."""

    operation: int
    attribute: str
    low: float
    high: float
    otherwise: int
    to: int
    visits: int  # 0: no limit
    inquiry: int  # the review, for HOLD


@dataclass(frozen=True)
class HoldLimit:
    """The longest time from the end of `after` to the start of `until`.

    `after` is none where every end of the operation before, or the release, starts the clock.
    """

    cause: str
    after: int
    until: int
    longest: int  # ns
    late: int
    to: int


@dataclass(frozen=True)
class InProcess:
    """Checks of an operation while it goes on."""

    operation: int
    address: str  # of its draws
    every: int  # ns at work; 0 where `amount` counts
    amount: int  # mg or pieces of the lot that go through; 0 where `every` counts
    takes: Source
    needs: Needs
    stops: bool
    fails: float
    adjusting: Source | None
    waste: Source | None
    waste_in_pieces: bool


@dataclass(frozen=True)
class Quality:
    """All that a program knows of quality."""

    inquiries: tuple[Inquiry, ...] = ()
    limits: tuple[Limit, ...] = ()
    holds: tuple[HoldLimit, ...] = ()
    needed: tuple[tuple[int, tuple[int, ...]], ...] = ()  # operation, the inquiries that it needs
    quarantines: tuple[int, ...] = ()  # operations at which a lot stays where it waits
    checks: tuple[InProcess, ...] = ()

    @property
    def sampled(self) -> bool:
        """Whether anything is taken out of lots."""
        return any(inquiry.quantity for inquiry in self.inquiries)

    @property
    def decides(self) -> bool:
        """Whether lots leave, or go back, for a cause of quality."""
        return bool(self.limits or self.holds or any(i.fails for i in self.inquiries))


NO_QUALITY = Quality()
