"""The rows that a replication writes: what `engine.recorder` collects, in stores of the replication.

A full store drops what comes, and says so: the driver then begins the replication anew with more room.
`rows_are_full` is asked between rounds, so that stores are emptied long before.
"""

from __future__ import annotations

from twin.engine.compiled_engine.compiling import inner
from twin.engine.compiled_engine.tables import ahead, head, section, unit
from twin.engine.compiled_engine.tables.types import Integers, Reals
from twin.engine.rows import (
    ATTRIBUTES,
    BOOK,
    BOOK_COLUMNS,
    CUT,
    GENEALOGY,
    GENEALOGY_COLUMNS,
    LEVEL_COLUMNS,
    LEVELS,
    LOT_COLUMNS,
    LOTS,
    NOT_DUE,
    RATE_ROWS,
    RATES,
    STATE_COLUMNS,
    STATES,
)

NULL = -1
LEAST_FREE = 4  # a store of rows is emptied when less than one part in so many is free


@inner
def set_state(s: Integers, i: int, state: int, lot: int, operation: int, cause: int) -> None:
    """Put a unit into a state from now on, and with it the stations of a flow section that rests."""
    if put(s, i, state, lot, operation, cause) and s[head.SECTIONS]:
        number = s[s[head.SECTION_OF] + i]
        if number != NULL and s[section.now(s, number) + section.UNIT] == i:
            mirror(s, section.now(s, number))


@inner
def mirror(s: Integers, x: int) -> None:
    """Have the stations that are up show what their section, in row `x`, shows while it does not flow."""
    if s[x + section.RUNNING]:
        return
    u = unit.now(s, s[x + section.UNIT])
    for i in range(s[x + section.FIRST], s[x + section.FIRST] + s[x + section.COUNT]):
        if not s[unit.now(s, i) + unit.DOWN]:
            put(
                s,
                i,
                s[u + unit.STATE],
                s[u + unit.ROW_LOT],
                s[u + unit.ROW_OPERATION],
                s[u + unit.CAUSE_NOW],
            )


@inner
def put(s: Integers, i: int, state: int, lot: int, operation: int, cause: int) -> bool:
    """Put a unit or station alone into a state; whether that is another one. No length leaves no row."""
    u = unit.now(s, i)
    if (
        s[u + unit.STATE] == state
        and s[u + unit.ROW_LOT] == lot
        and s[u + unit.ROW_OPERATION] == operation
        and s[u + unit.CAUSE_NOW] == cause
    ):
        return False
    if s[head.NOW] > s[u + unit.SINCE]:
        close_state(s, i)
        s[u + unit.SINCE] = s[head.NOW]
    s[u + unit.STATE] = state
    s[u + unit.ROW_LOT] = lot
    s[u + unit.ROW_OPERATION] = operation
    s[u + unit.CAUSE_NOW] = cause
    return True


@inner
def close_state(s: Integers, i: int) -> None:
    """Write the row of a unit's state up to now."""
    n = s[head.STATES_N]
    if n == s[head.STATES_ROOM]:
        s[head.STATUS] = head.TOO_SMALL
        return
    s[head.STATES_N] = n + 1
    u, row = unit.now(s, i), s[head.STATES] + n * STATE_COLUMNS
    s[row] = i
    s[row + 1] = s[u + unit.STATE]
    s[row + 2] = s[u + unit.SINCE]
    s[row + 3] = s[head.NOW]
    s[row + 4] = s[u + unit.ROW_LOT]
    s[row + 5] = s[u + unit.ROW_OPERATION]
    s[row + 6] = s[u + unit.CAUSE_NOW]


@inner
def level(s: Integers, entity: int, count: int) -> None:
    """Note the level of an entity from now on."""
    n = s[head.LEVELS_N]
    if n == s[head.LEVELS_ROOM]:
        s[head.STATUS] = head.TOO_SMALL
        return
    s[head.LEVELS_N] = n + 1
    row = s[head.LEVELS] + n * LEVEL_COLUMNS
    s[row] = entity
    s[row + 1] = s[head.NOW]
    s[row + 2] = count


@inner
def changing_level(s: Integers, f: Reals, entity: int, count: int, rate: float) -> None:
    """Note a level that changes at `rate` per s from now on."""
    if s[head.LEVELS_N] < s[head.LEVELS_ROOM]:
        s[s[head.RATES] + s[head.RATES_N]] = s[head.LEVELS_N]
        f[s[head.LEVEL_RATES_AT] + s[head.RATES_N]] = rate
        s[head.RATES_N] += 1
    level(s, entity, count)


@inner
def new_lot_row(s: Integers) -> int:
    """Where the next row of `lots` begins; the first store's last row where there is no room."""
    n = s[head.LOTS_N]
    if n == s[head.LOTS_ROOM]:
        s[head.STATUS] = head.TOO_SMALL
        return s[head.LOTS] + (n - 1) * LOT_COLUMNS
    s[head.LOTS_N] = n + 1
    return s[head.LOTS] + n * LOT_COLUMNS


@inner
def book(s: Integers, line: int, has_due: int, due: int) -> None:
    """Note of which order line the last lot was released, and when it is due."""
    n = s[head.BOOK_N]
    if n == s[head.BOOK_ROOM]:
        s[head.STATUS] = head.TOO_SMALL
        return
    s[head.BOOK_N] = n + 1
    row = s[head.BOOK] + n * BOOK_COLUMNS
    s[row] = line
    s[row + 1] = due if has_due else NOT_DUE
    if s[head.AHEAD_LOTS]:
        s[ahead.mark(s, s[head.LOTS_RELEASED] - 1) + ahead.LINE] = line


@inner
def genealogy(
    s: Integers, operation: int, material: int, delivered: int, parent: int, child: int, quantity: int
) -> None:
    """Note what went into a lot."""
    n = s[head.GENEALOGY_N]
    if n == s[head.GENEALOGY_ROOM]:
        s[head.STATUS] = head.TOO_SMALL
        return
    s[head.GENEALOGY_N] = n + 1
    row = s[head.GENEALOGY] + n * GENEALOGY_COLUMNS
    s[row] = s[head.NOW]
    s[row + 1] = operation
    s[row + 2] = material
    s[row + 3] = delivered
    s[row + 4] = parent
    s[row + 5] = child
    s[row + 6] = quantity


@inner
def rows_are_full(s: Integers) -> bool:
    """Whether a store of rows should be emptied."""
    return (
        s[head.STATES_N] * LEAST_FREE > s[head.STATES_ROOM] * (LEAST_FREE - 1)
        or s[head.LOTS_N] * LEAST_FREE > s[head.LOTS_ROOM] * (LEAST_FREE - 1)
        or s[head.LEVELS_N] * LEAST_FREE > s[head.LEVELS_ROOM] * (LEAST_FREE - 1)
        or s[head.BOOK_N] * LEAST_FREE > s[head.BOOK_ROOM] * (LEAST_FREE - 1)
        or s[head.GENEALOGY_N] * LEAST_FREE > s[head.GENEALOGY_ROOM] * (LEAST_FREE - 1)
    )


@inner
def place_rows(s: Integers, at: Integers) -> None:
    """Write down where the rows of a replication begin and how many they are, as a row of `Stores.at`."""
    at[STATES], at[STATES + 1] = s[head.STATES], s[head.STATES_N]
    at[LOTS], at[LOTS + 1] = s[head.LOTS], s[head.LOTS_N]
    at[LEVELS], at[LEVELS + 1] = s[head.LEVELS], s[head.LEVELS_N]
    at[BOOK], at[BOOK + 1] = s[head.BOOK], s[head.BOOK_N]
    at[GENEALOGY], at[GENEALOGY + 1] = s[head.GENEALOGY], s[head.GENEALOGY_N]
    at[RATE_ROWS], at[RATE_ROWS + 1] = s[head.RATES], s[head.RATES_N]
    at[ATTRIBUTES], at[RATES] = s[head.ROW_ATTRIBUTES_AT], s[head.LEVEL_RATES_AT]
    at[CUT] = s[head.CUT_FROM]


@inner
def rows_are_gone(s: Integers) -> None:
    """Empty the stores of rows, which have been taken."""
    s[head.STATES_N] = s[head.LOTS_N] = s[head.LEVELS_N] = 0
    s[head.BOOK_N] = s[head.GENEALOGY_N] = s[head.RATES_N] = 0
