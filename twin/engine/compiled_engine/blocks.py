"""What Python calls of the kernel: replications side by side, each in its part of two flat arrays.

`s` and `f` hold the numbers of all of them, one after another; a replication is found by its place. Called by
`simulate` and `physics`, in threads: none of it holds the interpreter's lock.
"""

from __future__ import annotations

from typing import Any, TypeAlias

from twin.engine.compiled_engine import endings, foreseen, instant
from twin.engine.compiled_engine.compiling import entry
from twin.engine.compiled_engine.rows import place_rows, rows_are_gone
from twin.engine.compiled_engine.tables import ahead, asked, head, operation
from twin.engine.rows import AT
from twin.engine.takers import hand_over

STOP = AT  # column behind those of `Stores.at`: not 0 when the kernel is to return

Integers: TypeAlias = Any  # arrays of NumPy's, of which the kernel gets parts
Reals: TypeAlias = Any


@entry
def begin(p: Integers, q: Reals, s: Integers, seed_low: int, seed_high: int, replications: Integers) -> None:
    """Begin replications of these numbers, in memory that is laid out for them."""
    size = len(s) // len(replications)
    for k in range(len(replications)):
        instant.begin(p, q, s[k * size : (k + 1) * size], seed_low, seed_high, replications[k])


@entry
def run(
    p: Integers, q: Reals, s: Integers, f: Reals, status: Integers, at: Integers, taker: int, context: int
) -> None:
    """Go on with the replications whose `status` is `ROWS_FULL`, and say of each why it stopped.

    Where there is a `taker`, else 0, each hands it its rows when a store is full and at its end, in `context`
    and by `at`, a row as those of `Stores.at`; `ROWS_FULL` then says that the taker lacks room. Behind that
    row, `at` says whether to stop: another thread may write so, and those that run stay `ROWS_FULL`. Where a
    replication turns out to have too little room, those that have not begun to run do not either.
    """
    size, reals = len(s) // len(status), len(f) // len(status)
    too_small = False
    for k in range(len(status)):
        if status[k] == head.ROWS_FULL and not at[STOP]:
            own, known = s[k * size : (k + 1) * size], f[k * reals : (k + 1) * reals]
            if too_small and own[head.FRESH]:
                status[k] = head.TOO_SMALL
                continue
            taken = True
            while taken and status[k] == head.ROWS_FULL:
                status[k] = instant.run(p, q, own, known)
                taken = taker != 0 and (status[k] == head.ROWS_FULL or status[k] == head.DONE)
                if taken:
                    place_rows(own, at)
                    taken = hand_over(taker, context, k, at, own, known) == 1
                if taken:
                    rows_are_gone(own)
                taken = taken and not at[STOP]
            too_small = too_small or status[k] == head.TOO_SMALL


@entry
def requests(
    p: Integers, s: Integers, f: Reals, size: int, reals: int, places: Integers, rows: Integers, asked: Reals
) -> int:
    """Write the requests for physics of the replications at `places`, as `foreseen.requests`; returns how
    many they are.
    """
    count = 0
    for k in range(len(places)):
        own = s[places[k] * size : (places[k] + 1) * size]
        known = f[places[k] * reals : (places[k] + 1) * reals]
        count = foreseen.requests(p, own, known, places[k], rows, asked, count)
    return count


@entry
def put(
    p: Integers, s: Integers, f: Reals, size: int, reals: int, rows: Integers, seconds: Reals, answers: Reals
) -> None:
    """Give the answers to the requests in `rows`: seconds at speed 1, and good, status and attributes."""
    width = endings.ATTRIBUTES + p[head.ATTRIBUTES]
    for k in range(len(seconds)):
        place = rows[k * asked.WIDTH + asked.PLACE]
        own, known = s[place * size : (place + 1) * size], f[place * reals : (place + 1) * reals]
        foreseen.put(p, own, known, rows, k * asked.WIDTH, seconds[k], answers, k * width)


@entry
def to_foresee(
    p: Integers, s: Integers, size: int, places: Integers, rows: Integers, expected: Integers, found: Integers
) -> int:
    """Write which lots to compute ahead: those asked for in `rows` for which there was no room when they
    were foreseen, and the lots to come of the replications at `places`; returns how many they are.
    """
    count = 0
    for row in range(0, len(rows), asked.WIDTH):
        place, number = rows[row + asked.PLACE], rows[row + asked.NUMBER]
        if rows[row + asked.WANTED] and number < s[place * size + head.AHEAD_NEXT]:
            found[count * foreseen.LOT], found[count * foreseen.LOT + 1] = place, number
            plan = operation.plan(p, rows[row + asked.OPERATION])
            found[count * foreseen.LOT + 2] = p[plan + operation.RECIPE]
            count += 1
    for k in range(len(places)):
        own = s[places[k] * size : (places[k] + 1) * size]
        count = foreseen.to_come(p, own, places[k], expected, found, count)
    return count


@entry
def keep(
    p: Integers, s: Integers, f: Reals, size: int, reals: int, number: int, lots: Integers, values: Reals
) -> None:
    """Keep what is foreseen of `lots`, rows as `to_foresee` writes them, at an operation computed ahead."""
    width = ahead.COLUMNS + p[ahead.plan(p, number) + ahead.ATTRIBUTES_N]
    for k in range(len(lots) // foreseen.LOT):
        place, lot, recipe = lots[k * foreseen.LOT], lots[k * foreseen.LOT + 1], lots[k * foreseen.LOT + 2]
        own, known = s[place * size : (place + 1) * size], f[place * reals : (place + 1) * reals]
        foreseen.keep(p, own, known, number, lot, recipe, values, k * width)
