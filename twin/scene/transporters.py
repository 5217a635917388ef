"""Transporters on their way: which of them carries each lot, and where they stand between.

Pure. The record says when a lot is set down, not by which transporter: on the stage the nearest one that is
free takes it, as in the plant, comes empty as late as it may, and then stands where it set its lot down.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from twin.plant.schema import Transport
from twin.scene.mesh import Floats
from twin.scene.motion import Leg, Stay, Track, journey, track_of
from twin.scene.routes import SECOND, Routes

FLOOR = np.array([1.0, 1.0, 0.0])  # a transporter stays on the floor, whatever the height of its lot


@dataclass(frozen=True)
class Carry:
    """A lot on its way between two places, leg by leg, on the floor."""

    origin: str
    target: str
    legs: tuple[Leg, ...]

    @property
    def start(self) -> int:
        """When it sets off, in ns."""
        return self.legs[0][0]

    @property
    def end(self) -> int:
        """When it is set down, in ns."""
        return self.legs[-1][1]


@dataclass
class _Mover:
    """One transporter while its way is made up."""

    fleet: int
    speed: float  # m/s
    place: str | None
    spot: Floats | None
    free: int = 0
    legs: list[Leg] = field(default_factory=list)


def carries(stays: Mapping[int, Sequence[Stay]], ways: Sequence[Track]) -> list[Carry]:
    """Return every move of a lot that takes time, in the order in which they begin."""
    found = []
    for way in ways:
        visits = stays[way.lot]
        for before, stay in pairwise(visits):
            inside = np.flatnonzero((way.starts >= stay.sets_off) & (way.ends <= stay.arrived))
            if len(inside) and stay.arrived > stay.sets_off:
                legs = tuple(
                    (int(way.starts[i]), int(way.ends[i]), way.begin[i] * FLOOR, way.finish[i] * FLOOR, 0)
                    for i in inside
                )
                found.append((legs[0][0], way.lot, Carry(before.place, stay.place, legs)))
    return [carry for _, _, carry in sorted(found, key=lambda row: row[:2])]


def drives(transport: Transport, routes: Routes, moves: Sequence[Carry], horizon: int) -> list[Track]:
    """Return the way of each transporter that drives, numbered over the fleets; `carriers` is the fleet."""
    movers = [
        _Mover(number, fleet.speed, f"fleet/{name}" if fleet.at else None,
               np.array([*fleet.at, 0.0]) if fleet.at else None)
        for number, (name, fleet) in enumerate(transport.fleets.items())
        for _ in range(fleet.count)
    ]  # fmt: skip
    for move in moves:
        free = [mover for mover in movers if mover.free <= move.start]
        if free:
            _take(min(free, key=lambda mover: _approach(mover, move, routes)), move, routes)
    for mover in movers:
        if mover.spot is not None and horizon > mover.free:
            mover.legs.append((mover.free, horizon, mover.spot, mover.spot, mover.fleet))
    return [track_of(number, mover.legs) for number, mover in enumerate(movers) if mover.legs]


def _approach(mover: _Mover, move: Carry, routes: Routes) -> int:
    """How long the mover takes to the lot, in ns."""
    if mover.place is None or mover.place not in routes.at or move.origin not in routes.at:
        return 0
    way = routes.network.way(routes.at[mover.place], routes.at[move.origin])
    return round(way.length / mover.speed * SECOND)


def _take(mover: _Mover, move: Carry, routes: Routes) -> None:
    """Drive to the lot, and carry it."""
    first = move.legs[0][2]
    leaves = max(mover.free, move.start - _approach(mover, move, routes))
    here = first if mover.spot is None else mover.spot
    if leaves > mover.free:
        mover.legs.append((mover.free, leaves, here, here, mover.fleet))
    if move.start > leaves and mover.place is not None:
        corners = routes.waypoints(mover.place, move.origin)
        mover.legs += journey(here, corners, first, (leaves, move.start), mover.fleet)
    mover.legs += [(*leg[:4], mover.fleet) for leg in move.legs]
    mover.free, mover.place, mover.spot = move.end, move.target, move.legs[-1][3]
