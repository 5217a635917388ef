"""A file with several mistakes is told all of them at once, each where it stands and each once.

Also where a part without which there is no plant is refused whole: the rules between the other parts still
speak, and what only follows from the refused part is not told. Places are literal (line, column).
"""

import pytest

from tests.plant.sample import GOOD
from twin.plant.errors import InputError
from twin.plant.load import load_plant
from twin.plant.remainder import STAND_INS, required_keys
from twin.plant.scenario import Scenario
from twin.plant.schema import Plant
from twin.plant.shapes import shape
from twin.plant.shorthand import IN_A_FILE

ORDERS = "orders:\n  - {recipe: tablet, batches: 8}\n"
ON_MIX = "Item 1 of `on` of operation `mix` of recipe `tablet` names equipment that is not there"
MIX = "operation `mix` of recipe `tablet`"
ON_PACK = "Item 1 of `on` of operation `pack` of recipe `coat` names equipment that is not there"
ON_PRESS = "Item 1 of `on` of operation `press` of recipe `tablet` names equipment that is not there"
LATER = "`until` of kanban loop `two`"
LOOPS = """\
loops:
  one: {limit: 0, from: grind}
  two: {limit: 2, from: mix, until: mix}
"""
SECOND_RECIPE = """\
recipes:
  coat:
    operations:
      - coat: soon
      - pack: {on: [packer], takes: 1 h}
      - 5
      - mend: {on: [], takes: 1 kg, rework: {probability: 0.1, to: coat}}
"""

SEVERAL = {
    "an empty order book": (
        [
            (ORDERS, "orders: []\n"),
            ("on: [mixer]", "on: [mil]"),
            ("needs: [operator]", "needs: [3 operator]"),
            ("at: [12, 5]", "at: [30, 5]"),
        ],
        [
            (15, 5, "`at` of equipment `press` puts it outside every area."),
            (28, 20, f"{ON_MIX}, `mil`."),
            (
                28,
                57,
                f"Need 1 of {MIX} asks for 3 `operator`, and the plant has 2.",
            ),
            (30, 1, "`orders` is empty."),
        ],
    ),
    "no title and no order book": (
        [
            ("plant: Small\n", ""),
            (ORDERS, ""),
            ("on: [press]", "on: [pres]"),
            ("calendar: day}", "calendar: night}"),
        ],
        [
            (1, 1, "The file lacks the key `orders`."),
            (1, 1, "The file lacks the key `plant`."),
            (9, 34, "`calendar` of people `operator` names a calendar that is not there, `night`."),
            (28, 22, f"{ON_PRESS}, `pres`."),
        ],
    ),
    "another version of the language": (
        [
            ("twin: 1", "twin: 2"),
            ("- {recipe: tablet,", "- {recipe: tablets,"),
            ("at: [12, 5]", "at: [5, 5.5]"),
        ],
        [
            (1, 7, "`twin` must be 1, the version of the language."),
            (15, 5, "`at` of equipment `press` puts it where `mixer` stands."),
            (31, 14, "`recipe` of order 1 names a recipe that is not there, `tablets`."),
        ],
    ),
    "unknown keys at the top, one of them misspelt": (
        [
            ("transport:", "shifts: {}\ntransport:"),
            ("storage:", "storrage:"),
            ("on: [press]", "on: [pres]"),
            ("take: ibc", "take: ibcs"),
        ],
        [
            (19, 1, "The file has an unknown key, `storrage`."),
            (23, 1, "The file has an unknown key, `shifts`."),
            (
                29,
                46,
                f"`take` of {MIX} names a container that is not there, `ibcs`.",
            ),
            (30, 22, f"{ON_PRESS}, `pres`."),
        ],
    ),
    "a key that stands twice, beside other mistakes": (
        [
            ("transport:", "storage: {}\ntransport:"),
            ("on: [press]", "on: [pres]"),
        ],
        [
            (23, 1, "The key `storage` stands here for the second time."),
            (30, 22, f"{ON_PRESS}, `pres`."),
        ],
    ),
    "a misspelt key beside the key that it was to be": (
        [("count: 2, calendar: day", "conut: 2, count: two, calendar: day")],
        [
            (10, 14, "People `operator` has an unknown key, `conut`."),
            (10, 31, "`count` of people `operator` must be a whole number, and `two` is not."),
        ],
    ),
    "a misspelt chapter that must be there": (
        [("equipment:", "equipement:"), ("- {recipe: tablet,", "- {recipe: tablets,")],
        [
            (11, 1, "The file has an unknown key, `equipement`."),
            (31, 14, "`recipe` of order 1 names a recipe that is not there, `tablets`."),
        ],
    ),
    "refused operations in one recipe, a wrong reference in another": (
        [("recipes:\n", SECOND_RECIPE), ("on: [press]", "on: [pres]")],
        [
            (27, 15, "Operation `coat` of recipe `coat` must be a mapping, and `soon` is not."),
            (
                28,
                21,
                f"{ON_PACK}, `packer`.",
            ),
            (29, 9, "Operation 3 of recipe `coat` must be a mapping with one key, the operation's name."),
            (30, 16, "`on` of operation `mend` of recipe `coat` is empty."),
            (30, 33, "`takes` of operation `mend` of recipe `coat` must be a time, and `1 kg` is not."),
            (35, 22, f"{ON_PRESS}, `pres`."),
        ],
    ),
    "a recipe without operations": (
        [("recipes:\n", "recipes:\n  coat:\n    operations: []\n"), ("on: [press]", "on: [pres]")],
        [(26, 5, "`operations` of recipe `coat` is empty."), (31, 22, f"{ON_PRESS}, `pres`.")],
    ),
    "refused equipment, whose name is there all the same": (
        [("equipment:\n", "equipment:\n  packer: soon\n"), ("on: [press]", "on: [packer, pres]")],
        [
            (12, 11, "Equipment `packer` must be a mapping, and `soon` is not."),
            (30, 30, ON_PRESS.replace("Item 1", "Item 2") + ", `pres`."),
        ],
    ),
    "equipment with a name that cannot be used": (
        [("  press:\n", "  Press:\n"), ("on: [mixer]", "on: [mixr]")],
        [(13, 3, "Equipment `Press` has a name that cannot be used."), (28, 20, f"{ON_MIX}, `mixr`.")],
    ),
    "a chapter that is no mapping": (
        [("  operator: {count: 2, calendar: day}\n", "  - operator\n"), ("on: [mixer]", "on: [mixr]")],
        [(9, 1, "`people` must be a mapping, and a list is not."), (28, 20, f"{ON_MIX}, `mixr`.")],
    ),
    "an outline that cannot be read, which may be around every unit": (
        [
            ("hall: {outline: [[0, 0], [20, 0], [20, 10], [0, 10]]}", "hall: {outline: [[0, 0], [20, 0]]}"),
            ("aisles:", "  yard: {outline: [[50, 0], [60, 0], [60, 9]]}\n  aisles:"),
            ("at: [8, 5]", "at: [8]"),
        ],
        [
            (5, 12, "`outline` of area `hall` must have at least 3 items."),
            (21, 25, "`at` of storage `buffer` must be two numbers, along x and y."),
        ],
    ),
    "a size that cannot be read, which may fit": (
        [("at: [12, 5]", "at: [4, 6]\n    size: big"), ("on: [mixer]", "on: [mixr]")],
        [
            (16, 11, "`size` of equipment `press` must be a list, and `big` is not."),
            (29, 20, f"{ON_MIX}, `mixr`."),
        ],
    ),
    "a number of people that cannot be read, which may be enough": (
        [
            ("count: 2,", "count: two,"),
            ("calendar: day}", "calendar: nite}"),
            ("needs: [operator]", "needs: [7 operator, 2x, operater]"),
        ],
        [
            (10, 21, "`count` of people `operator` must be a whole number, and `two` is not."),
            (10, 36, "`calendar` of people `operator` names a calendar that is not there, `nite`."),
            (28, 71, "Need 2 of operation `mix` of recipe `tablet` must name people, and `2x` does not."),
            (
                28,
                75,
                "`people` of need 3 of operation `mix` of recipe `tablet` names people who are not there, "
                "`operater`.",
            ),
        ],
    ),
    "a container that cannot be read, which may be the one given back": (
        [("take: ibc", "take: [ibc]"), ("on: [press]", "on: [pres]")],
        [
            (28, 40, "`take` of operation `mix` of recipe `tablet` must be text, and a list is not."),
            (29, 22, f"{ON_PRESS}, `pres`."),
        ],
    ),
    "a lot size that cannot be read, which may be in the unit of the waste": (
        [("batch: 240 kg", "batch: 240 L"), ("start_up: 38 min", "start_up: {takes: 38 min, waste: 3 kg}")],
        [
            (
                26,
                12,
                "`batch` of recipe `tablet` must be a mass or a number of pieces, and `240 L` is neither.",
            )
        ],
    ),
    "no part": (
        [("takes: 1 h, take: ibc", "takes: 1 h, split: {into: 0}"), (", return: {ibc: dirty}", "")],
        [(28, 54, f"`into` of `split` of {MIX} must be at least 1, and `0` is not.")],
    ),
    "one portion, and loops that begin and end nowhere": (
        [
            ("takes: 1 h, take: ibc", "takes: 1 h, transfer: {portions: 1}"),
            (", return: {ibc: dirty}", ""),
            (ORDERS, ORDERS + LOOPS),
        ],
        [
            (28, 61, f"`portions` of `transfer` of {MIX} must be at least 2, and `1` is not."),
            (33, 16, "`limit` of kanban loop `one` must be at least 1, and `0` is not."),
            (33, 25, "`from` of kanban loop `one` names `grind`, which is no operation of any recipe."),
            (34, 37, f"{LATER} names `mix`, which is no operation of recipe `tablet` after `mix`."),
        ],
    ),
    "a misspelt `takes`": (
        [("takes: 1 h", "taks: 1 h"), ("on: [press]", "on: [pres]")],
        [
            (28, 28, "Operation `mix` of recipe `tablet` has an unknown key, `taks`."),
            (29, 22, f"{ON_PRESS}, `pres`."),
        ],
    ),
}


def told(path, read=load_plant):
    with pytest.raises(InputError) as caught:
        read(path)
    return [(problem.line, problem.column, problem.message) for problem in caught.value.problems]


@pytest.mark.parametrize(("edits", "expected"), SEVERAL.values(), ids=SEVERAL)
def test_all_mistakes_are_told_and_nothing_that_only_follows(tmp_path, edits, expected):
    text = GOOD
    for old, new in edits:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    path = tmp_path / "plant.yaml"
    path.write_text(text, encoding="utf-8")
    assert told(path) == expected


def test_a_file_with_nothing_but_its_version_is_told_all_it_lacks(tmp_path):
    path = tmp_path / "plant.yaml"
    path.write_text("twin: 1\n", encoding="utf-8")
    lacking = ("equipment", "orders", "plant", "recipes")
    assert told(path) == [(1, 1, f"The file lacks the key `{key}`.") for key in lacking]


def test_the_names_of_a_hint_stand_in_the_order_of_the_file(tmp_path):
    path = tmp_path / "plant.yaml"
    path.write_text(GOOD.replace("on: [mixer]", "on: [kettle]"), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_plant(path)
    assert [problem.hint for problem in caught.value.problems] == ["There is `mixer`, `press`."]


def models_within(annotation, found):
    here = shape(annotation)
    if here.kind == "model" and here.annotation not in found:
        found.add(here.annotation)
        for inner in here.fields.values():
            models_within(inner, found)
    elif here.kind in ("mapping", "list"):
        models_within(here.inside, found)
    return found


def test_every_key_that_must_be_there_has_a_stand_in_that_the_schema_takes():
    models = models_within(Plant, set()) | models_within(Scenario, set())
    lot_size = {model for model in models if model.__name__ == "LotSize"}  # read as one value
    assert {model for model in models - lot_size if required_keys(model)} <= STAND_INS.keys()
    for model, stand_in in STAND_INS.items():
        assert required_keys(model) <= stand_in.keys()
        model.model_validate(stand_in, context=IN_A_FILE)


def test_a_skill_named_twice_beside_other_mistakes_is_told_with_them(tmp_path):
    text = GOOD.replace(
        "operator: {count: 2, calendar: day}",
        "operator: {count: 2, calendar: day, skills: [pressing, pressing], shoes: 3}",
    )
    path = tmp_path / "plant.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as error:
        load_plant(path)
    assert len(error.value.problems) == 2
