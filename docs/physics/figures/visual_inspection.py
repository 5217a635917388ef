"""What inspection leaves and loses, and how a sample decides."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from twin.physics import models
from twin.physics.fill_finish.visual_inspection import accepted_by_sample


def draw() -> Figure:
    """Return the defects that remain by detection, and the probability that samples pass a batch."""
    inspect = models()["visual_inspection"].evaluate
    figure = Figure()
    left, sample = figure.subplots(1, 2)
    detection = np.linspace(0.3, 0.99, 139)
    ways = {"once": {}, "twice": {"passes": 2.0}, "rejects seen again": {"reinspected_fraction": 1.0}}
    for label, settings in ways.items():
        found = {"critical_detection": detection, "major_detection": detection, "minor_detection": detection}
        outcome = inspect({"vials": 20_000.0}, settings, found)
        left.semilogy(detection, outcome.attributes["defects_per_million"], label=label)
    left.axvline(0.7, color="grey", linestyle=":", linewidth=1)
    left.set(xlabel="probability of detection", ylabel="defective ones in a million passed")
    left.legend(title="inspected")
    defective = np.linspace(0.0, 0.05, 201)
    for size, number in ((20.0, 0.0), (315.0, 5.0), (315.0, 14.0)):
        passed = accepted_by_sample(defective, size, number)
        sample.plot(100 * defective, passed, label=f"at most {number:g} of {size:g}")
    sample.set(xlabel="defective, %", ylabel="probability that the batch passes")
    sample.legend()
    return figure
