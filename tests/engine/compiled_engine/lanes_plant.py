"""The small plant that runs in lanes: without logarithms, which a GPU rounds its own way."""

from __future__ import annotations

from tests.engine.plants import operation, plant

SEED = 3
BEGUN = range(2, 37)  # replications, more than there are lanes in a warp
SMALL = plant(
    {
        "mill": {"failures": [{"clock": "running", "between": "3 h", "repair": "20 min", "work": "repeat"}]},
        "press": {"calendar": "days"},
    },
    operation("grind", "mill", "50 min", needs=["operator"]),
    operation("press", "press", "70 min", wait_in="rack", rework={"probability": 0.3, "to": "grind"}),
    lots=6,
    people={"operator": {"count": 1}},
    storage={"rack": {"capacity": 1}},
    calendars={"days": {"open": [{"days": "daily", "from": "06:00", "to": "18:00"}], "at_close": "suspend"}},
)
