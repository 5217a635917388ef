"""How a depth filter blocks: pressure and flux against throughput, and the area that a harvest needs."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from twin.physics import models


def draw() -> Figure:
    """Return pressure and flux against throughput, and the required area against turbidity."""
    filtration = models()["depth_filtration"].evaluate
    figure = Figure(figsize=(9.0, 3.2))
    pressure, flux, size = figure.subplots(1, 3)
    throughput = np.linspace(1.0, 250.0, 250)
    laws = {
        "complete": (3.8, 0.0, 0.0),
        "intermediate": (0.0, 10.0, 0.0),
        "cake": (0.0, 0.0, 50.0),
    }
    for name, (complete, intermediate, cake) in laws.items():
        blocking = {
            "complete_blocking": complete,
            "intermediate_blocking": intermediate,
            "cake_blocking": cake,
        }
        found = filtration(
            {"batch_mass": throughput}, {"greatest_pressure": 6e4}, {"area": 1.0, **blocking}
        ).attributes
        pressure.plot(throughput, found["last_pressure"] / 1e5, label=name)
        flux.plot(throughput, found["last_flux"] * 3.6e6, label=name)
    pressure.set(xlabel="throughput, L/m²", ylabel="pressure, bar")
    pressure.legend(title="blocking")
    flux.set(xlabel="throughput, L/m²", ylabel="flux, L/(m² h)", ylim=(0, 160))
    turbidity = np.linspace(10.0, 400.0, 100)
    for most in (1.0, 1.5, 2.0):
        material = {"batch_mass": 1500.0, "turbidity": turbidity}
        found = filtration(material, {"greatest_pressure": 1e5 * most}, {}).attributes
        size.plot(turbidity, found["required_area"], label=f"{most:g} bar")
    size.set(xlabel="turbidity of the feed, NTU", ylabel="area for 1500 kg, m²")
    size.legend(title="pressure at most")
    return figure
