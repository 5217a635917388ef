"""Line L5 in prodsys: ten resources with bounded queues and a carrier for each part, moves that take no time.

Between two stations stand an output queue of one place and an input queue of four: five places in all, and a
station stays blocked with its finished part while the output queue is full. The source is held up by a
bounded queue, so the first station is never short of work; the run ends when 2,000 parts reached the sink.
"""

from __future__ import annotations

import random

import numpy
import prodsys.express as psx
import simpy
from line import BUFFER, PARTS, STATIONS, time_entry
from prodsys.models.port_data import PortInterfaceType
from prodsys.simulation import sim
from prodsys.simulation.runner import Runner

AT_ONCE = 1e-9


def queue(capacity: int, side: PortInterfaceType, at: float) -> psx.Queue:
    return psx.Queue(capacity=capacity, interface_type=side, location=[at, 0])


def line() -> psx.ProductionSystem:
    service = psx.FunctionTimeModel(distribution_function="exponential", location=1.0, scale=0.0)
    works = [psx.ProductionProcess(time_model=service, ID=f"work_{i}") for i in range(STATIONS)]
    move = psx.TransportProcess(time_model=psx.FunctionTimeModel("constant", AT_ONCE), ID="move")
    stations = []
    for i, work in enumerate(works):
        station = psx.Resource(processes=[work], location=[i, 0], ID=f"station_{i}")
        station.ports = [queue(BUFFER - 1, PortInterfaceType.INPUT, i), queue(1, PortInterfaceType.OUTPUT, i)]
        stations.append(station)
    carrier = psx.Resource(processes=[move], location=[0, 1], ID="carrier")
    part = psx.Product(process=works, transport_process=move, ID="part")
    source = psx.Source(
        product=part, time_model=psx.FunctionTimeModel("constant", AT_ONCE), location=[-1, 0], ID="source"
    )
    source.ports = [queue(1, PortInterfaceType.OUTPUT, -1)]
    sink = psx.Sink(product=part, location=[STATIONS, 0], ID="sink")
    return psx.ProductionSystem(resources=[*stations, carrier], sources=[source], sinks=[sink])


class Counter:
    """Stands in the place of prodsys' own tracker of a schedule: hears of every finished part."""

    def __init__(self, enough: simpy.Event) -> None:
        self.finished = 0
        self.enough = enough

    def record_finished(self, product: object, sink_id: str | None = None) -> None:
        """Count one part; the last one ends the run."""
        self.finished += 1
        if self.finished == PARTS:
            self.enough.succeed()


def replicate(seed: int) -> float:
    numpy.random.seed(seed)
    random.seed(seed)
    data = line().to_model()
    data.seed = seed
    runner = Runner(production_system_data=data)
    runner.initialize_simulation()
    enough = runner.env.event()
    runner.product_factory.completion_tracker = Counter(enough)
    runner.env.run_until(enough)
    return float(runner.env.now)


if __name__ == "__main__":
    sim.VERBOSE = 0
    time_entry("prodsys", replicate)
