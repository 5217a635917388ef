"""Draws of one replication from the plant's sources, by address, from the function that all engines call."""

from __future__ import annotations

import numpy as np

from twin.engine import draws
from twin.engine.compiled_engine.compiling import inner
from twin.engine.compiled_engine.tables import source
from twin.engine.compiled_engine.tables.types import Integers, Reals
from twin.engine.streams import LOW, WORD

_LONGEST = draws.LONGEST


@inner
def value(p: Integers, q: Reals, s: Integers, number: int, lot: int, visit: int, attempt: int) -> float:
    """A value in SI of source `number`, at an address as in `streams.Stream.value`."""
    row = source.plan(p, number)
    reals = p[row + source.REALS]
    if p[row + source.KIND] == 0:
        return q[reals]
    # A job's number is below 0; its first draws stand where those of a block would.
    above = 0 if lot <= LOW and not visit and not attempt else lot >> WORD
    at = source.now(s, number)
    u = draws.uniform((s[at + source.KEY0], s[at + source.KEY1]), lot & LOW, visit, attempt, above)
    first, columns = p[row + source.TABLE], p[row + source.TABLE_N]
    table = q[first : first + 2 * columns].reshape(2, columns)
    return draws.inverse(p[row + source.KIND], q[reals], q[reals + 1], q[reals + 2], table, u)


@inner
def nanoseconds(p: Integers, q: Reals, s: Integers, number: int, lot: int, visit: int, attempt: int) -> int:
    """A duration in whole ns of source `number`."""
    return whole(value(p, q, s, number, lot, visit, attempt) * 1e9)


@inner
def at_speed(
    p: Integers, q: Reals, s: Integers, number: int, lot: int, visit: int, attempt: int, speed: float
) -> int:
    """A duration in whole ns of source `number`, of a unit of some speed; as `rules.speeds` has it."""
    return whole(value(p, q, s, number, lot, visit, attempt) / speed * 1e9)


@inner
def whole(nanoseconds: float) -> int:
    """Whole ns, rounded half to even, up to the longest time that there is."""
    return round(min(nanoseconds, _LONGEST))


@inner
def rounded(value: float) -> int:
    """A whole number, half to even."""
    return round(value)


@inner
def start(p: Integers, s: Integers, seed_low: int, seed_high: int, replication: int, count: int) -> None:
    """Set the keys of all streams of a replication, as in `draws.stream_key`."""
    for number in range(count):
        row, at = source.plan(p, number), source.now(s, number)
        words = draws.philox(
            p[row + source.HASH_LOW], p[row + source.HASH_HIGH], seed_low, seed_high, replication, 0
        )
        s[at + source.KEY0] = np.int64(words[0])  # type: ignore[assignment]
        s[at + source.KEY1] = np.int64(words[1])  # type: ignore[assignment]
