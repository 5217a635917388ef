"""Which lots are together on a unit: the state of batch operations, which `together` rules."""

from __future__ import annotations

from twin.engine.program import NONE
from twin.engine.rules.outcomes import DONE
from twin.engine.simpy_engine.state import LotState, State, UnitState

NAME = "together"


class Mate:
    """A lot of a batch besides the unit's lot, and what became of it once the work is done."""

    __slots__ = ("finished", "lot", "operation", "outcome", "scrapped", "visit")

    def __init__(self, lot: LotState) -> None:
        self.lot, self.operation, self.visit = lot, lot.operation, lot.visit
        self.finished = NONE
        self.outcome, self.scrapped = DONE, 0


class Together:
    """The mates on each unit, and until when each operation waits for more lots."""

    __slots__ = ("deadlines", "mates")

    def __init__(self) -> None:
        self.mates: dict[int, list[Mate]] = {}
        self.deadlines: dict[int, int] = {}  # ns


def batches_of(state: State) -> Together:
    """The mates on each unit of a plant with batch operations."""
    rule = state.rules[NAME]
    assert isinstance(rule, Together)
    return rule


def lots_of(state: State, unit: UnitState) -> list[LotState]:
    """The lots that a unit has in work, the unit's own first."""
    assert unit.lot is not None
    if state.operations[unit.operation].batch[1] == 1:
        return [unit.lot]
    return [unit.lot, *(mate.lot for mate in batches_of(state).mates[unit.index])]
