"""What one replication knows of physics: answers computed ahead, and which of them still hold.

An answer computed ahead is that of a lot which was released in this run and has come as foreseen: first
visits and first attempts only, at the operations that are ahead, and with the quantity that they left. A lot
that comes otherwise has strayed, and is asked about live from then on.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from twin.engine.broker.ahead import Foreseen
from twin.engine.broker.broker import Broker
from twin.engine.broker.rows import Answer, Request
from twin.engine.rules.parts import ROOT

MOST_AHEAD = 1024  # lots of a replication at once that are not released yet


@dataclass(frozen=True)
class Wanted:
    """A visit whose answer can be computed ahead, and is not there yet."""

    request: Request


Slot = Answer | Request | Wanted


class Desk:
    """The requests of a replication's round and their answers, in one order."""

    __slots__ = ("_foreseen", "_opened", "_strayed", "_ways", "asked", "broker", "looked", "slots")

    def __init__(self, broker: Broker) -> None:
        self.broker = broker
        self.slots: list[Slot] = []
        self.looked = 0  # lots of lower numbers have been looked at for what can be computed ahead
        self.asked: set[int] = set()  # lots that have been asked about and could be computed ahead
        self._opened = 0
        self._foreseen: dict[int, tuple[Foreseen, int]] = {}  # by lot, and its place there
        self._strayed: set[int] = set()
        self._ways: dict[int, int] = {}  # by lot: the way that it has come, where not the first

    def opens(self, released: int) -> None:
        """The run begins, with so many lots released before it."""
        self._opened = self.looked = released

    def ask(self, requests: Iterable[Request]) -> bool:
        """Put a round's requests in their slots; whether all are answered."""
        self.slots = [self._look(request) for request in requests]
        return self.answered

    @property
    def answered(self) -> bool:
        """Whether every slot holds an answer."""
        return all(type(slot) is Answer for slot in self.slots)

    def take(self) -> list[Answer]:
        """The answers of a round, which is over with that."""
        answers = [slot for slot in self.slots if isinstance(slot, Answer)]
        self.slots = []
        return answers

    def missing(self) -> list[int]:
        """Lots whose answers can be computed ahead and are asked for now."""
        return [slot.request.number for slot in self.slots if isinstance(slot, Wanted)]

    def foresees(self, found: Foreseen, numbers: Sequence[int], first: int) -> None:
        """Keep the answers of lots, which stand in `found` from place `first` on."""
        for place, number in enumerate(numbers, first):
            self._foreseen[number] = (found, place)

    def look_again(self) -> None:
        """Take what was computed ahead; what does not fit its lot is to be asked live."""
        self.slots = [self._look(slot.request) if isinstance(slot, Wanted) else slot for slot in self.slots]

    def forget(self, number: int) -> None:
        """A lot has left."""
        self._foreseen.pop(number, None)
        self._strayed.discard(number)
        self._ways.pop(number, None)

    def _look(self, request: Request) -> Slot:
        planned = self.broker.recipes.planned.get(request.operation)
        number = request.number
        if planned is None:
            return request
        if not self._opened <= number <= ROOT or number in self._strayed:
            return request
        if request.visit or request.attempt:
            self._strayed.add(number)
            return request
        self.asked.add(number)
        foreseen, place = self._foreseen.get(number, _NOTHING)
        if foreseen is None or foreseen.recipe != planned.recipe:
            return Wanted(request)
        computed = foreseen.operations[request.operation]
        way = self._ways.get(number, 0)
        if planned.weighs and computed.quantity[way, place] != request.quantity:
            self._strayed.add(number)
            return request
        if computed.kinds > 1:
            way = self._ways[number] = way * computed.kinds + planned.kinds[request.unit]
        self.broker.counts.operation(planned.name).used += 1
        seconds, status = float(computed.seconds[way, place]), int(computed.status[way, place])
        return Answer(
            self.broker.time(request.operation, seconds, status, request.speed),
            seconds,
            float(computed.good[way, place]),
            status,
            {name: float(values[way, place]) for name, values in computed.attributes.items()},
        )


_NOTHING: tuple[Foreseen | None, int] = (None, 0)
