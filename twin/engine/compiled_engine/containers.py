"""Containers: a lot takes a clean one and gives it back; a dirty one is work for the unit that cleans it.

Where they may stand for so long only, they are told apart by when they were cleaned: first in, first out. As
`simpy_engine/containers.py`.
"""

from __future__ import annotations

from twin.engine.codes import FALLS_DUE
from twin.engine.compiled_engine import moves, sources, work
from twin.engine.compiled_engine.agenda import schedule
from twin.engine.compiled_engine.compiling import inner
from twin.engine.compiled_engine.decisions import is_clean_no_longer, was_cleaned_too_late
from twin.engine.compiled_engine.lists import look_again
from twin.engine.compiled_engine.rows import level
from twin.engine.compiled_engine.tables import container, head, lot, operation, standing, unit
from twin.engine.compiled_engine.tables.types import Integers, Reals
from twin.engine.program import NONE, PROCESSING


@inner
def begin(p: Integers, s: Integers) -> None:
    """Watch over clean containers from the start of the run on, and count no violation yet."""
    for kind in range(p[head.CONTAINERS]):
        here = standing.plan(p, kind)
        if p[here + standing.WATCHED]:
            if p[here + standing.DIRTY_LIMIT] != NONE:
                level(s, p[here + standing.DIRTY_ENTITY], 0)
            if p[here + standing.CLEAN_LIMIT] != NONE:
                level(s, p[here + standing.CLEAN_ENTITY], 0)
            s[standing.now(s, kind) + standing.STANDS] = p[container.plan(p, kind) + container.COUNT]
            _watch(p, s, kind)


@inner
def _watch(p: Integers, s: Integers, kind: int) -> None:
    """Look again when the container that was cleaned last has stood for too long."""
    here = standing.plan(p, kind)
    if p[here + standing.CLEAN_AGAIN]:
        schedule(s, p[here + standing.CLEAN_LIMIT], FALLS_DUE, p[head.MACHINES] + kind, NONE, 0)


@inner
def stands_too_long(p: Integers, s: Integers, f: Reals, kind: int) -> None:
    """Effect: containers that have stood clean for too long are to be cleaned again."""
    limit, n = p[standing.plan(p, kind) + standing.CLEAN_LIMIT], standing.now(s, kind)
    while s[n + standing.STANDS] and is_clean_no_longer(s[head.NOW] - _longest_clean(p, s, kind), limit):
        _take_longest_clean(p, s, kind)
        s[container.now(s, kind) + container.CLEAN] -= 1
        job = moves.add_job(p, s, f, p[container.plan(p, kind) + container.CLEANING], NONE, 0)
        s[lot.now(s, job) + lot.CLEANED_AGAIN] = 1
        count(p, s, kind)


@inner
def _longest_clean(p: Integers, s: Integers, kind: int) -> int:
    """Since when the container stands clean that does so longest."""
    return s[s[head.CLEANED_SINCE] + p[standing.plan(p, kind) + standing.SINCE_AT] + _first(s, kind)]


@inner
def _first(s: Integers, kind: int) -> int:
    return s[standing.now(s, kind) + standing.FIRST]


@inner
def _take_longest_clean(p: Integers, s: Integers, kind: int) -> None:
    n = standing.now(s, kind)
    s[n + standing.FIRST] = (_first(s, kind) + 1) % p[container.plan(p, kind) + container.COUNT]
    s[n + standing.STANDS] -= 1


@inner
def prepares(p: Integers, q: Reals, s: Integers, i: int) -> None:
    """A container is about to be cleaned: has it stood for too long, and does that take longer?"""
    u = unit.now(s, i)
    kind = p[operation.plan(p, s[u + unit.OPERATION]) + operation.CLEANS]
    if kind == NONE or not p[standing.plan(p, kind) + standing.WATCHED]:
        return
    here, b = standing.plan(p, kind), lot.now(s, s[u + unit.LOT])
    takes = NONE
    if s[b + lot.CLEANED_AGAIN]:
        takes = p[here + standing.CLEAN_TAKES]
    elif p[here + standing.DIRTY_LIMIT] != NONE and was_cleaned_too_late(
        s[head.NOW] - s[b + lot.ARRIVED], p[here + standing.DIRTY_LIMIT]
    ):
        s[standing.now(s, kind) + standing.DIRTY_VIOLATIONS] += 1
        level(s, p[here + standing.DIRTY_ENTITY], s[standing.now(s, kind) + standing.DIRTY_VIOLATIONS])
        takes = p[here + standing.DIRTY_TAKES]
    if takes != NONE:
        time = sources.nanoseconds(p, q, s, takes, -s[b + lot.NUMBER], 0, 0)
        s[work.duration_at(s, i) + PROCESSING] = time


@inner
def take(p: Integers, s: Integers, slot: int, kind: int) -> None:
    """Give a clean container of a kind to a lot."""
    c, here = container.now(s, kind), standing.plan(p, kind)
    s[c + container.CLEAN] -= 1
    s[c + container.IN_USE] += 1
    s[lot.now(s, slot) + lot.CONTAINER] = kind
    if p[here + standing.WATCHED]:
        limit, since = p[here + standing.CLEAN_LIMIT], _longest_clean(p, s, kind)
        _take_longest_clean(p, s, kind)
        if limit != NONE and is_clean_no_longer(s[head.NOW] - since, limit):
            s[standing.now(s, kind) + standing.CLEAN_VIOLATIONS] += 1
            level(s, p[here + standing.CLEAN_ENTITY], s[standing.now(s, kind) + standing.CLEAN_VIOLATIONS])
    count(p, s, kind)


@inner
def give_back(p: Integers, s: Integers, f: Reals, slot: int, dirty: int) -> None:
    """Take a lot's container back; a dirty one waits where it stands to be cleaned."""
    b = lot.now(s, slot)
    kind = s[b + lot.CONTAINER]
    s[b + lot.CONTAINER] = NONE
    s[container.now(s, kind) + container.IN_USE] -= 1
    cleaning = p[container.plan(p, kind) + container.CLEANING]
    if not dirty or cleaning == NONE:
        cleaned(p, s, kind)
        return
    moves.add_job(p, s, f, cleaning, s[b + lot.PLACE], 0)
    count(p, s, kind)


@inner
def cleaned(p: Integers, s: Integers, kind: int) -> None:
    """A container is clean again."""
    s[container.now(s, kind) + container.CLEAN] += 1
    here = standing.plan(p, kind)
    if p[here + standing.WATCHED]:
        n = standing.now(s, kind)
        at = (_first(s, kind) + s[n + standing.STANDS]) % p[container.plan(p, kind) + container.COUNT]
        s[s[head.CLEANED_SINCE] + p[here + standing.SINCE_AT] + at] = s[head.NOW]
        s[n + standing.STANDS] += 1
        _watch(p, s, kind)
    count(p, s, kind)
    look_again(s)


@inner
def count(p: Integers, s: Integers, kind: int) -> None:
    """Record how many containers of a kind are clean, in use and dirty."""
    here, c = container.plan(p, kind), container.now(s, kind)
    clean, in_use = s[c + container.CLEAN], s[c + container.IN_USE]
    level(s, p[here + container.CLEAN_ENTITY], clean)
    level(s, p[here + container.IN_USE_ENTITY], in_use)
    level(s, p[here + container.DIRTY_ENTITY], p[here + container.COUNT] - clean - in_use)
