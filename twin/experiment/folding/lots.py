"""Folds rows of `lots`: visits as they come, and each lot when it has left or the replication has ended.

Compiled; called by `taking.py` with rows of one replication. What a lot's earlier visits say is kept until
its last one is known: where lots are neither divided nor sent back for a cause of quality that is the visit
to the last operation, else the end of the replication. Times are summed in two limbs of 31 bits.
"""

from __future__ import annotations

from twin.engine.rows import NOT_DUE
from twin.engine.rules.parts import ROOT
from twin.experiment.arrays import Integers, Reals
from twin.experiment.folding.compiling import entry
from twin.experiment.folding.exact import add_real
from twin.experiment.folding.lot_places import forget, slot_of
from twin.experiment.folding.lots_kept import (
    AGAIN,
    ARRIVED,
    FINISHED,
    FIRST_IN,
    FIRST_LEFT,
    FIRST_OPERATION,
    FIRST_OUTCOME,
    FIRST_QUANTITY,
    FREE,
    IN,
    INSIDE,
    KEY,
    LAST_GOOD,
    LAST_IN,
    LAST_LEFT,
    LAST_OPERATION,
    LAST_OUTCOME,
    LEADS,
    LEFT,
    LOT,
    MADE,
    NONE,
    OPERATION,
    OUTCOME,
    PLACES,
    RELEASED,
    SCRAP,
    SKETCHED,
    STARTED,
    VISIT,
    VISITS,
    WAITED,
    Lots,
    Window,
    add_time,
    holds,
    one,
)
from twin.experiment.folding.sketch import bucket
from twin.experiment.folding.visits import count_attributes, count_visit
from twin.experiment.lots import DONE, EXPIRED, LOST, REJECTED, SCRAPPED
from twin.physics.kernels.compiled import inlined

(
    _FINISHED, _GOOD_MG, _GOOD_PIECES, _IN_MG, _IN_PIECES, _LAST_LEFT, _DATED, _ASKED, _ON_TIME, _DELIVERED,
    _RELEASED, _LOST, _LEFT, _CLEAN, _WEIGHED,
) = range(15)  # fmt: skip
_LEAD, _WAITING, _LATE, _INSIDE = range(4)


@inlined
def fold(
    rows: Integers, attributes: Reals, columns: Integers, width: int, done: int, of: Lots, window: Window
) -> int:
    """Fold rows from `done` on; returns how many are folded, fewer than all where `of` is full."""
    for i in range(done, len(rows)):
        if _is_full(of):
            return i
        count_visit(rows, i, of, window)
        if len(columns) > 0:
            values = attributes[i * width : (i + 1) * width]
            count_attributes(rows, i, values, columns, of, window)
        slot = slot_of(rows[i, LOT], of)
        _remember(rows, i, slot, of)
        outcome, last = rows[i, OUTCOME], of.last[rows[i, OPERATION]]
        if (outcome == DONE and last == 1) or (outcome in (SCRAPPED, LOST) and last != NONE):
            _count_lot(slot, of, window)
            forget(slot, of)
    return len(rows)


@inlined
def fold_made(rows: Integers, done: int, of: Lots) -> int:
    """Note which lots were made straight from a lot before, by rows of genealogy; as `fold`."""
    for i in range(done, len(rows)):
        if _is_full(of):
            return i
        if rows[i, 4] != NONE and rows[i, 2] == NONE:
            of.live[slot_of(rows[i, 5], of), MADE] = 1
    return len(rows)


@inlined
def fold_due(book: Integers, of: Lots, window: Window) -> bool:
    """Note when released lots are due, by rows of order line and due date; false, and nothing noted, where
    there is no room.
    """
    known, last = of.used[RELEASED], NONE
    for i in range(len(book)):
        if book[i, 1] != NOT_DUE:
            last = known + i
    if last >= len(of.due):
        return False
    if last != NONE and window.end == NOT_DUE:  # only the end tells whether a lot is due by then
        of.last[:] = NONE
    for i in range(len(book)):
        if book[i, 1] != NOT_DUE:
            of.due[known + i] = book[i, 1]
    of.used[RELEASED] += len(book)
    return True


@entry
def finish_lots(places: Integers, ends: Integers, done: Integers, of: Lots, window: Window) -> int:
    """Count the lots that are still kept, when no row of their replication comes any more; as `fold_lots`."""
    for k in range(len(places)):
        mine = one(of, places[k])
        own = Window(window.start, ends[k], window.exceeded, window.stops, window.status, window.emulated)
        for slot in range(done[k], mine.used[PLACES]):
            if mine.used[SKETCHED] == 0 and mine.used[LEADS] == len(mine.leads):
                done[k] = slot
                return k
            if mine.live[slot, KEY] != NONE and mine.live[slot, VISITS] > 0:
                _count_lot(slot, mine, own)
        done[k] = mine.used[PLACES]
    return len(places)


@inlined
def _is_full(of: Lots) -> bool:
    """Whether the next row may find no room."""
    no_place = of.used[PLACES] == len(of.live) and of.used[FREE] == 0
    return bool(no_place or (of.used[SKETCHED] == 0 and of.used[LEADS] == len(of.leads)))


@inlined
def _remember(rows: Integers, i: int, lot: int, of: Lots) -> None:
    """Keep what a visit says of its lot; the first and the last one are by arriving, then by leaving."""
    live, arrived = of.live, rows[i, ARRIVED]
    left = rows[i, LEFT] if rows[i, LEFT] != NONE else NOT_DUE
    fresh, first, last = live[lot, VISITS] == 0, live[lot, FIRST_IN], live[lot, LAST_IN]
    if fresh or arrived < first or (arrived == first and left < live[lot, FIRST_LEFT]):
        live[lot, FIRST_IN], live[lot, FIRST_LEFT] = arrived, left
        live[lot, FIRST_QUANTITY] = rows[i, IN]
        live[lot, FIRST_OPERATION], live[lot, FIRST_OUTCOME] = rows[i, OPERATION], rows[i, OUTCOME]
    if fresh or arrived > last or (arrived == last and left >= live[lot, LAST_LEFT]):
        live[lot, LAST_IN], live[lot, LAST_LEFT] = arrived, left
        live[lot, LAST_OPERATION], live[lot, LAST_OUTCOME] = rows[i, OPERATION], rows[i, OUTCOME]
        live[lot, LAST_GOOD] = rows[i, IN] - rows[i, SCRAP] if rows[i, FINISHED] != NONE else 0
    live[lot, VISITS] += 1
    live[lot, INSIDE] += left - arrived
    if rows[i, STARTED] != NONE:
        live[lot, WAITED] += rows[i, STARTED] - arrived
    if rows[i, VISIT] > 0:
        live[lot, AGAIN] = 1


@inlined
def _count_lot(lot: int, of: Lots, window: Window) -> None:
    """Count a lot of which nothing more is heard."""
    whole, live = of.whole, of.live
    outcome, left = live[lot, LAST_OUTCOME], live[lot, LAST_LEFT]
    first, last = live[lot, FIRST_OPERATION], live[lot, LAST_OPERATION]
    inside = left != NOT_DUE and holds(left, window)
    good = inside and outcome == DONE
    whole[_IN_PIECES if of.pieces[last] else _IN_MG] += 1
    if inside:
        whole[_LAST_LEFT] = max(whole[_LAST_LEFT], left)
        if outcome != LOST:
            add_time(of.times, _INSIDE, live[lot, INSIDE])
    if good:
        _count_good(lot, of)
    if holds(live[lot, FIRST_IN], window):
        whole[_RELEASED] += 1
        whole[_LOST] += outcome == LOST
        if live[lot, FIRST_OUTCOME] != LOST and live[lot, MADE] == 0:
            of.by_recipe[of.recipe[first], 0] += live[lot, FIRST_QUANTITY]
    _count_due(lot, good, of, window)
    if inside and outcome in (DONE, SCRAPPED, REJECTED, EXPIRED):
        whole[_LEFT] += 1
        whole[_CLEAN] += good and live[lot, AGAIN] == 0
        if of.pieces[first] == of.pieces[last] and live[lot, FIRST_QUANTITY] > 0:
            whole[_WEIGHED] += 1
            add_real(live[lot, LAST_GOOD] / live[lot, FIRST_QUANTITY], of.reals, 0)


@inlined
def _count_due(lot: int, good: bool, of: Lots, window: Window) -> None:
    """Count whether a lot with a due date was in time."""
    number, left = of.live[lot, KEY] & ROOT, of.live[lot, LAST_LEFT]
    due = of.due[number] if number < len(of.due) else NOT_DUE
    if due == NOT_DUE:
        return
    of.whole[_DATED] += 1
    if holds(due, window):
        of.whole[_ASKED] += 1
        of.whole[_ON_TIME] += left <= due and of.live[lot, LAST_OUTCOME] == DONE
    if good:
        of.whole[_DELIVERED] += 1
        add_time(of.times, _LATE, max(left - due, 0))


@inlined
def _count_good(lot: int, of: Lots) -> None:
    """Count a good lot that left in the window."""
    of.whole[_FINISHED] += 1
    pieces = of.pieces[of.live[lot, LAST_OPERATION]]
    of.whole[_GOOD_PIECES if pieces else _GOOD_MG] += of.live[lot, LAST_GOOD]
    lead = of.live[lot, LAST_LEFT] - of.live[lot, FIRST_IN]
    add_time(of.times, _LEAD, lead)
    add_time(of.times, _WAITING, of.live[lot, WAITED])
    if of.used[SKETCHED]:
        of.sketch[bucket(lead)] += 1
    else:
        of.leads[of.used[LEADS]] = lead
        of.used[LEADS] += 1
