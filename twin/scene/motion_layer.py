"""`layers/motion.usdc`: lamps and states of the units, lots and transporters on their way, and the sign with
date and time.

Lamps are meshes of their own outside the instances, because a colour on an instance's root shows black in
some clients; visibility carries no state.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from pxr import Sdf, Vt

from twin.experiment.genealogy import label as lot_label
from twin.scene import schemas
from twin.scene.carriers import CARRIERS, TRANSPORTER
from twin.scene.itinerary import Look, instants_of_setting_down, looks, stays
from twin.scene.layers import TYPES, attribute, define, label, mesh, new_layer, over, place, sample, vectors
from twin.scene.lettering import floor_text
from twin.scene.library import bounds
from twin.scene.mesh import Floats, Vector, cylinder, ring
from twin.scene.motion import Frame, Track, changes, frames, held, slots, tracks
from twin.scene.places import Floor, Place, spots
from twin.scene.routes import routes_of
from twin.scene.shown import Shown
from twin.scene.transporters import carries, drives

LAMP_RADIUS, LAMP_HEIGHT, POLE = 0.16, 0.32, 0.35  # m
POLE_COLOR = (0.18, 0.19, 0.2)
TEXT_COLOR = (0.05, 0.07, 0.1)
RECIPE_COLORS = (
    (0.05, 0.30, 0.65),
    (0.80, 0.30, 0.05),
    (0.10, 0.50, 0.20),
    (0.55, 0.15, 0.55),
    (0.60, 0.55, 0.10),
    (0.10, 0.50, 0.55),
)


def motion_layer(shown: Shown, floor: Floor, colors: Mapping[str, Vector]) -> Any:
    """Return the motion layer; `colors` gives the linear colour of each state."""
    layer = new_layer("Plant", f"Motion from {shown.starts} to {shown.ends}; time codes are seconds.")
    layer.startTimeCode, layer.endTimeCode = 0.0, shown.code(shown.window[1])
    rows = _rows_by_unit(shown)
    for unit in floor.places:
        steps = changes(rows.get(unit.name, []), shown.window)
        _lamp(layer, unit, shown, [(time, state) for time, state, _ in steps], colors)
        _state(layer, unit, shown, steps)
    _lots(layer, shown, floor)
    _sign(layer, shown, floor)
    return layer


def _rows_by_unit(shown: Shown) -> dict[str, list[tuple[int, int, str, int]]]:
    rows: dict[str, list[tuple[int, int, str, int]]] = {}
    table = (
        shown.visible_states()
        .select(["unit", "start", "end", "state", "lot"])
        .sort_by([("start", "ascending")])
    )
    for row in table.to_pylist():
        lot = -1 if row["lot"] is None else row["lot"]
        rows.setdefault(row["unit"], []).append((row["start"], row["end"], row["state"], lot))
    return rows


def _lamp(
    layer: Any, unit: Place, shown: Shown, steps: Sequence[tuple[int, str]], colors: Mapping[str, Vector]
) -> None:
    path = f"/Plant/Units/{unit.name}/Signal"
    spec = define(layer, path, kind="component")
    label(spec, "class", ["signal_lamp"])
    top = unit.height + POLE
    back = unit.size[1] / 2 - 0.1
    mesh(
        layer,
        f"{path}/Pole",
        cylinder("Pole", 0.03, POLE, "", (0.0, back, unit.height), 12),
        color=POLE_COLOR,
    )
    lamp = cylinder("Light", LAMP_RADIUS, LAMP_HEIGHT, "", (0.0, back, top), 20)
    first = colors[steps[0][1]] if steps else colors["starved"]
    light = mesh(layer, f"{path}/Light", lamp, color=first)
    painted = light.attributes["primvars:displayColor"]
    sample(
        layer,
        painted,
        ((shown.code(time), vectors(np.array([colors[state]]))) for time, state in held(steps)),
    )
    letters = floor_text("Name", [unit.name.replace("_", " ")], 0.3, (0.0, -unit.size[1] / 2 - 0.15), "")
    if letters is not None:
        mesh(layer, f"{path}/Name", letters, color=TEXT_COLOR)


def _state(layer: Any, unit: Place, shown: Shown, steps: Sequence[tuple[int, str, int]]) -> None:
    spec = over(layer, f"/Plant/Units/{unit.name}", [schemas.UNIT_STATE])
    types = schemas.attributes(schemas.UNIT_STATE)
    made = {name: attribute(spec, name, type_) for name, type_ in types.items()}
    plain = attribute(spec, "userProperties:state", TYPES.String, custom=True)
    codes = [(shown.code(time), state, lot) for time, state, lot in steps]
    sample(layer, made["twin:state"], ((code, state) for code, state, _ in codes))
    sample(layer, made["twin:lot"], ((code, lot) for code, _, lot in codes))
    sample(layer, plain, ((code, state) for code, state, _ in codes))


def _lots(layer: Any, shown: Shown, floor: Floor) -> None:
    """Author one point instancer with all lots, and one with what carries them, sampled where something
    happens.
    """
    kinds = looks(shown.plant)
    path = "/Plant/Lots"
    spec = _instancer(layer, path, "lots")
    targets = [_prototype(layer, f"{path}/Prototypes", kind, shown) for kind in kinds]
    _aim(spec, targets)
    routes = routes_of(shown.plant, floor)
    set_down = instants_of_setting_down(shown.levels)
    visits = stays(
        shown.plant, shown.lots, shown.visible_states(), routes, shown.horizon, shown.window, set_down
    )
    moving = tracks(visits, spots(floor, visits, slots(visits)), routes.waypoints)
    boxes = np.array([bounds(CARRIERS[kind.carrier]().parts) for kind in kinds])
    shots = frames(moving, shown.window)
    _samples(layer, spec, shown, shots, boxes)
    _labels(layer, spec, shown, shots)
    transport = shown.plant.transport
    if transport is not None and transport.fleets:
        driving = drives(transport, routes, carries(visits, moving), shown.horizon)
        _transporters(layer, shown, driving, list(transport.fleets))


def _transporters(layer: Any, shown: Shown, driving: Sequence[Track], fleets: Sequence[str]) -> None:
    path = "/Plant/Transporters"
    spec = _instancer(layer, path, "transporters")
    targets = [f"{path}/Prototypes/{name}" for name in fleets]
    asset = TRANSPORTER.capitalize()
    for target in targets:
        define(layer, target, kind="subcomponent")
        carrier = define(layer, f"{target}/Carrier", kind="subcomponent")
        carrier.referenceList.prependedItems = [Sdf.Reference(f"../library/{asset}/{asset}.usda")]
    _aim(spec, targets)
    boxes = np.array([bounds(CARRIERS[TRANSPORTER]().parts)] * len(fleets))
    _samples(layer, spec, shown, frames(driving, shown.window), boxes)


def _instancer(layer: Any, path: str, class_: str) -> Any:
    spec = define(layer, path, "PointInstancer", kind="component")
    label(spec, "class", [class_])
    define(layer, f"{path}/Prototypes", "Scope")
    return spec


def _aim(spec: Any, targets: Sequence[str]) -> None:
    prototypes = Sdf.RelationshipSpec(spec, "prototypes", custom=False)
    prototypes.targetPathList.explicitItems = targets


def _labels(layer: Any, spec: Any, shown: Shown, shots: Sequence[Frame]) -> None:
    """Author the lots' numbers as people write them, `12.3` for a part of lot 12, in the order of `ids`."""
    names = attribute(spec, "userProperties:lots", TYPES.StringArray, custom=True)
    last: list[str] | None = None
    for shot in shots:
        told = [lot_label(number) for number in shot.lots.tolist()]
        if told != last:
            layer.SetTimeSample(names.path, shown.code(shot.time), Vt.StringArray(told))
            last = told


def _prototype(layer: Any, folder: str, kind: Look, shown: Shown) -> str:
    """Define a carrier with a band in its recipe's colour, and return its path."""
    path = f"{folder}/{kind.carrier}_{kind.recipe}"
    define(layer, path, kind="subcomponent")
    asset = kind.carrier.capitalize()
    carrier = define(layer, f"{path}/Carrier", kind="subcomponent")
    carrier.referenceList.prependedItems = [Sdf.Reference(f"../library/{asset}/{asset}.usda")]
    top = float(bounds(CARRIERS[kind.carrier]().parts)[1][2])
    color = RECIPE_COLORS[list(shown.plant.recipes).index(kind.recipe) % len(RECIPE_COLORS)]
    band = ring("Band", 0.15, 0.24, 0.04, "", (0.0, 0.0, top - 0.04 + 0.002), 20)
    mesh(layer, f"{path}/Band", band, color=color)
    return path


def _samples(layer: Any, spec: Any, shown: Shown, shots: Sequence[Frame], boxes: Floats) -> None:
    positions = attribute(spec, "positions", TYPES.Point3fArray)
    indices = attribute(spec, "protoIndices", TYPES.IntArray)
    ids = attribute(spec, "ids", TYPES.Int64Array)
    extent = attribute(spec, "extent", TYPES.Float3Array)
    shown_lots: Any = None
    for shot in shots:
        code = shown.code(shot.time)
        who = (shot.lots.tolist(), shot.carriers.tolist())
        if who != shown_lots:
            layer.SetTimeSample(indices.path, code, Vt.IntArray(who[1]))
            layer.SetTimeSample(ids.path, code, Vt.Int64Array(who[0]))
            shown_lots = who
        layer.SetTimeSample(positions.path, code, vectors(shot.positions))
        layer.SetTimeSample(extent.path, code, vectors(_extent(shot, boxes)))


def _extent(shot: Frame, boxes: Floats) -> Floats:
    if not len(shot.lots):
        return np.zeros((2, 3))
    low = (shot.positions + boxes[shot.carriers, 0]).min(axis=0)
    return np.array([low, (shot.positions + boxes[shot.carriers, 1]).max(axis=0)])


def _sign(layer: Any, shown: Shown, floor: Floor) -> None:
    """Author the window's date and time as text in front of the building."""
    lines = [shown.plant.plant, f"{shown.starts} - {shown.ends}", f"run {shown.run}"]
    x, y = floor.front
    letters = floor_text("Text", lines, 0.6, (0.0, 0.0), "")
    if letters is None:
        return
    spec = define(layer, "/Plant/Sign", kind="component")
    label(spec, "class", ["sign"])
    place(spec, (x, y, 0.0))
    attribute(spec, "userProperties:text", TYPES.String, "\n".join(lines), custom=True)
    mesh(layer, "/Plant/Sign/Text", letters, color=TEXT_COLOR)
