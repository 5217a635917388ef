"""Vial filling: how fast needles are, what drifts between checks, what is sorted out, where mass goes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from twin.physics import models
from twin.physics.contract import OK, OUT_OF_RANGE
from twin.physics.fill_finish.vial_filling import EXCESS_VOLUMES

MODEL = models()["vial_filling"]
TARGET = 2.15e-3  # kg: 2 ml and 7.5 % more


def fill(batch_mass=100.0, **given):
    equipment = {field.name for field in MODEL.equipment}
    return MODEL.evaluate(
        {"batch_mass": batch_mass},
        {k: v for k, v in given.items() if k not in equipment},
        {k: v for k, v in given.items() if k in equipment},
    )


def batches(vials, interval, drift, limit, variation, needle_variation, weighing_error, needles, runs=1500):
    """Simulate batches check by check: what is below and above 3 % off, and adjustments, on average."""
    draws = np.random.default_rng(1)
    checks = vials // interval
    error = np.sqrt((variation**2 + weighing_error**2) / needles)
    spread = np.hypot(variation, needle_variation)
    mean, below, above, adjusted = np.zeros(runs), 0.0, 0.0, 0.0
    for check in range(checks):
        for part in (np.arange(40) + 0.5) / 40:
            here = mean + drift * interval * part
            below += stats.norm.cdf((-0.03 - here) / spread).mean() / 40 / checks
            above += stats.norm.sf((0.03 - here) / spread).mean() / 40 / checks
        mean += drift * interval
        seen = np.abs(mean + draws.normal(0.0, error, runs)) > limit
        adjusted += seen.mean() if check < checks - 1 else 0.0
        mean[seen] = 0.0
    return below, above, adjusted


@pytest.mark.parametrize(
    ("drift", "interval", "limit"),
    [
        (1e-6, 2000, 0.01),  # a few adjustments
        (3e-6, 2000, 0.01),
        (-2e-6, 500, 0.01),
        (1e-5, 2000, 0.01),  # one at every check
        (0.0, 2000, 0.002),  # false alarms alone
        (1e-7, 200, 0.004),  # more checks than are counted one by one
        (1e-7, 2000, 0.01),  # none
    ],
)
def test_drift_and_checks_as_a_simulation_of_batches_has_them(drift, interval, limit):
    vials = 40_000
    below, above, adjusted = batches(vials, interval, drift, limit, 0.005, 0.003, 0.001, 8)
    outcome = fill(vials * TARGET + 0.3, drift=drift, check_interval=float(interval), adjustment_limit=limit)
    assert outcome.attributes["rejected_low"] == pytest.approx([below], rel=0.06, abs=1e-9)
    assert outcome.attributes["rejected_high"] == pytest.approx([above], rel=0.06, abs=1e-9)
    assert outcome.attributes["adjustments"] == pytest.approx([adjusted], rel=0.03, abs=0.05)


def test_without_drift_or_checks_vials_vary_normally():
    outcome = fill(
        drift=0.0, adjustment_limit=0.2, fill_variation=0.012, needle_variation=0.005, low_limit=0.02
    )
    spread = np.hypot(0.012, 0.005)
    assert outcome.attributes["rejected_low"] == pytest.approx([stats.norm.cdf(-0.02 / spread)], rel=1e-10)
    assert outcome.attributes["rejected_high"] == pytest.approx([stats.norm.sf(0.03 / spread)], rel=1e-10)
    assert outcome.attributes["adjustments"] == pytest.approx([0.0], abs=1e-9)
    assert outcome.attributes["vials_filled"] == pytest.approx([99.7 / TARGET], rel=1e-12)


def test_all_bulk_is_in_good_vials_in_rejected_ones_or_in_the_line():
    draws = np.random.default_rng(3)
    n = 200
    given = {
        "drift": draws.uniform(-1e-5, 1e-5, n),
        "fill_variation": draws.uniform(0.001, 0.03, n),
        "weighed_fraction": draws.uniform(0, 1, n),
        "overfill": draws.uniform(0, 0.2, n),
    }
    loss = draws.uniform(0.0, 5.0, n)
    outcome = fill(100.0, line_loss=loss, **given)
    held = outcome.attributes["filled_mass"] + outcome.attributes["rejected_mass"] + loss
    assert held == pytest.approx(np.full(n, 100.0), rel=1e-12)
    assert outcome.yield_ == pytest.approx(outcome.attributes["filled_mass"] / 100.0, rel=1e-14)
    label = outcome.attributes["vials"] * 2e-6 * 1000.0
    over = outcome.attributes["filled_mass"] - label
    assert outcome.attributes["overfill_mass"] == pytest.approx(over, rel=1e-9, abs=1e-9)
    mean = outcome.attributes["mean_fill_volume"] * outcome.attributes["vials"] * 1000.0
    assert mean == pytest.approx(outcome.attributes["filled_mass"], rel=1e-12)


def test_mean_and_rejects_as_vials_drawn_at_random_have_them():
    outcome = fill(drift=0.0, adjustment_limit=0.2, fill_variation=0.02, overfill=0.02, weighed_fraction=0.4)
    draws = np.random.default_rng(4)
    content = 1.0 + draws.normal(0.0, np.hypot(0.02, 0.003), 2_000_000)
    passed = (np.abs(content - 1.0) < 0.03) | (draws.uniform(size=content.size) > 0.4)
    good = content[passed]
    attributes = outcome.attributes
    assert attributes["mean_fill_volume"] == pytest.approx([good.mean() * 2.04e-6], rel=1e-4)
    assert attributes["below_label"] == pytest.approx([np.mean(good < 1 / 1.02)], rel=0.01)
    assert attributes["outside_limits"] == pytest.approx([np.mean(np.abs(good - 1) > 0.03)], rel=0.01)
    assert attributes["vials"] / attributes["vials_filled"] == pytest.approx([passed.mean()], rel=1e-3)


def test_needles_hold_a_fast_line_back_and_not_a_slow_one():
    outcome = fill(machine_speed=np.asarray([2.0, 9.0]), needles=4.0, needle_flow=4e-6, index_time=0.6)
    limit = 4.0 / (2.15e-6 / 4e-6 + 0.6)
    assert outcome.attributes["filling_rate"] == pytest.approx([2.0, limit])


def test_a_batch_takes_its_vials_over_the_rate_and_its_stops():
    outcome = fill(drift=3e-6, adjustment_time=np.asarray([0.0, 300.0]))
    running = outcome.attributes["vials_filled"] / outcome.attributes["filling_rate"]
    assert outcome.duration - running == pytest.approx([0.0, 300.0 * outcome.attributes["adjustments"][1]])


def test_what_cannot_be_filled_is_out_of_range():
    outcome = fill(
        np.asarray([100.0, 0.2, 100.0, 100.0]),
        machine_speed=np.asarray([5.0, 5.0, 11.0, 5.0]),
        drift=np.asarray([0.0, 0.0, 0.0, 1e-3]),
    )
    assert list(outcome.status) == [OK, OUT_OF_RANGE, OUT_OF_RANGE, OUT_OF_RANGE]


def test_the_recommended_excess_leaves_few_vials_below_the_label():
    for label, (mobile, viscous) in EXCESS_VOLUMES.items():
        overfill = np.asarray([0.0, mobile / label, viscous / label])
        outcome = fill(label_volume=label, overfill=overfill, drift=0.0)
        assert outcome.attributes["below_label"][0] == pytest.approx(0.5)
        assert outcome.attributes["below_label"][1] < 1e-3
        assert outcome.attributes["below_label"][2] <= outcome.attributes["below_label"][1]


@settings(max_examples=30)
@given(drift=st.floats(1e-8, 4e-7), variation=st.floats(0.003, 0.02), more=st.floats(1.1, 2.0))
def test_more_drift_more_spread_rarer_checks_and_closer_limits_reject_more(drift, variation, more):
    worse = [np.where(np.arange(5) == k, more, 1.0) for k in range(5)]
    outcome = fill(
        drift=drift * worse[1],
        fill_variation=variation * worse[2],
        check_interval=2000.0 * worse[3],
        low_limit=0.03 / worse[4],
        high_limit=0.03 / worse[4],
    )
    rejected = outcome.attributes["rejected_low"] + outcome.attributes["rejected_high"]
    assert np.all(rejected[1:] >= 0.97 * rejected[0] - 1e-12)
    assert np.all(outcome.yield_ <= 1.0)


@settings(max_examples=30)
@given(overfill=st.floats(0.0, 0.3), more=st.floats(0.01, 0.1))
def test_more_overfill_makes_fewer_vials_and_fewer_light_ones(overfill, more):
    attributes = fill(overfill=np.asarray([overfill, overfill + more])).attributes
    assert attributes["vials"][1] < attributes["vials"][0]
    assert attributes["below_label"][1] <= attributes["below_label"][0]
    assert attributes["overfill_mass"][1] > attributes["overfill_mass"][0]
