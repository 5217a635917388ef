"""Temperature of a vessel in steam and what it adds to F0, over time."""

import numpy as np
from matplotlib.figure import Figure

from twin.physics import models
from twin.physics.fill_finish.steam_sterilisation import REFERENCE

STEAM, START, HOLD, END = 398.15, 298.15, 394.25, 313.15


def draw() -> Figure:
    """Draw the cycle of the defaults, whose times the model gives."""
    figure = Figure(figsize=(8, 3.2))
    warm, lethal = figure.subplots(1, 2)
    outcome = models()["steam_sterilisation"].evaluate({}, {}, {})
    heating = float(outcome.attributes["heating_time"][0])
    cooling = float(outcome.attributes["cooling_time"][0])
    holding = float(outcome.duration[0]) - heating - cooling
    time = np.linspace(0.0, heating + holding + cooling, 600)
    constant = heating / np.log((STEAM - START) / (STEAM - HOLD))
    temperature = np.where(
        time < heating,
        STEAM - (STEAM - START) * np.exp(-time / constant),
        np.minimum(HOLD, HOLD - (time - heating - holding) * (HOLD - END) / cooling),
    )
    warm.plot(time / 60, temperature - 273.15)
    warm.set_xlabel("time, min")
    warm.set_ylabel("temperature, °C")
    rate = 10 ** ((temperature - REFERENCE) / 10.0)
    gathered = np.concatenate([[0.0], np.cumsum(0.5 * (rate[1:] + rate[:-1]) * np.diff(time))])
    lethal.plot(time / 60, gathered / 60)
    lethal.set_xlabel("time, min")
    lethal.set_ylabel("F0 so far, min")
    return figure
