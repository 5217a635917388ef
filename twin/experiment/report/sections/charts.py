"""The figures of a run: where its units' time went, what left when, how long lots took, what it cost."""

from __future__ import annotations

from typing import Any

from twin.experiment.figures import FIGURES, has_costs
from twin.experiment.report.markup import Markup, joined, tag
from twin.experiment.report.section import Figures, Section
from twin.experiment.results import Result
from twin.experiment.sweeps.point import SweepPoint

TITLES = {
    "states": "What the units did",
    "throughput": "Throughput over time",
    "wip": "Lots in the plant over time",
    "lead_times": "Lead times",
    "costs": "Costs",
}
OF_THE_RECORD = ("throughput", "wip", "lead_times")
"""Figures that need the record of some replications."""


def bottleneck_of(result: Result, figures: Figures) -> Section | None:
    """Which unit holds the plant up, by the active periods."""
    if not any(name.endswith(".bottleneck") for name in result.values):
        return None
    if isinstance(result, SweepPoint):  # figures of units need the plant, which a point does not keep
        said = bottleneck_sentence(result)
        return None if said is None else Section("The bottleneck", said)
    figure = FIGURES["bottleneck"](result)
    if not figure.data:
        return None
    drawn = figures.draw(figure, "Share of time as the bottleneck")
    return Section("The bottleneck", joined([bottleneck_sentence(result), drawn]))


def bottleneck_sentence(result: Result) -> Markup | None:
    """Which unit is the bottleneck for how long; None where no unit ever is."""
    shares = {
        name.removeprefix("unit.").removesuffix(".bottleneck"): result.interval(name).mean or 0.0
        for name in result.values
        if name.endswith(".bottleneck")
    }
    unit, share = max(shares.items(), key=lambda pair: pair[1], default=("", 0.0))
    if not share:
        return None
    return tag(
        "p",
        tag("b", unit),
        f" is the bottleneck for {share:.0%} of the time: at these moments it has been active longest without"
        " a pause, and the plant waits for it.",
    )


def charts(result: Result, figures: Figures) -> Section | None:
    """The other figures that this run has the data for."""
    drawn = [
        figures.draw(figure, title)
        for name, title in TITLES.items()
        if (figure := _figure(result, name)) is not None and figure.data
    ]
    return Section("Charts", joined(drawn)) if drawn else None


def _figure(result: Result, name: str) -> Any:
    """A figure by its name, None where the run has not what it needs."""
    if name in OF_THE_RECORD and not result.has_records:
        return None
    if name == "costs" and not has_costs(result):
        return None
    if isinstance(result, SweepPoint) and name == "states":
        return None
    if name == "states" and not any(".state." in measure for measure in result.values):
        return None
    return FIGURES[name](result)
