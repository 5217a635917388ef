"""Line L5 in salabim: one component per station, a `Store` of five places between neighbours."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import pairwise

import salabim
from line import BUFFER, PARTS, STATIONS, time_entry

salabim.yieldless(False)


class Station(salabim.Component):
    """Take a part, work on it, pass it on; stay blocked with it while there is no place."""

    def setup(self, source: salabim.Store | None, sink: salabim.Store | None, dice: random.Random) -> None:
        """Keep the two stores and the dice; either store is missing at an end of the line."""
        self.source = source
        self.sink = sink
        self.dice = dice

    def process(self) -> Iterator[object]:
        """Pass the parts on."""
        for _ in range(PARTS):
            if self.source is None:
                part = salabim.Component()
            else:
                part = yield self.from_store(self.source)
            yield self.hold(self.dice.expovariate(1.0))
            if self.sink is not None:
                yield self.to_store(self.sink, part)


def replicate(seed: int) -> float:
    env = salabim.Environment(trace=False)
    dice = random.Random(seed)
    stores = [None, *(salabim.Store(capacity=BUFFER) for _ in range(STATIONS - 1)), None]
    for source, sink in pairwise(stores):
        Station(source=source, sink=sink, dice=dice)
    env.run()
    return float(env.now())


if __name__ == "__main__":
    time_entry("salabim", replicate)
