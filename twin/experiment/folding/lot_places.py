"""Where lots are kept while they are in the plant: by number, in an open hash table of places.

Compiled; called by `lots.py`, and by `room.py` when there is room for more.

Source: Knuth, The Art of Computer Programming 3, 6.4.
"""

from __future__ import annotations

import numpy as np

from twin.experiment.folding.compiling import entry
from twin.experiment.folding.lots_kept import FREE, KEY, LIVE_COLUMNS, NONE, PLACES, Lots, one
from twin.physics.kernels.compiled import inlined

_SPREAD = np.int64(0x9E3779B97F4A7C1)


@inlined
def slot_of(number: int, of: Lots) -> int:
    """Where a lot is kept, from now on if it was not before."""
    last = len(of.place) - 1
    k = ((number * _SPREAD) >> 20) & last
    while of.place[k] != NONE:
        if of.live[of.place[k], KEY] == number:
            return int(of.place[k])
        k = (k + 1) & last
    if of.used[FREE] > 0:
        of.used[FREE] -= 1
        slot = of.free[of.used[FREE]]
    else:
        slot = of.used[PLACES]
        of.used[PLACES] += 1
    for column in range(LIVE_COLUMNS):
        of.live[slot, column] = 0
    of.live[slot, KEY] = number
    of.place[k] = slot
    return int(slot)


@inlined
def forget(slot: int, of: Lots) -> None:
    """Give a lot's place back, and close the gap among those that may be looked for behind it.

    Source: Knuth, The Art of Computer Programming 3, 6.4, algorithm R.
    """
    last = len(of.place) - 1
    gap = ((of.live[slot, KEY] * _SPREAD) >> 20) & last
    while of.place[gap] != slot:
        gap = (gap + 1) & last
    of.live[slot, KEY] = NONE
    of.free[of.used[FREE]] = slot
    of.used[FREE] += 1
    k = (gap + 1) & last
    while of.place[k] != NONE:
        home = ((of.live[of.place[k], KEY] * _SPREAD) >> 20) & last
        if (k - home) & last >= (k - gap) & last:
            of.place[gap] = of.place[k]
            gap = k
        k = (k + 1) & last
    of.place[gap] = NONE


@entry
def place_lots(of: Lots) -> None:
    """Find the lots in `live` by a `place` that is empty."""
    for place in range(len(of.place)):
        own = one(of, place)
        last = len(own.place) - 1
        for slot in range(own.used[PLACES]):
            if own.live[slot, KEY] != NONE:
                k = ((own.live[slot, KEY] * _SPREAD) >> 20) & last
                while own.place[k] != NONE:
                    k = (k + 1) & last
                own.place[k] = slot
