"""Control recipes: an order line's changes of its master recipe, checked and run as a recipe of its own."""

from __future__ import annotations

import pytest

from tests.engine.plants import operation, plant, visits_of
from twin.engine.compile import compile_program
from twin.engine.simpy_engine import simulate
from twin.experiment.prepare import prepare
from twin.plant.errors import ComplaintError, InputError
from twin.plant.load import load_plant
from twin.plant.scenario import Run
from twin.plant.schema import Plant

TEXT = """
twin: 1
plant: Two presses
equipment: {mill: {}, press: {class: rotary_tablet_press}}
recipes:
  white:
    batch: 240 kg
    operations:
      - mill: {on: [mill], takes: normal(mean=1 h, sd=10 min)}
      - press: {on: [press], takes: 2 h, scrap: 0.1}
orders:
  - {recipe: white, batches: 2}
  - {recipe: white, control: {operations.press.takes: 3 h}}
"""


def problems_of(tmp_path, text):
    (tmp_path / "plant.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        prepare(tmp_path / "plant.yaml")
    return [(p.line, p.column, p.message) for p in caught.value.problems]


def test_an_order_has_its_own_recipe():
    what = plant(
        {"mill": {}},
        operation("mill", "mill", "2 s"),
        orders=[{"recipe": "part"}, {"recipe": "part", "control": {"operations.mill.takes": "5 s"}}],
    )
    assert [(lot, start, end) for lot, _, _, start, end, *_ in visits_of(what)] == [(0, 0, 2), (1, 2, 7)]
    program = compile_program(what, Run())
    assert [recipe.name for recipe in program.recipes] == ["part", "part@1"]
    assert [recipe.product for recipe in program.recipes] == [0, 0]
    record = simulate(program, 1)
    assert record.lots["recipe"].to_pylist() == ["part", "part@1"]
    assert record.states["operation"].to_pylist() == ["part/mill", "part@1/mill"]


def test_what_is_not_changed_draws_as_in_the_master_recipe():
    words = {"recipe": "part", "batches": 5}
    random = operation("mill", "mill", "exponential(mean=2 s)", scrap=0.3), operation("look", "look", "1 s")

    def milled(control):
        what = plant({"mill": {}, "look": {}}, *random, orders=[{**words, "control": control}])
        return [row for row in visits_of(what, per=1) if row[1].startswith("mill")]

    assert milled({"operations.look.takes": "9 s"}) == milled({})


def test_a_change_may_lead_into_a_distribution():
    what = plant(
        {"mill": {}},
        operation("mill", "mill", "uniform(low=1 s, high=2 s)"),
        orders=[{"recipe": "part", "control": {"operations.mill.takes.high": "1 s"}}],
    )
    assert [end for _, _, _, _, end, *_ in visits_of(what)] == [1]


def test_a_plant_with_control_recipes_is_read_back_as_it_was(tmp_path):
    (tmp_path / "plant.yaml").write_text(TEXT, encoding="utf-8")
    read = load_plant(tmp_path / "plant.yaml").plant
    again = Plant.model_validate(read.model_dump(mode="json", by_alias=True))
    assert again == read
    assert list(read.recipes) == ["white"]
    assert prepare(tmp_path / "plant.yaml").plant == read


@pytest.mark.parametrize(
    ("control", "says"),
    [
        ("operations.press.takes: 3", "needs the unit of a time, and `3` has none."),
        ("operations.pres.takes: 3 h", "names `pres`, which is not there."),
        ("operations.press.scrap: 2", "must be at most 1, and `2` is not."),
        ("operations.press.on: [pres]", "names equipment that is not there, `pres`."),
        ("operations.press.settings: {depth: 3 mm}", "has no `physics` to use it."),
        ("operations.press.needs: [operator]", "names people who are not there, `operator`."),
    ],
)
def test_what_is_wrong_stands_where_the_order_says_it(tmp_path, control, says):
    ((line, _, message),) = problems_of(tmp_path, TEXT.replace("operations.press.takes: 3 h", control))
    assert line == 13
    assert says in message


def test_what_is_wrong_with_the_master_recipe_is_told_once(tmp_path):
    found = problems_of(tmp_path, TEXT.replace("on: [press]", "on: [pres]"))
    assert [line for line, *_ in found] == [10]
    found = problems_of(tmp_path, TEXT.replace("takes: 2 h", "takes: 2"))
    assert [line for line, *_ in found] == [10]


def test_operations_cannot_be_added():
    what = plant(
        {"mill": {}},
        operation("mill", "mill", "2 s"),
        orders=[{"recipe": "part", "control": {"operations.dry": {"on": ["mill"], "takes": "2 s"}}}],
    )
    with pytest.raises(ComplaintError, match="does not keep the operations"):
        compile_program(what, Run())
