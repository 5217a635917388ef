"""Flow sections against theory: two-station lines with exponential failures, and their limits."""

from __future__ import annotations

import math

import pytest

from tests.engine.flow_theory import (
    rate_alone,
    rate_at_equal_speed,
    rate_behind_a_faster_station,
    rate_without_room,
)
from tests.engine.plants import operation, plant
from twin.engine.compile import compile_program
from twin.engine.simpy_engine import simulate
from twin.plant.scenario import Run

EQUAL = [((1, 1 / 60, 1 / 10), (1, 1 / 90, 1 / 15)), ((1, 1 / 60, 1 / 10), (1, 1 / 60, 1 / 10))]
FASTER = [((1.25, 1 / 60, 1 / 10), (1, 1 / 90, 1 / 15)), ((2.0, 1 / 50, 1 / 20), (1, 1 / 200, 1 / 5))]


def rates(machines, room, replications=16, pieces=40_000):
    """Output of a line in pieces per s, one value a replication."""
    stations = {
        f"s{i}": {
            "rate": f"{speed}/s",
            "failures": [
                {
                    "clock": "running",
                    "between": f"exponential(mean={1 / p} s)",
                    "repair": f"exponential(mean={1 / r} s)",
                }
            ],
        }
        for i, (speed, p, r) in enumerate(machines)
    }
    for name in list(stations)[:-1]:
        stations[name]["buffer_after"] = f"{room} pieces"
    what = plant(
        {"line": {"flow": {"stations": stations}}}, operation("pack", "line", None), batch=f"{pieces} pieces"
    )
    program = compile_program(what, Run())
    ends = [simulate(program, 1, k).horizon[k] / 1e9 for k in range(replications)]
    return [pieces / end for end in ends]


def agrees(values, expected):
    """Whether the mean lies within 3.5 standard errors, and its 99 % interval within 1.5 %."""
    n = len(values)
    mean = math.fsum(values) / n
    error = math.sqrt(math.fsum((v - mean) ** 2 for v in values) / (n - 1) / n)
    assert 3.5 * error < 0.015 * expected
    return abs(mean - expected) <= 3.5 * error


@pytest.mark.parametrize("machines", EQUAL)
@pytest.mark.parametrize("room", [1e-9, 0.5, 10, 300, 5000])
def test_the_reference_agrees_with_its_limits(machines, room):
    low, high = rate_without_room(*machines), min(map(rate_alone, machines))
    found = rate_at_equal_speed(*machines, room)
    assert low * (1 - 1e-9) <= found <= high
    if room < 1e-6:
        assert found == pytest.approx(low)
    first, second = machines
    nearly = (1 + 1e-6, *first[1:]), second
    if room <= 10:
        assert rate_behind_a_faster_station(*nearly, room) == pytest.approx(found, rel=1e-4)


@pytest.mark.parametrize("machines", EQUAL)
@pytest.mark.parametrize("room", [2, 20])
def test_two_stations_of_one_speed_put_out_what_theory_says(machines, room):
    assert agrees(rates(machines, room), rate_at_equal_speed(*machines, room))


@pytest.mark.parametrize("machines", FASTER)
@pytest.mark.parametrize("room", [5, 30])
def test_two_stations_put_out_what_theory_says_where_the_first_is_faster(machines, room):
    assert agrees(rates(machines, room), rate_behind_a_faster_station(*machines, room))


@pytest.mark.parametrize("machines", FASTER)
def test_a_line_puts_out_as_much_in_reverse(machines):
    """Reversibility: the second station is the faster one, the answer is the same."""
    assert agrees(rates(machines[::-1], 5), rate_behind_a_faster_station(*machines, 5))


def test_stations_without_buffers_stop_together():
    machines = [(1, 1 / 60, 1 / 10), (1, 1 / 90, 1 / 15), (1, 1 / 40, 1 / 5), (1, 1 / 100, 1 / 4)]
    assert agrees(rates(machines, 0), rate_without_room(*machines))


def test_with_ample_buffers_the_slowest_station_decides():
    machines = [(1.5, 1 / 60, 1 / 10), (1, 1 / 90, 1 / 15), (1.4, 1 / 40, 1 / 5)]
    assert agrees(rates(machines, 1e5), min(map(rate_alone, machines)))
