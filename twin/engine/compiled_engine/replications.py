"""Many replications: each goes on in a thread until it waits for physics, then all are answered at once.

How many are alive at a time is bounded by their memory; it changes how many lots there are in a call of
physics, and no byte of a record.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import islice

from twin.engine.broker import Broker, Counts
from twin.engine.compiled_engine import physics
from twin.engine.compiled_engine.image import Image, image
from twin.engine.compiled_engine.memory import Layout, Room, layout
from twin.engine.compiled_engine.simulate import NO_LOTS, CannotGoOnError, Replication, record
from twin.engine.program import Program
from twin.engine.record import Record
from twin.engine.rows import TakesRows
from twin.engine.simpy_engine import simulate as simulate_reference
from twin.engine.simpy_engine import simulate_into as simulate_into_reference
from twin.physics.backend import Device, select

MEMORY = 2**30  # bytes that all replications alive may take together
MOST_ALIVE = 1024


def simulate_all(
    program: Program,
    seed: int,
    replications: Sequence[int],
    device: Device = "cpu",
    counts: Counts | None = None,
    threads: int | None = None,
) -> Iterator[tuple[int, Record]]:
    """Run replications, and yield the record of each with its number as it ends.

    In `threads` at a time, as many as there are cores where none is given. Raises `SimulationError` as the
    SimPy engine does, and whose words it has: it runs what cannot go on once more.
    """
    of = image(program)
    for ended in run_all(of, seed, replications, device, counts, threads):
        try:
            ended.complain()
        except CannotGoOnError:
            yield ended.number, simulate_reference(program, seed, ended.number, device)
        else:
            yield ended.number, record(of, ended.kept)


def simulate_into(
    takes: TakesRows,
    program: Program,
    seed: int,
    replications: Sequence[int],
    device: Device = "cpu",
    counts: Counts | None = None,
    threads: int | None = None,
) -> Iterator[tuple[int, int]]:
    """`simulate_all`, with the rows handed to what `takes` them, in the threads that make them; yields each
    number with its end in ns.
    """
    for ended in run_all(image(program), seed, replications, device, counts, threads, takes):
        try:
            ended.complain()
        except CannotGoOnError:
            yield from simulate_into_reference(takes, program, seed, [ended.number], device)
        else:
            yield ended.number, ended.kept.end


def run_all(
    of: Image,
    seed: int,
    replications: Sequence[int],
    device: Device = "cpu",
    counts: Counts | None = None,
    threads: int | None = None,
    takes: TakesRows | None = None,
) -> Iterator[Replication]:
    """Run replications, and yield each as it ends, with its rows or what keeps it from going on.

    Rows are handed to what `takes` them instead, where something does.
    """
    broker = Broker(of.program, seed, select(device), counts)
    count = threads or os.cpu_count() or 1
    begun = layout(of, Room())
    to_come = iter(replications)
    alive: list[Replication] = []
    expected = NO_LOTS
    with ThreadPoolExecutor(count) as pool:
        while True:
            most = _most_alive(begun, len(expected) > 0) if broker.plan else count
            room = max(0, most - len(alive))
            new = [Replication(begun, seed, n, broker, takes) for n in islice(to_come, room)]
            alive += new
            if not alive:
                return
            list(pool.map(_go_on, [alive[k::count] for k in range(count)]))
            begun = _largest([begun, *(each.begun for each in alive)])
            for ended in (each for each in alive if each.ended):
                if broker.plan and not len(expected):
                    expected = ended.recipes()
                    begun = layout(of, replace(begun.room, foreseen=len(expected)))
                yield ended
            alive = [each for each in alive if not each.ended]
            lost = physics.answer(of, broker, [each.asking() for each in alive], expected)
            for place in reversed(lost):
                alive[place].gives_up()
                yield alive.pop(place)


def _go_on(part: Sequence[Replication]) -> None:
    """Have one thread's share of the replications go on, one after another."""
    for each in part:
        each.go_on()


def _most_alive(begun: Layout, expects: bool) -> int:
    """How many replications may be alive: one until it is known what its lots are, then what memory holds."""
    return min(MOST_ALIVE, max(1, MEMORY // begun.bytes)) if expects else 1


def _largest(layouts: Sequence[Layout]) -> Layout:
    """The layout with most room, so that those to come need not grow again."""
    return max(layouts, key=lambda each: each.bytes)
