"""The numbers of biologics that must come out, to their digits."""

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
