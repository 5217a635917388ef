"""How lots move: travelling times, fleets of transporters, airlocks and conveyors."""

from __future__ import annotations

import math
from functools import lru_cache
from itertools import accumulate, pairwise, product

import numpy as np
import numpy.typing as npt

from twin.engine.compile.context import MILLIGRAMS, Context, to_nanoseconds
from twin.engine.draws import LONGEST
from twin.engine.program import NONE, Airlock, Conveyor, Fleet, Integers
from twin.engine.record import SECOND
from twin.plant import layout, schema
from twin.plant.locks import Rooms

Distances = tuple[tuple[float, ...], ...]  # m, rows and columns as in `layout.distances`
REMEMBERED = 16  # moving times that are kept: points of a sweep mostly share theirs


def travel(at: Context) -> Integers:
    """Moving times by hand between units and storages, handling included; 0 where nothing is moved."""
    transport = at.plant.transport
    places = len(at.placed) + len(at.plant.storage)
    if transport is None or transport.fleets:
        return np.zeros((places, places), dtype=np.int64)
    return _times_by_hand(*_places(at), transport.speed, transport.handling)


@lru_cache(maxsize=REMEMBERED)
def _times_by_hand(distances: Distances, copies: tuple[int, ...], speed: float, handling: float) -> Integers:
    found = _times(_metres(distances, copies), speed, handling)
    found.flags.writeable = False  # plants of a sweep share it
    return found


def fleets(at: Context) -> tuple[Fleet, ...]:
    """The transporters."""
    transport = at.plant.transport
    if transport is None or not transport.fleets:
        return ()
    metres = _metres(*_places(at))
    first_home = len(at.placed) + len(at.plant.storage)
    return tuple(
        _fleet(name, fleet, first_home + i, metres)
        for i, (name, fleet) in enumerate(transport.fleets.items())
    )


def _fleet(name: str, fleet: schema.Fleet, home: int, metres: npt.NDArray[np.float64]) -> Fleet:
    battery = fleet.battery
    return Fleet(
        name=name,
        count=fleet.count,
        home=NONE if fleet.at is None else home,
        travel=_times(metres, fleet.speed, 0.0),
        load=to_nanoseconds(fleet.load),
        unload=to_nanoseconds(fleet.unload),
        capacity=0 if fleet.capacity is None else round(fleet.capacity * MILLIGRAMS),
        lasts=0 if battery is None else to_nanoseconds(battery.lasts),
        charge=0 if battery is None else to_nanoseconds(battery.charge),
    )


def _places(at: Context) -> tuple[Distances, tuple[int, ...]]:
    """Metres between the places of the layout, and how often each of them stands in the program."""
    distances = layout.distances(at.plant)
    return distances, tuple(_copies(at, len(distances)))


def _metres(distances: Distances, copies: tuple[int, ...]) -> npt.NDArray[np.float64]:
    """Metres between all places; a unit that holds several lots stands there once for each."""
    metres = np.asarray(distances, dtype=np.float64)
    places = np.repeat(np.arange(len(metres)), copies)
    return metres[np.ix_(places, places)]


def _copies(at: Context, places: int) -> list[int]:
    """How often each place of the layout stands among those of the program: units come first."""
    copies = [at.plant.equipment[unit.equipment].capacity for unit in layout.place_units(at.plant)]
    return copies + [1] * (places - len(copies))


def _times(metres: npt.NDArray[np.float64], speed: float, handling: float) -> Integers:
    with np.errstate(over="ignore"):
        seconds = np.where(metres > 0, metres / speed + handling, 0.0)
    nanoseconds: Integers = np.rint(np.minimum(seconds * SECOND, LONGEST)).astype(np.int64)
    return nanoseconds


def airlocks(at: Context) -> tuple[Airlock, ...]:
    """The locks between areas."""
    transport = at.plant.transport
    found = {} if transport is None else transport.airlocks
    return tuple(Airlock(name, to_nanoseconds(a.takes), a.capacity) for name, a in found.items())


def passings(at: Context) -> dict[tuple[int, int], tuple[tuple[float, int], ...]]:
    """For two places the locks on the way between them, each with the share of the way before it."""
    transport = at.plant.transport
    if transport is None or not transport.airlocks:
        return {}
    found: dict[tuple[int, int], tuple[tuple[float, int], ...]] = {}
    copies = _copies(at, len({**layout.positions(at.plant), **layout.homes(at.plant)}))
    first = list(accumulate(copies, initial=0))
    rooms = Rooms(at.plant)
    for (start, end), way in layout.ways(at.plant).items():
        length = math.fsum(math.dist(a, b) for a, b in pairwise(way))
        passed = tuple((metres / length, number) for metres, number in rooms.passings(way))
        if passed:
            starts, ends = (range(first[i], first[i] + copies[i]) for i in (start, end))
            found |= dict.fromkeys(product(starts, ends), passed)
    return found


def conveyor(storage: schema.Storage) -> Conveyor | None:
    """A storage as a conveyor; without a capacity its lots follow each other without a gap."""
    words = storage.conveyor
    if words is None:
        return None
    carries = to_nanoseconds(words.length / words.speed)
    pitch = 0 if storage.capacity is None else carries // storage.capacity
    return Conveyor(carries, pitch, words.accumulating)
