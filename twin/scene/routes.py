"""Ways of lots between units and storage places: the waypoints along the aisles, and how long they take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from twin.plant.aisles import Network
from twin.plant.schema import Plant, Transport
from twin.scene.mesh import Floats
from twin.scene.places import Floor

SECOND = 1_000_000_000  # ns


@dataclass(frozen=True)
class Routes:
    """The aisles, and where each place (`UNIT`, `before/UNIT`, `storage/NAME`, `fleet/NAME`) is on the floor,
    in metres.

    Places without a position in the plant file are missing in `at`: ways to them are straight and take no
    time.
    """

    network: Network
    at: Mapping[str, tuple[float, float]]
    transport: Transport | None

    def waypoints(self, start: str, end: str) -> Floats:
        """Return the corners of the way (n, 2) in metres, both ends left out."""
        if start not in self.at or end not in self.at:
            return np.empty((0, 2))
        way = self.network.way(self.at[start], self.at[end])
        return np.array(way.points[1:-1], dtype=float).reshape(-1, 2)

    def duration(self, start: str, end: str) -> int:
        """Return how long one trip with a lot takes from place to place, handling included, in ns.

        Where there are fleets it is that of the quickest, without the way to the lot and without airlocks.
        """
        if self.transport is None or start not in self.at or end not in self.at:
            return 0
        length = self.network.way(self.at[start], self.at[end]).length
        if not self.transport.fleets:
            return round((length / self.transport.speed + self.transport.handling) * SECOND)
        fleets = self.transport.fleets.values()
        trips = [round((fleet.load + length / fleet.speed + fleet.unload) * SECOND) for fleet in fleets]
        return min(trips) if length else 0


def routes_of(plant: Plant, floor: Floor) -> Routes:
    """Return the routes of a plant whose units stand as on `floor`."""
    at = {f"storage/{name}": position for name, position in floor.storages.items()}
    for unit in floor.places:
        if unit.name not in floor.arranged:
            at[unit.name] = at[f"before/{unit.name}"] = unit.center
    if plant.transport is not None:
        at |= {f"fleet/{name}": fleet.at for name, fleet in plant.transport.fleets.items() if fleet.at}
    return Routes(Network(plant.layout.aisles, list(at.values())), at, plant.transport)
