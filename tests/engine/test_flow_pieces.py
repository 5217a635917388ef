"""Flow sections against the same lines made of parts: piece by piece, and as one operation for the lot."""

from __future__ import annotations

import math

import pytest

from tests.engine.plants import operation, plant, visits_of
from twin.engine.compile import compile_program
from twin.engine.simpy_engine import simulate
from twin.plant.scenario import Run

STOPS_A = {"name": "stop", "clock": "running", "between": "70 s", "repair": "19 s"}
STOPS_B = {"name": "stop", "clock": "running", "between": "113 s", "repair": "31 s"}
QUANTITY, ROOM = 960, 24  # pieces


def end_of(what):
    """When the last lot has left, in s."""
    return simulate(compile_program(what, Run()), 1).horizon[0] / 1e9


def as_flow(a, b):
    """Two stations at `a` and `b` pieces a second."""
    stations = {
        "a": {"rate": f"{a}/s", "buffer_after": f"{ROOM} pieces", "failures": [STOPS_A]},
        "b": {"rate": f"{b}/s", "failures": [STOPS_B]},
    }
    return plant(
        {"line": {"flow": {"stations": stations}}}, operation("do", "line", None), batch=f"{QUANTITY} pieces"
    )


def as_parts(a, b, piece):
    """The same as two units that handle lots of `piece` pieces, with a storage between."""
    return plant(
        {"a": {"failures": [STOPS_A]}, "b": {"failures": [STOPS_B]}},
        operation("first", "a", f"{piece / a} s"),
        operation("second", "b", f"{piece / b} s", wait_in="rack"),
        lots=round(QUANTITY / piece),
        storage={"rack": {"capacity": round(ROOM / piece)}},
    )


@pytest.mark.parametrize(("a", "b"), [(2, 2), (3, 2), (2, 3)])
def test_a_line_of_parts_comes_to_the_flow_as_its_parts_become_small(a, b):
    """In proportion to their size: a part has to wait for itself at each station."""
    flow = end_of(as_flow(a, b))
    sizes = (4, 2, 1, 0.5, 0.25)
    errors = [abs(end_of(as_parts(a, b, piece)) - flow) for piece in sizes]
    assert 0 < errors[0] <= 4 / min(a, b)
    assert errors == pytest.approx([errors[0] * piece / 4 for piece in sizes], abs=1e-6)


PRESS = {
    "start_up": "lognormal(mean=38 min, cv=0.2)",
    "failures": [
        {
            "name": "stops",
            "clock": "running",
            "between": "weibull(shape=0.6, mean=78 min)",
            "repair": "lognormal(mean=4 min, cv=2)",
            "rate_between_lots": "gamma(mean=1, cv=0.8)",
        }
    ],
}


def press_as_operation(press, lots):
    """A press that does 1,000,000 tablets in 8 h 20 min, as an operation."""
    return plant({"press": press}, operation("press", "press", "30000 s"), batch="1000000 pieces", lots=lots)


def press_as_flow(press, lots):
    """The same press as a flow section of one station, 120,000 tablets an hour."""
    station = {"rate": "120000/h", **press}
    equipment = {"press": {"flow": {"stations": {"turret": station}}}}
    return plant(equipment, operation("press", "press", None), batch="1000000 pieces", lots=lots)


def test_a_press_as_a_flow_section_has_the_record_of_the_press_as_an_operation():
    """To the nanosecond, where start-ups and stops come at the same times."""
    press = {
        "start_up": "38 min",
        "failures": [{"name": "stops", "clock": "running", "between": "1234567 ms", "repair": "5 min"}],
    }
    one, other = (
        simulate(compile_program(build(press, 5), Run()), 1) for build in (press_as_operation, press_as_flow)
    )
    assert visits_of(one, per=1) == visits_of(other, per=1)
    wanted = ("unit", "state", "start", "end", "lot", "cause")
    rows = [
        [tuple(row[key] for key in wanted) for row in record.states.to_pylist() if row["unit"] == "press"]
        for record in (one, other)
    ]
    assert rows[0] == rows[1]


def test_a_press_as_a_flow_section_has_the_mean_output_of_the_press_as_an_operation():
    """Unpaired means of 60 replications of 10 lots each, 99.9 % interval of the difference."""
    lots, replications = 10, 60

    def ends(build):
        program = compile_program(build(PRESS, lots), Run())
        return [simulate(program, 1, k).horizon[k] / 3.6e12 for k in range(replications)]

    one, other = ends(press_as_operation), ends(press_as_flow)

    def mean_and_error(values):
        mean = math.fsum(values) / len(values)
        return mean, math.fsum((v - mean) ** 2 for v in values) / (len(values) - 1) / len(values)

    (mean_one, error_one), (mean_other, error_other) = mean_and_error(one), mean_and_error(other)
    half_width = 3.4 * math.sqrt(error_one + error_other)
    assert half_width < 0.03 * mean_one
    assert abs(mean_one - mean_other) < half_width
