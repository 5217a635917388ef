"""The numbers of cleaning and sterilisation in place that must come out, to the digit."""

import numpy as np
import pytest

from twin.physics import models
from twin.physics.fill_finish.cleaning_in_place import rinsed
from twin.physics.fill_finish.steam_sterilisation import hold_lethality, ramp_lethality

pytestmark = pytest.mark.verification

BOILING, REFERENCE, RATE = 100.0 + 273.15, 121.1 + 273.15, 2.0 / 60.0


def test_three_tanks_in_series_rinsed_with_three_volumes():
    assert rinsed(3.0, 3.0) == pytest.approx(0.0062321951, abs=0.5e-10)


def test_f0_of_heating_from_100_to_121_degrees_at_2_kelvin_a_minute():
    assert ramp_lethality(BOILING, REFERENCE, RATE, 10.0) / 60 == pytest.approx(2.15461642, abs=0.5e-8)


def test_f0_with_a_hold_of_15_minutes_and_as_slow_a_cooling():
    heated = ramp_lethality(BOILING, REFERENCE, RATE, 10.0)
    held = hold_lethality(REFERENCE, 900.0, 10.0)
    cooled = ramp_lethality(REFERENCE, BOILING, -RATE, 10.0)
    assert (heated + held + cooled) / 60 == pytest.approx(19.30923284, abs=0.5e-8)


def test_hold_and_cooling_of_the_unit_operation_are_the_same():
    outcome = models()["steam_sterilisation"].evaluate(
        {},
        {
            "hold_temperature": np.asarray([REFERENCE]),
            "hold_time": 900.0,
            "cooling_rate": RATE,
            "end_temperature": BOILING,
        },
        {},
    )
    assert (outcome.attributes["f0_hold"] + outcome.attributes["f0_cooling"]) / 60 == pytest.approx(
        [19.30923284 - 2.15461642], abs=1e-8
    )
