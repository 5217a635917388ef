"""What is wrong with unit procedures, phases, batch operations and capacity is told where it stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.plant.sample import spoiled
from twin.plant.errors import InputError
from twin.plant.load import load_plant

GOOD = """\
twin: 1
plant: Small
people:
  operator: {count: 2}
materials:
  api: {lot: 100 kg, stock: 9}
equipment:
  mixer: {failures: [{clock: calendar, between: 40 h, repair: 1 h}]}
  other_mixer: {}
  oven: {}
  line: {flow: {stations: {filler: {rate: 60 kg/h}}}}
  strict: {blocking: before_service}
storage:
  rack: {capacity: 9}
recipes:
  tablet:
    batch: 240 kg
    operations:
      - weigh: {on: [mixer], takes: 1 h}
      - mix: {on: [mixer, other_mixer], takes: 2 h, unit_procedure: granulation}
      - dry:
          {on: [mixer, other_mixer], unit_procedure: granulation, phases: [{heat: {takes: 2 h,
          needs: [operator]}}]}
      - bake: {on: [oven], takes: 4 h, together: {max: 3, min: 2}, wait_in: rack}
      - pack: {on: [other_mixer], takes: 1 h}
orders:
  - {recipe: tablet, batches: 8}
"""

CASES = {
    "a unit procedure that goes on elsewhere": (
        "{on: [mixer, other_mixer], unit",
        "{«on: [oven], unit",
        "differs from the operation before, and the lot keeps its unit",
    ),
    "the units of a unit procedure in another order": (
        "{on: [mixer, other_mixer], unit",
        "{«on: [other_mixer, mixer], unit",
        "differs from the operation before, and the lot keeps its unit",
    ),
    "waiting within a unit procedure": (
        "unit_procedure: granulation, phases",
        "unit_procedure: granulation, wait_in: «rack, phases",
        "has no use: the lot keeps its unit",
    ),
    "a unit procedure that begins again": (
        "pack: {on: [other_mixer], takes: 1 h}",
        "pack: {on: [other_mixer], takes: 1 h, unit_procedure: «granulation}",
        "names `granulation`, which ended before",
    ),
    "rework into the middle of a unit procedure": (
        "pack: {on: [other_mixer], takes: 1 h}",
        "pack: {on: [other_mixer], takes: 1 h, rework: {probability: 0.1, to: «dry}}",
        "leads into the middle of unit procedure `granulation`",
    ),
    "rework to where the lot stands and cannot wait": (
        "bake: {on: [oven], takes: 4 h, together: {max: 3, min: 2}, wait_in: rack}",
        "bake: {on: [oven], takes: 4 h, wait_in: none, rework: {probability: 0.1, to: «bake}}",
        "sends lots to `bake`, which waits in none, on `oven`, where they stand: none could ever leave it",
    ),
    "phases beside a time": (
        "phases: [{heat",
        "takes: 1 h, «phases: [{heat",
        "stands beside `takes`",
    ),
    "phases beside physics": (
        "phases: [{heat",
        "physics: blending, «phases: [{heat",
        "stands beside `physics`",
    ),
    "people of a part of a phase": (
        "needs: [operator]",
        "needs: [{people: operator, during: «setup}]",
        "has no use in a phase, which is one stretch",
    ),
    "a batch operation before a limited wait": (
        "pack: {on: [other_mixer], takes: 1 h}",
        "pack: {on: [other_mixer], takes: 1 h, max_wait_before: 4 h}",
        "leaves lots on the unit that the next operation's `max_wait_before` could send away",
    ),
    "a batch operation where lots expire": (
        "weigh: {on: [mixer], takes: 1 h}",
        "weigh: {on: [mixer], takes: 1 h, shelf_life: 90 h}",
        "leaves lots on the unit that a `shelf_life` of the recipe could send away",
    ),
    "a batch that cannot start": ("{max: 3, min: 2}", "{max: 3, min: «4}", "is more than `max`, which is 3"),
    "a batch with nowhere to gather": (
        "wait_in: rack",
        "wait_in: «none",
        "gives lots no place in which to gather",
    ),
    "a batch on a line": ("on: [oven]", "on: [«line]", "names `line`, which takes lots one by one"),
    "a batch that blocks before service": (
        "on: [oven]",
        "on: [oven, «strict]",
        "names `strict`, which takes lots one by one",
    ),
    "a running failure of a unit for several lots": (
        "{failures: [{clock: calendar",
        "{capacity: 2, failures: [{clock: «running",
        "runs with one lot, and the unit has a `capacity` of several",
    ),
}

ONE_BY_ONE = {
    "bill": "{api: 1 kg}",
    "unit_procedure": "baking",
    "split": "2",
    "merge": "true",
    "pack": "20 kg",
    "sampling": "{assay: {test: {on: [mixer], takes: 1 h}}}",
    "hold": "quarantine",
}

LOOKED_AFTER = {
    "changeover": "{default: 1 h}",
    "cleaning": "[{takes: 1 h, batches: 3}]",
    "maintenance": "[{takes: 1 h, every: 90 h}]",
    "wear": "{per: 100 h, speed: -1 %}",
    "flow": "{stations: {filler: {rate: 60 kg/h}}}",
}


def pointed(word: str, value: str) -> str:
    """A key and its value with the mark where a complaint points: at the value, or the key of a whole one."""
    return f"«{word}: {value}" if value[0] in "[{" else f"{word}: «{value}"


def told(folder: Path, text: str) -> list[tuple[int, int, str]]:
    """Line, column and sentence of each complaint about a file."""
    file = folder / "plant.yaml"
    file.write_text(text, encoding="utf-8", newline="")
    try:
        load_plant(file)
    except InputError as error:
        return [(problem.line, problem.column, problem.message) for problem in error.problems]
    return []


def test_the_sample_itself_is_right(tmp_path: Path) -> None:
    assert told(tmp_path, GOOD) == []


@pytest.mark.parametrize(("old", "new", "says"), CASES.values(), ids=CASES)
def test_a_wrong_procedure_is_told_where_and_what(tmp_path: Path, old: str, new: str, says: str) -> None:
    text, line, column = spoiled(GOOD, old, new)
    found = told(tmp_path, text)
    assert any(says in message for _, _, message in found), found
    if "«" in new:
        assert (line, column) in [found[:2] for found in found if says in found[2]]


@pytest.mark.parametrize(("word", "value"), ONE_BY_ONE.items())
def test_what_concerns_one_lot_alone_has_no_place_in_a_batch(tmp_path: Path, word: str, value: str) -> None:
    text, line, column = spoiled(GOOD, "takes: 4 h,", f"takes: 4 h, {pointed(word, value)},")
    says = f"`{word}` of operation `bake` of recipe `tablet` is for operations that take lots one by one."
    assert (line, column, says) in told(tmp_path, text)


def test_physics_has_no_place_in_a_batch(tmp_path: Path) -> None:
    text, line, column = spoiled(GOOD, "takes: 4 h,", "physics: «blending,")
    says = "`physics` of operation `bake` of recipe `tablet` is for operations that take lots one by one."
    assert (line, column, says) in told(tmp_path, text)


@pytest.mark.parametrize(("word", "value"), LOOKED_AFTER.items())
def test_a_unit_that_needs_looking_after_takes_one_lot(tmp_path: Path, word: str, value: str) -> None:
    text, line, column = spoiled(GOOD, "oven: {}", f"oven: {{capacity: 2, {pointed(word, value)}}}")
    says = f"`{word}` of equipment `oven` is for units with a `capacity` of 1."
    assert (line, column, says) in told(tmp_path, text)


@pytest.mark.parametrize("hold", ["dirty_hold", "clean_hold"])
def test_a_unit_that_is_to_be_clean_takes_one_lot(tmp_path: Path, hold: str) -> None:
    cleaned = "cleaning: [{takes: 1 h, batches: 3}]"
    text, line, column = spoiled(GOOD, "oven: {}", f"oven: {{capacity: 2, {cleaned}, {hold}: «9 h}}")
    assert (line, column) in [found[:2] for found in told(tmp_path, text) if f"`{hold}` of eq" in found[2]]


def test_rework_may_lead_into_the_unit_procedure_that_it_comes_from(tmp_path: Path) -> None:
    heated = "unit_procedure: granulation, phases"
    again = f"rework: {{probability: 0.1, to: dry}}, {heated}"
    assert told(tmp_path, GOOD.replace(heated, again)) == []


@pytest.mark.parametrize(
    "way_out",
    ["oven: {count: 2}", "oven: {capacity: 2}", "oven: {}  # and room: wait_in: rack"],
)
def test_rework_may_lead_to_where_the_lot_stands_if_there_is_a_way_out(tmp_path: Path, way_out: str) -> None:
    wait = "rack" if "rack" in way_out else "none"
    bake = "bake: {on: [oven], takes: 4 h, together: {max: 3, min: 2}, wait_in: rack}"
    again = f"bake: {{on: [oven], takes: 4 h, wait_in: {wait}, rework: {{probability: 0.1, to: bake}}}}"
    assert bake in GOOD
    assert told(tmp_path, GOOD.replace(bake, again).replace("oven: {}", way_out)) == []


def test_a_late_lot_that_is_only_counted_may_leave_a_batch(tmp_path: Path) -> None:
    late = "takes: 1 h, max_wait_before: {limit: 4 h, when_late: flag}}"
    assert told(tmp_path, GOOD.replace("[other_mixer], takes: 1 h}", "[other_mixer], " + late)) == []
