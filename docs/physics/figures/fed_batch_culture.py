"""Two weeks of a culture: cells and product, nutrients and waste, with an even feed, a bolus and no feed."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from twin.physics import models


def draw() -> Figure:
    """Return cells, titre and concentrations against time."""
    culture = models()["fed_batch_culture"].evaluate
    hours = np.linspace(1.0, 336.0, 336)
    figure = Figure(figsize=(7.2, 5.4))
    (cells, product), (nutrients, waste) = figure.subplots(2, 2)
    feeds = {
        "even feed": {},
        "daily bolus": {"feed_rate": 0.0, "bolus_volume": 0.03},
        "no feed": {"feed_rate": 0.0},
    }
    for style, (name, feed) in zip(("-", "--", ":"), feeds.items(), strict=True):
        settings = {"culture_duration": 3600.0 * hours, "harvest_viability": 0.0, **feed}
        found = culture({"batch_mass": 1500.0}, settings, {}).attributes
        days = hours / 24
        cells.plot(days, found["cell_density"] / 1e12, style, color="C0", label=name)
        product.plot(days, found["titre"], style, color="C1", label=name)
        for number, nutrient in enumerate(("glucose", "glutamine")):
            label = nutrient if style == "-" else None
            nutrients.plot(days, found[nutrient], style, color=f"C{number + 2}", label=label)
        for number, (metabolite, times) in enumerate((("lactate", 1), ("ammonia", 10))):
            label = (metabolite if times == 1 else f"{metabolite}, {times} times") if style == "-" else None
            waste.plot(days, times * found[metabolite], style, color=f"C{number + 4}", label=label)
    cells.set(xlabel="days", ylabel="viable cells, million/mL")
    product.set(xlabel="days", ylabel="titre, g/L")
    nutrients.set(xlabel="days", ylabel="concentration, mmol/L")
    waste.set(xlabel="days", ylabel="concentration, mmol/L")
    for axes in (cells, product, nutrients, waste):
        axes.legend()
    return figure
