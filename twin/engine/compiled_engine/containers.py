"""Containers: a lot takes a clean one and gives it back; a dirty one is work for the unit that cleans it."""

from __future__ import annotations

from twin.engine.compiled_engine import moves
from twin.engine.compiled_engine.compiling import inner
from twin.engine.compiled_engine.lists import look_again
from twin.engine.compiled_engine.rows import level
from twin.engine.compiled_engine.tables import container, lot
from twin.engine.compiled_engine.tables.types import Integers, Reals
from twin.engine.program import NONE


@inner
def take(p: Integers, s: Integers, slot: int, kind: int) -> None:
    """Give a clean container of a kind to a lot."""
    c = container.now(s, kind)
    s[c + container.CLEAN] -= 1
    s[c + container.IN_USE] += 1
    s[lot.now(s, slot) + lot.CONTAINER] = kind
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
