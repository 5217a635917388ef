"""Moving times between places."""

from __future__ import annotations

import numpy as np

from twin.engine.compile.context import Context
from twin.engine.draws import LONGEST
from twin.engine.program import Integers
from twin.engine.record import SECOND
from twin.plant import layout


def travel(at: Context) -> Integers:
    """Moving times between units and storages, handling included; 0 where nothing is moved."""
    transport = at.plant.transport
    places = len(at.placed) + len(at.plant.storage)
    if transport is None:
        return np.zeros((places, places), dtype=np.int64)
    metres = np.asarray(layout.distances(at.plant), dtype=np.float64)
    with np.errstate(over="ignore"):
        seconds = np.where(metres > 0, metres / transport.speed + transport.handling, 0.0)
    nanoseconds: Integers = np.rint(np.minimum(seconds * SECOND, LONGEST)).astype(np.int64)
    return nanoseconds
