"""What came out of a run: the headlines with their intervals, the first few large, and all in a table."""

from __future__ import annotations

from twin.experiment.catalogue import HEADLINES, describe
from twin.experiment.display import with_interval
from twin.experiment.report.markup import Markup, joined, table, tag
from twin.experiment.report.section import Figures, Section
from twin.experiment.results import Result
from twin.experiment.statistics import replications_needed

TILES = ("throughput", "lead_time_mean", "wip_mean", "yield", "cost.total.per_batch", "makespan")
MOST_TILES = 4
PRECISION = 0.01  # for which the replications still needed are told
TITLES = {
    "throughput": "Throughput",
    "lead_time_mean": "Mean lead time",
    "wip_mean": "Lots in the plant",
    "yield": "Yield",
    "cost.total.per_batch": "Cost of a batch",
    "makespan": "Makespan",
}


def outcome(result: Result, figures: Figures) -> Section | None:
    """All headlines in a table."""
    known = [name for name in HEADLINES if result.values.get(name)]
    if not known:
        return None
    level = f"{100 * result.level:g} % interval"
    rows = []
    for name in known:
        i = result.interval(name)
        mean, interval, unit = with_interval(i.mean, i.low, i.high, result.unit_of(name))
        rows.append((name, mean, interval, unit, i.n, describe(name).meaning))
    columns = ("measure", "mean", level, "unit", "n", "meaning")
    body = [table(columns, rows, numbers=("mean", "n")), _precision(result)]
    return Section("What came out", joined(body))


def tiles(result: Result) -> Markup:
    """The first few headlines, large."""
    chosen = [name for name in TILES if result.values.get(name)][:MOST_TILES]
    found = []
    for name in chosen:
        i = result.interval(name)
        mean, interval, unit = with_interval(i.mean, i.low, i.high, result.unit_of(name))
        bounds = None if interval == "–" else tag("div", f"{interval} {unit}", class_="bounds")
        value = tag("div", tag("b", mean), f" {unit}", class_="value")
        found.append(tag("div", tag("div", TITLES[name], class_="what"), value, bounds, class_="tile"))
    return tag("div", *found, class_="tiles")


def _precision(result: Result) -> Markup | None:
    """How well throughput is known, and what more would cost."""
    values = list(result.values.get("throughput", {}).values())
    if len(values) < 2:
        return tag("p", "One replication has no interval: run at least two.", class_="note")
    needed = replications_needed(values, PRECISION, result.level)
    if needed is None or needed <= len(values):
        return None
    text = f"About {needed} replications would give throughput to ±{PRECISION:.0%}."
    return tag("p", text, class_="note")
