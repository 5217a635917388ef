"""The form is the schema: what a plant file may say can be edited, and only that."""

import yaml

from twin.web.form import Parameter, humane, sections

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
    assert not [path for path in paths if path.endswith((".at", ".class", ".calendar", ".on", ".recipe"))]


def test_groups_are_named_as_an_engineer_would() -> None:
    made = {section.title: [group.title for group in section.groups] for section in sections(PLANT, {})}
    assert made["Recipes"] == ["Tablet", "Tablet · blend"]
    assert made["Orders"] == ["Line 1"]
    assert humane("ibc_washer") == "IBC washer"
