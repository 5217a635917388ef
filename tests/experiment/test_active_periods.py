"""The shifting-bottleneck method: a case worked out by hand, its edges, and a slow reading of its words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.plants import operation, plant, run
from tests.experiment.records import State, levels, lots, ns, states
from twin.engine.record import SECOND, STATES
from twin.experiment.active_periods import ACTIVE, PAUSED, bottleneck_times
from twin.experiment.arrays import Windows
from twin.experiment.measures import measure

Interval = tuple[str, int, int]  # state, start, end in s


def shares(
    units: Mapping[str, Sequence[Interval]], start: float, end: float
) -> dict[str, tuple[float, float]]:
    """Seconds as sole and as shifting bottleneck, by unit."""
    record = states([(1, unit, *interval) for unit, rows in units.items() for interval in rows])
    window = Windows.of({1: (ns(start), ns(end))})
    alone, shifting = bottleneck_times(record, window, tuple(units))
    return {unit: (alone[0, u] / SECOND, shifting[0, u] / SECOND) for u, unit in enumerate(units)}


def busy(*spans: tuple[int, int]) -> list[Interval]:
    return [("producing", a, b) for a, b in spans]


def test_the_bottleneck_shifts_where_active_periods_of_successive_bottlenecks_overlap() -> None:
    # The mill's period (30 s) is the longest until it ends at 30. The press began at 22 and works 28 s,
    # longer than the coater's 6 s, and takes over: they overlap from 22 to 30. The coater's second period,
    # 40 to 58, overlaps with the press's from 40 to 50, and takes over at 50.
    found = shares(
        {"mill": busy((0, 30)), "press": busy((5, 9), (22, 50)), "coater": busy((26, 32), (40, 58))}, 0, 60
    )
    assert found == {"mill": (22, 8), "press": (10, 18), "coater": (8, 10)}


def test_a_longer_period_takes_over_where_it_begins() -> None:
    assert shares({"mill": busy((0, 10)), "press": busy((4, 40))}, 0, 40) == {
        "mill": (4, 6),
        "press": (30, 6),
    }


def test_a_period_that_is_never_the_longest_is_no_bottleneck() -> None:
    assert shares({"mill": busy((0, 30)), "press": busy((10, 20))}, 0, 30) == {
        "mill": (30, 0),
        "press": (0, 0),
    }


def test_while_nothing_is_active_there_is_no_bottleneck() -> None:
    assert shares({"mill": busy((0, 5)), "press": busy((15, 20))}, 0, 20) == {"mill": (5, 0), "press": (5, 0)}


def test_a_unit_that_works_again_after_a_pause_is_not_the_bottleneck_it_was() -> None:
    # The mill's second period does not overlap with a bottleneck before or after the press's.
    found = shares({"mill": busy((0, 10), (12, 14)), "press": busy((8, 40))}, 0, 40)
    assert found == {"mill": (8, 2), "press": (30, 2)}


def test_setup_cleaning_and_repair_belong_to_the_active_period_and_waiting_ends_it() -> None:
    mill = [
        ("setup", 0, 4),
        ("producing", 4, 10),
        ("down", 10, 16),
        ("cleaning", 16, 18),
        ("blocked", 18, 30),
    ]
    assert shares({"mill": mill, "press": busy((17, 30))}, 0, 30) == {"mill": (17, 1), "press": (12, 1)}
    waiting = [("producing", 0, 10), ("waiting_people", 10, 20), ("producing", 20, 30)]
    assert shares({"mill": waiting}, 0, 30) == {"mill": (20, 0)}


def test_closing_time_does_not_end_an_active_period_and_does_not_add_to_it() -> None:
    # The mill is active for 8 + 6 = 14 s across the closed time, longer than the press's 12 s.
    mill = [("producing", 0, 8), ("off_shift", 8, 20), ("producing", 20, 26), ("starved", 26, 30)]
    found = shares({"mill": mill, "press": busy((12, 24))}, 0, 30)
    assert found == {"mill": (10, 4), "press": (8, 4)}
    after = [("producing", 0, 8), ("off_shift", 8, 20), ("starved", 20, 21), ("producing", 21, 27)]
    assert shares({"mill": after, "press": busy((12, 24))}, 0, 27) == {"mill": (11, 3), "press": (9, 3)}


def test_units_with_equally_long_periods_are_bottlenecks_together() -> None:
    both = shares({"mill": busy((0, 10)), "press": busy((0, 10))}, 0, 20)
    assert both == {"mill": (0, 10), "press": (0, 10)}


def test_a_window_cuts_the_time_and_not_the_periods() -> None:
    units = {"mill": busy((0, 30)), "press": busy((22, 50))}
    assert shares(units, 25, 40) == {"mill": (0, 5), "press": (10, 5)}


def measured(record: pa.Table, windows: dict[int, tuple[int, int]]) -> dict[str, list[float]]:
    """Bottleneck measures by name, one value for each replication."""
    found: dict[str, list[float]] = {}
    for row in measure(record, lots(), levels([]), windows).to_pylist():
        if "bottleneck" in row["measure"]:
            found.setdefault(row["measure"], []).append(row["value"])
    return found


def test_replications_keep_apart_and_shares_are_of_the_window() -> None:
    rows: list[State] = [(1, "mill", "producing", 0, 5), (2, "mill", "producing", 0, 10)]
    record = states([*rows, (1, "press", "starved", 0, 20)])
    found = measured(record, {1: (0, ns(20)), 2: (0, ns(40))})
    assert found["unit.mill.bottleneck"] == found["unit.mill.bottleneck_sole"] == [0.25, 0.25]
    assert found["unit.press.bottleneck"] == [0, 0]


def test_a_flow_section_takes_part_and_not_its_stations() -> None:
    record = states([(1, unit, "producing", 0, 5) for unit in ("line", "line/filler", "line/capper")])
    found = measured(record, {1: (0, ns(10))})
    assert {name for name, value in found.items() if value[0] > 0} == {
        "unit.line.bottleneck",
        "unit.line.bottleneck_sole",
    }
    assert len(found) == 3


def test_the_slow_station_of_a_line_is_the_bottleneck() -> None:
    line = plant(
        {"mill": {}, "press": {}, "coater": {}},
        operation("mill", "mill", "exponential(mean=5 min)"),
        operation("press", "press", "exponential(mean=9 min)"),
        operation("coat", "coater", "exponential(mean=5 min)"),
        order={"every": "exponential(mean=10 min)"},
    )
    record = run(line, 60 * 86_400)
    found = measured(record.states, {0: (0, 60 * 86_400 * SECOND)})
    share = {unit: float(found[f"unit.{unit}.bottleneck"][0]) for unit in ("mill", "press", "coater")}
    assert share["press"] > 2 * max(share["mill"], share["coater"])


def test_every_state_is_active_a_pause_or_waiting() -> None:
    waiting = {"starved", "blocked"} | {state for state in STATES if state.startswith("waiting_")}
    assert not set(ACTIVE) & set(PAUSED)
    assert set(STATES) <= {*ACTIVE, *PAUSED} | waiting


@st.composite
def records(draw: st.DrawFn) -> list[list[Interval]]:
    """Up to four units with random states over 24 s, whole seconds long."""
    units = []
    for _ in range(draw(st.integers(1, 4))):
        kinds = draw(
            st.lists(st.sampled_from(["producing", "down", "starved", "off_shift"]), min_size=24, max_size=24)
        )
        units.append([(kind, t, t + 1) for t, kind in enumerate(kinds)])
    return units


@given(records(), st.integers(0, 23), st.integers(1, 24))
@settings(max_examples=300)
def test_it_is_what_the_words_say_second_by_second(
    units: list[list[Interval]], start: int, length: int
) -> None:
    names = [f"unit_{k}" for k in range(len(units))]
    found = shares(dict(zip(names, units, strict=True)), start, start + length)
    assert list(found.values()) == by_the_words(units, start, start + length)


def by_the_words(units: list[list[Interval]], start: int, end: int) -> list[tuple[int, int]]:
    """Sole and shifting seconds, second by second from the method's words."""
    here = [periods([kind for kind, _, _ in rows]) for rows in units]
    lengths = [{p: row.count(p) for p in set(row) if p} for row in here]
    momentary = []
    for t in range(24):
        active = {(u, row[t]) for u, row in enumerate(here) if row[t]}
        longest = max((lengths[u][p] for u, p in active), default=0)
        momentary.append({(u, p) for u, p in active if lengths[u][p] == longest})
    result = np.zeros((len(units), 2), dtype=int)
    for t in range(start, min(end, 24)):
        since = max((k for k in range(t) if momentary[k] != momentary[t]), default=None)
        until = min((k for k in range(t, 24) if momentary[k] != momentary[t]), default=None)
        near = set(momentary[t])
        near |= set() if since is None else momentary[since]
        near |= set() if until is None else momentary[until]
        taking_part = {(u, p) for u, p in near if here[u][t] == p}
        for u, _ in taking_part:
            result[u, 0 if len(taking_part) == 1 else 1] += 1
    return [tuple(row) for row in result.tolist()]


def periods(kinds: list[str]) -> list[int]:
    """The number of the active period in each second, 0 where there is none."""
    numbers, number, going = [], 0, False
    for kind in kinds:
        if kind in ACTIVE:
            number += not going
            going = True
            numbers.append(number)
        else:
            going = going and kind in PAUSED
            numbers.append(0)
    return numbers
