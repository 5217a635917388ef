"""Saturated production lines reproduce Hunt, Hillier and Boling, Buzacott and a max-plus recursion."""

from __future__ import annotations

import pytest

from tests.verification.systems import SECOND, agree, completion_rate, line, replicate
from twin.engine.compile import compile_program
from twin.engine.simpy_engine import simulate
from twin.engine.streams import Streams
from twin.plant.scenario import Run
from twin.plant.schema import Plant

pytestmark = pytest.mark.verification

ODF = {
    "failures": [
        {"clock": "running", "between": "exponential(mean=100 s)", "repair": "exponential(mean=5 s)"}
    ]
}
TDF = {
    "failures": [
        {
            "clock": "calendar",
            "between": "exponential(mean=100 s)",
            "repair": "exponential(mean=5 s)",
            "finished_part_may_leave": True,
        }
    ]
}


def steady_rate(
    stations: int, buffer: int, replications: int = 16, parts: int = 8_000, **unit
) -> list[float]:
    return replicate(
        line(stations, buffer, parts, **unit),
        replications,
        completion_rate(1_000, f"operation_{stations - 1}"),
    )


def rate_from_empty(replications: int, **unit) -> list[float]:
    return replicate(
        line(10, 5, 2_000, **unit), replications, lambda r: 2_000 * SECOND / r.horizon[max(r.horizon)]
    )


@pytest.mark.parametrize(
    ("stations", "rate"), [(2, 0.666667), (3, 0.564103), (4, 0.514775), (5, 0.48580), (6, 0.46671)]
)
def test_l1_a_line_without_buffers(stations, rate):
    agree(steady_rate(stations, 0), rate)


@pytest.mark.parametrize(("buffer", "rate"), [(1, 0.75), (5, 0.875), (10, 0.92308)])
def test_l2_two_stations_with_a_buffer(buffer, rate):
    agree(steady_rate(2, buffer), rate)


@pytest.mark.parametrize(("cards", "rate"), [(2, 0.75), (6, 0.875)])
def test_l2_two_stations_with_kanban_cards_between_their_starts(cards, rate):
    """K cards from start to start are one machine and K - 1 places: (K + 1) / (K + 2)."""
    loops = {"stage": {"limit": cards, "from": "operation_0", "until": "operation_1"}}
    what = line(2, None, 8_000).model_dump(by_alias=True) | {"loops": loops}
    agree(replicate(Plant.model_validate(what), 16, completion_rate(1_000, "operation_1")), rate)


@pytest.mark.parametrize(("buffer", "rate"), [(1, 0.67047), (2, 0.73402), (5, 0.83076), (10, 0.89442)])
def test_l3_three_stations_with_buffers(buffer, rate):
    agree(steady_rate(3, buffer), rate)


@pytest.mark.parametrize(("stations", "rate"), [(4, 0.63115), (5, 0.607583)])
def test_l4_longer_lines_with_one_place(stations, rate):
    agree(steady_rate(stations, 1), rate)


def test_l5_the_first_two_thousand_parts_of_ten_stations():
    agree(rate_from_empty(40), 0.75515, 0.00003)


def test_l5_ten_stations_in_the_long_run():
    agree(steady_rate(10, 5), 0.76353, 0.00009)


def test_l6_failures_on_the_running_clock():
    agree(rate_from_empty(40, **ODF), 0.66064, 0.00008)
    agree(steady_rate(10, 5, **ODF), 0.6672, 0.0003)


def test_l6_failures_on_the_calendar_clock():
    agree(rate_from_empty(40, **TDF), 0.6436, 0.00025)
    agree(steady_rate(10, 5, **TDF), 0.6499, 0.0004)


def test_l8_fixed_cycles_that_fail_without_buffers():
    agree(steady_rate(10, 0, 24, takes="1 s", **ODF), 0.68341, 0.00015)


def test_l8_with_unlimited_buffers_every_station_works_at_its_own_rate():
    """Ten equal stations come to .95238 only in the long run, since their queues grow for ever; while it has
    parts, each does so at once.
    """

    def rate(record) -> float:
        states = record.states.to_pandas()
        assert set(states.state) <= {"producing", "down", "starved"}
        busy = states[states.state != "starved"]
        return 10 * 4_000 * SECOND / float((busy.end - busy.start).sum())

    agree(replicate(line(10, None, 4_000, takes="1 s", **ODF), 6, rate), 0.95238)


@pytest.mark.parametrize(("stations", "buffer"), [(2, 0), (3, 2), (10, 5)])
def test_a_line_equals_the_max_plus_recursion_on_its_own_draws_to_the_nanosecond(stations, buffer):
    parts = 500
    program = compile_program(line(stations, buffer, parts), Run())
    record = simulate(program, 7, 3)
    streams = Streams(7, 3)
    takes = [[streams.of(o.takes).nanoseconds(k) for k in range(parts)] for o in program.operations]
    left = [[0] * parts for _ in range(stations)]
    for k in range(parts):
        for i in range(stations):
            ready = max(left[i - 1][k] if i else 0, left[i][k - 1] if k else 0)
            room = left[i + 1][k - buffer - 1] if i + 1 < stations and k > buffer else 0
            left[i][k] = max(ready + takes[i][k], room)
    rows = record.lots.to_pylist()
    assert {(r["operation"], r["lot"]): r["left"] for r in rows} == {
        (f"operation_{i}", k): left[i][k] for i in range(stations) for k in range(parts)
    }
