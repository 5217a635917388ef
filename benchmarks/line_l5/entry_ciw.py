"""Line L5 in Ciw: ten single-server nodes, five places before each (type I blocking), all parts in at 0."""

from __future__ import annotations

import ciw
from line import BUFFER, PARTS, STATIONS, time_entry


def replicate(seed: int) -> float:
    ciw.seed(seed)
    one_each = ciw.dists.Deterministic(1)
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Sequential([0.0, float("inf")])] + [None] * (STATIONS - 1),
        batching_distributions=[ciw.dists.Deterministic(PARTS)] + [one_each] * (STATIONS - 1),
        service_distributions=[ciw.dists.Exponential(rate=1.0)] * STATIONS,
        routing=[[1.0 if j == i + 1 else 0.0 for j in range(STATIONS)] for i in range(STATIONS)],
        number_of_servers=[1] * STATIONS,
        queue_capacities=[float("inf")] + [BUFFER] * (STATIONS - 1),
    )
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_customers(PARTS, method="Finish")
    return float(max(record.exit_date for record in simulation.get_all_records()))


if __name__ == "__main__":
    time_entry("ciw", replicate)
