"""Mistakes in flow sections, each at its place."""

from __future__ import annotations

import pytest

from twin.engine.compile import compile_program
from twin.plant.errors import ComplaintError, InputError
from twin.plant.load import load_plant
from twin.plant.scenario import Run

PLANT = """twin: 1
plant: A line
equipment:
  mixer: {}
  line:
    flow:
      stations:
        filler: {rate: 400/min, buffer_after: 2000 pieces}
        packer: {rate: 380/min}
recipes:
  vial:
    batch: 90000 pieces
    operations:
      - fill: {on: [line]}
orders: [{recipe: vial}]
"""
FILLER = "filler: {rate: 400/min, buffer_after: 2000 pieces}"
PACKER = "packer: {rate: 380/min}"
FILL = "fill: {on: [line]}"
JAM = "failures: [{clock: running, between: 1 h, repair: 1 min, work: scrap}]"


def problems(tmp_path, *changes):
    """(line, message) of every complaint about the changed plant."""
    text = PLANT
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path = tmp_path / "plant.yaml"
    path.write_text(text, encoding="utf-8")
    try:
        load_plant(path)
    except InputError as error:
        return [(problem.line, problem.message) for problem in error.problems]
    return []


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        (FILLER, "filler: {rate: 3 h}", 8, "must be pieces or a mass per time"),
        (FILLER, "filler: {rate: 0/min}", 8, "must be more than zero"),
        (FILLER, "filler: {rate: 400/min, buffer_after: 3 m}", 8, "a number of pieces, a mass or a time"),
        (FILLER, "filler: {rate: 400/min, buffer_after: -3 pieces}", 8, "must not be negative"),
        (FILLER, "filler: {rate: 400/min, rejects: 1}", 8, "`rejects`"),
        (FILLER, "filler: {rate: 3 kg/h}", 8, "is in a mass, while lots of recipe `vial` are in pieces"),
        (FILLER, f"filler: {{rate: 400/min, {JAM}}}", 8, "is `resume` at a station"),
        (PACKER, "packer: {rate: 380/min, buffer_after: 5 s}", 9, "stands after the last station"),
        (PACKER, "packer: {}", 14, "lacks `physics` for the rate of `line`"),
        (FILL, "fill: {on: [line], takes: 3 h}", 14, "`takes` of operation `fill`"),
        (FILL, "fill: {on: [line, mixer], takes: 3 h}", 14, "names flow sections and units"),
        (FILL, "fill: {on: [line], physics: blending}", 14, "gives a rate that no station is without"),
        ("    flow:", "    capacity: 2\n    flow:", 7, "is for units with a `capacity` of 1"),
        ("    flow:", f"    {JAM.replace('scrap', 'resume')}\n    flow:", 6, "belongs to the stations"),
    ],
)
def test_a_mistake_is_told_where_it_stands(tmp_path, old, new, line, message):
    ((found_line, found),) = problems(tmp_path, (old, new))
    assert found_line == line
    assert message in found


def test_a_right_line_is_right(tmp_path):
    assert problems(tmp_path) == []


def test_a_refused_station_does_not_make_its_operation_wrong(tmp_path):
    ((line, message),) = problems(tmp_path, (PACKER, "packer: fast"))
    assert line == 9
    assert "`packer`" in message


def test_a_unit_whose_failure_has_work_begin_anew_serves_no_section(tmp_path):
    jam = "cip: {failures: [{clock: running, between: 1 h, repair: 1 h, work: repeat}]}"
    text = PLANT.replace("equipment:", f"equipment:\n  {jam}").replace(
        "[line]}", "[line], needs: [{unit: cip}]}"
    )
    path = tmp_path / "plant.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_plant(path)
    (problem,) = caught.value.problems
    assert "`cip`, a failure of which has work begin anew, and `line` flows" in problem.message
    path.write_text(text.replace("repeat", "resume"), encoding="utf-8")
    assert load_plant(path)


def test_a_repair_that_could_wait_for_ever_at_a_station_is_found(tmp_path):
    jam = "failures: [{clock: running, between: 1 h, repair: 1 h, needs: [op]}]"
    text = PLANT.replace(PACKER, f"packer: {{rate: 1/s, {jam}}}")
    text = text.replace("equipment:", "people: {op: {count: 1}}\nequipment:")
    text = text.replace("[line]}", "[line], needs: [op]}")
    path = tmp_path / "plant.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ComplaintError, match=r"station `packer`.*could wait for ever"):
        compile_program(load_plant(path).plant, Run())
