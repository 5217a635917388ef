"""Figures: pure functions of results to Plotly, each with its table twin for readers who do not see.

`FIGURES` names those of one result; `comparison_figure` takes a comparison. `table_of(figure)` gives a
figure's numbers. All take `template`: "light" or "dark"; `costs` raises KeyError for a
plant without prices, `warm_up` for a run that is not steady.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from twin.experiment.figures.bottleneck import bottleneck
from twin.experiment.figures.comparison import comparison_figure
from twin.experiment.figures.costs import costs, has_costs
from twin.experiment.figures.gantt import gantt
from twin.experiment.figures.lead_time import lead_times
from twin.experiment.figures.over_time import throughput_over_time, wip_over_time
from twin.experiment.figures.states import state_stacks
from twin.experiment.figures.theme import FigureTable, table_of
from twin.experiment.figures.warm_up import warm_up_figure

FIGURES: Mapping[str, Callable[..., Any]] = {
    "states": state_stacks,
    "gantt": gantt,
    "throughput": throughput_over_time,
    "wip": wip_over_time,
    "lead_times": lead_times,
    "bottleneck": bottleneck,
    "costs": costs,
    "warm_up": warm_up_figure,
}

__all__ = [
    "FIGURES",
    "FigureTable",
    "bottleneck",
    "comparison_figure",
    "costs",
    "gantt",
    "has_costs",
    "lead_times",
    "state_stacks",
    "table_of",
    "throughput_over_time",
    "warm_up_figure",
    "wip_over_time",
]
