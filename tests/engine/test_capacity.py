"""A unit that works on several lots at once, each on its own."""

from __future__ import annotations

from tests.engine.plants import causes_of, levels_of, operation, plant, states_of, visits_of
from twin.engine.merging import merged, turn_by_name
from twin.engine.record import STATES


def incubator(*operations, capacity=2, lots=3, **words):
    unit = {"capacity": capacity, **words.pop("unit", {})}
    return plant({"incubator": unit, "bench": {}}, *operations, lots=lots, **words)


def test_a_unit_takes_as_many_lots_as_it_has_capacity_for():
    what = incubator(operation("grow", "incubator", "4 s"))
    assert visits_of(what) == [
        (0, "grow", "incubator", 0, 4, 4, "done"),
        (1, "grow", "incubator", 0, 4, 4, "done"),
        (2, "grow", "incubator", 4, 8, 8, "done"),
    ]
    assert states_of(what, "incubator") == [("producing", 0, 8)]


def test_it_produces_while_any_of_its_lots_is_worked_on():
    """Lots arrive at 0 s, 3 s and 20 s."""
    what = incubator(
        operation("grow", "incubator", "4 s"),
        orders=[
            {"recipe": "part"},
            {"recipe": "part", "first": "3 s"},
            {"recipe": "part", "first": "20 s"},
        ],
    )
    assert states_of(what, "incubator") == [
        ("producing", 0, 7),
        ("starved", 7, 20),
        ("producing", 20, 24),
    ]


def test_each_lot_blocks_its_own_place():
    """The bench takes 5 s a lot and has no room before it: the third lot starts when the first has left."""
    what = incubator(operation("grow", "incubator", "4 s"), operation("pick", "bench", "5 s", wait_in="none"))
    assert [visit for visit in visits_of(what) if visit[1] == "grow"] == [
        (0, "grow", "incubator", 0, 4, 4, "done"),
        (1, "grow", "incubator", 0, 4, 9, "done"),
        (2, "grow", "incubator", 4, 8, 14, "done"),
    ]
    assert states_of(what, "incubator") == [
        ("producing", 0, 8),
        ("blocked", 8, 14),
        ("starved", 14, 19),
    ]


def test_each_lot_needs_its_own_people():
    what = incubator(
        operation("grow", "incubator", "4 s", needs=["operator"]),
        capacity=3,
        people={"operator": {"count": 2}},
    )
    assert levels_of(what, "people/operator/busy") == [(0, 2), (4, 1), (8, 0)]


def test_a_failure_stops_every_lot_and_is_repaired_once():
    """It fails at 3 s for 2 s; work on both lots resumes."""
    failure = {"name": "power", "clock": "calendar", "between": "3 s", "repair": "2 s"}
    what = incubator(operation("grow", "incubator", "4 s"), lots=2, unit={"failures": [failure]})
    assert causes_of(what, "incubator") == [
        ("producing", 0, 3, None),
        ("down", 3, 5, "power"),
        ("producing", 5, 6, None),
    ]
    assert [visit[3:6] for visit in visits_of(what)] == [(0, 6, 6), (0, 6, 6)]


def test_a_failure_can_scrap_every_lot():
    failure = {"clock": "calendar", "between": "3 s", "repair": "2 s", "work": "scrap"}
    what = incubator(operation("grow", "incubator", "4 s"), unit={"failures": [failure]})
    assert [visit[3:] for visit in visits_of(what)] == [
        (0, 3, 3, "scrapped"),
        (0, 3, 3, "scrapped"),
        (5, 8, 8, "scrapped"),
    ]


def test_a_capacity_of_three_serves_lots_as_three_units_do():
    """So Erlang's answers for three servers hold for it (Q2)."""
    arrivals = {"order": {"every": "exponential(mean=1 s)", "times": 300}, "lots": 1}
    serve = operation("serve", "server", "exponential(mean=2 s)")
    units = plant({"server": {"count": 3}}, serve, **arrivals)
    places = plant({"server": {"capacity": 3}}, serve, **arrivals)
    assert {visit[2] for visit in visits_of(places)} == {"server"}
    assert [visit[3:] for visit in visits_of(places)] == [visit[3:] for visit in visits_of(units)]


def test_it_closes_as_one():
    hours = {"open": [{"days": "daily", "from": "06:00", "to": "09:00"}], "at_close": "suspend"}
    what = incubator(
        operation("grow", "incubator", "4 h"), lots=2, unit={"calendar": "days"}, calendars={"days": hours}
    )
    assert states_of(what, "incubator", per=3600 * 10**9) == [
        ("producing", 0, 3),
        ("off_shift", 3, 24),
        ("producing", 24, 25),
    ]


def test_several_units_have_capacity_each_and_a_place_on_the_floor():
    what = plant(
        {"incubator": {"count": 2, "capacity": 2, "at": [0, 0], "pitch": [10, 0]}, "bench": {"at": [40, 0]}},
        operation("pick", "bench", "0 s"),
        operation("grow", "incubator", "4 s"),
        lots=3,
        layout={"aisles": [[[0, 0], [40, 0]]]},
        transport={"speed": "10 m/s"},
    )
    assert [visit[:5] for visit in visits_of(what) if visit[1] == "grow"] == [
        (0, "grow", "incubator", 0, 8),
        (1, "grow", "incubator", 0, 8),
        (2, "grow", "incubator_2", 0, 7),
    ]


def test_of_two_causes_of_one_state_the_first_by_name_is_shown_whatever_was_numbered_first():
    down = STATES.index("down")
    for causes in (["jam", "leak"], ["leak", "jam"]):
        jam, leak = causes.index("jam"), causes.index("leak")
        rows = [
            (0, down, 0, 30, -1, -1, leak),
            (1, down, 0, 10, -1, -1, leak),
            (1, down, 10, 20, -1, -1, jam),
        ]
        rows.append((1, down, 20, 30, -1, -1, leak))
        shown = [(causes[row[6]], row[2], row[3]) for row in merged(rows, 0, turn_by_name(causes))]
        assert shown == [("leak", 0, 10), ("jam", 10, 20), ("leak", 20, 30)]
