"""Kanban loops between stages: a lot starts the first operation of a stage with a free card.

As `simpy_engine/loops.py`. How many cards are out is counted by released lot, whatever it was split into.
"""

from __future__ import annotations

from twin.engine.codes import BLOCKED
from twin.engine.compiled_engine.compiling import inner
from twin.engine.compiled_engine.decisions import has_card, released_as, split_from
from twin.engine.compiled_engine.lists import touch_units_of
from twin.engine.compiled_engine.rows import level
from twin.engine.compiled_engine.tables import head, kept, loop, lot
from twin.engine.compiled_engine.tables.types import Integers
from twin.engine.program import NONE


@inner
def begin(p: Integers, s: Integers) -> None:
    """No lot has a card."""
    for number in range(p[head.LOOPS]):
        _count(p, s, number)


@inner
def _is(p: Integers, number: int, operation: int, role: int) -> bool:
    """Whether an operation starts a loop, or ends it."""
    return p[p[loop.plan(p, number) + loop.ROLES_AT] + operation] & role != 0


@inner
def waits(p: Integers, s: Integers, slot: int) -> None:
    """A lot that is back, or a part, waits for a stage and may have a card."""
    b = lot.now(s, slot)
    for number in range(p[head.LOOPS]):
        row = kept.of_loop(p, s, slot, number)
        may_have = s[row + kept.HAS_CARD] == 1 or split_from(s[b + lot.NUMBER]) >= 0
        if _is(p, number, s[b + lot.OPERATION], loop.STARTS) and may_have and not s[row + kept.BACK]:
            s[row + kept.BACK] = 1
            s[loop.now(s, number) + loop.BACK] += 1


@inner
def obstacle(p: Integers, s: Integers, operation: int) -> tuple[int, int]:
    """Without a card none starts but who may have one; so that no long line is gone through in vain."""
    for number in range(p[head.LOOPS]):
        row, at = loop.plan(p, number), loop.now(s, number)
        concerned = _is(p, number, operation, loop.STARTS) and not s[at + loop.BACK]
        if concerned and not has_card(s[at + loop.INSIDE], p[row + loop.LIMIT]):
            return BLOCKED, p[row + loop.CAUSE]
    return NONE, NONE


@inner
def refused(p: Integers, s: Integers, slot: int) -> tuple[int, int]:
    """There is no card for a lot that has none."""
    operation = s[lot.now(s, slot) + lot.OPERATION]
    for number in range(p[head.LOOPS]):
        row, at = loop.plan(p, number), loop.now(s, number)
        concerned = _is(p, number, operation, loop.STARTS) and not _has_one(p, s, slot, number)
        if concerned and not has_card(s[at + loop.INSIDE], p[row + loop.LIMIT]):
            return BLOCKED, p[row + loop.CAUSE]
    return NONE, NONE


@inner
def _has_one(p: Integers, s: Integers, slot: int, number: int) -> bool:
    """Whether a lot has a card, or the released lot that it was has one by another part."""
    if s[kept.of_loop(p, s, slot, number) + kept.HAS_CARD]:
        return True
    return p[head.HAS_PARTS] == 1 and _another_part_has(p, s, slot, number)


@inner
def _another_part_has(p: Integers, s: Integers, slot: int, number: int) -> bool:
    whole = released_as(s[lot.now(s, slot) + lot.NUMBER])
    for other in range(s[head.LOTS_USED]):
        name = s[lot.now(s, other) + lot.NUMBER]
        is_part = other != slot and name >= 0 and released_as(name) == whole
        if is_part and s[kept.of_loop(p, s, other, number) + kept.HAS_CARD]:
            return True
    return False


@inner
def claims(p: Integers, s: Integers, slot: int) -> None:
    """A lot takes a card at the start of a stage, and gives it back when the next stage has taken the lot."""
    operation = s[lot.now(s, slot) + lot.OPERATION]
    for number in range(p[head.LOOPS]):
        if _is(p, number, operation, loop.STARTS):
            _is_not_back(p, s, slot, number)
            if not s[kept.of_loop(p, s, slot, number) + kept.HAS_CARD]:
                enter(p, s, slot, number)
        if _is(p, number, operation, loop.ENDS):
            has_gone(p, s, slot, number)


@inner
def _is_not_back(p: Integers, s: Integers, slot: int, number: int) -> None:
    row = kept.of_loop(p, s, slot, number)
    if s[row + kept.BACK]:
        s[row + kept.BACK] = 0
        s[loop.now(s, number) + loop.BACK] -= 1


@inner
def enter(p: Integers, s: Integers, slot: int, number: int) -> None:
    """Give a card to a lot."""
    is_first = p[head.HAS_PARTS] == 0 or not _another_part_has(p, s, slot, number)
    s[kept.of_loop(p, s, slot, number) + kept.HAS_CARD] = 1
    if is_first:
        s[loop.now(s, number) + loop.INSIDE] += 1
        _count(p, s, number)


@inner
def has_gone(p: Integers, s: Integers, slot: int, number: int) -> None:
    """Take the card of a lot back, where it has one."""
    _is_not_back(p, s, slot, number)
    row, here = kept.of_loop(p, s, slot, number), loop.plan(p, number)
    if not s[row + kept.HAS_CARD]:
        return
    s[row + kept.HAS_CARD] = 0
    if p[head.HAS_PARTS] and _another_part_has(p, s, slot, number):
        return
    s[loop.now(s, number) + loop.INSIDE] -= 1
    _count(p, s, number)
    for k in range(p[here + loop.STARTS_AT], p[here + loop.STARTS_AT] + p[here + loop.STARTS_N]):
        touch_units_of(p, s, p[k])


@inner
def pass_on(p: Integers, s: Integers, slot: int, other: int) -> None:
    """A part, or a merged lot, has the cards of the lot that it comes from."""
    for number in range(p[head.LOOPS]):
        has_card_too = s[kept.of_loop(p, s, other, number) + kept.HAS_CARD]
        if s[kept.of_loop(p, s, slot, number) + kept.HAS_CARD] and not has_card_too:
            enter(p, s, other, number)


@inner
def exits(p: Integers, s: Integers, slot: int) -> None:
    """A lot that leaves the plant gives back all cards."""
    for number in range(p[head.LOOPS]):
        has_gone(p, s, slot, number)


@inner
def _count(p: Integers, s: Integers, number: int) -> None:
    level(s, p[loop.plan(p, number) + loop.ENTITY], s[loop.now(s, number) + loop.INSIDE])
