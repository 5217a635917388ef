"""Flux and time of ultra- and diafiltration: with a gel as the only limit, and with osmotic pressure."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from twin.physics import models

GEL_ONLY = ({"osmotic_first": 0.0, "osmotic_second": 0.0, "osmotic_third": 0.0}, {"membrane_resistance": 0.0})


def draw() -> Figure:
    """Return flux against concentration, and duration against the concentration of diafiltration."""
    filtration = models()["ultrafiltration_diafiltration"].evaluate
    figure = Figure()
    flux, time = figure.subplots(1, 2)
    concentration = np.linspace(9.0, 200.0, 200)
    through = {"diafiltration_volumes": 0.0, "diafiltration_concentration": 8.5}
    exchange = np.linspace(15.0, 140.0, 200)
    cases = {
        "gel only": (*GEL_ONLY, 1.2e5),
        "0.9 bar": ({}, {}, 9e4),
        "0.6 bar": ({}, {}, 6e4),
        "0.4 bar": ({}, {}, 4e4),
    }
    for name, (material, equipment, pressure) in cases.items():
        lot = {"pool_volume": 0.3, "titre": 8.0, **material}
        settings = {"final_concentration": concentration, "transmembrane_pressure": pressure, **through}
        outcome = filtration(lot, settings, equipment)
        flux.plot(concentration, 3.6e6 * outcome.attributes["last_flux"], label=name)
        settings = {"diafiltration_concentration": exchange, "final_concentration": 140.0}
        outcome = filtration(lot, settings | {"transmembrane_pressure": pressure}, equipment)
        time.plot(exchange, outcome.duration / 3600, label=name)
    flux.set(xlabel="product, g/L", ylabel="flux, L/(m² h)")
    flux.legend()
    time.set(xlabel="product at diafiltration, g/L", ylabel="duration to 140 g/L, h", ylim=(0, 6))
    return figure
