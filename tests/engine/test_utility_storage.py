"""Storage loops: what is stored gives what is short, work waits until it lasts, and its balance holds."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.engine.plants import causes_of, operation, plant, run, states_of, visits_of
from tests.engine.test_utilities import Words, rates, washing
from twin.engine.record import SECOND, Record
from twin.plant.consistency import complaints
from twin.plant.remainder import Refused


def contents(record: Record, name: str = "wfi") -> list[tuple[float, float, float]]:
    """(second, L, L/s) of a utility's storage."""
    return [
        (row["time"] / SECOND, row["level"] / 1000, pytest.approx(row["rate"] / 1000))
        for row in record.levels.to_pylist()
        if row["entity"] == f"utility/{name}/level"
    ]


def test_a_storage_gives_what_is_short_until_it_is_empty_and_then_what_is_generated():
    loop = {
        "capacity": "1000 L/h",
        "when_short": "slow_down",
        "storage": {"volume": "2 L", "generation": "100 L/h"},
    }
    record = run(washing(loop))
    # 900 L/h drain 2 L in 8 s; 2 s of work at a tenth of full speed take 20 s.
    assert states_of(record, "left") == states_of(record, "right") == [("producing", 0, 28)]
    assert rates(record) == [(0, 1000), (8, 100), (28, 0)]
    assert contents(record) == [(0, 2, -0.25), (8, 0, 0), (28, 0, 1 / 36)]


def test_a_storage_that_is_empty_when_the_work_is_done_has_slowed_nobody():
    loop = {
        "capacity": "1000 L/h",
        "when_short": "slow_down",
        "storage": {"volume": "4 L", "generation": "100 L/h", "start": "2 L"},
    }
    record = run(washing(loop, use="820 L/h", lots=1, order={"every": "100 s", "times": 2}))
    assert [visit[3:5] for visit in visits_of(record)] == [(0, 10), (100, 110)]
    # 100 L/h for 90 s are 2.5 L; the second lot drains 2 L of it.
    assert contents(record) == [(0, 2, -0.2), (10, 0, 1 / 36), (100, 2.5, -0.2), (110, 0.5, 1 / 36)]


def test_a_full_storage_is_filled_no_further():
    loop = {"capacity": "1000 L/h", "storage": {"volume": "1 L", "generation": "360 L/h", "start": "0.5 L"}}
    record = run(washing(loop, use="180 L/h", takes="20 s", lots=1), horizon=30)
    assert contents(record) == [(0, 0.5, 0.05), (10, 1, 0)]
    assert rates(record) == [(0, 180), (20, 0)]


def test_work_waits_until_the_storage_lasts_for_all_of_it():
    record = run(washing({"capacity": "1000 L/h", "storage": {"volume": "2 L", "generation": "100 L/h"}}))
    # A lot takes 10 s × 400 L/h = 1.111 L net; at 10 s .889 L are left, and the rest comes in 8 s.
    assert causes_of(record, "left") == [
        ("producing", 0, 10, None),
        ("waiting_utility", 10, 18, "wfi"),
        ("producing", 18, 28, None),
    ]
    assert causes_of(record, "right")[0] == ("waiting_utility", 0, 18, "wfi")


def test_work_that_no_storage_can_last_for_starts_alone_on_a_full_one():
    record = run(washing({"capacity": "1000 L/h", "storage": {"volume": "1 L", "generation": "100 L/h"}}))
    # 400 L/h drain 1 L in 9 s; the last second takes 5 s. The next start waits 36 s for a full litre.
    assert [visit[3:5] for visit in visits_of(record)] == [(0, 14), (50, 64)]


LIMITED = settings(derandomize=True, max_examples=80, suppress_health_check=list(HealthCheck))
USE = st.one_of(st.integers(1, 9).map(lambda n: f"{n}00 L/h"), st.integers(1, 9).map(lambda n: f"{n} L"))
LOOP = st.fixed_dictionaries(
    {"capacity": st.just("1 m3/h"), "when_short": st.sampled_from(["wait", "slow_down"])},
    optional={
        "storage": st.fixed_dictionaries(
            {
                "volume": st.integers(1, 9).map(lambda n: f"{n} L"),
                "generation": st.integers(1, 20).map(lambda n: f"{n}00 L/h"),
            }
        )
    },
)


@LIMITED
@given(st.data())
def test_no_more_is_drawn_than_there_is_and_all_that_work_needs(data):
    takes = data.draw(st.sampled_from(["50 s", "73 s", "uniform(low=60 s, high=90 s)"]))
    loops = {name: data.draw(LOOP) for name in ("wfi", "cold")}
    uses = [{name: data.draw(USE) for name in names} for names in (("wfi",), ("wfi", "cold"), ("cold",))]
    fails = data.draw(st.sampled_from([[], [{"clock": "running", "between": "40 s", "repair": "9 s"}]]))
    what = plant(
        {"a": {"count": 2, "failures": fails}, "b": {"count": 2}},
        *(
            operation(f"step_{k}", on, takes, uses=use)
            for k, (on, use) in enumerate(zip(("a", "b", "a"), uses, strict=True))
        ),
        lots=5,
        order={"every": "exponential(mean=200 s)", "times": 2},
        utilities=loops,
    )
    if complaints(what, what.model_dump(by_alias=True), Refused()):
        return
    record = run(what)
    end = record.horizon[0]
    done = [row["operation"] for row in record.lots.to_pylist() if row["finished"] is not None]
    for name, loop in loops.items():
        drawn = _rows(record, f"utility/{name}/rate")
        assert all(0 <= row["level"] <= 1_000_000 for row in drawn)
        end = record.horizon[0]
        ends = [*(row["time"] for row in drawn[1:]), end]
        total = sum(row["level"] * (after - row["time"]) for row, after in zip(drawn, ends, strict=True)) / (
            3600 * SECOND
        )
        wanted = {f"step_{k}": _millilitres(use.get(name), takes) for k, use in enumerate(uses)}
        if all(each is not None for each in wanted.values()):
            rounded = 4 * end / (3600 * SECOND)  # what is slowed by another utility is drawn in whole mL/h
            assert total == pytest.approx(sum(wanted[each] for each in done), rel=1e-5, abs=rounded)
        if "storage" in loop:
            _check_balance(record, name, loop["storage"], drawn)


def _rows(record: Record, entity: str) -> list[Words]:
    return [row for row in record.levels.to_pylist() if row["entity"] == entity]


def _millilitres(use: str | None, takes: str) -> float | None:
    """What one visit draws; None where it depends on a random duration."""
    if use is None:
        return 0.0
    if use.endswith(" L"):
        return float(use.split()[0]) * 1000
    return None if takes.startswith("uniform") else float(use.split()[0]) / 3.6 * float(takes.split()[0])


def _check_balance(record: Record, name: str, storage: Words, drawn: list[Words]) -> None:
    """What a storage gains is what is generated beyond what is drawn, unless it is full."""
    volume = float(storage["volume"].split()[0]) * 1000
    generation = float(storage["generation"].split()[0]) * 1000
    for row, after in pairwise(_rows(record, f"utility/{name}/level")):
        assert -1e-6 <= row["level"] <= volume
        gained = row["rate"] * (after["time"] - row["time"]) / SECOND
        assert after["level"] - row["level"] == pytest.approx(gained, abs=1.1)
        rate = [each["level"] for each in drawn if each["time"] <= row["time"]][-1]
        full = row["level"] >= volume and rate <= generation
        assert row["rate"] * 3600 == pytest.approx(0 if full else generation - rate, abs=1e-3)
