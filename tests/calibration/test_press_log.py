"""Reading the log of a press: what a batch is, and each trap of such logs on a small one."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from press_log_writer import LogWriter

from twin.calibration.press_log import PressBatch, accumulate, covers_night, read_press_log

MINUTE = 60.0


def only_batch(path: Path) -> PressBatch:
    (batch,) = read_press_log(path).batches
    return batch


def test_a_batch_lasts_from_its_first_to_its_last_running_row(monday_log: LogWriter, tmp_path: Path) -> None:
    batch = only_batch(monday_log.rest(30).run(20).rest(5).run(60).rest(45).write(tmp_path))
    assert batch.started == datetime(2026, 1, 5, 6, 30)
    assert batch.compression_time == 85 * MINUTE
    assert batch.running_time == 80 * MINUTE
    assert batch.running_fraction == pytest.approx(80 / 85)
    assert [(stop.kind, stop.length, stop.running_before) for stop in batch.stops] == [
        ("production", 5 * MINUTE, 20 * MINUTE)
    ]


def test_start_up_is_the_first_ten_running_minutes_with_its_stops(
    monday_log: LogWriter, tmp_path: Path
) -> None:
    log = monday_log.run(2, waste_a_row=100).rest(15).run(5, waste_a_row=50).rest(10).run(60, waste_a_row=1)
    batch = only_batch(log.rest(1).run(5).write(tmp_path))
    assert [stop.kind for stop in batch.stops] == ["start_up", "start_up", "production"]
    assert batch.start_up_time == 35 * MINUTE
    assert batch.start_up_waste == 12 * 100 + 30 * 50 + 18 * 1
    assert batch.production_waste == 360 - 18


def test_the_set_speed_is_the_one_held_longest(monday_log: LogWriter, tmp_path: Path) -> None:
    batch = only_batch(monday_log.run(5, speed=60).run(95, speed=120).write(tmp_path))
    assert batch.planned_speed * 3.6 == pytest.approx(120)
    assert batch.speed_held == pytest.approx(0.95)
    assert batch.pressed == pytest.approx(5_000 + 190_000)


def test_a_counter_that_falls_to_zero_keeps_its_maximum(monday_log: LogWriter, tmp_path: Path) -> None:
    frame = monday_log.run(60, waste_a_row=2).rest(10).frame()
    frame.loc[frame.index[-20:], ["produced", "waste"]] = 0
    batch = only_batch(monday_log.write(tmp_path, frame))
    assert batch.produced == 120_000
    assert batch.waste == 2 * 360
    assert not batch.counter_stuck


def test_a_counter_that_counts_on_after_a_fall_adds_up() -> None:
    assert accumulate(np.array([0.0, 5.0, 9.0, 0.0, 0.0, 3.0])).tolist() == [0, 5, 9, 9, 9, 12]


def test_a_counter_that_sticks_is_told_by_the_tablets_made_meanwhile(
    monday_log: LogWriter, tmp_path: Path
) -> None:
    frame = monday_log.run(30, waste_a_row=1).rest(2).run(30, waste_a_row=1).frame()
    frame["produced"] = frame["produced"].clip(upper=20)
    batch = only_batch(monday_log.write(tmp_path, frame))
    assert batch.counter_stuck
    assert batch.produced == pytest.approx(120_000 - 360)
    assert np.isnan(batch.production_waste)
    assert np.isnan(batch.stops[0].waste)


def test_a_weekend_without_a_gap_in_the_rows_is_a_calendar_stop(tmp_path: Path) -> None:
    log = LogWriter("2026-01-09 19:00:00").run(120).rest(49 * 60).run(60)  # a Friday evening
    batch = only_batch(log.write(tmp_path))
    assert [(stop.kind, stop.length) for stop in batch.stops] == [("calendar", 49 * 60 * MINUTE)]
    assert batch.working_time == 180 * MINUTE


def test_a_long_breakdown_in_the_daytime_is_not_a_calendar_stop(
    monday_log: LogWriter, tmp_path: Path
) -> None:
    batch = only_batch(monday_log.run(60).rest(5 * 60).run(60).write(tmp_path))
    assert [stop.kind for stop in batch.stops] == ["production"]


def test_a_night_is_covered_only_as_a_whole() -> None:
    hour = 3600.0
    assert covers_night(datetime(2026, 1, 5, 22, 0), 8 * hour)
    assert covers_night(datetime(2026, 1, 5, 1, 30), 3 * hour)
    assert not covers_night(datetime(2026, 1, 5, 3, 0), 8 * hour)
    assert not covers_night(datetime(2026, 1, 5, 22, 0), 5 * hour)


def test_rows_without_values_are_counted_and_left_out(monday_log: LogWriter, tmp_path: Path) -> None:
    frame = monday_log.run(30).rest(5).run(30).frame()
    frame.loc[frame.index[185:190], ["tbl_speed", "fom", "tbl_fill", "produced", "waste"]] = np.nan
    log = read_press_log(monday_log.write(tmp_path, frame))
    assert log.empty_rows == 5
    assert log.batches[0].compression_time == 65 * MINUTE
    assert [stop.length for stop in log.batches[0].stops] == [5 * MINUTE]


def test_a_column_that_repeats_another_is_named(monday_log: LogWriter, tmp_path: Path) -> None:
    frame = monday_log.run(30).frame()
    assert read_press_log(monday_log.write(tmp_path, frame)).copied_columns == ()
    frame["fom"] = frame["tbl_fill"]
    assert read_press_log(monday_log.write(tmp_path, frame)).copied_columns == (("fom", "tbl_fill"),)


def test_batches_are_told_apart(monday_log: LogWriter, tmp_path: Path) -> None:
    log = read_press_log(monday_log.run(30).rest(60).next_batch().run(40).write(tmp_path))
    assert [(batch.batch, batch.running_time) for batch in log.batches] == [(1, 1800), (2, 2400)]
    assert log.campaigns() == (1,)


def test_a_batch_that_never_starts_up_is_refused(monday_log: LogWriter, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="Batch 1 runs less than ten minutes"):
        read_press_log(monday_log.run(5).rest(60).write(tmp_path))


def test_a_log_without_its_columns_is_refused(monday_log: LogWriter, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="columns tbl_speed, waste are missing"):
        read_press_log(
            monday_log.write(tmp_path, monday_log.run(30).frame().drop(columns=["tbl_speed", "waste"]))
        )
