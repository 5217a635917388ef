"""What the upkeep of units keeps during a replication: counts and times by unit, and who keeps which lot.

Plain slots that `upkeep` and `maintenance` read and write; no rule lives here.
"""

from __future__ import annotations

from twin.engine.program import NONE
from twin.engine.simpy_engine.state import LotState, State
from twin.engine.upkeep import Upkeep

NAME = "upkeep"


class Own:
    """The upkeep of one unit at run time."""

    __slots__ = (
        "batches",
        "beside_repairs",
        "cleaned",
        "cleaned_at",
        "done",
        "keeps",
        "last",
        "lots",
        "new_at",
        "program",
        "running",
        "set_up",
        "stopped",
        "target",
        "used_at",
        "violations",
    )

    def __init__(self, program: Upkeep) -> None:
        self.program = program
        chores = program.chores
        highest = max((chore.level for chore in chores), default=0)
        self.last = program.last_product  # product
        self.cleaned = highest if self.last == NONE else 0  # highest level since the last use
        self.used_at = self.cleaned_at = 0  # ns; end of the last use, of the last cleaning
        self.batches = [0] * len(chores)  # lots since each was done
        self.running = [0] * len(chores)  # ns of producing when each was last done
        self.done = [0] * len(chores)  # ns; when each was last done
        self.stopped = False  # since its last lot it has done something for itself
        self.beside_repairs: dict[int, int] = {}  # chore to the clock by which it is done beside a repair
        self.lots = 0  # that have left
        self.new_at = 0  # lots or ns of producing at which it would have been new
        self.keeps: LotState | None = None  # the lot for which the unit is at work
        self.set_up = NONE  # the product for which it has been set up since its last use
        self.target = NONE  # the product for which it is being set up
        self.violations = {"dirty_hold": 0, "clean_hold": 0}


class Keeper:
    """All upkeep of a replication: by unit, and which unit keeps which lot."""

    __slots__ = ("families", "kept", "units")

    def __init__(self, state: State) -> None:
        self.units = {u.index: Own(u.program.upkeep) for u in state.units if u.program.upkeep is not None}
        self.kept: dict[LotState, int] = {}  # lot to unit
        self.families = {r.product: r.family for r in state.program.recipes}


def keeper_of(state: State) -> Keeper:
    """All upkeep of the replication, which has some."""
    keeper = state.rules[NAME]
    assert isinstance(keeper, Keeper)
    return keeper
