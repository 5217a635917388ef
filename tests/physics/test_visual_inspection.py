"""Visual inspection: what is found and lost, Knapp's zones, and how a sample decides, against SciPy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special, stats

from twin.physics import models
from twin.physics.contract import OK, OUT_OF_RANGE
from twin.physics.fill_finish.visual_inspection import (
    ACCEPT_ZONE,
    METHODS,
    REJECT_ZONE,
    accepted_by_sample,
    accepted_by_sample_of_batch,
    zone_efficiency,
)
from twin.physics.numerics.special import log_factorial

MODEL = models()["visual_inspection"]
CLASSES = ("critical", "major", "minor")


def inspect(vials=20_000.0, **given):
    material = {field.name for field in MODEL.material}
    test = {field.name for field in MODEL.settings}
    return MODEL.evaluate(
        {"vials": vials} | {k: v for k, v in given.items() if k in material},
        {k: v for k, v in given.items() if k in test},
        {k: v for k, v in given.items() if k not in material | test},
    )


def test_logarithms_of_factorials_against_scipy():
    x = np.concatenate([np.linspace(0, 30, 61), np.logspace(1.5, 9, 50)])
    assert log_factorial(x) == pytest.approx(special.gammaln(x + 1), rel=1e-13, abs=1e-13)


@pytest.mark.parametrize("acceptance", [0, 1, 5, 14, 30])
def test_a_binomial_sample_against_scipy(acceptance):
    p, n = np.meshgrid([0.0, 1e-6, 1e-3, 0.01, 0.1, 0.5, 1.0], [1.0, 20.0, 315.0, 2000.0])
    ours = accepted_by_sample(p.ravel(), n.ravel(), float(acceptance))
    assert ours == pytest.approx(stats.binom.cdf(acceptance, n.ravel(), p.ravel()), abs=1e-12)


@pytest.mark.parametrize("acceptance", [0, 2, 10])
def test_a_hypergeometric_sample_against_scipy(acceptance):
    defects, n = np.meshgrid([0.0, 1.0, 7.0, 100.0, 2000.0], [1.0, 20.0, 315.0])
    ours = accepted_by_sample_of_batch(defects.ravel(), 20_000.0, n.ravel(), float(acceptance))
    truth = stats.hypergeom.cdf(acceptance, 20_000, defects.ravel().astype(int), n.ravel().astype(int))
    assert ours == pytest.approx(truth, abs=1e-9)


def test_a_sample_of_a_batch_that_is_a_sample_itself_is_binomial():
    batch, sample, p, acceptance = 200, 30, 0.04, 2.0
    defects = np.arange(0, 120)
    chances = stats.binom.pmf(defects, batch, p)
    each = accepted_by_sample_of_batch(defects.astype(float), float(batch), float(sample), acceptance)
    assert np.sum(chances * each) == pytest.approx(float(accepted_by_sample(p, 30.0, 2.0)), rel=1e-9)


def test_the_plan_for_a_common_batch_passes_at_its_quality_limit_and_stops_what_is_far_worse():
    """ISO 2859-1, code letter M: 315 containers, acceptance number 5 for a limit of 0.65 %."""
    passed = accepted_by_sample(np.asarray([0.0065, 0.03]), 315.0, 5.0)
    assert passed[0] > 0.95
    assert passed[1] < 0.1


def test_every_container_passes_or_is_rejected():
    draws = np.random.default_rng(1)
    n = 100
    given = {f"{name}_defects": draws.uniform(0, 0.05, n) for name in CLASSES}
    given |= {f"{name}_detection": draws.uniform(0, 1, n) for name in CLASSES}
    outcome = inspect(passes=draws.integers(1, 4, n).astype(float), reinspected_fraction=0.5, **given)
    attributes = outcome.attributes
    assert attributes["vials"] + attributes["rejected_vials"] == pytest.approx(np.full(n, 2e4), rel=1e-14)
    assert outcome.yield_ * 2e4 == pytest.approx(attributes["vials"], rel=1e-14)
    remaining = sum(attributes[f"remaining_{name}"] for name in CLASSES)
    assert attributes["defects_per_million"] == pytest.approx(1e6 * remaining, rel=1e-13)
    good = 1.0 - sum(given[f"{name}_defects"] for name in CLASSES) - attributes["false_rejects"]
    assert attributes["vials"] * (1.0 - remaining) == pytest.approx(2e4 * good, rel=1e-12)


def test_containers_inspected_one_by_one_fare_alike():
    draws = np.random.default_rng(2)
    count, defective = 1_000_000, 0.02
    major = draws.uniform(size=count) < defective
    chance = np.where(major, 0.8, 0.03)

    def rejected():
        return (draws.uniform(size=(2, count)) < chance).any(axis=0)

    first, again, second = rejected(), draws.uniform(size=count) < 0.6, rejected()
    out = first & (~again | second)
    outcome = inspect(
        float(count),
        major_defects=defective,
        major_detection=0.8,
        critical_defects=0.0,
        minor_defects=0.0,
        false_rejection=0.03,
        passes=2.0,
        reinspected_fraction=0.6,
    )
    attributes = outcome.attributes
    assert attributes["rejected_vials"] == pytest.approx([out.sum()], rel=0.02)
    assert attributes["false_rejects"] == pytest.approx([np.mean(out & ~major)], rel=0.03)
    assert attributes["remaining_major"] == pytest.approx([major[~out].mean()], rel=0.05)


def test_perfect_inspection_leaves_no_defect_and_loses_nothing_good():
    perfect = {f"{name}_detection": 1.0 for name in CLASSES}
    outcome = inspect(false_rejection=0.0, **perfect)
    assert outcome.attributes["defects_per_million"] == [0.0]
    assert outcome.attributes["false_rejects"] == [0.0]
    assert outcome.attributes["sampling_acceptance"] == [1.0]
    assert outcome.yield_ == pytest.approx([1.0 - 0.0121], rel=1e-12)


def test_blind_inspection_passes_all():
    outcome = inspect(false_rejection=0.0, **{f"{name}_detection": 0.0 for name in CLASSES})
    assert outcome.yield_ == pytest.approx([1.0], rel=1e-14)
    assert outcome.attributes["defects_per_million"] == pytest.approx([12_100.0], rel=1e-12)


def test_inspection_takes_every_look_and_then_the_sample():
    outcome = inspect(
        10_000.0,
        inspection_rate=np.asarray([METHODS[name].inspection_rate for name in METHODS]),
        stations=2.0,
        passes=2.0,
        sample_size=200.0,
        sampling_time=10.0,
    )
    looks = 10_000.0 * 2.0
    assert outcome.duration == pytest.approx(looks / (2.0 * np.asarray([0.1, 0.5, 5.0])) + 2000.0)


def test_a_manual_inspector_does_as_many_an_hour_as_ten_seconds_allow():
    assert 3600.0 * METHODS["manual"].inspection_rate == 360.0


def test_more_defects_than_containers_and_a_sample_larger_than_the_batch_are_out_of_range():
    outcome = inspect(
        np.asarray([20_000.0, 20_000.0, 300.0]),
        minor_defects=np.asarray([0.01, 0.9, 0.01]),
        major_defects=np.asarray([0.01, 0.2, 0.01]),
    )
    assert list(outcome.status) == [OK, OUT_OF_RANGE, OUT_OF_RANGE]


def test_knapps_zones_compare_a_machine_with_people():
    people = np.asarray([0.98, 0.9, 0.72, 0.65, 0.4, 0.31, 0.2, 0.02, 0.0])[:, None]
    machine = np.asarray([1.0, 0.95, 0.7, 0.9, 0.2, 0.1, 0.1, 0.0, 0.05])[:, None]
    must = zone_efficiency(people, machine, REJECT_ZONE, 2.0)
    assert must >= zone_efficiency(people, people, REJECT_ZONE, 2.0)
    assert must == pytest.approx([(1.0 + 0.95 + 0.7) / 3])
    assert zone_efficiency(people, machine, ACCEPT_ZONE, REJECT_ZONE) == pytest.approx([0.4])
    assert zone_efficiency(people, machine, 0.0, ACCEPT_ZONE) == pytest.approx([0.05])


@given(
    detection=st.floats(0.1, 0.95),
    more=st.floats(0.01, 0.04),
    false=st.floats(0.001, 0.05),
    defects=st.floats(1e-5, 0.3),
)
def test_better_eyes_leave_fewer_defects_and_a_second_look_at_rejects_saves_good_ones(
    detection, more, false, defects
):
    given = {
        "critical_defects": 0.0,
        "minor_defects": 0.0,
        "major_defects": defects,
        "false_rejection": false,
    }
    better = inspect(major_detection=np.asarray([detection, detection + more]), **given).attributes
    assert better["remaining_major"][1] < better["remaining_major"][0]
    assert better["sampling_acceptance"][1] >= better["sampling_acceptance"][0] - 1e-12
    twice = inspect(passes=np.asarray([1.0, 2.0]), major_detection=detection, **given).attributes
    assert twice["remaining_major"][1] < twice["remaining_major"][0]
    assert twice["false_rejects"][1] > twice["false_rejects"][0]
    again = inspect(
        reinspected_fraction=np.asarray([0.0, 1.0]), major_detection=detection, **given
    ).attributes
    assert again["false_rejects"][1] < again["false_rejects"][0]
    assert again["remaining_major"][1] > again["remaining_major"][0]
