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
