"""Layouts within the rules, and the best one where everything can be looked at."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from twin.experiment.layouts import Rules, improve
from twin.experiment.layouts.rules import Together
from twin.experiment.layouts.words import scenario_text
from twin.plant.layout import complaints, distance, place_units
from twin.plant.load import load_plant, load_scenario
from twin.plant.schema import Plant

PLANT = """\
twin: 1
plant: Five machines in a row
layout:
  areas:
    hall: {outline: [[0, 0], [40, 0], [40, 10], [0, 10]], grade: D}
    annex: {outline: [[40, 0], [60, 0], [60, 10], [40, 10]], grade: D}
    yard: {outline: [[60, 0], [80, 0], [80, 10], [60, 10]], grade: unclassified}
  aisles: [[[0, 2], [80, 2]]]
equipment:
  one: {at: [4, 6], size: [2, 2]}
  two: {at: [12, 6], size: [2, 2]}
  three: {at: [20, 6], size: [2, 2]}
  four: {at: [28, 6], size: [2, 2]}
  five: {at: [36, 6], size: [2, 2]}
storage:
  store: {at: [38, 9]}
transport: {speed: 1 m/s}
recipes:
  part:
    operations:
      - a: {on: [one], takes: 1 min}
      - b: {on: [five], takes: 1 min, wait_in: store}
      - c: {on: [two], takes: 1 min}
      - d: {on: [four], takes: 1 min}
orders: [{recipe: part, batches: 5}]
"""
FLOW = {("one", "five"): 9.0, ("five", "two"): 7.0, ("two", "four"): 5.0, ("five", "storage/store"): 2.0}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "row.yaml"
    path.write_text(PLANT, encoding="utf-8")
    return path


@pytest.fixture
def plant(file: Path) -> Plant:
    return load_plant(file).plant


def work(plant: Plant) -> float:
    return sum(count * distance(plant, a, b) for (a, b), count in FLOW.items())


def moved(file: Path, places: dict[str, tuple[float, float]]) -> Plant:
    return load_plant(file, {f"equipment.{name}.at": list(at) for name, at in places.items()}).plant


def test_the_best_exchange_is_that_of_all_permutations(file: Path, plant: Plant) -> None:
    found = improve(plant, FLOW, Rules(), method="exchange")
    names = list(plant.equipment)
    places = [plant.equipment[name].at for name in names]
    least = min(
        work(moved(file, dict(zip(names, order, strict=True)))) for order in itertools.permutations(places)
    )
    assert found.whole
    assert found.before == pytest.approx(work(plant))
    assert found.after == pytest.approx(least)
    assert work(moved(file, dict(found.moved))) == pytest.approx(least)


def test_free_places_are_better_than_exchanges_and_keep_the_rules(file: Path, plant: Plant) -> None:
    rules = Rules(clearance=1.0, aisle=1.0)
    found = improve(plant, FLOW, rules, method="free")
    after = moved(file, dict(found.moved))
    assert found.after < improve(plant, FLOW, rules, method="exchange").after
    assert work(after) == pytest.approx(found.after)
    assert complaints(after) == []
    units = [unit.center for unit in place_units(after) if unit.center]
    for a, b in itertools.combinations(units, 2):
        assert max(abs(a[0] - b[0]), abs(a[1] - b[1])) >= 3 - 1e-9  # two halves of 2 m and 1 m between
    assert all(y >= 4 - 1e-9 or y <= 0 for _, y in units)  # 1 m of aisle and half of 2 m
    assert {unit.area for unit in place_units(after)} == {"hall"}


def test_units_change_to_areas_of_the_same_grade_only_where_they_may(file: Path) -> None:
    far = load_plant(file, {"storage.store.at": [70, 6]}).plant
    flow = {("one", "storage/store"): 1.0}
    inside = improve(far, flow, Rules(move=("one",)))
    across = improve(far, flow, Rules(move=("one",), across=True))
    assert inside.moved["one"][0] <= 39
    assert 40 < across.moved["one"][0] <= 59  # the annex has the same grade, the yard has not


def test_nearness_is_kept(plant: Plant, file: Path) -> None:
    near = Together("one", "three", 17.0, near=True)
    found = improve(plant, FLOW, Rules(move=("one",), together=(near,)))
    after = moved(file, dict(found.moved))
    free = improve(plant, FLOW, Rules(move=("one",)))
    assert distance(after, "one", "five") >= distance(moved(file, dict(free.moved)), "one", "five")
    far = improve(plant, FLOW, Rules(move=("one",), together=(Together("one", "five", 30.0, near=False),)))
    assert far.moved == {} or far.moved["one"][0] <= 6.5


def test_the_same_seed_gives_the_same_layout(plant: Plant) -> None:
    assert improve(plant, FLOW, Rules(), seed=3) == improve(plant, FLOW, Rules(), seed=3)


def test_a_layout_that_cannot_be_bettered_stays(plant: Plant) -> None:
    found = improve(plant, {}, Rules())
    assert found.moved == {}
    assert found.after == found.before == 0


def test_nothing_to_move_and_unknown_names_are_refused(plant: Plant) -> None:
    with pytest.raises(ValueError, match="No equipment with a place is called"):
        improve(plant, FLOW, Rules(move=("press*",)))
    with pytest.raises(ValueError, match="called `six`"):
        improve(plant, FLOW, Rules(together=(Together("one", "six", 3.0, near=True),)))
    with pytest.raises(ValueError, match="no method"):
        improve(plant, FLOW, Rules(), method="magic")


def test_many_units_exchange_places_for_the_better(tmp_path: Path) -> None:
    machines = "\n".join(f"  m{k}: {{at: [{2 + 4 * k}, 6], size: [2, 2]}}" for k in range(10))
    steps = "\n".join(f"      - o{k}: {{on: [m{k}], takes: 1 min}}" for k in range(10))
    text = f"""\
twin: 1
plant: Ten machines
layout: {{areas: {{hall: {{outline: [[0, 0], [42, 0], [42, 10], [0, 10]]}}}}, aisles: [[[0, 2], [42, 2]]]}}
equipment:
{machines}
recipes:
  part:
    operations:
{steps}
orders: [{{recipe: part, batches: 1}}]
"""
    path = tmp_path / "ten.yaml"
    path.write_text(text, encoding="utf-8")
    order = [3, 8, 1, 6, 0, 9, 4, 2, 7, 5]
    flow = {(f"m{a}", f"m{b}"): 1.0 for a, b in itertools.pairwise(order)}
    found = improve(load_plant(path).plant, flow, Rules(), method="exchange")
    assert not found.whole
    assert found.after == pytest.approx(9 * (4 + 8))  # a chain in order: 4 m on, 4 m to the aisle and from it


def test_the_scenario_that_is_written_is_one(file: Path, plant: Plant) -> None:
    found = improve(plant, FLOW, Rules(move=("five",)))
    text = scenario_text("Shorter ways", "row.yaml", {"replications": 5, "seed": 7}, {}, found)
    written = file.with_name("shorter.yaml")
    written.write_text(text, encoding="utf-8")
    loaded = load_scenario(written)
    assert loaded.base.plant.equipment["five"].at == pytest.approx(found.moved["five"])
    assert (loaded.scenario.run.replications, loaded.scenario.run.seed) == (5, 7)
    assert "km instead of" in loaded.scenario.assumptions[0]


def test_what_gains_nothing_by_moving_stays(plant: Plant) -> None:
    found = improve(plant, {("one", "five"): 1.0}, Rules())
    assert set(found.moved) <= {"one", "five", "two", "three", "four"}
    assert "three" not in improve(plant, {("four", "five"): 1.0}, Rules()).moved
