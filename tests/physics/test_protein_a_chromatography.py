"""Protein A capture: what an engineer who turns one knob of the step expects to see."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from twin.physics import models
from twin.physics.biologics import protein_a_chromatography
from twin.physics.contract import OK, OUT_OF_RANGE

HARVEST = {"batch_mass": 2000.0, "titre": 3.0}
LOSSES = ("lost_in_load", "lost_in_wash", "lost_in_elution", "left_on_column")


def capture(**changes):
    """Capture lots of the harvest with inputs changed, by their names; numbers or one value a lot."""
    model = models()["protein_a_chromatography"]
    inputs = {name: np.atleast_1d(np.asarray(value, dtype=float)) for name, value in changes.items()}
    lots = max((values.size for values in inputs.values()), default=1)
    inputs = {name: np.broadcast_to(values, lots) for name, values in (HARVEST | inputs).items()}
    groups = [
        {field.name: inputs[field.name] for field in group if field.name in inputs}
        for group in (model.material, model.settings, model.equipment)
    ]
    assert {name for group in groups for name in group} == set(inputs)
    return model.evaluate(*groups)


def rises(values):
    return np.all(np.diff(values) > 0)


def test_what_is_fed_is_in_the_pool_or_lost_somewhere_by_name():
    outcome = capture(
        titre=[0.3, 2.0, 8.0, 20.0],
        adsorption_rate=[3e-4, 1e-3, 1e-2, 3e-2],
        wash_desorption_rate=[1e-4, 1e-3, 1e-3, 1e-2],
        gradient_volumes=[0.0, 2.0, 4.0, 0.0],
        dispersivity=[0.0, 1e-3, 4e-3, 1e-4],
    )
    total = outcome.yield_ + sum(outcome.attributes[name] for name in LOSSES)
    np.testing.assert_allclose(total, 1.0, rtol=1e-10)
    assert list(outcome.status) == [OK] * 4


def test_the_pools_hold_what_the_yield_says_of_the_harvest():
    outcome = capture(pool_end=[1.0, 2.0, 3.0])
    pooled = outcome.attributes["pool_volume"] * outcome.attributes["titre"]
    np.testing.assert_allclose(pooled, outcome.yield_ * 3.0 * 2.0, rtol=1e-12)


def test_host_cell_protein_falls_by_its_clearance_and_rises_with_lost_product():
    outcome = capture(impurity=0.4, impurity_log_reduction=2.0)
    assert outcome.attributes["impurity"] * outcome.yield_ == pytest.approx(0.4 * 1e-2, rel=1e-12)


def test_cycles_share_the_lot_evenly_within_the_capacity():
    outcome = capture(batch_mass=np.linspace(200.0, 9000.0, 40))
    column = math.pi / 4 * 0.8**2 * 0.2
    cycles, load = outcome.attributes["cycles"], outcome.attributes["load"]
    np.testing.assert_array_equal(cycles, np.round(cycles))
    np.testing.assert_allclose(cycles * load * column, 3.0 * np.linspace(0.2, 9.0, 40), rtol=1e-12)
    most = 0.8 * outcome.attributes["dynamic_binding_capacity"]
    assert np.all(load <= most * (1 + 1e-9))
    assert np.all(load * cycles > most * (cycles - 1) * (1 - 1e-9))


def test_a_set_load_is_kept_where_it_is_below_the_capacity():
    outcome = capture(greatest_load=[1e3, 20.0], batch_mass=20_000.0)
    assert outcome.attributes["load"][0] > 30.0
    assert 19.0 < outcome.attributes["load"][1] <= 20.0
    assert outcome.attributes["cycles"][1] > outcome.attributes["cycles"][0]


def test_a_cycle_takes_the_time_of_its_volumes_at_their_flows():
    outcome = capture(batch_mass=500.0)
    assert list(outcome.attributes["cycles"]) == [1.0]
    area, height = math.pi / 4 * 0.8**2, 0.2
    load = 0.5 / (area * 300e-2 / 3600)
    others = (5 + 5 + 6) * height / (300e-2 / 3600) + 4 * height / (200e-2 / 3600)
    np.testing.assert_allclose(outcome.duration, load + others, rtol=1e-12)
    np.testing.assert_allclose(outcome.attributes["buffer_volume"], 20 * area * height, rtol=1e-12)


def test_resin_that_has_aged_binds_less_and_takes_more_cycles():
    outcome = capture(cycles_done=[0.0, 100.0, 300.0], capacity_loss=2e-3, batch_mass=6000.0)
    capacity = outcome.attributes["dynamic_binding_capacity"]
    assert rises(-capacity)
    # The front keeps its width in time, so that what it leaves unused grows in the bed that holds less.
    assert 0.95 * 0.998**100 < capacity[1] / capacity[0] < 0.998**100
    assert rises(outcome.attributes["cycles"])


def test_loading_to_the_breakthrough_loses_what_the_curve_says():
    outcome = capture(load_fraction=[0.6, 0.8, 1.0, 1.2], batch_mass=1e5)
    assert rises(outcome.attributes["lost_in_load"])
    # At 10 % breakthrough less than 10 % is lost, and more than on the straight line from nothing.
    assert 0.001 < outcome.attributes["lost_in_load"][2] < 0.05


def test_a_gradient_elutes_later_than_a_step():
    outcome = capture(gradient_volumes=[0.0, 2.0, 4.0, 8.0], pool_end=2.0, elution_volumes=10.0)
    assert np.all(np.diff(outcome.yield_) <= 1e-12)
    assert outcome.yield_[0] > 0.99
    assert outcome.yield_[3] < 0.5


def test_a_pool_that_starts_late_or_ends_early_loses_product():
    late = capture(pool_start=[0.0, 0.5, 1.0, 1.5])
    early = capture(pool_end=[0.5, 1.0, 1.5, 2.0])
    assert rises(late.attributes["lost_in_elution"])
    assert rises(-early.attributes["lost_in_elution"])
    assert rises(-early.attributes["titre"][1:])


@pytest.mark.parametrize(
    "impossible",
    [
        {"pool_end": 4.5},
        {"pool_start": 3.0},
        {"wash_desorption_rate": 0.2},
        {"dispersivity": 5e-3},
        {"adsorption_rate": 1e-5},
    ],
)
def test_what_cannot_be_is_said_of_that_lot_alone(impossible):
    assert list(capture(**impossible).status) == [OUT_OF_RANGE]
    ((name, value),) = impossible.items()
    usual = next(
        field.default
        for group in ("material", "settings", "equipment")
        for field in getattr(models()["protein_a_chromatography"], group)
        if field.name == name
    )
    assert list(capture(**{name: [usual, value, usual]}).status) == [OK, OUT_OF_RANGE, OK]


def test_a_finer_grid_gives_the_same_capacity_and_yield(monkeypatch):
    # From 3 to 120 transfer units, and elution from weak to strong.
    columns = {
        "adsorption_rate": np.geomspace(2e-4, 8e-3, 12),
        "elution_desorption_rate": np.tile([0.1, 0.4, 1.0], 4),
        "gradient_volumes": np.repeat([0.0, 2.0], 6),
        "pool_end": np.tile([3.0, 3.0, 3.0, 2.0, 2.0, 2.0], 2),
        "elution_volumes": np.tile([4.0, 7.5], 6),
    }
    usual = capture(**columns)
    for name in ("CELLS", "LOAD_STEPS", "WASH_STEPS", "ELUTION_STEPS"):
        monkeypatch.setattr(protein_a_chromatography, name, 4 * getattr(protein_a_chromatography, name))
    fine = capture(**columns)
    assert set(usual.status) == set(fine.status) == {OK}
    capacity = "dynamic_binding_capacity"
    np.testing.assert_allclose(usual.attributes[capacity], fine.attributes[capacity], rtol=1e-3)
    pooled = fine.yield_ > 0.99
    assert 6 <= np.sum(pooled) < 12
    np.testing.assert_allclose(usual.yield_[pooled], fine.yield_[pooled], atol=3e-3)
    np.testing.assert_allclose(usual.yield_[:10], fine.yield_[:10], atol=1e-2)  # to 60 transfer units
    np.testing.assert_allclose(usual.yield_, fine.yield_, atol=3e-2)


@given(
    titre=st.floats(0.2, 2.0),
    rate=st.floats(5e-4, 2e-3),
    constant=st.floats(5.0, 50.0),
    height=st.floats(0.1, 0.2),
    dispersivity=st.floats(0.0, 1e-3),
    step=st.floats(1.05, 1.6),
)
def test_capacity_goes_with_its_causes(titre, rate, constant, height, dispersivity, step):
    base = {
        "titre": titre,
        "adsorption_rate": rate,
        "desorption_rate": rate / constant,
        "wash_desorption_rate": rate / constant,
        "elution_desorption_rate": 1.0,
        "bed_height": height,
        "dispersivity": dispersivity,
        "load_velocity": 5e-4,
    }

    def capacity(name, factor):
        outcome = capture(**base | {name: [base.get(name, 100.0), base.get(name, 100.0) * factor]})
        assert list(outcome.status) == [OK, OK]
        return np.diff(outcome.attributes["dynamic_binding_capacity"])[0]

    assert capacity("capacity", step) > 0
    assert capacity("titre", step) > 0
    assert capacity("bed_height", step) > 0
    assert capacity("desorption_rate", 1 / step) > 0
    assert capacity("load_velocity", step) < 0
    assert capacity("dispersivity", step) <= 1e-12


@given(
    strength=st.floats(0.01, 0.3),
    gradient=st.floats(0.0, 4.0),
    wash=st.floats(2.5e-5, 1e-3),
    step=st.floats(1.1, 2.0),
)
def test_product_goes_where_the_buffers_send_it(strength, gradient, wash, step):
    base = {
        "elution_desorption_rate": strength,
        "gradient_volumes": gradient,
        "wash_desorption_rate": wash,
        "wash_volumes": 4.0,
        "elution_volumes": 6.0,
        "pool_end": 3.0,
    }

    def change(name, factor, attribute):
        outcome = capture(**base | {name: [base[name], base[name] * factor]})
        assert list(outcome.status) == [OK, OK]
        return np.diff(outcome.attributes[attribute])[0]

    assert change("wash_volumes", step, "lost_in_wash") > 0
    assert change("wash_desorption_rate", step, "lost_in_wash") > 0
    assert change("elution_desorption_rate", step, "left_on_column") <= 1e-15
    assert change("gradient_volumes", step, "left_on_column") >= -1e-15
    assert change("pool_end", step, "lost_in_elution") <= 1e-15
