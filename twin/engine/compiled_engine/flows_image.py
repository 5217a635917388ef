"""Flow sections and how operations flow through them, laid out for `flows`: in plant and replication."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from twin.engine.compiled_engine.builder import Builder, filled
from twin.engine.compiled_engine.tables import flow, head, section, unit
from twin.engine.program import NONE, PROCESSING, Flow, Program

Integers = npt.NDArray[np.int64]


def sections(program: Program) -> list[int]:
    """The units that are flow sections."""
    return [number for number, each in enumerate(program.units) if each.stations]


def lay_out(b: Builder) -> None:
    """Lay out how each operation flows through each section, and the entities of buffers."""
    program, p = b.program, b.p
    found = sections(program)
    p[head.SECTIONS_N] = len(found)
    rows = [
        _stations(b, each.flows[number]) if number in each.flows else NONE
        for each in program.operations
        for number in found
    ]
    p[head.FLOWS] = b.pool(rows)
    buffers = [
        b.pool(
            b.entities.number(f"buffer/{program.stations[k].name}")
            for k in program.units[number].stations[:-1]
        )
        for number in found
    ]
    p[head.BUFFERS] = b.pool(buffers)


def _stations(b: Builder, found: Flow) -> int:
    """The rows of an operation on the stations of a section; returns where the first begins."""
    rows = [_station(b, found, i) for i in range(len(found.stations))]
    return b.pool(number for row in rows for number in row)


def _station(b: Builder, found: Flow, i: int) -> list[int]:
    start_up = found.start_up[i]
    buffered = i < len(found.room)
    return filled(
        flow.PLAN,
        {
            flow.RATE: b.source(found.rates[i]),
            flow.SCALE: b.real(found.scale[i]),
            flow.ROOM: b.real(found.room[i] if buffered else 0.0),
            flow.IN_SECONDS: int(buffered and found.in_seconds[i]),
            flow.GOOD: b.real(found.good[i]),
            flow.START_UP: NONE if start_up is None else b.source(start_up.takes),
            flow.START_UP_WASTE: NONE if start_up is None else b.source(start_up.waste),
            flow.START_UP_IN_PIECES: int(start_up is not None and start_up.waste_in_pieces),
            flow.START_UP_STOPS: NONE if start_up is None else b.source(start_up.stops),
        },
    )


def places(program: Program) -> list[tuple[int, int, int]]:
    """What a replication keeps of sections and their stations."""
    found = sections(program)
    machines = len(program.units) + len(program.stations) if found else 0
    return [
        (head.SECTION_NOW, len(found), section.NOW),
        (head.SECTION_OF, machines, 1),
        (head.STATION_ARRAYS, len(program.stations), section.ARRAYS_N),
    ]


def fill(program: Program, p: Integers, s: Integers) -> None:
    """Sections are empty, and have their stations."""
    found = sections(program)
    s[head.SECTIONS] = len(found)
    if not found:
        return
    machines = len(program.units) + len(program.stations)
    s[s[head.SECTION_OF] : s[head.SECTION_OF] + machines] = NONE
    arrays = int(s[head.STATION_ARRAYS])
    for number, each in enumerate(found):
        stations = program.units[each].stations
        row = int(s[head.SECTION_NOW]) + number * section.NOW
        s[row + section.UNIT], s[row + section.COUNT] = each, len(stations)
        s[row + section.FIRST] = len(program.units) + stations[0]
        s[row + section.ENTITIES] = p[p[head.BUFFERS] + number]
        s[row + section.ARRAYS] = arrays
        s[row + section.QUANTUM] = 1
        arrays += section.ARRAYS_N * len(stations)
        for machine in (each, *(len(program.units) + k for k in stations)):
            s[s[head.SECTION_OF] + machine] = number
        for k in stations:
            u = int(s[head.UNIT_NOW]) + (len(program.units) + k) * unit.NOW
            s[u + unit.PHASE] = PROCESSING
