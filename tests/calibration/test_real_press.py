"""What the real press did: the statements that the calibration rests on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from twin.calibration.press_log import PressLog

HOUR = 3600.0


def test_product_3_ran_sixteen_batches(product_3: PressLog) -> None:
    hours = np.array([batch.compression_time for batch in product_3.batches]) / HOUR
    assert len(hours) == 16
    assert round(float(np.median(hours)), 2) == 8.72
    assert round(float(np.mean(hours)), 2) == 8.96
    assert np.mean([len(batch.stops) for batch in product_3.batches]) == 11.25
    assert round(float(np.mean([batch.running_fraction for batch in product_3.batches])), 3) == 0.889


def test_most_stops_and_nearly_all_waste_of_product_3_belong_to_start_up(product_3: PressLog) -> None:
    batches = product_3.batches
    assert round(float(np.mean([len(b.of_kind("start_up")) for b in batches])), 1) == 5.4
    assert round(float(np.mean([b.stopped("start_up") for b in batches])) / 60) == 38
    share = [b.start_up_waste / b.waste for b in batches if not b.counter_stuck]
    assert (round(min(share), 2), round(max(share), 3)) == (0.68, 0.997)


def test_stops_in_production_come_every_80_running_minutes_and_unevenly(product_3: PressLog) -> None:
    counts = {b.batch: len(b.of_kind("production")) for b in product_3.batches}
    running = sum(b.running_time - 600 for b in product_3.batches)
    assert sum(counts.values()) == 93
    assert counts[60] == 35
    assert round(running / 93 / 60) == 80
    repairs = np.array([s.length for b in product_3.batches for s in b.of_kind("production")])
    assert round(float(np.mean(repairs)) / 60, 1) == 4.2
    assert round(float(np.std(repairs) / np.mean(repairs)), 1) == 2.2


def test_product_3_runs_round_the_clock(product_3: PressLog) -> None:
    assert not any(batch.of_kind("calendar") for batch in product_3.batches)
    assert max(stop.length for batch in product_3.batches for stop in batch.stops) == 80 * 60


def test_product_5_stops_for_one_weekend(product_5: PressLog) -> None:
    calendar = {
        b.batch: [round(s.length / HOUR, 1) for s in b.of_kind("calendar")] for b in product_5.batches
    }
    assert calendar == {117: [], 364: [], 365: [48.8]}
    assert product_5.empty_rows == 57


def test_the_counters_of_product_3(product_3: PressLog) -> None:
    stuck = {batch.batch for batch in product_3.batches if batch.counter_stuck}
    assert stuck == {325}
    assert all(930_000 < batch.produced < 960_000 for batch in product_3.batches)
    assert product_3.copied_columns == (("fom", "tbl_fill"),)


def test_start_up_waste_agrees_with_the_published_features(product_3: PressLog, real_data: Path) -> None:
    published = pd.read_csv(real_data / "process.csv", sep=";").set_index("batch")["startup_waste"]
    for batch in product_3.batches:
        assert batch.start_up_waste == pytest.approx(published[batch.batch], rel=0.025)
