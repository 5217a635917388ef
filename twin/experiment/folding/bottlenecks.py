"""Shares of bottlenecks from stretches of activity, and the stretches that can have none.

Compiled, in one pass over the edges of all stretches in time; called by `folds.py`. The method and what
it leaves open stand in `active_periods.py`, which does the same with arrays.
"""

from __future__ import annotations

import numpy as np

from twin.experiment.arrays import Integers
from twin.physics.kernels.compiled import compiled

UNIT, PERIOD, START, END = 0, 1, 2, 3  # columns of stretches
NONE = -1
NEVER = 2**62
SLOTS = 1024


@compiled
def all_bottleneck_times(
    places: Integers,
    stretches: Integers,
    lengths: Integers,
    used: Integers,
    start: int,
    ends: Integers,
    alone: Integers,
    shifting: Integers,
) -> None:
    """`bottleneck_times` of replications, with `used` stretches and periods each, to `alone` and `shifting`,
    shapes (m, units).
    """
    for k in range(len(places)):
        place = places[k]
        mine, periods = stretches[place, : used[place, 0]], lengths[place, : used[place, 1]]
        found = bottleneck_times(mine, periods, alone.shape[1], start, ends[k])
        alone[place], shifting[place] = found


@compiled
def bottleneck_times(
    stretches: Integers, lengths: Integers, units: int, start: int, end: int
) -> tuple[Integers, Integers]:
    """Time in ns in the window [start, end) that each unit is the sole bottleneck, and a shifting one.

    Args:
        stretches: unit, active period, start and end of each, shape (s, 4); in order of time for each unit.
        lengths: of the active periods, shape (p,), in ns.
        units: how many there are.
        start: of the window.
        end: of the window.

    Returns:
        Two arrays of shape (units,).
    """
    edges = _edges(_contenders(stretches, lengths), units)
    runs, members, _ = _runs(edges, lengths, units)
    alone, shifting = np.zeros(units, dtype=np.int64), np.zeros(units, dtype=np.int64)
    current, seen = np.full(units, NONE), np.full(units, NONE)
    piece = run = 0
    k = 0
    while k < len(edges):
        now = edges[k, 0]
        k = _apply(edges, k, current)
        if k == len(edges):
            break
        if run + 1 < len(runs) and runs[run + 1, 0] == piece:
            run += 1
        inside = min(edges[k, 0], end) - max(now, start)
        if inside > 0:
            first = runs[max(run - 1, 0), 1]
            last = runs[min(run + 1, len(runs) - 1), 2]
            _share(members[first:last], current, seen, piece, inside, alone, shifting)
        piece += 1
    return alone, shifting


@compiled
def may_be_bottlenecks(stretches: Integers, lengths: Integers, units: int, found: Integers) -> None:
    """Write for each active period 1 where it is the longest at some time, as far as stretches go, else 0.

    A period that is over and was never the longest is no bottleneck, and none becomes one through it: its
    stretches can be dropped. Of a period that goes on the length so far is enough to tell that.
    """
    found[:] = _runs(_edges(_contenders(stretches, lengths), units), lengths, units)[2]


@compiled
def _contenders(stretches: Integers, lengths: Integers) -> Integers:
    """The stretches without those of periods beside which a longer one goes on all the time: most of them.

    Time is cut into slots; a period beside which in every slot a longer one lasts all through is never the
    longest.
    """
    if len(stretches) == 0:
        return stretches
    begin = stretches[:, START].min()
    slot = (stretches[:, END].max() - begin) // SLOTS + 1
    longest = np.zeros(SLOTS + 1, dtype=np.int64)  # of the periods that last all through a slot
    for i in range(len(stretches)):
        length = lengths[stretches[i, PERIOD]]
        for k in range(-((begin - stretches[i, START]) // slot), (stretches[i, END] - begin) // slot):
            longest[k] = max(longest[k], length)
    keep = np.zeros(len(lengths), dtype=np.bool_)
    for i in range(len(stretches)):
        period = stretches[i, PERIOD]
        k, last = (stretches[i, START] - begin) // slot, (stretches[i, END] - begin) // slot
        while not keep[period] and k <= last:
            keep[period] = longest[k] <= lengths[period]
            k += 1
    return stretches[keep[stretches[:, PERIOD]]]


@compiled
def _edges(stretches: Integers, units: int) -> Integers:
    """Starts and ends in order of time: time, unit, and the period that begins or none; shape (2 s, 3)."""
    first = np.zeros(units + 1, dtype=np.int64)
    for i in range(len(stretches)):
        first[stretches[i, UNIT] + 1] += 1
    first = np.cumsum(first)
    place, order = first.copy(), np.empty(len(stretches), dtype=np.int64)
    for i in range(len(stretches)):
        order[place[stretches[i, UNIT]]] = i
        place[stretches[i, UNIT]] += 1
    size = _leaves(units)
    tree = np.full(2 * size, NEVER)  # of the next edge of each unit; the least on top
    upcoming = 2 * first  # edges of a unit: the start and the end of each of its stretches
    for unit in range(units):
        _advance(unit, upcoming, first, order, stretches, tree, size)
    edges = np.empty((2 * len(stretches), 3), dtype=np.int64)
    for i in range(len(edges)):
        node = 1
        while node < size:
            node = 2 * node if tree[2 * node] == tree[node] else 2 * node + 1
        unit = node - size
        stretch = order[upcoming[unit] >> 1]
        edges[i, 0], edges[i, 1] = tree[1], unit
        edges[i, 2] = NONE if upcoming[unit] & 1 else stretches[stretch, PERIOD]
        upcoming[unit] += 1
        _advance(unit, upcoming, first, order, stretches, tree, size)
    return edges


@compiled
def _leaves(units: int) -> int:
    """Leaves of a tree that has a place for each unit."""
    size = 1
    while size < units:
        size *= 2
    return size


@compiled
def _advance(
    unit: int,
    upcoming: Integers,
    first: Integers,
    order: Integers,
    stretches: Integers,
    tree: Integers,
    size: int,
) -> None:
    """Put the time of a unit's next edge into the tree."""
    time = NEVER
    if upcoming[unit] < 2 * first[unit + 1]:
        time = stretches[order[upcoming[unit] >> 1], END if upcoming[unit] & 1 else START]
    node = unit + size
    tree[node] = time
    node >>= 1
    while node > 0:
        tree[node] = min(tree[2 * node], tree[2 * node + 1])
        node >>= 1


@compiled
def _apply(edges: Integers, k: int, current: Integers) -> int:
    """Let all edges of an instant change the units' active periods; returns the first edge after it."""
    now = edges[k, 0]
    while k < len(edges) and edges[k, 0] == now:
        current[edges[k, 1]] = edges[k, 2]
        k += 1
    return k


@compiled
def _runs(edges: Integers, lengths: Integers, units: int) -> tuple[Integers, Integers, Integers]:
    """Runs of pieces of time with the same momentary bottlenecks.

    Returns each run's first piece, first member and end of its members, shape (runs, 3); the members, unit
    and period, shape (members, 2); and for each period whether it is a member.
    """
    size = _leaves(units)
    tree = np.full(2 * size, NONE)  # of the length of each unit's period; the longest on top
    current, changed = np.full(units, NONE), np.empty(units, dtype=np.int64)
    runs, members = np.empty((64, 3), dtype=np.int64), np.empty((64 + units, 2), dtype=np.int64)
    longest = np.zeros(len(lengths), dtype=np.int64)
    count = used = piece = k = 0
    while k < len(edges):
        before = tree[1]
        begun = k
        k = _apply(edges, k, current)
        if k == len(edges):
            break
        touched = count == 0
        for i in range(begun, k):
            unit = edges[i, 1]
            length = lengths[current[unit]] if current[unit] != NONE else NONE
            touched |= tree[unit + size] == before
            _put(unit, length, tree, size)
        for i in range(begun, k):
            touched |= tree[edges[i, 1] + size] == tree[1]
        if touched or tree[1] != before:
            found = _momentary(tree, size, changed)
            if count == 0 or not _same(changed[:found], members[runs[count - 1, 1] : used], current):
                if count == len(runs):
                    runs = _grown(runs)
                if used + units > len(members):
                    members = _grown(members)
                runs[count, 0], runs[count, 1] = piece, used
                for unit in changed[:found]:
                    members[used, 0], members[used, 1] = unit, current[unit]
                    longest[current[unit]] = 1
                    used += 1
                runs[count, 2] = used
                count += 1
        piece += 1
    return runs[:count], members[:used], longest


@compiled
def _put(unit: int, length: int, tree: Integers, size: int) -> None:
    """Put the length of a unit's period into the tree."""
    node = unit + size
    tree[node] = length
    node >>= 1
    while node > 0:
        tree[node] = max(tree[2 * node], tree[2 * node + 1])
        node >>= 1


@compiled
def _momentary(tree: Integers, size: int, found: Integers) -> int:
    """Write down the units with the longest period, in order; returns how many. None is active: none."""
    if tree[1] == NONE:
        return 0
    count, node = 0, 1
    while True:
        while node < size:  # down to the first leaf that is the longest
            node = 2 * node if tree[2 * node] == tree[1] else 2 * node + 1
        found[count] = node - size
        count += 1
        while node > 1 and (node & 1 == 1 or tree[node + 1] != tree[1]):
            node >>= 1  # up to where there is one on the right
        if node == 1:
            return count
        node += 1


@compiled
def _same(units: Integers, members: Integers, current: Integers) -> bool:
    """Whether units with their periods are the members of a run."""
    if len(units) != len(members):
        return False
    for i in range(len(units)):
        if members[i, 0] != units[i] or members[i, 1] != current[units[i]]:
            return False
    return True


@compiled
def _grown(table: Integers) -> Integers:
    """A table with twice the rows."""
    larger = np.empty((2 * len(table), table.shape[1]), dtype=np.int64)
    larger[: len(table)] = table
    return larger


@compiled
def _share(
    candidates: Integers,
    current: Integers,
    seen: Integers,
    piece: int,
    inside: int,
    alone: Integers,
    shifting: Integers,
) -> None:
    """Give a piece of time to those who take part: momentary bottlenecks of its run, and of the runs before
    and after where they are active in the same period.
    """
    count, last = 0, NONE
    for i in range(len(candidates)):
        unit = candidates[i, 0]
        if current[unit] == candidates[i, 1] and seen[unit] != piece:
            seen[unit] = piece
            count, last = count + 1, unit
    if count == 1:
        alone[last] += inside
    elif count > 1:
        for i in range(len(candidates)):
            unit = candidates[i, 0]
            if seen[unit] == piece:
                seen[unit] = NONE
                shifting[unit] += inside
