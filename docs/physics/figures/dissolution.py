"""How fast a powder dissolves by its size, and how a medium that fills up holds it back."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from twin.physics import models


def draw() -> Figure:
    """Return the fraction dissolved over time for three sizes and for three loads of the medium."""
    dissolve = models()["dissolution"].evaluate
    minutes = np.linspace(1.0, 60.0, 119)
    test = {"test_duration": 60.0 * minutes}
    figure = Figure()
    by_size, by_load = figure.subplots(1, 2, sharey=True)
    for median in (20e-6, 50e-6, 100e-6):
        drug = {"drug_d10": 0.4 * median, "drug_d50": median, "drug_d90": 2.5 * median}
        outcome = dissolve(drug, test, {})
        by_size.plot(minutes, 100 * outcome.attributes["dissolved_at_end"], label=f"{1e6 * median:g} µm")
    by_size.set(xlabel="time, min", ylabel="dissolved, % of the dose", ylim=(0, 102))
    by_size.legend(title="median diameter")
    for dose in (50e-6, 600e-6, 1200e-6):
        outcome = dissolve({"dose": dose}, test, {})
        load = dose / (9e-4 * 1.0)
        by_load.plot(minutes, 100 * outcome.attributes["dissolved_at_end"], label=f"{load:.2f}")
    by_load.set(xlabel="time, min", ylabel="dissolved, % of the dose")
    by_load.legend(title="dose over what\nthe medium holds")
    return figure
