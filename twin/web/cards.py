"""The cards at the top of a result: the few measures asked for first, each with its interval. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from dash import html

from twin.web.attributes import attributes
from twin.web.measure_names import measure_name
from twin.web.wording import interval, ratio_unit

WANTED = (
    "throughput",
    "output_mass",
    "output_pieces",
    "lead_time_mean",
    "wip_mean",
    "on_time",
    "cost.total.per_batch",
    "makespan",
    "yield",
    "waiting_time_mean",
)
MOST = 8
FIRST_OF_UNITS = {"utilisation": "Busiest", "bottleneck": "Bottleneck"}


@dataclass(frozen=True)
class Row:
    """One measure of a result in SI units; the interval's bounds are NaN where there is one replication."""

    measure: str
    mean: float
    low: float
    high: float
    level: float
    replications: int
    unit: str


def rows_of(measures: Any) -> tuple[Row, ...]:
    """Return the rows of a result's table of measures."""
    return tuple(
        Row(
            row["measure"],
            _number(row["mean"]),
            _number(row["low"]),
            _number(row["high"]),
            row["level"],
            row["n"],
            row["unit"],
        )
        for row in measures.to_pylist()
    )


def headline(rows: Sequence[Row]) -> tuple[Row, ...]:
    """Return the measures for the cards, at most eight; the last are the busiest unit and the bottleneck."""
    known = {row.measure: row for row in rows if not math.isnan(row.mean)}
    chosen = [known[name] for name in WANTED if name in known][: MOST - len(FIRST_OF_UNITS)]
    return (*chosen, *(row for kind in FIRST_OF_UNITS if (row := _first_of(known.values(), kind))))


def _first_of(rows: Iterable[Row], kind: str) -> Row | None:
    """The largest measure of this kind over the units."""
    found = [row for row in rows if row.measure.startswith("unit.") and row.measure.endswith(f".{kind}")]
    return max(found, key=lambda row: row.mean, default=None)


def cards(rows: Iterable[Row]) -> Any:
    """Return the cards of `rows`."""
    return html.Div([_card(row) for row in rows], className="cards", id="cards")


def measure_cells(row: Row) -> tuple[str, str, str, str]:
    """Return a row of the table of measures: name, mean, interval, unit."""
    shown = interval(row.mean, row.low, row.high, ratio_unit(row.measure, row.unit))
    return measure_name(row.measure), shown.mean, shown.interval if shown.low else "–", shown.unit


def _name(measure: str) -> str:
    parts = measure.split(".")
    if parts[0] == "unit" and parts[-1] in FIRST_OF_UNITS:
        return f"{FIRST_OF_UNITS[parts[-1]]}: {parts[1].replace('_', ' ')}"
    return measure_name(measure)


def _card(row: Row) -> Any:
    shown = interval(row.mean, row.low, row.high, ratio_unit(row.measure, row.unit))
    name = _name(row.measure)
    spoken = f"{name}: {shown.mean} {shown.unit}, {shown.interval}"
    percent = f"{row.level * 100:.3g} %"
    title = (
        f"{percent} confidence interval of the mean over {row.replications} replications" if shown.low else ""
    )
    return html.Div(
        [
            html.Div(name, className="card-name", title=name),
            html.Div([shown.mean, html.Span(shown.unit, className="unit")], className="card-value number"),
            html.Div(shown.interval, className="card-interval number", title=title),
        ],
        className="card",
        role="group",
        **attributes(data_measure=row.measure, aria_label=spoken),
    )


def _number(value: float | None) -> float:
    return math.nan if value is None else float(value)
