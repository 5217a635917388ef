"""Upkeep of a unit in a program: what it does for itself, when that falls due, and what it changes.

Part of `program.py`, kept apart for its size. Chores are done as tasks of the unit; times are whole
nanoseconds, and 0 stands for a trigger that a chore does not have.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from twin.engine.program import Source

NO_CHANGE, PRODUCTS, FAMILIES = 0, 1, 2  # what must differ between the last lot and the next


@dataclass(frozen=True)
class Chore:
    """A cleaning or maintenance that a unit does as the operation `task`, and what makes it fall due."""

    task: int
    level: int  # of cleaning; 0: maintenance
    change: int = NO_CHANGE
    batches: int = 0
    running: int = 0  # producing time since the last
    every: int = 0  # since the end of the last
    idle: int = 0  # since the last use or cleaning
    opportunity: int = 0  # before it is due
    renews: tuple[int, ...] = ()  # failure modes of the unit
    with_repair_of: tuple[int, ...] = ()
    restores: float = 0.0  # part of the wear


@dataclass(frozen=True)
class Changeover:
    """Setting up for another product or family as the operation `task`; no source: no time."""

    task: int
    change: int
    times: tuple[tuple[Source | None, ...], ...]  # from, to


@dataclass(frozen=True)
class Hold:
    """How long a unit may stand, and the chore that is then due; none: it is only counted."""

    limit: int
    chore: int


@dataclass(frozen=True)
class ContainerHold:
    """How long a container may stand, and how long the cleaning then takes; none: as any other."""

    limit: int
    cleans: bool  # or only counts
    takes: Source | None


@dataclass(frozen=True)
class Wear:
    """What `per` ns of producing, or `per` lots, add to speed and failure rate."""

    per: int
    by_lots: bool
    speed: float
    least: float
    failure_rate: float


@dataclass(frozen=True)
class Upkeep:
    """All upkeep of one unit: its chores are maintenance, then cleanings."""

    chores: tuple[Chore, ...]
    changeover: Changeover | None
    dirty_hold: Hold | None
    clean_hold: Hold | None
    wear: Wear | None
    last_product: int  # before the run; -1: unknown

    @property
    def tasks(self) -> tuple[int, ...]:
        """The operations of all upkeep."""
        changeover = () if self.changeover is None else (self.changeover.task,)
        return (*(chore.task for chore in self.chores), *changeover)
