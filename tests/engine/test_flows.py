"""Flow sections: stations in series that a lot flows through at rate, with finite buffers, by hand."""

from __future__ import annotations

from tests.engine.plants import causes_of, operation, plant, quantities_of, run, states_of, visits_of

JAM = {"name": "jam", "clock": "running", "between": "3 s", "repair": "5 s"}


def line(*stations, batch="40 pieces", lots=1, section=None, words=None, **more):
    """A plant whose only unit is a flow section of these stations, named a, b, c, …"""
    names = dict(zip("abcd", stations, strict=False))
    equipment = {"line": {"flow": {"stations": names}, **(section or {})}}
    return plant(equipment, operation("pack", "line", None, **(words or {})), batch=batch, lots=lots, **more)


def levels(record, station="a"):
    """What a buffer holds: (time, level, rate)."""
    return [
        (row["time"] / 1e9, row["level"], row["rate"])
        for row in record.levels.to_pylist()
        if row["entity"] == f"buffer/line/{station}"
    ]


def test_a_lot_flows_at_the_rate_of_the_slowest_station():
    record = run(line({"rate": "4/s"}, {"rate": "2/s"}))
    assert visits_of(record) == [(0, "pack", "line", 0, 20, 20, "done")]
    assert states_of(record, "line/a") == [("producing", 0, 20)]
    assert levels(record) == []


def test_a_faster_section_flows_at_rates_times_its_speed():
    record = run(line({"rate": "4/s"}, {"rate": "2/s"}, section={"speed": 1.25}))
    assert visits_of(record) == [(0, "pack", "line", 0, 16, 16, "done")]


def test_a_buffer_fills_before_the_slow_station_and_is_drained_at_the_end():
    record = run(line({"rate": "4/s", "buffer_after": "10 pieces"}, {"rate": "2/s"}))
    assert states_of(record, "line/a") == [("producing", 0, 15), ("starved", 15, 20)]
    assert states_of(record, "line/b") == [("producing", 0, 20)]
    assert levels(record) == [(0, 0, 2), (5, 10, 0), (15, 10, -2), (20, 0, 0)]
    assert visits_of(record) == [(0, "pack", "line", 0, 20, 20, "done")]


def test_a_station_goes_on_into_its_buffer_while_the_next_one_is_down():
    """After 3 s the buffer holds 6 and the second station stops for 5; the first goes on for 1 s."""
    record = run(line({"rate": "4/s", "buffer_after": "10 pieces"}, {"rate": "2/s", "failures": [JAM]}))
    assert causes_of(record, "line/b")[:3] == [
        ("producing", 0, 3, None),
        ("down", 3, 8, "jam"),
        ("producing", 8, 11, None),
    ]
    assert states_of(record, "line/a") == [
        ("producing", 0, 4),
        ("blocked", 4, 8),
        ("producing", 8, 11),
        ("blocked", 11, 16),
        ("producing", 16, 19),
        ("blocked", 19, 24),
        ("producing", 24, 27),
        ("blocked", 27, 32),
        ("producing", 32, 35),
        ("starved", 35, 50),
    ]
    assert levels(record)[:4] == [(0, 0, 2), (3, 6, 4), (4, 10, 0), (35, 10, 0)]
    assert visits_of(record) == [(0, "pack", "line", 0, 50, 50, "done")]


def test_the_section_shows_what_its_last_station_does():
    """The first station stops after 3 s of work; the second goes on with the 6 pieces in the buffer."""
    record = run(line({"rate": "4/s", "failures": [JAM], "buffer_after": "6 pieces"}, {"rate": "2/s"}))
    assert states_of(record, "line/a")[:3] == [("producing", 0, 3), ("down", 3, 8), ("producing", 8, 11)]
    assert states_of(record, "line/b")[:3] == [("producing", 0, 6), ("starved", 6, 8), ("producing", 8, 14)]
    assert causes_of(record, "line")[:3] == [
        ("producing", 0, 6, None),
        ("down", 6, 8, "jam"),
        ("producing", 8, 14, None),
    ]


def test_rejects_are_taken_off_where_they_arise():
    """Half is thrown out at the first station, so the second at 2 a second is as fast as 4 of the first."""
    record = run(line({"rate": "4/s", "rejects": 0.5}, {"rate": "2/s"}, {"rate": "3/s"}))
    assert visits_of(record) == [(0, "pack", "line", 0, 10, 10, "done")]
    assert quantities_of(record) == [("pack", 40, 20, 20)]


def test_stations_start_up_side_by_side():
    """The first is ready after 4 s and fills the buffer by 8 s; the second is ready at 10 s."""
    record = run(
        line(
            {"rate": "2/s", "start_up": "4 s", "buffer_after": "8 pieces"},
            {"rate": "2/s", "start_up": "10 s"},
        )
    )
    assert states_of(record, "line/a") == [
        ("start_up", 0, 4),
        ("producing", 4, 8),
        ("blocked", 8, 10),
        ("producing", 10, 26),
        ("starved", 26, 30),
    ]
    assert states_of(record, "line/b") == [("start_up", 0, 10), ("producing", 10, 30)]
    assert states_of(record, "line") == [("start_up", 0, 10), ("producing", 10, 30)]
    assert levels(record) == [(0, 0, 0), (4, 0, 2), (8, 8, 0), (26, 8, -2), (30, 0, 0)][1:]


def test_a_start_up_waits_while_its_station_is_down():
    """Two hours of start-up, of which the first is done when the station stops for four hours."""
    fault = {"name": "fault", "clock": "calendar", "between": "1 h", "repair": "4 h"}
    record = run(line({"rate": "40/h", "start_up": "2 h", "failures": [fault]}), horizon=5 * 3600 + 1800)
    assert causes_of(record, "line/a", 3600 * 10**9) == [
        ("start_up", 0, 1, None),
        ("down", 1, 5, "fault"),
        ("start_up", 5, 5.5, None),
    ]


def test_waste_of_start_ups_and_stops_is_taken_off_the_lot():
    jam = {**JAM, "waste": "2 pieces", "between": "8 s"}
    record = run(line({"rate": "2/s", "start_up": {"takes": "1 s", "waste": "5 pieces"}, "failures": [jam]}))
    assert quantities_of(record) == [("pack", 40, 31, 9)]
    assert visits_of(record) == [(0, "pack", "line", 0, 31, 31, "done")]


def test_a_buffer_may_be_a_time_and_a_mass():
    """Pieces of 2 g in lots of 80 g: 5 s at 4 a second are 20 pieces, and so are 40 g."""
    for room in ("5 s", "40 g", "20 pieces"):
        what = line(
            {"rate": "4/s", "buffer_after": room}, {"rate": "2/s"}, batch="80 g", recipe={"piece": "2 g"}
        )
        assert levels(run(what)) == [(0, 0, 4000), (10, 40_000, -4000), (20, 0, 0)]


def test_a_station_counts_its_own_pieces():
    """Blisters of ten: 40 tablets are 4 blisters, of which one is before the second station at most."""
    record = run(
        line(
            {"rate": "1/s", "pieces_each": 10, "buffer_after": "1 pieces"},
            {"rate": "0.5/s", "pieces_each": 10},
        )
    )
    assert levels(record) == [(0, 0, 5), (2, 10, 0), (6, 10, -5), (8, 0, 0)]


def test_the_whole_section_stops_at_closing_and_goes_on_at_opening():
    """Open for an hour a day, from the start of the run; the buffer is full when it first closes."""
    hours = {"open": [{"days": "daily", "from": "06:00", "to": "07:00"}], "at_close": "suspend"}
    record = run(
        line(
            {"rate": "20/h", "buffer_after": "5 pieces", "start_up": "30 min"},
            {"rate": "10/h"},
            batch="20 pieces",
            section={"calendar": "night"},
            calendars={"night": hours},
        )
    )
    assert states_of(record, "line/a", 3600 * 10**9)[:5] == [
        ("start_up", 0, 0.5),
        ("producing", 0.5, 1),
        ("off_shift", 1, 24),
        ("producing", 24, 25),
        ("off_shift", 25, 48),
    ]
    assert states_of(record, "line/b", 3600 * 10**9)[:3] == [
        ("starved", 0, 0.5),
        ("producing", 0.5, 1),
        ("off_shift", 1, 24),
    ]
    assert visits_of(record, 3600 * 10**9) == [(0, "pack", "line", 0, 48.5, 48.5, "done")]


def test_a_station_that_stops_off_shift_is_down_and_its_neighbours_are_off_shift():
    fault = {"name": "fault", "clock": "calendar", "between": "2 h", "repair": "30 min"}
    hours = {"open": [{"days": "daily", "from": "06:00", "to": "07:00"}], "at_close": "suspend"}
    record = run(
        line(
            {"rate": "10/h", "failures": [fault]},
            {"rate": "10/h"},
            batch="12 pieces",
            section={"calendar": "night"},
            calendars={"night": hours},
        ),
        horizon=3 * 3600,
    )
    hour = 3600 * 10**9
    assert causes_of(record, "line/a", hour) == [
        ("producing", 0, 1, None),
        ("off_shift", 1, 2, None),
        ("down", 2, 2.5, "fault"),
        ("off_shift", 2.5, 3, None),
    ]
    assert states_of(record, "line/b", hour) == [("producing", 0, 1), ("off_shift", 1, 3)]


def test_the_section_waits_for_its_people_and_repairs_for_theirs():
    jam = {**JAM, "between": "8 s", "needs": ["mechanic"]}
    what = line(
        {"rate": "2/s", "failures": [jam]},
        {"rate": "2/s", "failures": [jam]},
        batch="32 pieces",
        people={"mechanic": {"count": 1}},
    )
    record = run(what)
    assert causes_of(record, "line/a")[:4] == [
        ("producing", 0, 8, None),
        ("down", 8, 13, "jam"),
        ("blocked", 13, 18, None),
        ("producing", 18, 26, None),
    ]
    assert causes_of(record, "line/b")[:3] == [
        ("producing", 0, 8, None),
        ("down", 8, 18, "jam"),
        ("producing", 18, 26, None),
    ]
