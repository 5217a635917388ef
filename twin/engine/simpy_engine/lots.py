"""Lots at run time, and the lines in which they wait. Plain slots; no rule lives here."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from twin.engine.program import NONE
from twin.engine.rules.calendars import NEVER

if TYPE_CHECKING:
    from twin.engine.simpy_engine.state import UnitState


class LotState:
    """A lot between release and exit, or a job: a task of a unit, a dirty container (`number` negative)."""

    __slots__ = (
        "arrived",
        "attributes",
        "born",
        "container",
        "due",
        "holder",
        "loses_patience",
        "number",
        "operation",
        "order",
        "parts",
        "place",
        "priority",
        "quantity",
        "ready",
        "split_at",
        "stored",
        "visits",
    )

    def __init__(self, number: int, order: int, priority: int, operation: int, quantity: int) -> None:
        self.number, self.order, self.priority = number, order, priority
        self.operation, self.quantity = operation, quantity
        self.visits: dict[int, int] | None = None  # only where the lot has been sent back
        self.attributes: dict[str, float] | None = None
        self.container = NONE
        self.holder: UnitState | None = None  # the unit on which it waits
        self.stored = NONE  # the storage in which it waits
        self.place = NONE  # where it stands, for transport
        self.ready = 0  # ns; since when it waits
        self.due = NEVER  # ns
        self.arrived = 0  # ns
        self.loses_patience = False
        self.born = 0  # parts so far, those of earlier splits included
        self.parts = 0  # into which it is to be divided when it is laid down
        self.split_at = NONE  # operation at the end of which it was split

    @property
    def visit(self) -> int:
        """How often the lot has been at its operation before."""
        return 0 if self.visits is None else self.visits.get(self.operation, 0)


class Line:
    """Lots waiting for one operation, by priority, then by time of readiness, then by number."""

    __slots__ = ("_by_priority", "_one", "carrying", "lots", "one_priority")

    def __init__(self) -> None:
        self.lots: deque[LotState] = deque()  # in the order of readiness
        self.one_priority = True
        self.carrying = 0  # at least as many as have a container
        self._one: int | None = None  # the priority that all have had so far
        self._by_priority: dict[int, deque[LotState]] | None = None

    def __len__(self) -> int:
        return len(self.lots)

    def join(self, lot: LotState) -> None:
        """Put a lot in its place."""
        lots = self.lots
        if lot.container != NONE:
            self.carrying += 1
        if lot.priority == self._one and (not lots or lots[-1].ready < lot.ready):
            lots.append(lot)  # the usual case
            return
        _insert(lots, lot)
        if self._by_priority is not None:
            _insert(self._by_priority.setdefault(lot.priority, deque()), lot)
        elif self._one is None:
            self._one = lot.priority
        elif lot.priority != self._one:
            self._one, self.one_priority = None, False
            self._by_priority = {}
            for each in lots:
                self._by_priority.setdefault(each.priority, deque()).append(each)

    def leave(self, lot: LotState) -> None:
        """Take a lot out."""
        if lot.container != NONE:
            self.carrying -= 1
        if self.lots[0] is lot:
            self.lots.popleft()
        else:
            self.lots.remove(lot)
        if self._by_priority is not None:
            self._by_priority[lot.priority].remove(lot)

    def in_turn(self, by_priority: bool) -> list[LotState] | deque[LotState]:
        """The lots in the order in which they are served."""
        if not by_priority or self._by_priority is None:
            return self.lots
        return [lot for priority in sorted(self._by_priority) for lot in self._by_priority[priority]]


def _insert(line: deque[LotState], lot: LotState) -> None:
    if not line or (line[-1].ready, line[-1].number) < (lot.ready, lot.number):
        line.append(lot)
        return
    at = len(line)
    while at and (line[at - 1].ready, line[at - 1].number) > (lot.ready, lot.number):
        at -= 1
    line.insert(at, lot)
