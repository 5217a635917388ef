"""A result on the page: title line, downloads, cards, figures with their tables, all measures. Reads only."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import html

from twin.experiment.figures import (
    bottleneck,
    costs,
    has_costs,
    lead_times,
    throughput_over_time,
    wip_over_time,
)
from twin.experiment.results import Result
from twin.web.attributes import attributes
from twin.web.cards import cards, headline, measure_cells, rows_of
from twin.web.downloads import KINDS
from twin.web.gantt_view import gantt_panel
from twin.web.icons import icon
from twin.web.parts import figure_panel, panel, table
from twin.web.states_view import states_panel
from twin.web.wording import significant


def meta(result: Result | None) -> Any:
    """Return the line under the title: how the result was made."""
    if result is None:
        return []
    manifest = result.manifest
    level = f"{result.level * 100:.3g} % intervals"
    parts = [
        _fact(str(manifest["replications"]), "replications"),
        _fact(str(manifest["seed"]), "seed", before=True),
        html.Span(_horizon(result)),
        html.Span(level),
        html.Span([f"{manifest['kind']} run"]),
        html.Span(["run ", html.A(html.Code(result.id), href=f"/run/{result.id}")]),
        *_deviations(result),
    ]
    return html.Div(parts, className="meta number")


def actions(result: Result | None) -> Any:
    """Return the downloads and the way to a comparison."""
    if result is None:
        return []
    links = [
        dmc.MenuItem(
            html.A(text, href=f"/download/{result.id}/{kind}", download="", className="menu-link"),
            id={"download": kind},
        )
        for kind, text in KINDS.items()
        if kind != "usd" or result.has_records
    ]
    menu = dmc.Menu(
        [
            dmc.MenuTarget(
                html.Button([icon("download"), "Download"], className="quiet-button", id="download")
            ),
            dmc.MenuDropdown(links),
        ],
        position="bottom-end",
        shadow="md",
    )
    compare = html.A([icon("compare"), "Compare"], href=f"/compare?b={result.id}", className="quiet-button")
    return [compare, menu]


def result(shown: Result) -> Any:
    """Return the body of a result."""
    rows = rows_of(shown.measures)
    return html.Div(
        [
            cards(headline(rows)),
            states_panel(shown),
            html.Div(
                [
                    figure_panel("Bottleneck", bottleneck(shown)),
                    *([figure_panel("Costs", costs(shown))] if has_costs(shown) else []),
                ],
                className="pair",
            ),
            *(_of_the_record(shown, rows) if shown.has_records else (_all_measures(rows), _no_record())),
        ],
        className="stack",
    )


def _of_the_record(shown: Result, rows: Any) -> tuple[Any, ...]:
    """What is drawn from the records that were kept, and all measures beside it."""
    over_time = [
        figure_panel("Throughput", throughput_over_time(shown)),
        figure_panel("Work in process", wip_over_time(shown)),
    ]
    last = [figure_panel("Lead time", lead_times(shown)), _all_measures(rows)]
    return (
        html.Div(over_time, className="pair"),
        gantt_panel(shown),
        html.Div(last, className="pair stretch"),
    )


def _no_record() -> Any:
    """What stands in place of the figures that are drawn from records, and how to see them."""
    told = (
        "To save room, this run counted its measures as it went and kept no record of its replications. "
        "Throughput and work in process over time, the Gantt chart, the distribution of lead times and the "
        "3D stage are drawn from records. To see them, find the parameter Record among all, set it to full, "
        "and run again: a few replications are enough."
    )
    return panel("Over time", "", html.P(told, className="soft"))


def _all_measures(rows: Any) -> Any:
    cells = [measure_cells(row) for row in rows if row.mean == row.mean]
    return panel(
        "All measures",
        "Means over the replications with their intervals.",
        html.Div(
            table(("Measure", "Mean", "Interval", "Unit"), cells),
            className="scroll-x measures",
            tabIndex=0,
            **attributes(aria_label="All measures"),
        ),
    )


def _fact(value: str, name: str, before: bool = False) -> Any:
    return html.Span([f"{name} ", html.B(value)] if before else [html.B(value), f" {name}"])


def _deviations(result: Result) -> list[Any]:
    """How many visits lay beyond what their physics holds for, where any did."""
    if "deviations" not in result.values:
        return []
    mean = result.interval("deviations").mean
    return [_fact(significant(mean), "visits beyond the physics' range")] if mean else []


def _horizon(result: Result) -> str:
    days = (result.window[1] - result.window[0]) / 86_400e9
    return f"{significant(days)} days" if days >= 2 else f"{significant(days * 24)} hours"
