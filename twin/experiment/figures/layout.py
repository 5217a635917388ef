"""A floor plan before and after units moved: footprints, aisles, and how much travels where; with its
table.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

import plotly.graph_objects as go

from twin.experiment.figures.palette import NEUTRAL, SERIES
from twin.experiment.figures.theme import INK, escaped, faint, new_figure, rounded
from twin.plant.layout import corners, place_units, positions
from twin.plant.schema import Plant

Point = tuple[float, float]

WIDEST = 8.0  # pixels, of the way with most trips


def layout_figure(
    before: Plant, after: Plant, flow: Mapping[tuple[str, str], float], *, template: str = "light"
) -> go.Figure:
    """What moved, from where to where, on one plan; trips as lines whose width is how many there are.

    Args:
        before: the plant as it is.
        after: the same plant with other places.
        flow: trips between places, as `layouts.trips` counts them.
        template: `light` or `dark`.
    """
    old, new = _centers(before), _centers(after)
    moved = [name for name in old if name in new and old[name] != new[name]]
    columns = ("unit", "from x, m", "from y, m", "to x, m", "to y, m", "moved, m", "trips")
    rows = [
        [name, *map(rounded, (*old[name], *new[name], math.dist(old[name], new[name]))), _trips(flow, name)]
        for name in moved
    ]
    caption = "Units that moved, and trips to and from them in a replication"
    figure = new_figure(template, caption, columns, rows)
    _add_floor(figure, before, template)
    _add_flow(figure, new, flow)
    _add_units(figure, before, set(moved), "present place", NEUTRAL, "dot")
    _add_units(figure, after, set(moved), "new place", SERIES[1], "solid")
    _add_units(figure, after, set(new) - set(moved), "stays", SERIES[0], "solid")
    for name in moved:
        figure.add_annotation(
            x=new[name][0], y=new[name][1], ax=old[name][0], ay=old[name][1],
            xref="x", yref="y", axref="x", ayref="y", text="",
            showarrow=True, arrowhead=2, arrowcolor=SERIES[1],
        )  # fmt: skip
    figure.update_yaxes(scaleanchor="x", scaleratio=1, title="m")
    figure.update_xaxes(title="m")
    figure.update_layout(height=560)
    return figure


def _centers(plant: Plant) -> dict[str, Point]:
    return {name: at for name, at in positions(plant).items() if at is not None}


def _trips(flow: Mapping[tuple[str, str], float], name: str) -> float:
    return math.fsum(count for pair, count in flow.items() if name in pair)


def _add_floor(figure: go.Figure, plant: Plant, template: str) -> None:
    outlines = [area.outline for area in plant.layout.areas.values()]
    x, y = _polygons(outlines)
    line = {"color": INK[template], "width": 1}
    figure.add_scatter(x=x, y=y, mode="lines", line=line, name="areas", hoverinfo="skip")
    x, y = _joined(plant.layout.aisles)
    line = {"color": NEUTRAL, "width": 1, "dash": "dash"}
    figure.add_scatter(x=x, y=y, mode="lines", line=line, name="aisles", hoverinfo="skip")
    stores = {name: store.at for name, store in plant.storage.items() if store.at is not None}
    if stores:
        figure.add_scatter(
            x=[at[0] for at in stores.values()], y=[at[1] for at in stores.values()], mode="markers+text",
            text=[escaped(name) for name in stores], textposition="top center", textfont={"size": 9},
            marker={"symbol": "diamond", "color": SERIES[2]}, name="storages", hoverinfo="text",
        )  # fmt: skip
    figure.update_xaxes(showgrid=False)
    figure.update_yaxes(showgrid=False)


def _add_flow(figure: go.Figure, centers: Mapping[str, Point], flow: Mapping[tuple[str, str], float]) -> None:
    """Straight lines between places, as wide as there are trips there and back."""
    both: dict[tuple[str, str], float] = {}
    for (a, b), count in flow.items():
        if a in centers and b in centers:
            pair = (a, b) if a <= b else (b, a)
            both[pair] = both.get(pair, 0.0) + count
    most = max(both.values(), default=1.0)
    for k, ((a, b), count) in enumerate(sorted(both.items())):
        figure.add_scatter(
            x=[centers[a][0], centers[b][0]],
            y=[centers[a][1], centers[b][1]],
            mode="lines",
            line={"color": faint(SERIES[2], 0.45), "width": max(WIDEST * count / most, 0.5)},
            name="trips",
            legendgroup="trips",
            showlegend=k == 0,
            hovertemplate=f"{escaped(a)} – {escaped(b)}: {count:.4g} trips<extra></extra>",
        )


def _add_units(figure: go.Figure, plant: Plant, names: set[str], label: str, color: str, dash: str) -> None:
    """Footprints of some units, with their names where they are."""
    shown = [unit for unit in place_units(plant) if unit.name in names and unit.center is not None]
    if not shown:
        return
    x, y = _polygons([corners(unit) for unit in shown])
    figure.add_scatter(
        x=x, y=y, mode="lines", fill="toself" if dash == "solid" else "none", fillcolor=faint(color, 0.25),
        line={"color": color, "width": 1.5, "dash": dash}, name=label, hoverinfo="skip",
    )  # fmt: skip
    if dash == "solid":
        centers = [unit.center for unit in shown if unit.center is not None]
        figure.add_scatter(
            x=[x for x, _ in centers], y=[y for _, y in centers], mode="text", showlegend=False,
            text=[escaped(unit.name) for unit in shown], textfont={"size": 9}, hoverinfo="text",
        )  # fmt: skip


def _polygons(outlines: Iterable[Sequence[Point]]) -> tuple[list[float | None], list[float | None]]:
    return _joined([[*outline, outline[0]] for outline in outlines])


def _joined(lines: Iterable[Sequence[Point]]) -> tuple[list[float | None], list[float | None]]:
    """Polylines one after the other, with a gap between."""
    x: list[float | None] = []
    y: list[float | None] = []
    for line in lines:
        x += [*(px for px, _ in line), None]
        y += [*(py for _, py in line), None]
    return x, y
