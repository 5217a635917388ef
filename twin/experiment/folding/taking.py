"""Folds all rows of a replication in one go, called by the kernel that writes them or by Python.

A kernel calls `take` by its address while the rows are in the processor's cache, and without the
interpreter; `fold` calls it for rows that Python hands over. `folds.py` makes room where there is none.
"""

from __future__ import annotations

import threading
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from twin.engine import rows as stores
from twin.engine import takers
from twin.engine.rows import Stores
from twin.experiment.arrays import Integers, Reals
from twin.experiment.folding import levels, lots, room, units
from twin.experiment.folding.compiling import entry
from twin.experiment.folding.levels import Levels
from twin.experiment.folding.lots_kept import Lots, Window
from twin.experiment.folding.lots_kept import one as lots_of
from twin.experiment.folding.tables import no_tables
from twin.experiment.folding.units import Units
from twin.physics.kernels.calling import kinds_of
from twin.physics.kernels.compiled import IS_OFF, Intrinsic, expanded, inlined
from twin.physics.kernels.keeping import Kinds

# Columns of `Kept.done`: what is folded already of rows for the rest of which there was no room.
BOOK_DONE, STATES_DONE, MADE_DONE, LOTS_DONE, DONE_COLUMNS = range(5)
_ADDRESSES = ("q",) * 5  # kinds of what `take` is given


class Kept(NamedTuple):
    """All that is kept of replications side by side; `done` by replication, `columns` and `width` as in
    `engine.rows.Stores`.
    """

    units: Units
    lots: Lots
    levels: Levels
    window: Window
    done: Integers
    columns: Integers
    width: int


@expanded
def _table(whole: Integers, at: Integers, kind: int, columns: int) -> Integers:
    """The rows of a kind."""
    first, count = at[kind], at[kind + 1]
    return whole[first : first + count * columns].reshape(count, columns)


@inlined
def take_rows(of: Kept, place: int, at: Integers, whole: Integers, reals: Reals) -> bool:
    """Fold the rows of the replication at a place, which lie where `at`, a row of `Stores.at`, says.

    Returns whether there was room for all of them; what is folded already is noted, and left out next time.
    """
    done, lots_, start, end = of.done[place], lots_of(of.lots, place), of.window.start, of.window.end
    if done[BOOK_DONE] == 0:
        if not lots.fold_due(_table(whole, at, stores.BOOK, stores.BOOK_COLUMNS), lots_, of.window):
            return False
        done[BOOK_DONE] = 1
    states = _table(whole, at, stores.STATES, stores.STATE_COLUMNS)
    done[STATES_DONE] = units.fold(states, done[STATES_DONE], start, end, units.one(of.units, place))
    if done[STATES_DONE] < len(states):
        return False
    made = _table(whole, at, stores.GENEALOGY, stores.GENEALOGY_COLUMNS)
    done[MADE_DONE] = lots.fold_made(made, done[MADE_DONE], lots_)
    if done[MADE_DONE] < len(made):
        return False
    visits = _table(whole, at, stores.LOTS, stores.LOT_COLUMNS)
    attributes = reals[at[stores.ATTRIBUTES] : at[stores.ATTRIBUTES] + len(visits) * of.width]
    done[LOTS_DONE] = lots.fold(visits, attributes, of.columns, of.width, done[LOTS_DONE], lots_, of.window)
    if done[LOTS_DONE] < len(visits):
        return False
    levels_ = levels.one(of.levels, place)
    changing = at[stores.RATE_ROWS + 1]
    numbers = whole[at[stores.RATE_ROWS] : at[stores.RATE_ROWS] + changing]
    rates = reals[at[stores.RATES] : at[stores.RATES] + changing]
    levels.fold(_table(whole, at, stores.LEVELS, stores.LEVEL_COLUMNS), numbers, rates, start, end, levels_)
    levels.fold_used(made, start, end, levels_)
    for column in range(DONE_COLUMNS):
        done[column] = 0
    return True


def example() -> Kept:
    """What is kept of no replication of nothing: of the types that it always has."""
    tables, none = no_tables(), np.empty(0, dtype=np.int64)
    kept = room.no_units(tables, 0), room.no_lots(tables, 0, 0), room.no_levels(tables, (), 0)
    return Kept(*kept, Window(0, 0, 0, 0, 0, 0), np.zeros((0, DONE_COLUMNS), dtype=np.int64), none, 0)


_CONTEXTS = "twin.experiment.folding.contexts"
_size: Any = Intrinsic(f"{_CONTEXTS}:size")  # how many numbers of 8 bytes hold what is kept
_store: Any = Intrinsic(f"{_CONTEXTS}:store")  # writes what is kept into an array of numbers
_kept_at: Any = Intrinsic(f"{_CONTEXTS}:kept_at")  # what is kept, from the address to which it was written


@entry
def _keep(of: Kept, context: Integers) -> int:
    """Write what is kept to `context`, where that is long enough; returns how long it has to be."""
    size: int = _size(of)
    if size <= len(context):
        _store(of, context)
    return size


@entry
def take(context: int, place: int, at: int, whole: int, reals: int) -> int:
    """`take_rows` as a `takers.Taker` does it."""
    arrays = takers.integers_at(at), takers.integers_at(whole), takers.reals_at(reals)
    return take_rows(_kept_at(context), place, *arrays)


@entry
def _fold(
    address: int, context: int, places: Integers, whole: Integers, reals: Reals, at: Integers, begin: int
) -> int:
    for k in range(begin, len(places)):
        if takers.hand_over(address, context, places[k], at[k], whole, reals) == 0:
            return k
    return len(places)


@cache
def address() -> int:
    """Where the compiled `take` stands; 0 where Numba is switched off."""
    function: Any = take
    return 0 if IS_OFF else int(function.address(_ADDRESSES))


_FIRST = threading.Lock()  # of two threads that begin, one compiles


def no_context() -> Integers:
    """Numbers for `keep` to write to; may be called by several threads at once."""
    with _FIRST:
        return np.zeros(_context_size(), dtype=np.int64)


@cache
def _context_size() -> int:
    return 0 if IS_OFF else int(_keep(example(), np.empty(0, dtype=np.int64)))


@cache
def _kinds() -> Kinds:
    return kinds_of(example())


def keep(of: Kept, context: Integers) -> None:
    """Have compiled code find what is kept in `context`; raises TypeError where its types are not those of
    `example`, as which it is read.
    """
    if IS_OFF:
        return
    if kinds_of(of) != _kinds():
        raise TypeError(f"What is kept has the kinds {kinds_of(of)}, and not {_kinds()}.")
    _keep(of, context)


def fold(context: Integers, given: Stores, begin: int, of: Kept) -> int:
    """Fold the rows of replications from the `begin`-th on; `context` holds what is kept, `of`.

    Returns how many are through, fewer where there is no room for the rest of the next one.
    """
    if not IS_OFF:
        here = given.places, given.whole, given.reals, given.at, begin
        return int(_fold(address(), context.ctypes.data, *here))
    for k in range(begin, len(given.places)):
        if not take_rows(of, int(given.places[k]), given.at[k], given.whole, given.reals):
            return k
    return len(given.places)
