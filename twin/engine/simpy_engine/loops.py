"""Kanban loops between stages: a lot starts the first operation of a stage with a free card.

The card goes with the lot until the next stage has taken it, or it has left the plant; a lot that was split
gives it back with its last part. A lot that comes back while it has its card needs no other, nor does a part
of a lot that has one.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from twin.engine.codes import BLOCKED
from twin.engine.order_book import Loop
from twin.engine.rules.parts import released_as, split_from
from twin.engine.rules.releases import has_card
from twin.engine.simpy_engine.hooks import Reason
from twin.engine.simpy_engine.state import LotState, State, UnitState

NAME = "loops"


class Cards:
    """The cards of one loop: which lots and parts of lots are in it, and how many of each released lot."""

    __slots__ = ("back", "entity", "inside", "loop", "parts")

    def __init__(self, loop: Loop, entity: int) -> None:
        self.loop, self.entity = loop, entity
        self.inside: set[int] = set()
        self.parts: dict[int, int] = {}
        self.back: set[int] = set()  # those that wait and may have a card: that are back, or parts


def install(state: State) -> None:
    """Concern the first operations of each stage, and those that take lots out of it."""
    hooks = state.hooks
    kept = [Cards(loop, state.recorder.entity(f"loop/{loop.name}")) for loop in state.program.loops]
    if not kept:
        return
    state.rules[NAME] = kept
    for cards in kept:
        for operation in cards.loop.starts:
            hooks.obstacles[operation].append(partial(_no_card, cards))
            hooks.refusals[operation].append(partial(_lacks_card, cards))
            hooks.waits[operation].append(partial(_waits, cards))
            hooks.claims[operation].append(partial(_takes_card, cards))
        for operation in cards.loop.ends:
            hooks.claims[operation].append(partial(_is_withdrawn, cards))
        hooks.exits.append(partial(_has_gone, cards))
        hooks.becomes.append(partial(_becomes, cards))
        _count(state, cards)


def is_inside(state: State, lot: LotState, in_work: bool) -> None:
    """A run begins with a lot inside: one that has started a stage and is in it still has a card."""
    kept = state.rules.get(NAME)
    for cards in kept if isinstance(kept, list) else ():
        for start in cards.loop.starts:
            if state.operations[start].recipe != state.operations[lot.operation].recipe:
                continue
            recipe = state.operations[start].recipe
            ends = [n for n in cards.loop.ends if state.operations[n].recipe == recipe]
            if start < lot.operation and (not ends or lot.operation + in_work <= ends[0]):
                _enter(state, cards, lot)


def _waits(cards: Cards, state: State, lot: LotState) -> None:
    if lot.number in cards.inside or split_from(lot.number) >= 0:
        cards.back.add(lot.number)


def _no_card(cards: Cards, state: State, unit: UnitState, operation: int) -> Reason | None:
    """Without a card none starts but who may have one; so that no long line is gone through in vain."""
    if cards.back or has_card(len(cards.parts), cards.loop.limit):
        return None
    return BLOCKED, state.recorder.cause(cards.loop.name)


def _lacks_card(cards: Cards, state: State, unit: UnitState, lot: LotState) -> Reason | None:
    if released_as(lot.number) in cards.parts or has_card(len(cards.parts), cards.loop.limit):
        return None
    return BLOCKED, state.recorder.cause(cards.loop.name)


def _takes_card(cards: Cards, state: State, unit: UnitState, lot: LotState) -> None:
    cards.back.discard(lot.number)
    if lot.number not in cards.inside:
        _enter(state, cards, lot)


def _enter(state: State, cards: Cards, lot: LotState) -> None:
    whole = released_as(lot.number)
    cards.inside.add(lot.number)
    cards.parts[whole] = cards.parts.get(whole, 0) + 1
    if cards.parts[whole] == 1:
        _count(state, cards)


def _is_withdrawn(cards: Cards, state: State, unit: UnitState, lot: LotState) -> None:
    _has_gone(cards, state, lot)


def _has_gone(cards: Cards, state: State, lot: LotState) -> None:
    cards.back.discard(lot.number)
    if lot.number not in cards.inside:
        return
    whole = released_as(lot.number)
    cards.inside.remove(lot.number)
    cards.parts[whole] -= 1
    if cards.parts[whole]:
        return
    del cards.parts[whole]
    _count(state, cards)
    for operation in cards.loop.starts:
        state.touched.update(state.operations[operation].units)


def _becomes(cards: Cards, state: State, gone: Sequence[LotState], come: Sequence[LotState]) -> None:
    """Count the parts of a lot in its place, or the merged lot in that of its parts."""
    for lot in gone:
        if lot not in come:
            cards.back.discard(lot.number)
    if any(lot.number in cards.inside for lot in gone):
        for lot in come:
            if lot not in gone:
                _enter(state, cards, lot)
        for lot in gone:
            if lot not in come:
                _has_gone(cards, state, lot)


def _count(state: State, cards: Cards) -> None:
    state.recorder.levels.append((cards.entity, state.now, len(cards.parts)))
