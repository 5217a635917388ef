"""Flow sections as pure rules: rates, times and levels of small lines by hand, alike when compiled."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.test_rules import COMPILED
from twin.engine.rules.calendars import NEVER
from twin.engine.rules.flows import (
    BLOCKED,
    RUNS,
    STARVED,
    advance,
    in_quanta,
    lot_quanta,
    quantum,
    set_rates,
    time_to_change,
    waits_because,
    whole_rate,
)

PER_HOUR = 1_000_000  # millionths


def rates_of(nominal, up, capacities, total, passed):
    rates = [0] * len(nominal)
    set_rates(nominal, up, capacities, total, passed, rates)
    return rates


@pytest.mark.parametrize(
    ("up", "passed", "rates"),
    [
        ((1, 1, 1), (0, 0, 0), [4, 2, 2]),  # empty buffers: each at most at the rate of the one before
        ((1, 1, 1), (30, 20, 15), [2, 2, 3]),  # first buffer full: at the rate of the one after
        ((1, 1, 1), (25, 20, 10), [4, 2, 3]),  # the last one draws on what lies before it
        ((1, 0, 1), (25, 20, 15), [4, 0, 3]),  # a stop; its neighbours go on
        ((1, 0, 1), (30, 20, 15), [0, 0, 3]),  # blocked before the stop
        ((1, 0, 1), (25, 20, 20), [4, 0, 0]),  # starved behind it
        ((0, 1, 1), (20, 20, 20), [0, 0, 0]),
        ((1, 1, 0), (40, 30, 20), [0, 0, 0]),
        ((1, 1, 1), (100, 95, 90), [0, 2, 3]),  # the lot's last piece has entered
        ((1, 1, 1), (100, 100, 95), [0, 0, 3]),
    ],
)
def test_a_station_runs_at_its_rate_unless_a_buffer_limits_it(up, passed, rates):
    assert rates_of((4, 2, 3), up, (10, 10), 100, passed) == rates


def test_stations_without_a_buffer_run_as_one():
    assert rates_of((4, 2, 3), (1, 1, 1), (0, 0), 100, (7, 7, 7)) == [2, 2, 2]
    assert rates_of((4, 2, 3), (1, 1, 0), (0, 0), 100, (7, 7, 7)) == [0, 0, 0]


@pytest.mark.parametrize(
    ("up", "capacities", "passed", "doing"),
    [
        ((1, 0, 1), (10, 10), (30, 20, 20), [BLOCKED, None, STARVED]),
        ((1, 1, 0), (0, 0), (5, 5, 5), [BLOCKED, BLOCKED, None]),
        ((0, 1, 1), (0, 0), (5, 5, 5), [None, STARVED, STARVED]),
        ((0, 1, 0), (0, 0), (5, 5, 5), [None, STARVED, None]),
        ((1, 1, 1), (10, 10), (100, 100, 95), [STARVED, STARVED, RUNS]),
        ((1, 1, 0), (10, 10), (40, 30, 20), [BLOCKED, BLOCKED, None]),
    ],
)
def test_a_station_starves_behind_a_stop_and_is_blocked_before_one(up, capacities, passed, doing):
    rates = rates_of((4, 2, 3), up, capacities, 100, passed)
    found = [waits_because(i, up, 100, passed, rates) if up[i] else None for i in range(3)]
    assert found == doing


@pytest.mark.parametrize(
    ("passed", "rates", "time"),
    [
        ((0, 0), (4, 2), 5),  # the buffer of 10 fills
        ((1, 0), (4, 2), 5),  # 9 at 2 per ns: rounded up
        ((8, 0), (2, 4), 4),  # and runs empty
        ((0, 0), (2, 2), 50),  # the lot of 100 has entered
        ((99, 90), (2, 0), 1),
        ((100, 93), (0, 2), 4),
        ((5, 5), (0, 0), NEVER),
    ],
)
def test_rates_hold_until_a_buffer_is_full_or_empty_or_the_lot_has_entered(passed, rates, time):
    assert time_to_change((10,), 100, passed, rates) == time


def test_levels_stay_within_their_bounds_where_an_event_falls_between_nanoseconds():
    passed = [1, 0]
    advance((10,), 100, (4, 2), 5, passed)
    assert passed == [20, 10]  # 21 would have been 11 in the buffer
    passed = [7, 0]
    advance((10,), 100, (2, 4), 4, passed)
    assert passed == [15, 15]
    passed = [99, 98]
    advance((10,), 100, (2, 2), 1, passed)
    assert passed == [100, 100]


def test_rates_keep_the_ratios_that_people_write():
    """400, 380 and 90 a minute are 40, 38 and 9 quanta per ns; a quantum is then 1/6e9 of a piece."""
    rates = [whole_rate(n / 60) for n in (400, 380, 90)]
    assert rates == [24_000 * PER_HOUR, 22_800 * PER_HOUR, 5_400 * PER_HOUR]
    unit = quantum(rates, 1_000_000)
    assert [in_quanta(rate, unit) for rate in rates] == [40, 38, 9]
    assert lot_quanta(1_000_000, unit) == 6 * 10**15


def test_rates_without_a_common_measure_are_rounded_by_less_than_a_millionth_per_hour():
    rates = [whole_rate(n) for n in (6.6666661, 6.1234567)]
    lot = 240_000  # ten hours
    unit = quantum(rates, lot)
    assert unit == lot
    for rate in rates:
        assert in_quanta(rate, unit) * unit == pytest.approx(rate, rel=5e-6)
    assert lot_quanta(lot, unit) == 3_600_000_000 * 10**9


@given(
    st.integers(1, 10**9),
    st.lists(st.integers(1, 10**14), min_size=1, max_size=4),
)
@settings(derandomize=True)
def test_quanta_are_alike_when_compiled(quantity, rates):
    unit = quantum(rates, quantity)
    assert COMPILED["quantum"](np.array(rates), quantity) == unit
    assert (
        COMPILED["lot_quanta"](quantity, unit) == lot_quanta(quantity, unit) == quantity * 36 * 10**17 // unit
    )
    assert lot_quanta(quantity, unit) <= 36 * 10**17
    assert [COMPILED["in_quanta"](r, unit) for r in rates] == [in_quanta(r, unit) for r in rates]


@pytest.mark.parametrize("rate", [400 / 60, 83.3, 1 / 3, 5e3, 1e-6])
def test_whole_rates_are_alike_when_compiled(rate):
    assert COMPILED["whole_rate"](rate) == whole_rate(rate)


@st.composite
def lines(draw):
    """A line of up to four stations with stops at given times."""
    count = draw(st.integers(1, 4))
    nominal = draw(st.lists(st.integers(1, 9), min_size=count, max_size=count))
    capacities = draw(st.lists(st.integers(0, 40), min_size=count - 1, max_size=count - 1))
    total = draw(st.integers(1, 400))
    stops = draw(st.lists(st.tuples(st.integers(1, 30), st.integers(0, count - 1)), max_size=12))
    return nominal, capacities, total, stops


@given(lines())
@settings(derandomize=True, max_examples=300)
def test_every_line_ends_keeps_its_bounds_and_answers_alike_when_compiled(line):
    """Stops and repairs alternate; in the end all run. Rates never rest while a station could work."""
    nominal, capacities, total, stops = line
    count = len(nominal)
    passed, rates, up = [0] * count, [0] * count, [1] * count
    flips = iter(stops)
    for _ in range(500):
        delay, station = next(flips, (NEVER, -1))
        set_rates(nominal, up, capacities, total, passed, rates)
        compiled = np.zeros(count, dtype=np.int64)
        arrays = [np.array(values, dtype=np.int64) for values in (nominal, up, capacities, passed)]
        COMPILED["set_rates"](arrays[0], arrays[1], arrays[2], total, arrays[3], compiled)
        assert compiled.tolist() == rates
        doing = [waits_because(i, up, total, passed, rates) for i in range(count)]
        assert doing == [
            COMPILED["waits_because"](i, arrays[1], total, arrays[3], compiled) for i in range(count)
        ]
        change = time_to_change(capacities, total, passed, rates)
        assert change == COMPILED["time_to_change"](arrays[2], total, arrays[3], compiled)
        assert change > 0
        if change == delay == NEVER:
            break
        elapsed = min(change, delay)
        before = passed.copy()
        advance(capacities, total, rates, elapsed, passed)
        COMPILED["advance"](arrays[2], total, compiled, elapsed, arrays[3])
        assert arrays[3].tolist() == passed
        check(before, passed, rates, elapsed, capacities, total)
        if station >= 0 and elapsed == delay:
            up[station] = 1 - up[station]
        elif station < 0:
            up = [1] * count
    else:
        pytest.fail("the line never ends")
    if all(up):
        assert passed == [total] * count


def check(before, passed, rates, elapsed, capacities, total):
    """Nothing flows back, levels are within bounds, and at most a nanosecond of a rate is lost."""
    for was, now, rate in zip(before, passed, rates, strict=True):
        assert was <= now <= was + rate * elapsed
        assert was + rate * elapsed - now < 4 * 9  # at most a nanosecond of each station
    assert passed[0] <= total
    for (one, other), capacity in zip(pairwise(passed), capacities, strict=True):
        assert 0 <= one - other <= capacity


def test_a_fast_station_fills_the_buffer_while_a_slow_one_is_down():
    """Two stations, 4 and 2 a ns, 10 between; the second stops from 3 to 8 ns. Worked out by hand.

    0-3: +2 a ns, level 6 (12 and 6). 3-4: the first goes on alone until the buffer is full at 16. 4-8:
    nothing. From 8: both at 2, the lot of 40 has entered 12 ns later, the buffer is empty 5 ns after that.
    """
    log, time, passed, rates, up = [], 0, [0, 0], [0, 0], [1, 1]
    flips = {3: 0, 8: 1}
    while passed[1] < 40:
        set_rates((4, 2), up, (10,), 40, passed, rates)
        ahead = [t - time for t in flips if t > time]
        elapsed = min([time_to_change((10,), 40, passed, rates), *ahead])
        log.append((time, *passed, *rates))
        advance((10,), 40, rates, elapsed, passed)
        time += elapsed
        up[1] = flips.get(time, up[1])
    assert log == [(0, 0, 0, 4, 2), (3, 12, 6, 4, 0), (4, 16, 6, 0, 0), (8, 16, 6, 2, 2), (20, 40, 30, 0, 2)]
    assert (time, passed) == (25, [40, 40])
