"""The order book in a program: what comes in when, and how its lots are let into the plant.

Part of `program.py`, kept apart for its size. Times are whole nanoseconds; -1 stands for none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from twin.engine.program import Source

CONWIP, KANBAN, CAMPAIGN, DUE_DATE = range(4)
FIRST_COME, DUE, LEAST_CHANGEOVER = range(3)


@dataclass(frozen=True)
class OrderLine:
    """A line of the order book; `due` counts from when its lots come in, or from the start of the run."""

    recipe: int
    lots: int
    every: Source | None
    first: Source | None
    times: int  # -1: endless
    priority: int
    lost_when_full: bool
    hot: bool = False
    release: int = -1  # release rule; -1: pushed
    due: int | None = None
    due_is_a_date: bool = False


@dataclass(frozen=True)
class ReleaseRule:
    """How the lots of some order lines are let in; a number of 0 stands for no limit."""

    name: str
    rule: int
    limit: int
    until: tuple[int, ...]  # operations, one for each recipe that the rule concerns; empty: the plant
    size: int
    minimum: int
    sequence: int
    before: int
    lines: tuple[int, ...]  # the order lines that it lets in


@dataclass(frozen=True)
class Loop:
    """A kanban loop: lots from the start of one operation to that of another, one of each for a recipe."""

    name: str
    limit: int
    starts: tuple[int, ...]
    ends: tuple[int, ...]  # empty: the end of the plant
