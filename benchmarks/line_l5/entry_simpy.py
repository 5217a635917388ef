"""Line L5 in bare SimPy: one process per station, a `Store` of five places between neighbours, no record."""

from __future__ import annotations

import random
from collections.abc import Generator
from itertools import pairwise

import simpy
from line import BUFFER, PARTS, STATIONS, time_entry


def station(
    env: simpy.Environment, source: simpy.Store | None, sink: simpy.Store | None, dice: random.Random
) -> Generator[simpy.Event, object, None]:
    """Take a part, work on it, pass it on; stay blocked with it while there is no place."""
    for part in range(PARTS):
        if source is not None:
            yield source.get()
        yield env.timeout(dice.expovariate(1.0))
        if sink is not None:
            yield sink.put(part)


def replicate(seed: int) -> float:
    env = simpy.Environment()
    dice = random.Random(seed)
    stores = [None, *(simpy.Store(env, capacity=BUFFER) for _ in range(STATIONS - 1)), None]
    for source, sink in pairwise(stores):
        env.process(station(env, source, sink, dice))
    env.run()
    return float(env.now)


if __name__ == "__main__":
    time_entry("simpy", replicate)
