"""Physics of the compiled engine: what waiting replications ask the broker, and where the answers go.

The kernel takes by itself what was computed ahead (`foreseen`). It returns when work waits for anything else
and nothing can start; then, for all replications that wait, lots are computed ahead where that can be, and
the other requests are asked about, each model once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from twin.engine.broker import Broker
from twin.engine.broker.ahead import Foreseen
from twin.engine.broker.rows import ABSENT, Visits
from twin.engine.compiled_engine import foreseen
from twin.engine.compiled_engine.endings import ATTRIBUTES, STATUS, YIELD
from twin.engine.compiled_engine.image import Image
from twin.engine.compiled_engine.tables import ahead, head
from twin.physics.contract import Outcome

MOST_AHEAD = 1024  # lots of a replication that are not released yet
LONGEST = 4.0e18  # ns

Integers = npt.NDArray[np.int64]
Reals = npt.NDArray[np.float64]


class CannotGoOnError(Exception):
    """A replication is stuck, time stands still, or physics gives no duration; the SimPy engine says why."""


class Asking(NamedTuple):
    """A replication that waits for physics: its number, its arrays and what tells the recipes of the lots
    released, by number.
    """

    replication: int
    s: Integers
    f: Reals
    recipes: Callable[[], Integers]


class Requests(NamedTuple):
    """Requests of one replication: rows and reals as in `foreseen`, shapes (n, columns)."""

    rows: Integers
    reals: Reals


def answer(of: Image, broker: Broker, waiting: Sequence[Asking], expected: Integers) -> list[int]:
    """Answer all replications that wait; `expected` are the recipes of another one's lots.

    Returns the places of those in which physics gives a visit no duration.
    """
    asked = [requests(of, each) for each in waiting]
    foresee(of, broker, waiting, asked, expected)
    asked = [_live(each) for each in asked]
    counts = [len(each.rows) for each in asked]
    if not sum(counts):
        return []
    rows = np.concatenate([each.rows for each in asked])
    reals = np.concatenate([each.reals for each in asked])
    replications = np.repeat(np.array([each.replication for each in waiting]), counts)
    times, answers = _ask(of, broker, rows, reals, replications)
    lost = []
    first = 0
    for place, (each, count) in enumerate(zip(waiting, counts, strict=True)):
        own = slice(first, first + count)
        first += count
        if np.isnan(times[own]).any():
            lost.append(place)
        elif count:
            whole = np.rint(np.minimum(times[own], LONGEST)).astype(np.int64)
            foreseen.put(of.integers, each.s, each.f, rows[own].ravel(), whole, answers[own].ravel())
    return lost


def _live(asked: Requests) -> Requests:
    """Those that cannot be computed ahead."""
    live = asked.rows[:, foreseen.WANTED] == 0
    return Requests(asked.rows[live], asked.reals[live])


def requests(of: Image, each: Asking) -> Requests:
    """The requests of a replication that are not answered."""
    most, width = int(each.s[head.REQUESTS_N]), 1 + len(of.attributes)
    rows = np.empty(most * foreseen.REQUEST, dtype=np.int64)
    reals = np.empty(most * width)
    count = foreseen.requests(of.integers, each.s, each.f, rows, reals)
    return Requests(
        rows[: count * foreseen.REQUEST].reshape(count, foreseen.REQUEST),
        reals[: count * width].reshape(count, width),
    )


def _ask(
    of: Image, broker: Broker, rows: Integers, reals: Reals, replications: Integers
) -> tuple[Reals, Reals]:
    """Ask about requests: times in ns, and what goes to the units, shape (n, columns)."""
    times = np.full(len(rows), np.nan)
    answers = np.full((len(rows), ATTRIBUTES + len(of.attributes)), np.nan)
    places = {
        int(number): np.flatnonzero(rows[:, foreseen.OPERATION] == number)
        for number in np.unique(rows[:, foreseen.OPERATION])
    }
    visits = {
        number: _visits(of, number, rows[where], reals[where], replications[where])
        for number, where in places.items()
    }
    for number, outcome in broker.ask(visits).items():
        where = places[number]
        speed = reals[where, foreseen.SPEED]
        times[where] = broker.seconds(number, outcome) / speed * 1e9
        answers[where, YIELD], answers[where, STATUS] = outcome.yield_, outcome.status
        for name, values in outcome.attributes.items():
            answers[where, ATTRIBUTES + of.attributes.index(name)] = values
    return times, answers


def _visits(of: Image, number: int, rows: Integers, reals: Reals, replications: Integers) -> Visits:
    call = of.program.operations[number].physics
    assert call is not None
    carried = {
        name: reals[:, 1 + of.attributes.index(name)] for name, _ in call.carried if name in of.attributes
    }
    return Visits(
        replications,
        rows[:, foreseen.NUMBER],
        rows[:, foreseen.VISIT],
        rows[:, foreseen.ATTEMPT],
        rows[:, foreseen.UNIT],
        rows[:, foreseen.QUANTITY],
        {name: np.where(np.isnan(values), ABSENT, values) for name, values in carried.items()},
    )


def foresee(
    of: Image, broker: Broker, waiting: Sequence[Asking], asked: Sequence[Requests], expected: Integers
) -> None:
    """Compute ahead what is asked for and can be, and with it the other lots of these replications."""
    lots: dict[int, list[tuple[Asking, Integers]]] = {}
    for each, requests in zip(waiting, asked, strict=True):
        if requests.rows[:, foreseen.WANTED].any():
            released = each.recipes()
            to_come = expected[len(released) : len(released) + MOST_AHEAD]
            recipes = np.concatenate([released, to_come])[: int(each.s[head.AHEAD_LOTS])]
            for recipe in np.unique(recipes).tolist():
                missing = np.flatnonzero((recipes == recipe) & ~_there(of, each, recipe, len(recipes)))
                if broker.recipes.concerns(recipe) and len(missing):
                    lots.setdefault(recipe, []).append((each, missing))
    for recipe, parts in lots.items():
        replications = np.concatenate([np.full(len(own), each.replication) for each, own in parts])
        found = broker.foresee(recipe, replications, np.concatenate([own for _, own in parts]))
        first = 0
        for each, own in parts:
            _keep(of, broker, each, own, found, slice(first, first + len(own)))
            first += len(own)


def _column(of: Image, each: Asking, number: int, which: int) -> int:
    row = int(of.integers[head.AHEAD_PLAN]) + of.ahead[number] * ahead.PLAN
    column = int(of.integers[row + ahead.COLUMN]) + which
    return int(each.s[head.AHEAD_AT]) + column * int(each.s[head.AHEAD_LOTS])


def _there(of: Image, each: Asking, recipe: int, lots: int) -> npt.NDArray[np.bool_]:
    """Which of the first lots of a replication are foreseen as lots of a recipe."""
    number = next((n for n in of.ahead if of.program.operations[n].recipe == recipe), None)
    if number is None:
        return np.ones(lots, dtype=np.bool_)
    first = _column(of, each, number, ahead.IS_THERE)
    return np.asarray(each.f[first : first + lots] == recipe)


def _keep(of: Image, broker: Broker, each: Asking, own: Integers, found: Foreseen, part: slice) -> None:
    """Put what was computed ahead of a replication's lots where its kernel takes it."""
    for number, answers in found.operations.items():
        if number not in of.ahead:
            continue
        outcome = Outcome(answers.seconds[0, part], answers.good[0, part], {}, answers.status[0, part])
        columns = {
            ahead.IS_THERE: np.full(len(own), found.recipe),
            ahead.QUANTITY: answers.quantity[0, part],
            ahead.SECONDS: broker.seconds(number, outcome),
            ahead.GOOD: outcome.yield_,
            ahead.STATUS: outcome.status,
        }
        for k, name in enumerate(of.gives(number), ahead.COLUMNS):
            columns[k] = answers.attributes[name][0, part]
        for which, values in columns.items():
            each.f[_column(of, each, number, which) + own] = values
        broker.counts.operation(of.program.operations[number].name).used += len(own)
