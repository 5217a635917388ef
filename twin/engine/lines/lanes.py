"""Serial lines without a record on a GPU, one replication a lane, and in Numba's CUDA simulator.

The recursion, the releases and the draws are those of the CPU, compiled for the GPU as they are; a lane draws
lot by lot and keeps its state in columns of arrays, so that neighbouring lanes read neighbouring addresses.
A GPU has its own logarithm, so that a duration that it draws may round to the neighbouring nanosecond. Run in
the simulator so far, not measured on a GPU. It stands apart so that only those who use one wait for Numba's
CUDA part to start.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import numba.core.config
import numba.cuda
import numpy as np

from twin.engine.fingerprint import engine_fingerprint
from twin.engine.lines.compiling import inner
from twin.engine.lines.draw_blocks import stream_keys
from twin.engine.lines.folding import END, INSIDE, LEAD, LEFT, RELEASED, WHOLE
from twin.engine.lines.recursion import (
    ROOM,
    SUMS,
    add_whole,
    count_cut,
    count_whole,
    pass_units,
)
from twin.engine.lines.releases import (
    LOTS,
    NEVER,
    nanoseconds_of,
    next_line,
    open_lines,
    release,
)
from twin.engine.lines.tables import LineTables, words
from twin.engine.lines.totals import LineTotals, folded, together
from twin.physics.kernels.building import dispatchers_in_place
from twin.physics.kernels.lanes import keep_on_disk

cuda: Any = numba.cuda
config: Any = numba.core.config

MEMORY = 2**30  # bytes of the state of all lanes of a launch
LANES_A_BLOCK = 64


@inner
def fold_one(
    seed: Any,
    replication: int,
    until: int,
    lines: Any,
    hashes: Any,
    sources: Any,
    parameters: Any,
    table: Any,
    takes: Any,
    before: Any,
    room: Any,
    storage: Any,
    first: Any,
    keys: Any,
    work: Any,
    whole: Any,
    sums: Any,
    totals: Any,
) -> None:
    """Fold one replication of a serial line, lot by lot.

    The first arguments are those of `folding.fold`; `keys` has shape (sources, 2), `work` (`places_of`,),
    and `whole` (3, n), `sums` (SUMS, n) and `totals` (WHOLE,) are zeros.
    """
    units, cells, orders = takes.shape[0], first.shape[0] - 1, lines.shape[0]
    at = work[:cells]
    ring = work[cells : cells + first[cells] + 1]
    rest = work[cells + first[cells] + 1 :]
    due, done = rest[:orders], rest[orders : 2 * orders]
    times = rest[2 * orders :]
    left, drawn = times[: units + 1], times[units + 1 : 2 * units + 1]
    free, started = times[2 * units + 1 : 3 * units + 1], times[3 * units + 1 : 4 * units + 1]
    finished = times[4 * units + 1 : 5 * units + 1]
    for place in range(work.shape[0]):
        work[place] = 0
    for cell in range(cells):
        at[cell] = first[cell]
    stream_keys(seed, replication, hashes, keys)
    open_lines(lines, sources, parameters, table, keys, due, done)
    lot = 0
    while True:
        order = next_line(due)
        come = due[order]
        if come > until or come == NEVER:
            break
        for _ in range(lines[order, LOTS]):
            for unit in range(units):
                drawn[unit] = nanoseconds_of(takes[unit], lot, sources, parameters, table, keys)
            last = pass_units(
                come, drawn, before, room, storage, first, at, ring, left, free, started, finished
            )
            if last <= until:
                totals[LEFT] += 1
                totals[LEAD] += last - come
                totals[END] = last
                count_whole(come, free, started, finished, left, whole)
            else:
                totals[INSIDE] += until - come
                count_cut(come, until, free, started, finished, left, sums)
            lot += 1
        release(order, lines, sources, parameters, table, keys, due, done)
    add_whole(totals[LEFT], whole, sums)
    totals[RELEASED] = lot
    totals[INSIDE] += totals[LEAD]


def places_of(tables: LineTables) -> int:
    """Whole numbers of state that a lane keeps besides its keys."""
    (segment,) = tables.segments
    cells, units = len(segment.first) - 1, len(segment.before)
    return cells + int(segment.first[-1]) + 1 + 2 * len(tables.orders) + 5 * units + 1


def _lanes(
    seed: Any,
    replications: Any,
    until: int,
    lines: Any,
    hashes: Any,
    sources: Any,
    parameters: Any,
    table: Any,
    takes: Any,
    before: Any,
    room: Any,
    storage: Any,
    first: Any,
    keys: Any,
    work: Any,
    whole: Any,
    sums: Any,
    totals: Any,
) -> None:
    lane = cuda.grid(1)
    if lane < replications.shape[0]:
        fold_one(
            seed,
            replications[lane],
            until,
            lines,
            hashes,
            sources,
            parameters,
            table,
            takes,
            before,
            room,
            storage,
            first,
            keys[:, :, lane],
            work[:, lane],
            whole[:, :, lane],
            sums[:, :, lane],
            totals[:, lane],
        )


_kernel = cuda.jit(_lanes)


@cache
def _keep_code() -> None:
    """Have the kernel's machine code kept on disk, for this very code of the engines."""
    keep_on_disk((_kernel,), engine_fingerprint())


def fold_on_gpu(
    tables: LineTables, seed: int, replications: Sequence[int], memory: int = MEMORY
) -> LineTotals:
    """What `fold_line` gives, from a GPU, for a serial line; in launches whose state takes `memory` bytes."""
    if not config.ENABLE_CUDASIM:
        _keep_code()
    (segment,), draws = tables.segments, tables.draws
    units, sources = len(segment.before), len(draws.hashes)
    room = segment.room[0].copy()
    room[0] = ROOM  # nobody waits for a place but lots from outside
    given = (
        tables.orders,
        draws.hashes,
        draws.sources,
        draws.parameters,
        draws.table,
        segment.takes[0],
        segment.before,
        room,
        segment.storage[0],
        segment.first,
    )
    on_device = [cuda.to_device(np.ascontiguousarray(array)) for array in given]
    seeds = cuda.to_device(words(seed))
    state = 2 * sources + places_of(tables) + (3 + SUMS) * units + WHOLE
    at_once = max(1, memory // (8 * state))
    parts = []
    for begin in range(0, len(replications), at_once):
        numbers = np.array(replications[begin : begin + at_once], dtype=np.int64)
        lanes = len(numbers)
        keys = cuda.device_array((sources, 2, lanes), np.uint64)
        work = cuda.device_array((places_of(tables), lanes), np.int64)
        whole = cuda.to_device(np.zeros((3, units, lanes), dtype=np.int64))
        sums = cuda.to_device(np.zeros((SUMS, units, lanes), dtype=np.int64))
        totals = cuda.to_device(np.zeros((WHOLE, lanes), dtype=np.int64))
        with dispatchers_in_place():
            _kernel[-(-lanes // LANES_A_BLOCK), LANES_A_BLOCK](
                seeds, cuda.to_device(numbers), tables.until, *on_device, keys, work, whole, sums, totals
            )
        by_replication = np.moveaxis(sums.copy_to_host(), 2, 0)
        parts.append(folded(tables.line, tables.until, by_replication, totals.copy_to_host().T))
    return together(parts)
