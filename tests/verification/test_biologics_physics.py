"""The numbers of biologics that must come out, to their digits."""

import math

import numpy as np
import pytest

from twin.physics import models
from twin.physics.contract import OK
from twin.physics.kernels.culture import CULTURE, INPUTS, OUTPUTS
from twin.physics.kernels.launch import on_cpu

pytestmark = pytest.mark.verification

HOUR = 3600.0
CULTURE_MODEL = models()["fed_batch_culture"]
# 1 g/L of cells stands for 1e12 cells/m3, 1 g/L of substrate for 1 mol/m3.
MONOD = {
    "batch_mass": 1000.0,
    "inoculation_density": 0.2e12,
    "inoculum_viability": 1.0,
    "start_glucose": 10.0,
    "start_glutamine": 50.0,
    "growth_rate": 0.04 / HOUR,
    "death_rate": 0.0,
    "glucose_half": 0.5,
    "glutamine_half": 0.0,
    "cells_per_glucose": 0.5e12,
    "cells_per_glutamine": 1e18,
    "lactate_per_glucose": 0.0,
    "ammonia_per_glutamine": 0.0,
    "glucose_maintenance": 0.0,
    "glutamine_maintenance": 0.0,
    "oxygen_uptake": 0.0,
}
SAMPLED = {"sampling_interval": 2 * HOUR, "feed_start": 1000 * HOUR}


@pytest.mark.parametrize(("hours", "density"), [(42.37992774, 1.0), (71.94287853, 3.0), (88.20957789, 5.0)])
def test_batch_growth_of_monod_with_one_limiting_substrate(hours, density):
    substrate = 10 - (density - 0.2) / 0.5
    growth_rate = 0.04 * substrate / (0.5 + substrate)
    in_time = 0.5e-8 * growth_rate * density  # what half a unit of the last digit of the time makes
    material, settings = MONOD, {**SAMPLED, "culture_duration": hours * HOUR}
    fields = (*CULTURE_MODEL.material, *CULTURE_MODEL.settings, *CULTURE_MODEL.equipment)
    given = {field.name: field.default for field in fields} | material | settings
    rows = np.asarray([[given[name]] for name in INPUTS])
    out = dict(zip(OUTPUTS, on_cpu(CULTURE, (64, 256), rows), strict=True))  # steps of half a minute
    assert out["viable"] / 1e12 == pytest.approx(np.asarray([density]), abs=1.1 * in_time)
    assert out["glucose"] == pytest.approx([substrate], abs=2.2 * in_time)
    outcome = CULTURE_MODEL.evaluate(material, settings, {})  # the steps of the unit operation
    assert outcome.status == [OK]
    assert outcome.attributes["cell_density"] / 1e12 == pytest.approx(np.asarray([density]), rel=1e-8)


def test_sigma_of_a_disc_stack():
    stack = {"discs": 80.0, "outer_radius": 0.075, "inner_radius": 0.030, "disc_angle": math.radians(40)}
    outcome = models()["disc_stack_centrifugation"].evaluate(
        {"batch_mass": 1000.0}, {"bowl_speed": 9000 / 60}, stack
    )
    assert outcome.attributes["sigma"] == pytest.approx([7141.9415], abs=0.5e-4)


def test_viral_inactivation_of_an_hour():
    outcome = models()["viral_inactivation"].evaluate(
        {"pool_volume": 0.1, "inactivation_rate": 0.2 / 60}, {"hold_duration": 3600.0}, {}
    )
    assert outcome.attributes["log_reduction"] == pytest.approx([5.21153378], abs=0.5e-8)


def test_ultrafiltration_under_gel_polarisation_and_diafiltration_of_seven_volumes():
    no_osmosis = {"osmotic_first": 0.0, "osmotic_second": 0.0, "osmotic_third": 0.0}
    outcome = models()["ultrafiltration_diafiltration"].evaluate(
        {"pool_volume": 0.5, "titre": 10.0, **no_osmosis},
        {
            "diafiltration_concentration": 50.0,
            "final_concentration": 50.0,
            "diafiltration_volumes": np.asarray([0.0, 7.0]),
            "flush_volume": 0.0,
        },
        {"area": 10.0, "mass_transfer": 0.025 / HOUR, "gel_concentration": 220.0, "membrane_resistance": 0.0},
    )
    assert list(outcome.status) == [OK, OK]
    assert outcome.duration[0] / HOUR == pytest.approx(0.66507839, abs=0.5e-8)
    assert outcome.attributes["permeate_volume"][0] == pytest.approx(0.4, rel=1e-12)
    assert outcome.attributes["buffer_left"][1] == pytest.approx(9.118820e-4, abs=0.5e-10)
    exchange = 7 * 0.1 / (10.0 * 0.025 * math.log(220 / 50))
    assert (outcome.duration[1] - outcome.duration[0]) / HOUR == pytest.approx(exchange, rel=1e-12)
