"""Transporters, locks and the ways between places, laid out for `transport`: in plant and replication."""

from __future__ import annotations

from itertools import accumulate

import numpy as np
import numpy.typing as npt

from twin.engine.compiled_engine.builder import Builder, filled
from twin.engine.compiled_engine.tables import fleet, head
from twin.engine.program import NONE, Program

Integers = npt.NDArray[np.int64]


def is_used(program: Program) -> bool:
    """Whether transporters or locks concern moves."""
    return bool(program.fleets or (program.airlocks and program.travel.any()))


def lay_out(b: Builder) -> None:
    """Lay out fleets, locks and the ways between places."""
    program, p = b.program, b.p
    p[head.TRANSPORT] = int(is_used(program))
    p[head.FLEETS] = len(program.fleets)
    p[head.TRANSPORTERS] = sum(each.count for each in program.fleets)
    p[head.TRAVEL_BY_HAND] = b.pool(program.travel.ravel().tolist()) if p[head.TRANSPORT] else NONE
    p[head.MOVE_PLACES] = len(program.fleets[0].travel if program.fleets else program.travel)
    b.table(head.FLEET_PLAN, [_fleet(b, number) for number in range(len(program.fleets))])
    p[head.LOCKS] = len(program.airlocks)
    p[head.LOCKS_TAKE] = b.pool(lock.takes for lock in program.airlocks)
    p[head.LOCKS_FIRST] = b.pool(accumulate((lock.capacity for lock in program.airlocks), initial=0))
    p[head.PASSINGS] = _passings(b) if program.passings else NONE


def _fleet(b: Builder, number: int) -> list[int]:
    each = b.program.fleets[number]
    entities = {
        column: b.entities.number(f"transport/{each.name}/{what}")
        for column, what in (
            (fleet.BUSY, "busy"),
            (fleet.EMPTY, "empty"),
            (fleet.LOADED, "loaded"),
            (fleet.CHARGING, "charging"),
            (fleet.ENTITY, "count"),
        )
    }
    return filled(
        fleet.PLAN,
        entities
        | {
            fleet.FIRST: sum(other.count for other in b.program.fleets[:number]),
            fleet.COUNT: each.count,
            fleet.HOME: each.home,
            fleet.TRAVEL: b.pool(each.travel.ravel().tolist()),
            fleet.LOAD: each.load,
            fleet.UNLOAD: each.unload,
            fleet.CAPACITY: each.capacity,
            fleet.LASTS: each.lasts,
            fleet.CHARGE: each.charge,
            fleet.CAUSE: b.causes.number(each.name),
        },
    )


def _passings(b: Builder) -> int:
    """Where the locks between places stand; a row has their number, where the shares begin, and the locks."""
    places = b.p[head.MOVE_PLACES]
    rows = [NONE] * (places * places)
    for (start, end), passed in b.program.passings.items():
        shares = b.real(*(share for share, _ in passed))
        rows[start * places + end] = b.pool([len(passed), shares, *(lock for _, lock in passed)])
    return b.pool(rows)


def places(p: Integers) -> list[tuple[int, int, int]]:
    """What a replication keeps of transporters and of the chambers of locks."""
    transporters = int(p[head.TRANSPORTERS])
    return [
        (head.TRANSPORTER_NOW, transporters, fleet.NOW),
        (head.TRANSPORTERS_IDLE, transporters, 1),
        (head.APPROACHES, transporters, 1),
        (head.LOCKS_FREE, int(p[p[head.LOCKS_FIRST] + p[head.LOCKS]]), 1),
    ]


def fill(program: Program, s: Integers) -> None:
    """All transporters are idle where their fleets are at home."""
    homes = [(f, each.home) for f, each in enumerate(program.fleets) for _ in range(each.count)]
    for transporter, (number, home) in enumerate(homes):
        t = int(s[head.TRANSPORTER_NOW]) + transporter * fleet.NOW
        s[t + fleet.OF], s[t + fleet.PLACE] = number, home
        s[s[head.TRANSPORTERS_IDLE] + transporter] = 1
