"""Releases of a line: when each lot comes in, and of which order line, in the order of the lots' numbers.

The order lines are those of the program; at one instant earlier ones come first. Compiled parts of the
recursion call `come_in`.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from twin.engine.draws import between_zero_and_one, philox
from twin.engine.lines.compiling import inner
from twin.engine.lines.draw_blocks import KIND, TABLE_FROM, TABLE_TO, nanoseconds

Integers = npt.NDArray[np.int64]
Words = npt.NDArray[np.uint64]
Reals = npt.NDArray[np.float64]

NEVER = np.int64(2**62)

LOTS, TIMES, FIRST, EVERY = range(4)  # columns of order lines; a source is -1 where there is none


@inner
def nanoseconds_of(
    source: int, number: int, sources: Integers, parameters: Reals, table: Reals, keys: Words
) -> int:
    """Return the draw of a source at (number, 0, 0, 0), in whole ns."""
    kind = sources[source, KIND]
    words = philox(keys[source, 0], keys[source, 1], number, 0, 0, 0)
    values = table[:, sources[source, TABLE_FROM] : sources[source, TABLE_TO]]
    p = parameters[source]
    u = between_zero_and_one(words[0], words[1])
    return nanoseconds(kind, p[0], p[1], p[2], values, p[3], u)


@inner
def open_lines(
    lines: Integers,
    sources: Integers,
    parameters: Reals,
    table: Reals,
    keys: Words,
    due: Integers,
    done: Integers,
) -> None:
    """Set when each order line first releases, and that it has not yet."""
    for k in range(lines.shape[0]):
        done[k] = 0
        due[k] = 0
        if lines[k, FIRST] >= 0:
            due[k] = nanoseconds_of(lines[k, FIRST], 0, sources, parameters, table, keys)
        elif lines[k, EVERY] >= 0 and sources[lines[k, EVERY], KIND] != 0:
            due[k] = nanoseconds_of(lines[k, EVERY], 0, sources, parameters, table, keys)


@inner
def next_line(due: Integers) -> int:
    """Return the order line that releases next, at one instant the first."""
    soonest = 0
    for k in range(1, due.shape[0]):
        if due[k] < due[soonest]:
            soonest = k
    return soonest


@inner
def release(
    k: int,
    lines: Integers,
    sources: Integers,
    parameters: Reals,
    table: Reals,
    keys: Words,
    due: Integers,
    done: Integers,
) -> bool:
    """Set when order line `k`, which is due, releases again; return whether that is at the same instant."""
    done[k] += 1
    every = lines[k, EVERY]
    if every < 0 or done[k] == lines[k, TIMES]:
        due[k] = NEVER
        return False
    # A random first release uses up the first draw of `every`.
    used = done[k] if lines[k, FIRST] < 0 and sources[every, KIND] != 0 else done[k] - 1
    wait = nanoseconds_of(every, used, sources, parameters, table, keys)
    due[k] += wait
    return wait == 0


@inner
def come_in(
    lines: Integers,
    until: int,
    sources: Integers,
    parameters: Reals,
    table: Reals,
    keys: Words,
    released: Integers,
    order: Integers,
    work: Integers,
) -> tuple[int, bool]:
    """Fill time of release in ns and order line of each lot up to `until` ns; return how many there are.

    Also whether a line released twice at one instant. `work` has shape (2, lines). Where there is no room
    for all, the number returned is greater than the length of `released`.
    """
    due, done = work[0], work[1]
    open_lines(lines, sources, parameters, table, keys, due, done)
    lots = 0
    at_once = False
    while True:
        k = next_line(due)
        time = due[k]
        if time > until or time == NEVER:
            return lots, at_once
        here = lines[k, LOTS]
        if lots + here > released.shape[0]:
            return lots + here, at_once
        for _ in range(here):
            released[lots] = time
            order[lots] = k
            lots += 1
        at_once |= release(k, lines, sources, parameters, table, keys, due, done)
