"""The freeze-drying numbers that must come out, to their digits."""

import numpy as np
import pytest

from twin.physics.fill_finish.freezing import cooling_time_constant
from twin.physics.fill_finish.lyophilisation_data import (
    CENTIMETRE,
    HOUR,
    LYOPRONTO_EXAMPLE,
    RESISTANCE,
    TORR,
    ZERO_CELSIUS,
)
from twin.physics.fill_finish.primary_drying import (
    course,
    fixed_front_duration,
    frozen_layer,
    kernel_inputs,
    primary_drying,
    primary_drying_array_form,
)

pytestmark = pytest.mark.verification

HELD_AT_MINUS_10 = {
    **LYOPRONTO_EXAMPLE,
    "shelf_start": ZERO_CELSIUS - 10.0,
    "shelf_hold": ZERO_CELSIUS - 10.0,
    "chamber_pressure": 0.10 * TORR,
}


def test_the_frozen_layer():
    layer, ice = frozen_layer(
        *(
            LYOPRONTO_EXAMPLE[name]
            for name in ("fill_volume", "solute_concentration", "solute_density", "product_area")
        )
    )
    assert layer / CENTIMETRE == pytest.approx(0.6919408480, abs=1e-10)
    assert ice / 1000.0 == pytest.approx(0.8898322080, abs=0.5e-10)


@pytest.mark.parametrize(
    ("vial", "hours"), [(LYOPRONTO_EXAMPLE, 6.65407867), (HELD_AT_MINUS_10, 15.46834484)], ids=["Y1", "Y2"]
)
def test_drying_time(vial, hours):
    assert primary_drying(vial).duration / HOUR == pytest.approx([hours], abs=1e-6)
    assert primary_drying(vial, ramp_steps=64).duration / HOUR == pytest.approx([hours], abs=1e-7)
    array_form = primary_drying_array_form(kernel_inputs(vial), ramp_steps=64)
    assert array_form[0] / HOUR == pytest.approx([hours], abs=1e-7)


def test_the_end_of_y1():
    dried = primary_drying(LYOPRONTO_EXAMPLE)
    assert dried.sublimation_temperature - ZERO_CELSIUS == pytest.approx([-14.772897], abs=0.5e-6)
    assert dried.flux * HOUR == pytest.approx([0.894453], abs=0.5e-6)
    assert dried.layer_after_ramp / CENTIMETRE == pytest.approx([0.05978609], abs=3e-8)


def test_the_dried_layer_of_y1_at_55_minutes_and_at_5_hours():
    layer = course(LYOPRONTO_EXAMPLE, np.asarray([55.0 * 60.0, 5.0 * HOUR])).layer
    assert layer / CENTIMETRE == pytest.approx([0.05978609, 0.52244267], abs=0.5e-8)


def test_y3_a_front_held_at_minus_33():
    layer, ice = 0.6919408480 * CENTIMETRE, 889.8322080
    duration = fixed_front_duration(
        layer, ice, 1.4 * RESISTANCE, 16.0 * RESISTANCE / CENTIMETRE, ZERO_CELSIUS - 33.0, 0.1 * TORR
    )
    assert duration / HOUR == pytest.approx(39.49617078, abs=2e-8)


def test_time_constant_of_freezing():
    assert cooling_time_constant(1000.0 * 2e-6, 4000.0, 38.0, 3.8e-4) == pytest.approx(554.016620, abs=0.5e-6)
