"""Hooks: where a rule of its own file takes part in the general way of a lot through a unit.

Each rule's file has `install(state)`, which looks whether the program uses the rule and, where it does,
appends its functions to the lists of the operations and units that it concerns. All other lists stay empty: a
plant pays only for the rules it uses. A rule keeps its state in one small class of plain slots under its name
in `State.rules`. Its decisions are pure functions in `engine/rules/`.

In the order in which they are asked:

- `arrivals[order line]`: a lot has come in; True: the rule keeps it, and lets it in later;
- `waits[operation]`: a lot has come to want the operation: it was released, or its operation before is done;
- `arrives[operation]`: a lot that was on its way to the storage of the operation waits there; True: the rule
  has sent it out or back; one that is to be divided arrives as its parts;
- `withdraws[operation]`: a lot that wanted the operation is sent out or back, and wants it no longer;
- `obstacles[operation]`: what keeps a unit from starting any lot of it now, as (state, cause), or None;
- `refusals[operation]`: what keeps a unit from starting this lot now, as (state, cause), or None;
- `before[unit]`: work that the unit has to do before this lot: the function has put a job into the line of
  one of the unit's tasks and returns True, and the unit looks again;
- `idles[unit]`: the unit has no lot that it can start: as `before`, for work that waits for no lot;
- `changeovers[unit]`: the nominal time in ns to clean and set up the unit for this lot, as it is now;
- `claims[operation]`: the unit has taken the lot; claim what the rule keeps for it;
- `lacks[operation]`: what keeps a unit from the stretch in hand, as (state, cause), or None;
- `runs[operation]`: a stretch has begun or goes on; claim what the rule keeps for it;
- `halts[operation]`: a stretch is done or halted, `unit.remaining` ns before its end;
- `paces`: a stretch that runs goes on at another speed, `unit.remaining` ns of work before its end;
- `ends`: nothing more can start in this round;
- `prepares[operation]`: the phases of the visit are drawn; the rule may change `unit.durations`;
- `outcomes[operation]`: given the outcome of a visit, the outcome that the rule makes of it;
- `finishes[operation]`: processing is done, quantities are known, and the lot's next operation is set;
- `jobs[operation]`: a task of a unit or the cleaning of a container (a job, numbered below 0) is done;
- `rows[operation]`: the row of the visit is about to be written, as number `len(recorder.lots)`;
- `leaves[operation]`: the lot has left the unit; its row is written;
- `failures[unit]`: a failure has stopped the unit;
- `repairs[unit]`: a failure mode of the unit is repaired;
- `rests[operation]`: the lot has left its unit and been laid down where it waits for the operation;
- `gates[storage]`: what keeps a lot out of a storage that has a free place, as (state, cause), or None;
- `carriers[storage]`: the lot has entered; the rule has it arrive, by `moves.arrives`, and not at once;
- `takers[storage]`: the lot has been taken out;
- `becomes`: a lot was divided into its parts, or parts have merged into one: who is gone, and who has come;
  a lot of which a part goes on is in both;
- `exits`: the lot has left the plant, whatever its outcome;
- `effects[kind]`: what takes place when an entry of a kind that the rule owns falls due.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from twin.engine.simpy_engine.state import Entry, LotState, State, UnitState

Reason = tuple[int, int]  # a state of `record.STATES` and a cause

Waits = Callable[["State", "LotState"], None]
Obstacle = Callable[["State", "UnitState", int], Reason | None]
Refusal = Callable[["State", "UnitState", "LotState"], Reason | None]
Before = Callable[["State", "UnitState", "LotState"], bool]
Arrival = Callable[["State", "LotState"], bool]
Changeover = Callable[["State", "UnitState", "LotState"], int]
Becomes = Callable[["State", Sequence["LotState"], Sequence["LotState"]], None]
Idle = Callable[["State", "UnitState"], bool]
OnMode = Callable[["State", "UnitState", int], None]
Lack = Callable[["State", "UnitState"], Reason | None]
OnStretch = Callable[["State", "UnitState"], None]
AtEnd = Callable[["State"], None]
OnVisit = Callable[["State", "UnitState", "LotState"], None]
Outcome = Callable[["State", "UnitState", "LotState", int], int]
Gate = Callable[["State", int, "LotState"], Reason | None]
AtStorage = Callable[["State", int, "LotState"], None]
Effect = Callable[["State", "Entry"], None]


class Hooks:
    """The functions of all rules in use, by operation, by unit or by order line."""

    __slots__ = (
        "arrivals",
        "arrives",
        "becomes",
        "before",
        "carriers",
        "changeovers",
        "claims",
        "effects",
        "ends",
        "exits",
        "failures",
        "finishes",
        "gates",
        "halts",
        "idles",
        "jobs",
        "lacks",
        "leaves",
        "obstacles",
        "outcomes",
        "paces",
        "prepares",
        "refusals",
        "repairs",
        "rests",
        "rows",
        "runs",
        "takers",
        "waits",
        "withdraws",
    )

    def __init__(self, operations: int, units: int, storages: int, orders: int) -> None:
        self.arrivals: list[list[Arrival]] = [[] for _ in range(orders)]
        self.changeovers: list[list[Changeover]] = [[] for _ in range(units)]
        self.waits: list[list[Waits]] = [[] for _ in range(operations)]
        self.arrives: list[list[Arrival]] = [[] for _ in range(operations)]
        self.withdraws: list[list[Waits]] = [[] for _ in range(operations)]
        self.rows: list[list[OnVisit]] = [[] for _ in range(operations)]
        self.obstacles: list[list[Obstacle]] = [[] for _ in range(operations)]
        self.refusals: list[list[Refusal]] = [[] for _ in range(operations)]
        self.before: list[list[Before]] = [[] for _ in range(units)]
        self.idles: list[list[Idle]] = [[] for _ in range(units)]
        self.failures: list[list[OnMode]] = [[] for _ in range(units)]
        self.repairs: list[list[OnMode]] = [[] for _ in range(units)]
        self.claims: list[list[OnVisit]] = [[] for _ in range(operations)]
        self.lacks: list[list[Lack]] = [[] for _ in range(operations)]
        self.runs: list[list[OnStretch]] = [[] for _ in range(operations)]
        self.halts: list[list[OnStretch]] = [[] for _ in range(operations)]
        self.paces: list[list[OnStretch]] = [[] for _ in range(operations)]
        self.ends: list[AtEnd] = []
        self.prepares: list[list[OnVisit]] = [[] for _ in range(operations)]
        self.outcomes: list[list[Outcome]] = [[] for _ in range(operations)]
        self.finishes: list[list[OnVisit]] = [[] for _ in range(operations)]
        self.jobs: list[list[OnVisit]] = [[] for _ in range(operations)]
        self.leaves: list[list[OnVisit]] = [[] for _ in range(operations)]
        self.rests: list[list[Waits]] = [[] for _ in range(operations)]
        self.gates: list[list[Gate]] = [[] for _ in range(storages)]
        self.carriers: dict[int, AtStorage] = {}
        self.takers: dict[int, AtStorage] = {}
        self.becomes: list[Becomes] = []
        self.exits: list[Waits] = []
        self.effects: dict[int, Effect] = {}

    def settle(self, state: State) -> None:
        """Have operations that a rule concerns take the general way. Called once all rules are installed."""
        for number in range(len(state.operations)):
            state.free[number] = state.free[number] and not self.obstacles[number]
            state.plain[number] = state.plain[number] and not self.prepares[number]
            state.certain[number] = state.certain[number] and not self.outcomes[number]

    def concern_storage(self, storage: int) -> bool:
        """Whether any rule takes part in what enters and leaves a storage, which may be none."""
        if storage < 0:
            return False
        return bool(self.gates[storage]) or storage in self.carriers or storage in self.takers

    def concern(self, operation: int) -> bool:
        """Whether any rule takes part in visits of an operation; such visits take the general way."""
        by_operation = (
            self.waits,
            self.arrives,
            self.withdraws,
            self.rows,
            self.rests,
            self.obstacles,
            self.refusals,
            self.claims,
            self.lacks,
            self.runs,
            self.halts,
            self.paces,
            self.prepares,
            self.outcomes,
            self.finishes,
            self.jobs,
            self.leaves,
        )
        return bool(self.exits) or any(hooks[operation] for hooks in by_operation)
