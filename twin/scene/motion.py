"""Where every lot is at every instant, and which state every unit is in: pure functions of the record's
tables.

A lot waits at its storage or beside the unit it waits for, moves along the aisles while its unit waits for
transport, and stands at the unit from the claim until it leaves. Times are whole nanoseconds; positions
metres. The writing into USD is in `motion_layer.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from twin.scene.mesh import Floats, Integers

JUST_BEFORE = 1_000_000  # ns: samples that end a hold stand this long before the change
LARGEST = 20_000_000  # positions in one stage

Window = tuple[int, int]
Leg = tuple[int, int, Floats, Floats, int]  # from, to (ns), begin, finish (m), look


@dataclass(frozen=True)
class Stay:
    """A lot at a place from `start` to `end` (ns), on its way until `arrived`; `carrier` is its look.

    It still stands where it was until `leaves`, where that is later than `start`.
    """

    place: str
    start: int
    arrived: int
    end: int
    carrier: int
    queued: bool
    leaves: int = 0

    @property
    def sets_off(self) -> int:
        """When it leaves the place before, in ns."""
        return max(self.start, self.leaves)


@dataclass(frozen=True)
class Track:
    """One lot's way: straight moves from `begin` to `finish` (k, 3) from `starts` to `ends` (ns)."""

    lot: int
    starts: Integers
    ends: Integers
    begin: Floats
    finish: Floats
    carriers: Integers

    def at(self, times: Integers) -> tuple[Floats, Integers]:
        """Return positions (n, 3) and carriers (n,) at instants inside the track."""
        index = np.searchsorted(self.starts, times, side="right") - 1
        share = (times - self.starts[index]) / (self.ends[index] - self.starts[index])
        return self.begin[index] + share[:, None] * (self.finish[index] - self.begin[index]), self.carriers[
            index
        ]

    def breaks(self) -> Integers:
        """Return the instants at which the lot appears, jumps or goes."""
        jumps = np.any(self.begin[1:] != self.finish[:-1], axis=1)
        return np.concatenate([self.starts[:1], self.starts[1:][jumps], self.ends[-1:]])


@dataclass(frozen=True)
class Frame:
    """All lots in the plant at one instant, by lot number: `positions` (n, 3), `carriers` and `lots` (n,)."""

    time: int
    lots: Integers
    carriers: Integers
    positions: Floats


def tracks(
    stays: Mapping[int, Sequence[Stay]],
    spot: Mapping[tuple[int, int], tuple[float, float, float]],
    waypoints: Callable[[str, str], Floats],
) -> list[Track]:
    """Return the way of each lot.

    `spot` maps (lot, number of the stay) to the position there; `waypoints` gives the corners (n, 2)
    between two places. A stay without travelling time begins with a jump: the record says that it
    took no time.
    """
    made = []
    for lot, visits in sorted(stays.items()):
        legs: list[Leg] = []
        for number, stay in enumerate(visits):
            here = np.array(spot[lot, number], dtype=float)
            if number and stay.arrived > stay.start:
                origin = legs[-1][3]
                way = waypoints(visits[number - 1].place, stay.place)
                legs.append((stay.start, stay.sets_off, origin, origin, stay.carrier))
                legs += journey(origin, way, here, (stay.sets_off, stay.arrived), stay.carrier)
            if stay.end > stay.arrived or not number:
                legs.append((stay.arrived if number else stay.start, stay.end, here, here, stay.carrier))
        if any(leg[1] > leg[0] for leg in legs):
            made.append(track_of(lot, legs))
    return made


def track_of(lot: int, legs: Sequence[Leg]) -> Track:
    """Return a way made of legs, those that take no time left out."""
    columns = [np.array(column) for column in zip(*(leg for leg in legs if leg[1] > leg[0]), strict=True)]
    return Track(lot, columns[0], columns[1], columns[2], columns[3], columns[4])


def journey(origin: Floats, way: Floats, target: Floats, span: Window, carrier: int) -> list[Leg]:
    """Return the legs of a journey at one speed: down from the origin, along the floor, up to the target."""
    start, arrived = span
    corners = [origin[:2], *way, target[:2]]
    stops = [origin, *(np.array([x, y, 0.0]) for x, y in corners), target]
    lengths = np.array([np.linalg.norm(b - a) for a, b in pairwise(stops)])
    if lengths.sum() <= 0:
        return [(start, arrived, target, target, carrier)]
    shares = np.concatenate([[0.0], np.cumsum(lengths) / lengths.sum()])
    times = start + np.round(shares * (arrived - start)).astype(np.int64)
    return [(int(times[i]), int(times[i + 1]), stops[i], stops[i + 1], carrier) for i in range(len(lengths))]


def slots(stays: Mapping[int, Sequence[Stay]]) -> dict[tuple[int, int], int]:
    """Return which place in the queue each queued stay has: the lowest that is free when the lot comes."""
    queued = [
        (stay.start, lot, number, stay)
        for lot, visits in stays.items()
        for number, stay in enumerate(visits)
        if stay.queued
    ]
    free: dict[str, list[int]] = {}
    used: dict[str, int] = {}
    leaving: list[tuple[int, str, int]] = []
    given = {}
    for start, lot, number, stay in sorted(queued, key=lambda row: row[:3]):
        while leaving and leaving[0][0] <= start:
            _, place, slot = heappop(leaving)
            heappush(free.setdefault(place, []), slot)
        if free.get(stay.place):
            slot = heappop(free[stay.place])
        else:
            slot = used.get(stay.place, 0)
            used[stay.place] = slot + 1
        given[lot, number] = slot
        heappush(leaving, (stay.end, stay.place, slot))
    return given


def frames(ways: Sequence[Track], window: Window) -> list[Frame]:
    """Return the lots at every instant at which a sample is needed, inside the window.

    Between two frames each lot moves in a straight line or stands; a lot that appears, jumps or goes does so
    at a frame that has another just before it. Raises `ValueError` where the window holds too much.
    """
    first, last = window
    ways = [way for way in ways if way.starts[0] <= last and way.ends[-1] > first]
    events = np.array([first, last], dtype=np.int64)
    breaks = np.empty(0, dtype=np.int64)
    if ways:
        events = np.unique(
            np.concatenate([events, *[way.starts for way in ways], *[way.ends for way in ways]])
        )
        breaks = np.unique(np.concatenate([way.breaks() for way in ways]))
    times = sample_times(events, breaks, window)
    spans = [np.searchsorted(times, (way.starts[0], way.ends[-1])) for way in ways]
    total = int(sum(end - begin for begin, end in spans))
    if total > LARGEST:
        raise ValueError(
            f"the window holds {total:,} positions of lots, more than {LARGEST:,}; choose a shorter one"
        )
    return _assembled(ways, spans, times)


def sample_times(events: Integers, breaks: Integers, window: Window) -> Integers:
    """Return the events inside the window, and an instant just before each that is a break."""
    first, last = window
    inside = events[(events >= first) & (events <= last)]
    sudden = inside[np.isin(inside, breaks) & (inside > first)]
    previous = inside[np.searchsorted(inside, sudden) - 1]
    return np.unique(np.concatenate([inside, np.maximum(sudden - JUST_BEFORE, (previous + sudden) // 2)]))


def _assembled(ways: Sequence[Track], spans: Sequence[NDArray[np.int64]], times: Integers) -> list[Frame]:
    index, lots, carriers, positions = [], [], [], []
    for way, (begin, end) in zip(ways, spans, strict=True):
        where, look = way.at(times[begin:end])
        index.append(np.arange(begin, end))
        lots.append(np.full(end - begin, way.lot))
        carriers.append(look)
        positions.append(where)
    if not index:
        nobody = np.empty(0, dtype=np.int64)
        return [Frame(int(time), nobody, nobody, np.empty((0, 3))) for time in times]
    number, lot = np.concatenate(index), np.concatenate(lots)
    order = np.lexsort((lot, number))
    cuts = np.searchsorted(number[order], np.arange(1, len(times)))
    split = [np.split(np.concatenate(column)[order], cuts) for column in (lots, carriers, positions)]
    return [Frame(int(time), *row) for time, *row in zip(times, *split, strict=True)]


def changes(rows: Iterable[tuple[int, int, str, int]], window: Window) -> list[tuple[int, str, int]]:
    """Return (time, state, lot) of a unit at the window's start and at each change inside it.

    `rows` are (start, end, state, lot) in order, lot −1 for none.
    """
    first, last = window
    steps: list[tuple[int, str, int]] = []
    for start, end, state, lot in rows:
        if end <= first or start >= last:
            continue
        if not steps or steps[-1][1:] != (state, lot):
            steps.append((max(start, first), state, lot))
    return steps


def held(steps: Sequence[tuple[int, str]]) -> list[tuple[int, str]]:
    """Return the samples that make an interpolated value hold: one more just before each change."""
    samples: list[tuple[int, str]] = []
    for time, value in steps:
        if samples and samples[-1][1] == value:
            continue
        if samples:
            before, last_value = samples[-1]
            pause = max(time - JUST_BEFORE, (before + time) // 2)
            if pause > before:
                samples.append((pause, last_value))
        samples.append((time, value))
    return samples
