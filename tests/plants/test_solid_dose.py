"""The shipped solid-dose building: it stands on its floor, conserves what it makes, answers as documented."""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.engine.compiled_engine.alike import differences_from
from twin.engine.compile import compile_program
from twin.engine.compiled_engine.simulate import simulate
from twin.engine.program import Program
from twin.engine.record import Record
from twin.engine.simpy_engine import simulate as simulate_simpy
from twin.plant.layout import place_units
from twin.plant.load import load_plant, load_scenario
from twin.plant.schema import Area, Plant

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "plant_models" / "solid_dose.yaml"
PAGE = ROOT / "docs" / "plants" / "solid_dose.md"
WEEK = 7 * 86_400  # s
CHANGES = ["one_coater", "third_coater", "coating_third_shift", "third_shift", "ten_more_ibcs"]
FEW = 8  # weeks that tell what limits the building


def building() -> Plant:
    return load_plant(FILE).plant


def first_weeks(question: str, count: int) -> tuple[Program, int]:
    """A scenario's first weeks, and its seed."""
    loaded = load_scenario(ROOT / "scenarios" / f"solid_dose_{question}.yaml")
    run = loaded.scenario.run.model_copy(update={"horizon": float(count * WEEK)})
    return compile_program(loaded.base.plant, run), run.seed


@cache
def weeks(question: str, count: int) -> Record:
    """The first replication of a scenario's first weeks, by the compiled engine."""
    return simulate(*first_weeks(question, count))


def coated(record: Record) -> int:
    """Batches that have been coated."""
    return sum(row["finished"] is not None and row["operation"] == "coat" for row in record.lots.to_pylist())


def released(record: Record) -> int:
    """Batches that a qualified person has let go."""
    return sum(row["left"] is not None and row["operation"] == "release" for row in record.lots.to_pylist())


def time_in(record: Record, state: str) -> dict[str, float]:
    """Share of the horizon that each equipment's units spend in a state, on average."""
    found: dict[str, list[float]] = defaultdict(list)
    horizon = next(iter(record.horizon.values()))
    spent: dict[str, int] = defaultdict(int)
    for row in record.states.to_pylist():
        spent[row["unit"]] += (row["end"] - row["start"]) * (row["state"] == state)
    for unit in place_units(building()):
        if unit.name in spent:
            found[unit.equipment].append(spent[unit.name] / horizon)
    return {name: sum(shares) / len(shares) for name, shares in found.items()}


def area_of(point: tuple[float, float], areas: dict[str, Area]) -> str:
    def holds(area: Area) -> bool:
        xs, ys = zip(*area.outline, strict=True)
        return min(xs) <= point[0] <= max(xs) and min(ys) <= point[1] <= max(ys)

    return next(name for name, area in areas.items() if holds(area))


def test_every_unit_stands_in_a_room_and_open_product_in_grade_d() -> None:
    plant = building()
    areas = plant.layout.areas
    rooms = {u.name: area_of(u.center, areas) for u in place_units(plant) if u.center is not None}
    assert len(rooms) == sum(equipment.count for equipment in plant.equipment.values())
    outside = {u for u, room in rooms.items() if areas[room].grade == "unclassified"}
    assert {re.sub(r"_\d$", "", unit) for unit in outside} == {"qc_bench", "blister_line", "release_desk"}


def test_material_goes_from_west_to_east() -> None:
    plant = building()
    east = defaultdict(list)
    for unit in place_units(plant):
        assert unit.center is not None
        east[unit.equipment].append(unit.center[0])
    for recipe in plant.recipes.values():
        way = recipe.operations.values()
        first = [min(x for unit in operation.on for x in east[unit]) for operation in way]
        assert first == sorted(first)


def test_what_goes_in_comes_out_or_is_named() -> None:
    rows = weeks("baseline", 4).lots.to_pylist()
    done = [row for row in rows if row["finished"] is not None]
    assert len(done) > 500
    assert all(
        row["quantity_in"] == row["good"] + row["scrapped"] + (row["sink.sampled"] or 0) for row in done
    )
    by_lot: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        by_lot[row["lot"]].append(row)
    for visits in by_lot.values():
        for before, after in pairwise(visits):
            assert after["quantity_in"] == before["good"]
            assert after["arrived"] == before["left"] >= before["finished"]


def test_the_states_of_each_unit_fill_the_time() -> None:
    record = weeks("baseline", 4)
    spent: dict[str, int] = defaultdict(int)
    for row in record.states.to_pylist():
        spent[row["unit"]] += row["end"] - row["start"]
    assert set(spent.values()) == set(record.horizon.values())


def test_physics_stays_in_its_range_and_makes_tablets_as_hard_as_the_recorded_ones() -> None:
    rows = [row for row in weeks("baseline", 4).lots.to_pylist() if row["attribute.hardness"] is not None]
    assert {row["attribute.physics_status"] for row in rows} <= {0}
    recorded = {"tablet_20mg": 52.1, "tablet_10mg": 50.4, "tablet_40mg": 90.4}  # N, laboratory data
    for recipe, newtons in recorded.items():
        hard = [row["attribute.hardness"] for row in rows if row["recipe"] == recipe]
        assert sum(hard) / len(hard) == pytest.approx(newtons, rel=0.05)


def test_both_engines_write_the_same_weeks() -> None:
    program, seed = first_weeks("limit", FEW)
    assert differences_from(simulate_simpy(program, seed), program, seed, 0) == []


def test_a_year_is_as_large_as_the_page_says() -> None:
    record = weeks("baseline", 52)
    said = re.search(r"releases ([\d,]+) batches and writes ([\d,]+) rows of `states`", page())
    assert said is not None
    assert (f"{released(record):,}", f"{len(record.states):,}") == said.groups()
    assert released(record) >= 1_000
    assert len(record.states) >= 100_000


def test_work_in_process_does_not_grow_through_the_year() -> None:
    wip = [row for row in weeks("baseline", 52).levels.to_pylist() if row["entity"] == "wip"]
    early = max(row["level"] for row in wip if 4 * WEEK <= row["time"] / 1e9 < 16 * WEEK)
    late = max(row["level"] for row in wip if 36 * WEEK <= row["time"] / 1e9 < 48 * WEEK)
    assert late < 1.5 * early


def test_at_the_limit_the_coaters_never_rest_and_the_presses_are_blocked() -> None:
    record = weeks("limit", FEW)
    starved, blocked = time_in(record, "starved"), time_in(record, "blocked")
    assert starved["coater"] < 0.05
    assert blocked["coater"] == 0.0
    assert starved["blister_line"] + time_in(record, "waiting_quality")["blister_line"] > 0.03
    assert all(blocked[press] > 0.01 for press in ("press_20mg", "press_10mg", "press_40mg"))


def test_coating_capacity_brings_batches_and_bins_bring_none() -> None:
    at_the_limit = coated(weeks("limit", FEW))
    more = {change: coated(weeks(change, FEW)) - at_the_limit for change in CHANGES}
    assert -0.55 < more["one_coater"] / at_the_limit < -0.4
    assert more["third_coater"] > 10
    assert more["third_shift"] > 10
    assert more["coating_third_shift"] > 10
    assert more["ten_more_ibcs"] < 5


@pytest.mark.parametrize("name", ["baseline", "limit", "shift_patterns", *CHANGES])
def test_each_scenario_asks_a_question_that_the_page_answers(name: str) -> None:
    scenario = load_scenario(ROOT / "scenarios" / f"solid_dose_{name}.yaml").scenario
    assert scenario.question.endswith("?")
    assert f"solid_dose_{name}" in page()


def test_the_page_gives_the_origin_of_everything_in_the_file() -> None:
    plant, text = building(), page()
    named = [*plant.equipment, *plant.people, *plant.storage, *plant.containers, *plant.calendars]
    named += [name for recipe in plant.recipes.values() for name in recipe.operations]
    missing = [name for name in named if f"`{name}`" not in text]
    assert missing == []


def page() -> str:
    return PAGE.read_text(encoding="utf-8")
