"""How lots are let into the plant: push, CONWIP, kanban, campaigns, by due date, and hot lots."""

from __future__ import annotations

import pytest

from tests.engine.plants import levels_of, operation, plant, run, visits_of
from twin.engine.record import SECOND


def arrivals_of(what, first="mill", **words):
    """(lot, recipe, let in) of each lot, in the order in which they were let in."""
    rows = run(what, **words).lots.to_pylist()
    found = [(r["arrived"] / SECOND, r["lot"], r["recipe"]) for r in rows if r["operation"] == first]
    return [(lot, recipe, time) for time, lot, recipe in sorted(found)]


def times_of(what, **words):
    """When each lot was let in, by number."""
    return [time for _, _, time in sorted(arrivals_of(what, **words))]


LINE = (operation("mill", "mill", "2 s"), operation("press", "press", "3 s"))


def line(rule, **words):
    """Two machines, 2 s and 3 s, behind a release rule; four lots at once unless `words` say more."""
    return plant(
        {"mill": {}, "press": {}},
        *LINE,
        lots=4,
        releases={"desk": rule},
        order={"release": "desk", **words.pop("order", {})},
        **words,
    )


def test_conwip_lets_a_lot_in_when_one_has_left():
    # Mill 0-2, 2-4; press 2-5, 5-8: lots leave at 5, 8, 11 and 14 s, and each lets in another.
    what = line({"rule": "conwip", "limit": 2})
    assert times_of(what) == [0, 0, 5, 8]
    assert levels_of(what, "wip") == [(0, 2), (11, 1), (14, 0)]
    assert levels_of(what, "orders/desk/waiting") == [(0, 2), (5, 1), (8, 0)]


def test_one_card_makes_the_lots_follow_each_other():
    what = line({"rule": "conwip", "limit": 1})
    assert times_of(what) == [0, 5, 10, 15]
    assert levels_of(what, "wip") == [(0, 1), (20, 0)]


def test_conwip_counts_all_order_lines_that_name_the_rule():
    what = plant(
        {"mill": {}},
        operation("mill", "mill", "2 s"),
        recipes={"other": {"operations": [operation("mill", "mill", "2 s")]}},
        releases={"desk": {"rule": "conwip", "limit": 1}},
        orders=[{"recipe": name, "release": "desk", "batches": 2} for name in ("part", "other")],
    )
    assert arrivals_of(what) == [(0, "part", 0), (1, "part", 2), (2, "other", 4), (3, "other", 6)]


def test_a_lot_that_is_scrapped_or_lost_gives_its_card_back():
    what = plant(
        {"mill": {}, "press": {}},
        operation("mill", "mill", "2 s", scrap=1),
        operation("press", "press", "3 s"),
        lots=2,
        releases={"desk": {"rule": "conwip", "limit": 1}},
        order={"release": "desk"},
    )
    assert times_of(what) == [0, 2]
    lost = plant(
        {"mill": {}},
        operation("mill", "mill", "2 s", wait_in="rack"),
        lots=4,
        storage={"rack": {"capacity": 1}},
        releases={"desk": {"rule": "conwip", "limit": 3}},
        order={"release": "desk", "when_full": "lost"},
    )
    # Mill and rack have room for two; the third is lost, and the fourth, let in for it, as well.
    assert [row[-1] for row in visits_of(lost)] == ["done", "done", "lost", "lost"]
    assert times_of(lost) == [0, 0, 0, 0]


def test_the_desk_keeps_to_priority_and_then_to_who_came_first():
    what = plant(
        {"mill": {}},
        operation("mill", "mill", "2 s"),
        releases={"desk": {"rule": "conwip", "limit": 1}},
        orders=[
            {"recipe": "part", "release": "desk", "batches": 2, "priority": 1},
            {"recipe": "part", "release": "desk", "first": "1 s", "priority": 0},
        ],
    )
    assert [lot for lot, *_ in arrivals_of(what)] == [0, 2, 1]


def test_the_desk_keeps_to_due_dates_where_it_should():
    what = plant(
        {"mill": {}},
        operation("mill", "mill", "2 s"),
        releases={"desk": {"rule": "conwip", "limit": 1, "sequence": "due"}},
        orders=[{"recipe": "part", "release": "desk", **due} for due in ({}, {"due": "9 s"}, {"due": "7 s"})],
    )
    # All three come in at once and are judged together; what is never due comes last.
    assert [lot for lot, *_ in arrivals_of(what)] == [2, 1, 0]


def test_kanban_lets_a_lot_in_when_the_next_operation_takes_one():
    # Two cards between release and press, which takes lots at 2, 5 and 8 s; the press itself has none.
    what = line({"rule": "kanban", "limit": 2, "until": "press"})
    assert times_of(what) == [0, 0, 2, 5]


def test_kanban_limits_the_section_and_not_the_plant():
    what = line({"rule": "kanban", "limit": 1, "until": "press"})
    assert times_of(what) == [0, 2, 5, 8]
    assert max(level for _, level in levels_of(what, "wip")) == 2


def two_products(rule, *orders):
    """One mill, 2 s a lot, for two products behind a release rule."""
    return plant(
        {"mill": {}, "press": {}},
        *LINE,
        recipes={"other": {"operations": list(LINE)}},
        releases={"desk": rule},
        orders=[{"release": "desk", **order} for order in orders],
    )


def test_a_campaign_lets_in_all_lots_of_one_product_and_the_next_when_they_have_left():
    what = two_products(
        {"rule": "campaign"},
        {"recipe": "part", "batches": 2},
        {"recipe": "other", "batches": 1},
        {"recipe": "part", "batches": 1},
    )
    # Three lots of part: press 2-5, 5-8, 8-11; then the other.
    assert arrivals_of(what) == [(0, "part", 0), (1, "part", 0), (3, "part", 0), (2, "other", 11)]


def test_a_campaign_may_follow_when_the_former_has_left_an_operation():
    what = two_products(
        {"rule": "campaign", "until": "mill"},
        {"recipe": "part", "batches": 2},
        {"recipe": "other"},
    )
    assert arrivals_of(what) == [(0, "part", 0), (1, "part", 0), (2, "other", 4)]


def test_a_campaign_is_no_larger_than_its_size():
    what = two_products(
        {"rule": "campaign", "size": 2, "until": "mill"},
        {"recipe": "part", "batches": 3},
        {"recipe": "other"},
    )
    # The third part waits longer than the other product, by its number.
    assert arrivals_of(what) == [(0, "part", 0), (1, "part", 0), (2, "part", 4), (3, "other", 6)]


def test_a_campaign_waits_for_its_minimum_while_more_will_come():
    what = two_products(
        {"rule": "campaign", "minimum": 3},
        {"recipe": "part", "every": "10 s", "times": 4},
    )
    # Three have come at 20 s; the last, at 30 s, does not wait for two more.
    assert times_of(what) == [20, 20, 20, 31]


def test_release_campaign_alone_is_a_rule_with_its_defaults():
    what = plant(
        {"mill": {}},
        operation("mill", "mill", "2 s"),
        recipes={"other": {"operations": [operation("mill", "mill", "2 s")]}},
        orders=[{"recipe": name, "release": "campaign", "batches": 2} for name in ("part", "other")],
    )
    assert times_of(what) == [0, 0, 4, 4]


def test_the_product_that_is_due_first_has_the_first_campaign():
    what = two_products(
        {"rule": "campaign", "sequence": "due"},
        {"recipe": "part", "due": "9 s"},
        {"recipe": "other", "due": "8 s"},
    )
    assert arrivals_of(what) == [(1, "other", 0), (0, "part", 5)]


def test_campaigns_follow_each_other_by_the_least_changeover():
    """From a, c is nearer than b; only then comes b, though it was ordered before."""
    mill = {"changeover": {"matrix": {"a": {"b": "9 s", "c": "1 s"}}, "default": "2 s"}, "last_product": "a"}
    recipes = {name: {"operations": [operation("mill", "mill", "2 s")]} for name in "abc"}
    what = plant(
        {"mill": mill},
        recipes=recipes,
        releases={"desk": {"rule": "campaign", "sequence": "least_changeover"}},
        orders=[{"recipe": name, "release": "desk"} for name in "bca"],
    )
    assert [recipe for _, recipe, _ in arrivals_of(what)] == ["a", "c", "b"]


def test_a_lot_is_let_in_before_its_due_date_and_not_before_it_has_come():
    what = line({"rule": "due_date", "before": "10 s"}, order={"every": "4 s", "times": 2, "due": "13 s"})
    assert times_of(what)[0::4] == [3, 7]
    late = line({"rule": "due_date", "before": "10 s"}, order={"due": "9 s"})
    assert times_of(late) == [0, 0, 0, 0]


def test_a_hot_lot_passes_the_desk_and_counts_there():
    what = plant(
        {"mill": {}},
        operation("mill", "mill", "2 s"),
        releases={"desk": {"rule": "conwip", "limit": 1}},
        orders=[
            {"recipe": "part", "release": "desk", "batches": 2},
            {"recipe": "part", "release": "desk", "first": "1 s", "hot": True},
        ],
    )
    # At 2 s lot 0 leaves, and the hot lot has the card; lot 1 follows when it has gone.
    assert times_of(what) == [0, 4, 1]


def test_a_hot_lot_is_no_part_of_a_campaign():
    what = two_products(
        {"rule": "campaign"},
        {"recipe": "part"},
        {"recipe": "other"},
        {"recipe": "other", "first": "4 s", "hot": True},
    )
    assert arrivals_of(what) == [(0, "part", 0), (2, "other", 4), (1, "other", 5)]


@pytest.mark.parametrize("dispatching", ["priority", "fifo", "spt", "edd", "critical_ratio", "least_setup"])
def test_a_hot_lot_goes_first_under_every_rule(dispatching):
    what = plant(
        {"mill": {"dispatching": dispatching}},
        operation("mill", "mill", "2 s"),
        orders=[
            {"recipe": "part", "batches": 3, "due": "1 s", "priority": -5},
            {"recipe": "part", "first": "1 s", "hot": True, "priority": 5},
        ],
    )
    started = sorted((start, lot) for lot, _, _, start, *_ in visits_of(what))
    assert [lot for _, lot in started] == [0, 3, 1, 2]


def test_lots_that_wait_for_release_are_no_work_in_process_and_have_no_row():
    what = line({"rule": "conwip", "limit": 1})
    record = run(what, horizon=1)
    assert levels_of(record, "wip") == [(0, 1)]
    assert levels_of(record, "orders/desk/waiting") == [(0, 3)]
    assert {row["lot"] for row in record.lots.to_pylist()} == {0}


def test_a_limit_that_never_holds_a_lot_back_changes_nothing():
    free = line({"rule": "conwip", "limit": 1000}, order={"every": "exponential(mean=3 s)", "times": 200})
    pushed = line(
        {"rule": "conwip", "limit": 1},
        order={"every": "exponential(mean=3 s)", "times": 200, "release": "push"},
    )
    assert run(free).lots.equals(run(pushed).lots)
    assert run(free).states.equals(run(pushed).states)


def test_a_lots_draws_do_not_depend_on_when_it_is_let_in():
    def made(limit):
        return plant(
            {"mill": {}},
            operation("mill", "mill", "exponential(mean=1 h)"),
            lots=20,
            releases={"desk": {"rule": "conwip", "limit": limit}},
            order={"release": "desk"},
        )

    def times(what):
        return {lot: end - start for lot, _, _, start, end, *_ in visits_of(what, per=1)}

    assert times(made(1)) == times(made(7))


def test_due_dates_are_in_the_record():
    what = plant(
        {"mill": {}},
        operation("mill", "mill", "2 s"),
        orders=[
            {"recipe": "part", "every": "4 s", "times": 2, "due": "10 s"},
            {"recipe": "part", "due": "2026-01-05 06:01"},
            {"recipe": "part", "due": "2026-01-05 05:59:30"},
            {"recipe": "part", "at": "2026-01-05 06:00:09"},
        ],
    )
    rows = {r["lot"]: r for r in run(what).lots.to_pylist()}
    due = {lot: row["due"] if row["due"] is None else row["due"] / SECOND for lot, row in rows.items()}
    assert due == {0: 10, 1: 60, 2: -30, 3: 14, 4: None}
    assert rows[4]["arrived"] == 9 * SECOND


PARTS = (operation("mill", "mill", "2 s", split=2), operation("press", "press", "3 s"))


@pytest.mark.parametrize(
    ("rule", "let_in"),
    [
        ({"rule": "conwip", "limit": 1}, [0, 8, 16]),  # mill 2 s, then two parts of 3 s
        ({"rule": "kanban", "limit": 1, "until": "press"}, [0, 5, 11]),  # the second part starts at 5 s
        ({"rule": "campaign", "size": 1, "until": "mill"}, [0, 2, 4]),
        ({"rule": "campaign", "size": 1}, [0, 8, 16]),
    ],
)
def test_a_lot_that_was_split_counts_until_all_its_parts_have_gone(rule, let_in):
    what = plant(
        {"mill": {}, "press": {}}, *PARTS, lots=3, releases={"desk": rule}, order={"release": "desk"}
    )
    assert times_of(what) == let_in


@pytest.mark.parametrize(
    ("rule", "let_in"),
    [
        ({"rule": "conwip", "limit": 1}, [0, 9]),  # mill 2 s, parts 3 s each, together 1 s
        ({"rule": "kanban", "limit": 1, "until": "pack"}, [0, 8]),
    ],
)
def test_parts_that_merged_count_as_one_lot_again(rule, let_in):
    what = plant(
        {"mill": {}, "press": {}, "pack": {}},
        *PARTS,
        operation("pack", "pack", "1 s", merge=True),
        lots=2,
        releases={"desk": rule},
        order={"release": "desk"},
    )
    assert times_of(what) == let_in


def test_parts_are_due_when_their_lot_is():
    what = plant({"mill": {}, "press": {"dispatching": "edd"}}, *PARTS, lots=1, order={"due": "9 s"})
    assert set(run(what).lots["due"].to_pylist()) == {9 * SECOND}


def test_lots_that_are_taken_together_give_all_their_cards_back():
    """The oven takes two lots of which the urgent one waited less, and is the unit's first."""
    what = plant(
        {"mill": {}, "oven": {}},
        operation("mill", "mill", "1 s"),
        operation("bake", "oven", "4 s", together={"min": 2, "max": 2}),
        releases={"desk": {"rule": "kanban", "limit": 2, "until": "bake"}},
        orders=[
            {"recipe": "part", "batches": 1, "release": "desk", "priority": 1},
            {"recipe": "part", "batches": 3, "release": "desk", "priority": 0},
        ],
    )
    # Lots 1 and 2 have the cards until they are taken at 2 s; then 3 and 0, taken when the oven is free.
    assert times_of(what) == [2, 0, 0, 2]
    assert {lot: start for lot, op, _, start, *_ in visits_of(what) if op == "bake"} == {
        0: 6,
        1: 2,
        2: 2,
        3: 6,
    }
