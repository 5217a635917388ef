"""Penny Fab One and Two under CONWIP (Hopp & Spearman, Factory Physics, chapter 7)."""

from __future__ import annotations

import pytest

from tests.verification.systems import SECOND, agree, completion_rate, plant, replicate
from twin.engine.compile import compile_program
from twin.engine.simpy_engine import simulate
from twin.plant.scenario import Run

pytestmark = pytest.mark.verification

HOUR = 3600 * SECOND
ONE = ((2, 1), (2, 1), (2, 1), (2, 1))  # hours and machines of each station
TWO = ((2, 1), (5, 2), (10, 6), (3, 2))


def fab(stations, lots_inside, lots, takes="{} h"):
    """A line of stations that a lot enters when another has left."""
    return plant(
        equipment={f"station_{i}": {"count": machines} for i, (_, machines) in enumerate(stations)},
        recipes={
            "penny": {
                "operations": [
                    {f"operation_{i}": {"on": [f"station_{i}"], "takes": takes.format(hours)}}
                    for i, (hours, _) in enumerate(stations)
                ]
            }
        },
        releases={"loop": {"rule": "conwip", "limit": lots_inside}},
        orders=[{"recipe": "penny", "batches": lots, "release": "loop"}],
    )


def lots_in(what, start, end):
    """Lots that left the plant after `start` and up to `end`, both in hours."""
    record = simulate(compile_program(what, Run(horizon=end * 3600)), 1)
    lots = record.lots.to_pandas()
    left = lots.loc[lots.operation == "operation_3", "left"].dropna()
    return int(((left > start * HOUR) & (left <= end * HOUR)).sum())


@pytest.mark.parametrize("inside", range(1, 11))
def test_l9_penny_fab_one_without_chance(inside):
    """min(w / 8, 1 / 2) lots an hour: in 80 hours ten for each lot inside, and 40 at most."""
    assert lots_in(fab(ONE, inside, 700), 400, 480) == min(10 * inside, 40)


@pytest.mark.parametrize(("inside", "rate"), [(1, 0.125), (4, 0.28571), (8, 0.36364), (10, 0.38462)])
def test_l9_penny_fab_one_in_the_practical_worst_case(inside, rate):
    what = fab(ONE, inside, 4_500, "exponential(mean={} h)")
    rates = replicate(what, 12, completion_rate(500, "operation_3"))
    agree([each * 3600 for each in rates], rate)


@pytest.mark.parametrize("inside", range(1, 13))
def test_l10_penny_fab_two_without_chance(inside):
    """Raw process time 20 h, bottleneck 0.4 an hour: in 200 hours ten for each lot inside, and 80 at most."""
    assert lots_in(fab(TWO, inside, 700), 1000, 1200) == min(10 * inside, 80)
