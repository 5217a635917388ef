"""Line L5 in simprocesd: `Source`, ten `PartProcessor` with a `Buffer` of five places between, `Sink`."""

from __future__ import annotations

import random

from line import BUFFER, PARTS, STATIONS, time_entry
from simprocesd.model import System
from simprocesd.model.factory_floor import Buffer, PartProcessor, Sink, Source


def replicate(seed: int) -> float:
    random.seed(seed)
    dice = random.Random(seed)

    def draw(station: PartProcessor, _: object) -> None:
        station.cycle_time = dice.expovariate(1.0)

    system = System()
    left: list[float] = []
    upstream = Source(starting_parts=PARTS)
    for number in range(STATIONS):
        if number > 0:
            upstream = Buffer(upstream=[upstream], capacity=BUFFER)
        upstream = PartProcessor(upstream=[upstream])
        upstream.add_receive_part_callback(draw)
    sink = Sink(upstream=[upstream])
    sink.add_receive_part_callback(lambda device, _: left.append(device.env.now))
    system.simulate(simulation_duration=10 * PARTS, print_summary=False)
    if len(left) != PARTS:
        raise RuntimeError(f"{len(left)} parts left the line")
    return left[-1]


if __name__ == "__main__":
    time_entry("simprocesd", replicate)
