"""One round of answers for all replications that wait: what can be computed ahead, then what is asked live.

Lots are computed ahead as soon as one of them is asked for: with it those of the lots to come that were asked
for in another replication, so that a call holds many lots of many replications. Where none has run yet, as
many of the released lots as have been asked for so far. A wrong expectation costs time and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from twin.engine.broker.broker import Broker
from twin.engine.broker.desk import MOST_AHEAD, Desk
from twin.engine.broker.rows import Request
from twin.engine.program import NONE


class Waiting(NamedTuple):
    """A replication that waits: its desk, its number and the recipe of each lot that it has released."""

    desk: Desk
    replication: int
    recipes: Sequence[int]


def answer_round(broker: Broker, waiting: Sequence[Waiting], expected: Sequence[int] = ()) -> None:
    """Fill every slot of every desk with its answer; `expected` is what `expectation` gave of another one."""
    parts: dict[int, list[tuple[Waiting, list[int]]]] = {}
    for each in waiting:
        for recipe, numbers in _to_foresee(broker, each, expected):
            parts.setdefault(recipe, []).append((each, numbers))
    for recipe, of_recipe in sorted(parts.items()):
        replications = [each.replication for each, numbers in of_recipe for _ in numbers]
        found = broker.foresee(recipe, replications, [n for _, numbers in of_recipe for n in numbers])
        first = 0
        for each, numbers in of_recipe:
            each.desk.foresees(found, numbers, first)
            first += len(numbers)
    for each in waiting:
        each.desk.look_again()
    asked = [
        (d, k, slot) for d, _, _ in waiting for k, slot in enumerate(d.slots) if isinstance(slot, Request)
    ]
    answers = broker.answer([request for _, _, request in asked])
    for (desk, place, _), answer in zip(asked, answers, strict=True):
        desk.slots[place] = answer


def _to_foresee(broker: Broker, each: Waiting, expected: Sequence[int]) -> Iterator[tuple[int, list[int]]]:
    """Lots to compute ahead now, by recipe: none unless one of them is asked for."""
    desk, released = each.desk, len(each.recipes)
    missing = desk.missing()
    if not missing:
        return
    if expected:
        end = min(len(expected), released + MOST_AHEAD)
        others = [number for number in range(desk.looked, end) if expected[number] != NONE]
    else:
        end = min(released, desk.looked + len(desk.asked))
        others = list(range(desk.looked, end))
    by_recipe: dict[int, list[int]] = {}
    for number in dict.fromkeys((*missing, *others)):
        recipe = each.recipes[number] if number < released else expected[number]
        if broker.recipes.concerns(recipe):
            by_recipe.setdefault(recipe, []).append(number)
    desk.looked = max(desk.looked, end)
    yield from by_recipe.items()


def expectation(ended: Waiting) -> list[int]:
    """Recipes by lot of what a replication asked for that has ended; `NONE` for lots that it did not need."""
    asked = ended.desk.asked
    return [recipe if number in asked else NONE for number, recipe in enumerate(ended.recipes)]
