"""The form is the schema: what a plant file may say can be edited, and only that."""

from pathlib import Path

import pytest
import yaml

from twin.web.form import Parameter, humane, sections
from twin.web.form_view import extent_at_first, fields

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"

PLANT = yaml.safe_load("""
people: {operator: {count: 3}}
equipment:
  press:
    at: [1, 2]
    start_up: {takes: 38 min, waste: 3 kg}
    failures: [{name: jams, clock: running, between: "weibull(shape=0.5, mean=98 min)", repair: 4 min}]
  coater: {start_up: 3 min}
recipes:
  tablet:
    batch: 240 kg
    operations:
      - blend: {on: [press], takes: 3 h, needs: [operator], settings: {speed: 10 rpm}}
orders: [{recipe: tablet, batches: 8}]
""")


def parameters() -> dict[str, Parameter]:
    made = sections(PLANT, {"replications": 5})
    return {p.path: p for section in made for group in section.groups for p in group.parameters}


def test_every_value_of_the_file_has_a_field() -> None:
    given = {path: p.text for path, p in parameters().items() if p.given}
    assert given == {
        "run.replications": "5",
        "orders.0.batches": "8",
        "equipment.press.start_up.takes": "38 min",
        "equipment.press.start_up.waste": "3 kg",
        "equipment.press.failures.jams.clock": "running",
        "equipment.press.failures.jams.between": "weibull(shape=0.5, mean=98 min)",
        "equipment.press.failures.jams.repair": "4 min",
        "equipment.coater.start_up": "3 min",
        "recipes.tablet.batch": "240 kg",
        "recipes.tablet.operations.blend.takes": "3 h",
        "recipes.tablet.operations.blend.needs.0": "operator",
        "recipes.tablet.operations.blend.settings.speed": "10 rpm",
        "people.operator.count": "3",
    }


def test_what_the_file_leaves_out_shows_the_default_of_the_schema() -> None:
    count = parameters()["equipment.press.count"]
    assert (count.text, count.default, count.given) == ("", "1", False)


def test_a_closed_list_of_words_is_a_choice() -> None:
    assert parameters()["equipment.press.failures.jams.work"].choices == ("resume", "repeat", "scrap")


def test_neither_names_nor_places_are_parameters() -> None:
    paths = parameters()
    assert not [path for path in paths if path.endswith((".at", ".class", ".on", ".recipe"))]


def test_the_shifts_of_people_are_chosen_among_the_calendars_of_the_plant() -> None:
    calendars: dict[str, object] = {"two_shifts": {"open": []}, "three_shifts": {"open": []}}
    plant = PLANT | {"calendars": calendars, "people": {"operator": {"count": 3, "calendar": "two_shifts"}}}
    made = sections(plant, {})
    (shifts,) = [
        p for s in made for g in s.groups for p in g.parameters if p.path == "people.operator.calendar"
    ]
    assert (shifts.text, shifts.choices) == ("two_shifts", ("two_shifts", "three_shifts"))
    assert not [path for path in parameters() if path.endswith(".calendar")]


EDITABLE = {
    "transport": {"transport.fleets.truck.count", "storage.belt.conveyor.speed", "storage.rack.capacity"},
    "materials": {"materials.api.stock", "materials.api.reorder.lots", "materials.lactose.supply.every"},
    "utilities": {"utilities.wfi.capacity", "costs.utilities.wfi"},
    "orders": {"orders.0.batches"},
    "people_and_shifts": {"people.operator.count", "people.operator.calendar"},
}


@pytest.mark.parametrize("example", EDITABLE)
def test_every_chapter_of_the_language_can_be_edited(example: str) -> None:
    text = (EXAMPLES / f"{example}.yaml").read_text(encoding="utf-8")
    made = sections(yaml.safe_load(text), {})
    assert EDITABLE[example] <= {p.path for s in made for g in s.groups for p in g.parameters}


def test_a_folded_section_comes_empty_and_is_filled_by_what_is_set_or_by_everything() -> None:
    section = next(s for s in sections(PLANT, {}) if s.title == "Equipment")
    assert extent_at_first(section, {}) == ""
    assert extent_at_first(section, {"equipment.press.count": "2"}) == "shown"
    shown, everything = (str(fields(section, {}, extent)) for extent in ("shown", "everything"))
    assert "equipment.press.start_up.takes" in shown
    assert "equipment.coater.count" in shown
    assert "equipment.press.capacity" not in shown
    assert "equipment.press.capacity" in everything


def test_groups_are_named_as_an_engineer_would() -> None:
    made = {section.title: [group.title for group in section.groups] for section in sections(PLANT, {})}
    assert made["Recipes"] == ["Tablet", "Tablet · blend"]
    assert made["Orders"] == ["Line 1"]
    assert humane("ibc_washer") == "IBC washer"
