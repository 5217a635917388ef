"""Physics of the compiled engine: what waiting replications ask the broker, and where the answers go.

The kernel takes by itself what was computed ahead (`foreseen`). It returns when work waits for anything else
and nothing can start; then, for all replications that wait, lots are computed ahead where that can be, and
the other requests are asked about, with lots that wait for such work (`early`), each model once.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from twin.engine.broker import Broker
from twin.engine.broker.rows import ABSENT, Visits
from twin.engine.compiled_engine import blocks, early, foreseen
from twin.engine.compiled_engine.endings import ATTRIBUTES, STATUS, YIELD
from twin.engine.compiled_engine.image import Image
from twin.engine.compiled_engine.memory import Memory
from twin.engine.compiled_engine.tables import ahead, asked, head
from twin.engine.program import NONE
from twin.physics.contract import Outcome

Integers = npt.NDArray[np.int64]
Reals = npt.NDArray[np.float64]


class Asking:
    """Asks the broker for replications of one program."""

    def __init__(self, of: Image, broker: Broker) -> None:
        self.of, self.broker = of, broker
        self._columns = {name: column for column, name in enumerate(of.attributes)}
        # The order in which operations are asked about: those of one model after each other.
        self._turn = np.zeros(len(of.program.operations), dtype=np.int64)
        models: dict[int, int] = {}
        for number, operation in enumerate(of.program.operations):
            if operation.physics is not None:
                turn = models.setdefault(id(operation.physics.model), len(models))
                self._turn[number] = turn * len(self._turn) + number
        self._recipes = np.array([line.recipe for line in of.program.orders], dtype=np.int64)
        # Recipes of the lots of some replication, by number; a wrong expectation costs time, nothing else.
        self._expected = np.empty(0, dtype=np.int64)

    def answer(self, memory: Memory, numbers: Integers, places: Integers) -> Integers:
        """Answer the replications at these places, whose numbers are `numbers[places]`.

        Returns the places of those in which physics gives a visit no duration.
        """
        rows, reals = self._requests(memory, places)
        wanted = rows[:, asked.WANTED] == 1
        if wanted.any():
            self._foresee(memory, numbers, places, rows)
            rows, reals = rows[~wanted], reals[~wanted]
        if not len(rows):
            return places[:0]
        order = np.argsort(self._turn[rows[:, asked.OPERATION]], kind="stable")
        rows, reals = rows[order], reals[order]
        seconds, answers = self._ask(rows, reals, numbers[rows[:, asked.PLACE]])
        flat = rows.reshape(-1), seconds, answers.reshape(-1)
        blocks.put(self.of.integers, *_flat(memory), *flat)
        is_lost = np.isnan(seconds) & (rows[:, asked.SLOT] == NONE)
        return np.unique(rows[is_lost, asked.PLACE])

    def _requests(self, memory: Memory, places: Integers) -> tuple[Integers, Reals]:
        """The requests of replications that are not answered, and those for lots that wait: rows of `asked`,
        and what the lots bring, shape (n, attributes).
        """
        most = int(memory.s[places, head.REQUESTS_N].sum()) + len(places) * len(self.of.early) * early.MOST
        rows, reals = np.empty((most, asked.WIDTH), dtype=np.int64), np.empty((most, len(self.of.attributes)))
        flat = _flat(memory)
        count = blocks.requests(self.of.integers, *flat, places, rows.reshape(-1), reals.reshape(-1))
        return rows[:count], reals[:count]

    def _ask(self, rows: Integers, reals: Reals, replications: Integers) -> tuple[Reals, Reals]:
        """Ask about requests in the order of `_turn`: seconds at speed 1, and good, status and attributes,
        shape (n, columns).
        """
        seconds, operations = np.empty(len(rows)), rows[:, asked.OPERATION]
        answers = np.full((len(rows), ATTRIBUTES + len(self.of.attributes)), np.nan)
        edges = [0, *(np.flatnonzero(np.diff(operations)) + 1).tolist(), len(rows)]
        visits = {
            number: self._visits(number, rows[first:last], reals[first:last], replications[first:last])
            for number, first, last in zip(operations[edges[:-1]].tolist(), edges, edges[1:], strict=False)
        }
        first = 0
        for heard in self.broker.ask_models(visits):
            last = first + heard.edges[-1]
            outcome, to = heard.outcome, answers[first:last]
            seconds[first:last] = self.broker.seconds(operations[first:last], outcome)
            to[:, YIELD], to[:, STATUS] = outcome.yield_, outcome.status
            for name, values in outcome.attributes.items():
                to[:, ATTRIBUTES + self._columns[name]] = values
            first = last
        return seconds, answers

    def _visits(self, number: int, rows: Integers, reals: Reals, replications: Integers) -> Visits:
        call, columns = self.of.program.operations[number].physics, self._columns
        assert call is not None
        carried = {name: reals[:, columns[name]] for name, _ in call.carried if name in columns}
        return Visits(
            replications,
            rows[:, asked.NUMBER],
            rows[:, asked.VISIT],
            rows[:, asked.ATTEMPT],
            rows[:, asked.UNIT],
            rows[:, asked.QUANTITY],
            {name: np.where(np.isnan(values), ABSENT, values) for name, values in carried.items()},
        )

    def _foresee(self, memory: Memory, numbers: Integers, places: Integers, rows: Integers) -> None:
        """Compute ahead what is asked for and can be, and with it the lots to come of all replications."""
        self._expect(memory, places)
        now = (memory.s[places, slot] for slot in (head.LOTS_RELEASED, head.AHEAD_LOTS, head.AHEAD_NEXT))
        released, room, tried = now
        most = int((released + room - tried).sum()) + len(rows)
        lots = np.empty((most, foreseen.LOT), dtype=np.int64)
        p, (s, _, size, _) = self.of.integers, _flat(memory)
        count = blocks.to_foresee(p, s, size, places, rows.ravel(), self._expected, lots.reshape(-1))
        for recipe in np.unique(lots[:count, 2]).tolist():
            if self.broker.recipes.concerns(recipe):
                self._foresee_lots(memory, numbers, recipe, lots[:count][lots[:count, 2] == recipe])

    def _expect(self, memory: Memory, places: Integers) -> None:
        """Expect of all replications the lots of the one that has released most."""
        furthest = memory.s[places[np.argmax(memory.s[places, head.LOTS_RELEASED])]]
        released, known = int(furthest[head.LOTS_RELEASED]), len(self._expected)
        if released <= known:
            return
        room, first = int(furthest[head.AHEAD_LOTS]), int(furthest[head.AHEAD_MARKS])
        new = np.arange(known, released)
        lines = furthest[first + new % room * ahead.MARKS + ahead.LINE]
        recipes = np.where(new >= released - room, self._recipes[lines], NONE)
        self._expected = np.concatenate([self._expected[:known], recipes])

    def _foresee_lots(self, memory: Memory, numbers: Integers, recipe: int, lots: Integers) -> None:
        """Compute lots of a recipe ahead, and put the answers where their kernels take them."""
        of, broker = self.of, self.broker
        found = broker.foresee(recipe, numbers[lots[:, 0]], lots[:, 1])
        for number, answers in found.operations.items():
            if number not in of.ahead:
                continue
            outcome = Outcome(answers.seconds[0], answers.good[0], {}, answers.status[0])
            given = [answers.attributes[name][0] for name in of.gives(number)]
            columns = (answers.quantity[0], broker.seconds(number, outcome), outcome.yield_, outcome.status)
            values = np.column_stack([*columns, *given])
            flat = _flat(memory)
            blocks.keep(of.integers, *flat, of.ahead[number], lots.ravel(), values.ravel())
            broker.counts.operation(of.program.operations[number].name).used += len(lots)


def _flat(memory: Memory) -> tuple[Integers, Reals, int, int]:
    """The arrays of all replications, and how many numbers each has in them."""
    return memory.s.reshape(-1), memory.f.reshape(-1), memory.s.shape[1], memory.f.shape[1]
