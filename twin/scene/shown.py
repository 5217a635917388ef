"""What a stage shows: one replication's tables, a window of time, measures and the run's identity, as plain
data.

The layers are pure functions of this; only `export.py` knows how it comes out of a result.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from twin.plant.schema import Plant
from twin.scene.motion import Window

SECOND = 1_000_000_000  # ns


@dataclass(frozen=True)
class Measure:
    """One measure over the replications: mean and Student interval at `level`, in `unit`."""

    name: str
    mean: float
    low: float
    high: float
    level: float
    replications: int
    unit: str


@dataclass(frozen=True)
class Shown:
    """One replication in a window.

    `states`, `lots` and `levels` are the record's tables of that replication, `horizon` and `window` ns from
    the run's start; `starts`, `ends` the window's local dates and times as text; `facts` what stands in the
    layers' custom data.
    """

    plant: Plant
    states: pa.Table
    lots: pa.Table
    levels: pa.Table
    horizon: int
    window: Window
    starts: str
    ends: str
    run: str
    measures: tuple[Measure, ...]
    facts: Mapping[str, str | int]

    def visible_states(self) -> pa.Table:
        """Return the rows of `states` that reach into the window."""
        first, last = self.window
        inside = pc.and_(pc.greater(self.states["end"], first), pc.less(self.states["start"], last))
        return self.states.filter(inside)

    def code(self, time: int) -> float:
        """Return the time code of an instant: seconds after the window's start."""
        return (time - self.window[0]) / SECOND
