"""Granulation emulated: predicted against solved sizes, and the error of each output over its noise."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from scipy.special import ndtri

from twin.physics import models
from twin.physics.emulation.design import Reach, emulator_of, sobol
from twin.physics.emulation.emulator import stand_in

NORMAL = {  # mean and standard deviation
    "moisture": (0.0141, 0.0008),
    "primary_d50": (123e-6, 4e-6),
    "liquid_to_solid": (0.24, 0.002),
    "wet_massing_time": (300.0, 10.0),
}
FIXED = {
    "batch_mass": 216.0,
    "bulk_density": 550.0,
    "spray_rate": 0.0864,
    "impeller_speed": 3.0,
    "bowl_volume": 0.75,
    "impeller_diameter": 0.7,
    "coalescence_factor": 5e-4,
}
TAIL = 1e-4


def lots(count: int, seed: int = 1) -> dict[str, np.ndarray]:
    """Return lots whose powder and settings are normal."""
    deviates = ndtri(np.clip(sobol(len(NORMAL), count, seed), TAIL, 1.0 - TAIL))
    drawn = {name: m + s * z for (name, (m, s)), z in zip(NORMAL.items(), deviates, strict=True)}
    return drawn | {name: np.full(count, value) for name, value in FIXED.items()}


def draw() -> Figure:
    """Return the figure."""
    model = models()["high_shear_granulation"]
    reach = -ndtri(TAIL)
    ranges = {name: (m - reach * s, m + reach * s) for name, (m, s) in NORMAL.items()}
    emulator = emulator_of(model, Reach(FIXED, ranges, lots, seed=2))
    fresh = lots(200, seed=3)
    material, settings, equipment = (
        {q.name: fresh[q.name] for q in group if q.name in fresh}
        for group in (model.material, model.settings, model.equipment)
    )
    solved = model.evaluate(material, settings, equipment)
    predicted = stand_in(model, lambda: [emulator]).evaluate(material, settings, equipment)
    figure, (left, right) = plt.subplots(1, 2, width_ratios=(1, 1.3))
    for name in ("d10", "d50", "d90"):
        left.plot(solved.attributes[name] * 1e6, predicted.attributes[name] * 1e6, ".", ms=3, label=name)
    left.axline((300, 300), slope=1, color="0.5", lw=0.8)
    left.set(xlabel="solved in µm", ylabel="emulated in µm")
    left.legend()
    qualities = {n: q for n, q in emulator.quality.items() if q.error > 1e-4}
    right.barh(list(qualities), [q.error for q in qualities.values()], color="C0")
    right.axvline(0.1, color="C3", lw=0.8)
    right.set(xlabel="cross-validated error over lot-to-lot noise", ylabel="output", xlim=(0, 0.11))
    right.tick_params(axis="y", labelsize=6)
    return figure
