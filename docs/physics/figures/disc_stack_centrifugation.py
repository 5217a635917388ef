"""How clear a centrate is: turbidity against flow and broken cells, and what is caught of each size."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from twin.physics import models


def draw() -> Figure:
    """Return turbidity against flow, and product recovered against the space for sediment."""
    spin = models()["disc_stack_centrifugation"].evaluate
    figure = Figure()
    clarity, loss = figure.subplots(1, 2)
    flow = np.linspace(200.0, 3000.0, 200)
    for broken in (0.0, 0.02, 0.1):
        outcome = spin({"batch_mass": 1500.0}, {"feed_flow": flow / 3.6e6}, {"shear_breakage": broken})
        clarity.plot(flow, outcome.attributes["turbidity"], label=f"{100 * broken:g} %")
    clarity.set(xlabel="flow, L/h", ylabel="turbidity of the centrate, NTU")
    clarity.legend(title="cells broken on entry")
    space = np.linspace(0.5, 6.0, 400)
    for solids in (0.02, 0.05, 0.1):
        material = {"batch_mass": 1500.0, "solids_fraction": solids}
        outcome = spin(material, {"sediment_space": 1e-3 * space}, {})
        loss.plot(space, 100 * outcome.attributes["product_recovered"], label=f"{100 * solids:g} %")
    loss.set(xlabel="sediment between two ejections, L", ylabel="product recovered, %")
    loss.legend(title="solids in the broth")
    return figure
