"""Kanban loops: a stage starts a lot with a card, which the next stage gives back when it takes the lot."""

from __future__ import annotations

from itertools import pairwise

import pytest

from tests.engine.plants import causes_of, levels_of, operation, plant, visits_of
from twin.engine.compile import compile_program
from twin.engine.simpy_engine import simulate, simulate_and_keep
from twin.engine.snapshot import Snapshot
from twin.plant.consistency import complaints
from twin.plant.remainder import Refused
from twin.plant.scenario import Run

CARDS = {"limit": 2, "from": "mill", "until": "press"}
LINE = (operation("mill", "mill", "2 s"), operation("press", "press", "5 s"))


def looped(*operations, lots=4, loop=CARDS, **words):
    """A mill of 2 s and a press of 5 s, with two cards for lots between their starts."""
    equipment = words.pop("equipment", {"mill": {}, "press": {}})
    return plant(equipment, *(operations or LINE), lots=lots, loops={"stage": loop}, **words)


def starts_of(what, step="mill"):
    return [started for _, name, _, started, *_ in visits_of(what) if name == step]


def test_a_lot_starts_with_a_card_that_the_next_stage_gives_back():
    """The press takes lots at 2, 7, 12 and 17 s; the mill may be two ahead."""
    assert starts_of(looped()) == [0, 2, 4, 7]
    assert levels_of(looped(), "loop/stage") == [(0, 1), (4, 2), (12, 1), (17, 0)]
    assert causes_of(looped(), "mill") == [
        ("producing", 0, 2, None),
        ("producing", 2, 4, None),
        ("producing", 4, 6, None),
        ("blocked", 6, 7, "stage"),
        ("producing", 7, 9, None),
        ("starved", 9, 22, None),
    ]


def test_one_card_lets_the_mill_start_when_the_press_does():
    assert starts_of(looped(loop=CARDS | {"limit": 1})) == [0, 2, 7, 12]


def test_a_loop_without_an_end_limits_what_is_behind_its_start():
    assert starts_of(looped(loop={"limit": 1, "from": "mill"})) == [0, 7, 14, 21]


@pytest.mark.parametrize("cards", [1, 2, 4])
@pytest.mark.parametrize("stations", [2, 3])
def test_stages_of_one_unit_with_cards_are_a_line_with_one_place_fewer_between(stations, cards):
    """To the nanosecond: K cards hold what a machine that blocks after service and K - 1 places hold."""
    names = [f"s{i}" for i in range(stations)]
    takes = "exponential(mean=1 s)"
    loops = {one: {"limit": cards, "from": one, "until": other} for one, other in pairwise(names)}
    wait = {"wait_in": "none"} if cards == 1 else {}
    places = {f"before_{name}": {"capacity": cards - 1} for name in names[1:]} if cards > 1 else {}
    blocked = [
        operation(name, name, takes, **({} if i == 0 else wait or {"wait_in": f"before_{name}"}))
        for i, name in enumerate(names)
    ]
    units = {name: {} for name in names}
    kanban = plant(units, *(operation(n, n, takes) for n in names), lots=300, loops=loops)
    buffered = plant(units, *blocked, lots=300, storage=places)

    def times(what):
        return [row[:4] for row in visits_of(what, per=1)]

    assert times(kanban) == times(buffered)


def test_recipes_share_the_cards_of_a_loop():
    what = looped(
        recipes={"other": {"operations": list(LINE)}},
        orders=[{"recipe": "part", "batches": 2}, {"recipe": "other", "batches": 2}],
    )
    assert starts_of(what) == [0, 2, 4, 7]


def test_a_scrapped_lot_gives_its_card_back():
    what = looped(operation("mill", "mill", "2 s", scrap=1), operation("press", "press", "5 s"))
    assert starts_of(what) == [0, 2, 4, 6]
    assert levels_of(what, "loop/stage")[-1] == (8, 0)


def test_a_lot_that_comes_back_keeps_its_card():
    again = {"probability": 1, "to": "mill", "limit": 2}
    what = looped(
        operation("mill", "mill", "2 s"),
        operation("check", "bench", "1 s", rework=again),
        operation("press", "press", "5 s"),
        equipment={"mill": {}, "bench": {}, "press": {}},
        lots=2,
        loop=CARDS | {"limit": 1},
    )
    assert starts_of(what) == [0, 3, 6, 9]


def test_the_parts_of_a_lot_have_one_card():
    """The press takes the parts at 2 and 7 s; the second lot is milled from 7 s."""
    what = looped(
        operation("mill", "mill", "2 s", split=2),
        operation("press", "press", "5 s"),
        lots=2,
        loop=CARDS | {"limit": 1},
    )
    assert starts_of(what) == [0, 7]


@pytest.mark.parametrize(
    ("parting", "dried"),
    [({"split": 3}, [3, 3, 7, 11, 11, 15]), ({"transfer": {"portions": 3}}, [1, 2, 5, 9, 9, 13])],
)
def test_parts_that_come_to_a_stage_share_the_card_of_their_lot(parting, dried):
    """Two ovens need 4 s for each of three parts; when the bench takes them, the next lot may come."""
    what = looped(
        operation("mill", "mill", "3 s", **parting),
        operation("dry", "oven", "4 s"),
        operation("check", "bench", "1 s", merge=True),
        equipment={"mill": {}, "oven": {"count": 2}, "bench": {}},
        lots=2,
        batch="90 pieces",
        loop={"limit": 1, "from": "dry", "until": "check"},
    )
    assert sorted(starts_of(what, "dry")) == dried
    assert max(level for _, level in levels_of(what, "loop/stage")) == 1


def test_a_run_that_is_stopped_and_resumed_knows_who_has_cards():
    program = compile_program(looped(), Run())
    whole, snapshot = simulate_and_keep(program, 1, 0, 3 * 10**9)
    assert snapshot is not None
    again = simulate(program, 1, start=Snapshot.from_json(snapshot.to_json()))
    gone = [row for row in whole.lots.to_pylist() if row["left"] > 3 * 10**9]
    assert again.lots.to_pylist() == gone


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ({"from": "grind"}, "is no operation of any recipe"),
        ({"until": "mill"}, "is no operation of recipe `part` after `mill`"),
        ({"until": "pres"}, "is no operation of recipe `part` after `mill`"),
    ],
)
def test_a_loop_begins_and_ends_at_operations(words, says):
    what = looped(loop=CARDS | words)
    [found] = complaints(what, what.model_dump(by_alias=True), Refused())
    assert says in found.message


def test_a_loop_does_not_begin_with_a_batch_operation():
    what = looped(operation("mill", "mill", "2 s", together={"max": 2}), operation("press", "press", "5 s"))
    [found] = complaints(what, what.model_dump(by_alias=True), Refused())
    assert "takes several lots" in found.message
