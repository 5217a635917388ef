"""What the floor plan shows, as plain data for assets/floor_plan.js: areas, aisles, units and their states.

Pure. Positions and sizes are metres with y up, as in the plant file; the script turns them into a drawing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from twin.engine.record import OCCASIONAL
from twin.experiment.figures.palette import STATE_LOOKS
from twin.plant.layout import place_units
from twin.plant.schema import Plant
from twin.web.cards import Row
from twin.web.form import humane

SMALLEST_SHARE = 0.005


def scene(plant: Plant, measures: Sequence[Row]) -> dict[str, Any]:
    """Return the drawing's data; without measures the units carry no states."""
    shares = _shares(measures)
    utilisation = {
        row.measure.split(".")[1]: f"{row.mean * 100:.3g} % busy"
        for row in measures
        if row.measure.startswith("unit.") and row.measure.endswith(".utilisation")
    }
    shown = {share["state"] for of_unit in shares.values() for share in of_unit}
    units = [
        {
            "name": unit.name,
            "label": humane(unit.name),
            "equipment": unit.equipment,
            "center": list(unit.center),
            "size": list(unit.size),
            "rotation": unit.rotation,
            "shares": shares.get(unit.name, []),
            "figure": utilisation.get(unit.name, ""),
        }
        for unit in place_units(plant)
        if unit.center is not None
    ]
    return {
        "areas": [
            {
                "outline": [list(point) for point in area.outline],
                "name": humane(name),
                "label": f"{humane(name)}{_grade(area.grade)}",
            }
            for name, area in plant.layout.areas.items()
        ],
        "aisles": [[list(point) for point in line] for line in plant.layout.aisles],
        "storages": [
            {"label": humane(name), "at": list(place.at)} for name, place in plant.storage.items() if place.at
        ],
        "units": units,
        "states": [
            {"name": name, "label": look.label, "color": look.color, "pattern": look.pattern}
            for name, look in STATE_LOOKS.items()
            if name not in OCCASIONAL or name in shown
        ],
        "editable": True,
    }


def _grade(grade: str) -> str:
    return "" if grade == "unclassified" else f" · grade {grade}"


def _shares(measures: Sequence[Row]) -> Mapping[str, list[dict[str, Any]]]:
    """Return for each unit its states in the legend's order, with their share of the window."""
    order = list(STATE_LOOKS)
    found: dict[str, list[dict[str, Any]]] = {}
    for row in measures:
        parts = row.measure.split(".")
        if parts[0] == "unit" and len(parts) == 4 and parts[2] == "state" and row.mean >= SMALLEST_SHARE:
            look = STATE_LOOKS[parts[3]]
            percent = f"{row.mean * 100:.3g}"
            share = {"state": parts[3], "label": look.label, "fraction": row.mean, "percent": percent}
            found.setdefault(parts[1], []).append(share)
    for shares in found.values():
        shares.sort(key=lambda share: order.index(share["state"]))
    return found


def moved(data: dict[str, Any], changes: Mapping[str, str]) -> dict[str, Any]:
    """Return a drawing's data with units where changes of `equipment.NAME.at` put them, right or wrong.

    A place that the language refuses is still shown, in the colour of a clash, to go on from.
    """
    leads: dict[str, list[float]] = {}
    for unit in data["units"]:
        leads.setdefault(unit["equipment"], unit["center"])
    return {**data, "units": [_moved(unit, leads[unit["equipment"]], changes) for unit in data["units"]]}


def _moved(unit: dict[str, Any], lead: Sequence[float], changes: Mapping[str, str]) -> dict[str, Any]:
    text = changes.get(f"equipment.{unit['equipment']}.at")
    if text is None:
        return unit
    target = [float(part) for part in text.strip("[] ").split(",")]
    return {**unit, "center": [c + t - own for c, t, own in zip(unit["center"], target, lead, strict=True)]}
