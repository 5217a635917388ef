"""What is wrong with samples, specifications, hold times and quarantine is told where it stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.plant.sample import marked, spoiled
from twin.experiment.prepare import prepare
from twin.plant.errors import InputError

GOOD = (Path(__file__).parents[2] / "docs" / "examples" / "quality.yaml").read_text(encoding="utf-8")

CASES = {
    "sample not known": (
        "needs_release: [moisture]",
        "needs_release: [«moistur]",
        "names no sample of an earlier operation, `moistur`",
    ),
    "sample named twice": (
        "            stability:",
        "            «moisture:",
        "has the name of an earlier sample",
    ),
    "every and a fraction": ("fraction: 10 %", "every: 3, fraction: «10 %", "stands beside `every`"),
    "quantity in other units": (
        "quantity: 100 g",
        "quantity: «100 pieces",
        "is in `pieces`, while lots are in `kg`",
    ),
    "nothing needs the result": (
        "needs: [analyst], fails: 0.02}}",
        "needs: [analyst], fails: 0.02}}\n            purity: {test: {on: [bench], takes: 3 h, fails: «0.1}}",
        "fails without effect: nothing needs the result",
    ),
    "laboratory not there": (
        "takes: 1 h, needs: [analyst]",
        "takes: 1 h, needs: [«analyse]",
        "names people who are not there, `analyse`",
    ),
    "unit of the laboratory not there": (
        "test: {on: [bench], takes: 8 h}",
        "test: {on: [«banch], takes: 8 h}",
        "names equipment that is not there, `banch`",
    ),
    "attribute not computed": ("hardness: {min", "«hardnes: {min", "is no attribute that the physics"),
    "limit in other units": ("min: 40 N", "min: «40 kg", "is in `kg`, and `hardness` is in `N`"),
    "limit that is random": (
        "max: 250 N",
        "max: «normal(mean=250 N, sd=1 N)",
        "must be one quantity",
    ),
    "specification without a limit": (
        "tensile_strength: {min: 0.5 MPa, ",
        "«tensile_strength: {",
        "lacks `min` or `max`",
    ),
    "nobody reviews": (
        "hold, review: {on: [bench], takes: 4 h, fails: 0.1}}",
        "«hold}",
        "holds lots that nobody reviews",
    ),
    "rework to a later operation": (
        "rework, to: compress, limit",
        "rework, to: «pack, limit",
        "names `pack`, which is no operation up to this one",
    ),
    "rework that goes nowhere": (
        "when_late: rework, to: granulate",
        "when_late: «rework",
        "does not say where rework goes",
    ),
    "hold time to a later operation": (
        "to: granulate}",
        "to: «pack}",
        "names `pack`, which is no operation up to this one",
    ),
    "hold time of nothing": ("limit: 72 h", "limit: «0 h", "must be greater than 0"),
    "shelf life until an earlier operation": (
        "until: pack",
        "until: «granulate",
        "names `granulate`, which is no later operation",
    ),
    "shelf life of the last operation": (
        "pack: {on: [packer], takes: 4 h}",
        "pack: {on: [packer], takes: 4 h, shelf_life: «1 h}",
        "has no later operation to limit",
    ),
    "no place for quarantine": (
        "wait_in: cage",
        "wait_in: «none",
        "gives the lot no place for its quarantine",
    ),
    "quarantine with a set-up": (
        "          hold: quarantine",
        "          setup: «1 h\n          hold: quarantine",
        "cannot stand beside `hold`",
    ),
    "a place of its own after quarantine": (
        "hold: quarantine\n          wait_in: cage\n          needs_release: [assay]\n      - coat:\n",
        "hold: «quarantine\n          wait_in: cage\n          needs_release: [assay]\n      - coat:\n"
        "          wait_in: cage\n",
        "is followed by an operation with a place of its own",
    ),
    "blocking before the outcome is known": (
        "press: {class: rotary_tablet_press}",
        "press: {class: rotary_tablet_press, blocking: «before_service}",
        "has no place to reserve: `specification` decides at the end",
    ),
    "blocking before release": (
        "  office: {}",
        "  office: {blocking: «before_service}",
        "has no place to reserve: `hold` decides at the end",
    ),
    "blocking before the result is known": (
        "  granulator: {}",
        "  granulator: {blocking: «before_service}",
        "has no place to reserve: `needs_release` decides at the end",
    ),
}


@pytest.mark.parametrize(("old", "new", "message"), CASES.values(), ids=CASES)
def test_a_mistake_is_told_where_it_stands(tmp_path, old, new, message):
    text, line, column = spoiled(GOOD, old, new)
    path = tmp_path / "plant.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        prepare(path)
    [problem] = caught.value.problems
    assert message in problem.message
    assert (problem.line, problem.column) == (line, column)


def test_a_time_alone_is_a_limit(tmp_path):
    text = GOOD.replace("{limit: 72 h, when_late: rework, to: granulate}", "72 h")
    text = text.replace("{limit: 30 days, until: pack, when_late: flag}", "{value: 30, unit: days}")
    path = tmp_path / "plant.yaml"
    path.write_text(text, encoding="utf-8")
    prepare(path)


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("hold: quarantine", "hold"),
        ("needs_release: [assay]", "needs_release"),
        ("max_wait_before: 2 h", "max_wait_before"),
        ("needs: []", "shelf_life"),
    ],
)
def test_no_lot_is_taken_out_of_turn_off_a_conveyor(tmp_path, line, word):
    text, number, column = marked(BELT.replace("LINE", line))
    path = tmp_path / "plant.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        prepare(path)
    [problem] = caught.value.problems
    assert f"is a conveyor, and `{word}` takes lots out of turn" in problem.message
    assert (problem.line, problem.column) == (number, column)


BELT = """\
twin: 1
plant: Belt
equipment: {mill: {}, packer: {}, lab: {}}
storage:
  belt: {capacity: 3, conveyor: {length: 9 m, speed: 1 m/s}}
recipes:
  part:
    operations:
      - mill:
          on: [mill]
          takes: 1 h
          sampling: {assay: {test: {on: [lab], takes: 1 h}}}
          shelf_life: 9 h
      - pack:
          on: [packer]
          takes: 1 h
          wait_in: «belt
          LINE
orders: [{recipe: part}]
"""
