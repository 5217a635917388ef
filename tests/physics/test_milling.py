"""Milling: what an engineer expects of speed, screen and granules, and that nothing is lost."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad_vec

from twin.physics import models
from twin.physics.contract import OK, OUT_OF_RANGE
from twin.physics.kernels.balance_inputs import sizes_of
from twin.physics.kernels.launch import run
from twin.physics.kernels.population_balance import milling_kernel
from twin.physics.numerics.population_balance import Breakage, fragments, state_of
from twin.physics.numerics.size_distribution import sphere_volume
from twin.physics.solid_dose.milling import (
    SECTIONS,
    austin_fragments_above,
    austin_fragments_below,
    by_arrays,
    feed,
    milling_inputs,
)

MODEL = models()["milling"]
GROUP = {
    field.name: group
    for group, fields in enumerate((MODEL.material, MODEL.settings, MODEL.equipment))
    for field in fields
}
M = SECTIONS.count
PIVOTS = np.array(SECTIONS.pivots)[:, None]


def mill(**given):
    """Mill lots of 200 kg with what is given."""
    groups = [{"batch_mass": 200.0}, {}, {}]
    for name, value in given.items():
        groups[GROUP[name]][name] = np.asarray(value, dtype=float)
    return MODEL.evaluate(*groups)


def by_kernel(step, residue, passing, breakage, state, steps):
    inputs = milling_inputs(step, residue, passing, breakage, state)
    return run(milling_kernel(M), sizes_of(SECTIONS, steps), inputs)


def several(lots):
    draws = np.random.default_rng(6)
    start, _ = feed(
        draws.uniform(1e-4, 2e-4, lots), draws.uniform(3e-4, 6e-4, lots), draws.uniform(1e-3, 2e-3, lots)
    )
    law = draws.uniform(0.2, 0.5, lots), draws.uniform(0.5, 2.5, lots), draws.uniform(3.0, 6.0, lots)
    with np.errstate(divide="ignore"):  # endlessly many fragments of no size
        broken = fragments(
            SECTIONS,
            lambda z: austin_fragments_below(z, *law),
            lambda z: austin_fragments_above(z, *law),
            start,
        )
    sizes = np.cbrt(6 / np.pi * PIVOTS)
    passing = 5 * np.clip(1 - sizes / draws.uniform(0.8e-3, 2e-3, lots), 0, None) ** 2
    rates = 4 * -np.expm1(-sizes * draws.uniform(300, 900, lots))
    return np.full(lots, 0.1), np.full(lots, 1e-3), passing, Breakage(rates, *broken), start


def test_all_mass_is_milled_or_dust_or_left_in_the_mill():
    outcome = mill(dust_loss=[0.0, 0.01, 0.05], throughput=[0.05, 0.1, 0.5])
    given = outcome.attributes
    assert given["milled_mass"] + given["dust"] + given["left_in_mill"] == pytest.approx(200.0, rel=1e-14)
    assert outcome.yield_ * 200.0 == pytest.approx(given["milled_mass"], rel=1e-14)
    assert np.all(given["left_in_mill"] > 0)


def test_what_was_fed_is_inside_or_has_passed_at_any_time():
    step, residue, passing, breakage, start = several(4)
    for steps in (1, 10, 300):
        outcome = by_kernel(step, residue, passing, breakage, start, steps)
        inside = (outcome[:M] * PIVOTS).sum(axis=0)
        passed = (outcome[M + 3 : 2 * M + 3] * PIVOTS).sum(axis=0)
        assert inside + passed == pytest.approx(np.ones(4), abs=1e-12)
    assert np.all(inside < 1e-3)


def test_duration_is_feeding_and_running_out():
    outcome = mill(throughput=0.08)
    run_out = outcome.attributes["run_out_time"]
    assert outcome.duration == pytest.approx(200.0 / 0.08 + run_out, rel=1e-14)
    assert mill(throughput=0.08, residue=1e-2).attributes["run_out_time"] < run_out


def test_granules_that_nothing_breaks_come_out_as_they_went_in():
    outcome = mill(breakage_threshold=0.5, aperture=8e-3, d10=200e-6, d50=350e-6, d90=600e-6, open_area=0.8)
    given = outcome.attributes
    assert list(outcome.status) == [OK]
    sizes = np.array([given["d10"], given["d50"], given["d90"]])[:, 0]
    assert sizes == pytest.approx([200e-6, 350e-6, 600e-6], rel=0.02)


def test_what_breaks_evenly_and_passes_evenly_comes_to_the_closed_form():
    # S = v, b = 2/v', an exponential feed and a constant rate c of passing: what passed is the integral of
    # c exp(-c t) (1 + t)**2 exp(-(1 + t) v) over time.
    scale, leaves = sphere_volume(1e-3), 0.7
    edges = np.array(SECTIONS.edges) / scale
    edges[0], edges[-1] = 0.0, 1e3  # exp(-1000) is nothing
    numbers, volumes = -np.diff(np.exp(-edges)), -np.diff((1 + edges) * np.exp(-edges))
    start = state_of(SECTIONS, numbers[:, None] / scale, volumes[:, None])
    rates = np.minimum(PIVOTS / scale, 60.0)
    breakage = Breakage(rates, *fragments(SECTIONS, lambda z: z * z, lambda z: 2 * (1 - z), rates))
    passing = np.full((M, 1), leaves)
    outcome = by_kernel(np.array([0.02]), np.array([1e-6]), passing, breakage, start, 1500)
    shares = (outcome[M + 3 : 2 * M + 3] * PIVOTS)[:, 0]

    def below(time):
        sizes = (1 + time) * edges
        return leaves * np.exp(-leaves * time) * (1 - (1 + sizes) * np.exp(-sizes))

    exact = np.diff(quad_vec(below, 0, 60)[0])
    assert shares.sum() == pytest.approx(1.0, abs=1e-6)
    assert np.abs(shares - exact).sum() < 0.03
    # All of it waits for 1/c on average, and exp(-c t) of it for longer than t.
    assert outcome[2 * M + 3] == pytest.approx([1 / leaves], rel=1e-6)
    assert outcome[2 * M + 4] == pytest.approx([np.log(1e6) / leaves], rel=1e-6)
    assert outcome[2 * M + 3] - outcome[2 * M + 5] == pytest.approx([1e-6 / leaves], rel=1e-3)


def test_sizes_do_not_depend_on_the_time_step():
    # Steps of a linear balance end where the balance does, however long they are.
    step, residue, passing, breakage, start = several(3)
    coarse = by_kernel(step, residue, passing, breakage, start, 400)
    fine = by_kernel(step / 8, residue, passing, breakage, start, 3200)
    passed = slice(M + 3, 2 * M + 3)
    np.testing.assert_allclose(coarse[passed] * PIVOTS, fine[passed] * PIVOTS, atol=1e-6)
    assert coarse[2 * M + 4] == pytest.approx(fine[2 * M + 4], rel=1e-3)


def test_kernel_and_array_form_agree_lot_by_lot_to_rounding():
    given = several(5)
    # They add in different orders, and compiled exponentials may round otherwise.
    np.testing.assert_allclose(by_kernel(*given, 60), by_arrays(*given, 60), rtol=1e-9, atol=1e-12)


def test_austins_fragments_are_the_whole_and_as_many_as_the_law_says():
    ratio = np.linspace(1e-4, 1.0, 200_001)
    law = 0.35, 1.2, 5.0
    volumes = austin_fragments_below(ratio, *law)
    assert volumes[-1] == 1.0
    counted = (np.diff(volumes) / (0.5 * (ratio[1:] + ratio[:-1]))).sum()
    assert counted == pytest.approx(austin_fragments_above(ratio[0], *law), rel=1e-3)
    at_three = [
        austin_fragments_above(np.asarray(0.01), 1.0, exponent, 4.0) for exponent in (2.999, 3.0, 3.001)
    ]
    assert at_three[1] == pytest.approx(0.5 * (at_three[0] + at_three[2]), rel=1e-5)


def finer(first, second):
    for name in ("d10", "d50", "d90"):
        assert second[name] <= first[name] * (1 + 1e-9), name
    assert second["fines"] >= first["fines"] - 1e-9


SOME = {
    "impeller_speed": st.floats(15.0, 40.0),
    "aperture": st.floats(1e-3, 3e-3),
    "weakness": st.floats(3.0, 50.0),
    "d90": st.floats(0.9e-3, 2e-3),
}


def both(lot, name, factor):
    outcome = mill(**{key: [value, value * factor if key == name else value] for key, value in lot.items()})
    assert list(outcome.status) == [OK, OK]
    return [{key: values[i] for key, values in outcome.attributes.items()} for i in (0, 1)]


@settings(max_examples=15)
@given(lot=st.fixed_dictionaries(SOME), factor=st.floats(1.05, 2.0))
def test_a_faster_impeller_mills_finer_and_holds_less(lot, factor):
    slow, fast = both(lot, "impeller_speed", factor)
    finer(slow, fast)
    assert fast["hold_up"] < slow["hold_up"]


@settings(max_examples=15)
@given(lot=st.fixed_dictionaries(SOME), factor=st.floats(1.05, 1.4))
def test_a_finer_screen_mills_finer_and_holds_more(lot, factor):
    coarse, fine = both(lot, "aperture", 1 / factor)
    finer(coarse, fine)
    assert fine["hold_up"] > coarse["hold_up"]


@settings(max_examples=15)
@given(lot=st.fixed_dictionaries(SOME), factor=st.floats(1.05, 3.0))
def test_weaker_granules_mill_finer(lot, factor):
    finer(*both(lot, "weakness", factor))


@settings(max_examples=15)
@given(lot=st.fixed_dictionaries(SOME))
def test_hardly_any_comes_out_larger_than_the_holes(lot):
    outcome = mill(**lot, oversize=1.16 * lot["aperture"])  # a section's width above
    assert outcome.attributes["oversize_fraction"] == pytest.approx([0.0], abs=1e-12)


def test_a_mill_that_cannot_break_what_is_too_large_is_out_of_range():
    outcome = mill(breakage_threshold=[0.004, 0.5], aperture=0.5e-3)
    assert list(outcome.status) == [OK, OUT_OF_RANGE]


def test_a_flooded_mill_a_feed_out_of_order_and_boulders_are_out_of_range():
    outcome = mill(
        throughput=[0.1, 5.0, 0.1, 0.1],
        d10=[150e-6, 150e-6, 500e-6, 150e-6],
        d90=[1.4e-3, 1.4e-3, 1.4e-3, 5e-3],
    )
    assert list(outcome.status) == [OK, OUT_OF_RANGE, OUT_OF_RANGE, OUT_OF_RANGE]


def test_granulation_feeds_the_mill():
    granulated = models()["high_shear_granulation"].evaluate({"batch_mass": 200.0}, {}, {}).attributes
    sizes = {name: granulated[name] for name in ("d10", "d50", "d90")}
    outcome = MODEL.evaluate({"batch_mass": 200.0, **sizes}, {}, {})
    assert list(outcome.status) == [OK]
    assert outcome.attributes["d50"] < sizes["d50"]
