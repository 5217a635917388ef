"""The reference engine: a compiled plant stepped through SimPy's environment, instant by instant.

`simulate` runs one replication and returns its record; `simulate_all` runs many, side by side where they wait
for physics, and `simulate_into` hands their rows on instead. One file a rule: `instant` orders what is due,
`releases` lets lots in, `moves` hands them on, `starts` begins work, `work` takes it through its phases,
`stops` fails, repairs, closes and opens, `people` and `containers` are what work needs, `broker` asks
physics, `stuck` names a deadlock. Rules that only some plants use install themselves through `hooks`.
"""

from __future__ import annotations

from twin.engine.simpy_engine.side_by_side import (
    simulate,
    simulate_all,
    simulate_and_keep,
    simulate_into,
)
from twin.engine.simpy_engine.stuck import SimulationError

__all__ = ["SimulationError", "simulate", "simulate_all", "simulate_and_keep", "simulate_into"]
