"""`layers/layout.usda`: the building, and every unit where it stands, for people to read and compare.

The positions lie in the variant set `layout`, so that what-if layouts can stand beside the one that was run.
"""

from __future__ import annotations

from typing import Any

from pxr import Sdf

from twin.scene.layers import TYPES, attribute, custom_data, define, label, new_layer, place, user_property
from twin.scene.places import Floor, Place
from twin.scene.shown import Shown

AS_RUN = "as_run"


def layout_layer(shown: Shown, floor: Floor) -> Any:
    """Return the layout layer of a stage."""
    layer = new_layer(
        "Plant", "Rooms, aisles and units as the plant file places them. Layouts are variants of /Plant."
    )
    custom_data(layer, {"arranged_by_twin": ", ".join(floor.arranged) or "none"})
    root = define(layer, "/Plant", kind="assembly")
    label(root, "class", ["plant"])
    user_property(root, "plant", shown.plant.plant)
    user_property(root, "arranged_by_twin", ", ".join(floor.arranged) or "none")
    building = define(layer, "/Plant/Building", kind="component")
    building.referenceList.prependedItems = [Sdf.Reference("../library/Building/Building.usda")]
    for name, area in shown.plant.layout.areas.items():
        room = define(layer, f"/Plant/Building/Geometry/area_{name}")
        label(room, "area", [name])
        user_property(room, "grade", area.grade)
    define(layer, "/Plant/Units", kind="group")
    for unit in floor.places:
        _unit(layer, unit)
    _positions(root, floor)
    return layer


def _unit(layer: Any, unit: Place) -> None:
    path = f"/Plant/Units/{unit.name}"
    spec = define(layer, path, kind="group")
    label(spec, "class", [unit.class_])
    label(spec, "unit", [unit.name])
    user_property(spec, "equipment", unit.equipment)
    if unit.area is not None:
        user_property(spec, "area", unit.area)
    asset = define(layer, f"{path}/Asset", kind="component")
    asset.referenceList.prependedItems = [Sdf.Reference(f"../library/{unit.asset}/{unit.asset}.usda")]
    asset.SetInfo("instanceable", True)


def _positions(root: Any, floor: Floor) -> None:
    """Author the variant that places the units; nothing outside it has an opinion on their positions."""
    variants = Sdf.VariantSetSpec(root, "layout")
    variant = Sdf.VariantSpec(variants, AS_RUN)
    root.variantSetNameList.prependedItems = ["layout"]
    root.variantSelections["layout"] = AS_RUN
    units = Sdf.PrimSpec(variant.primSpec, "Units", Sdf.SpecifierOver)
    for unit in floor.places:
        place(Sdf.PrimSpec(units, unit.name, Sdf.SpecifierOver), (*unit.center, 0.0), unit.rotation)


def root_layer(shown: Shown, results: str, layers: tuple[str, ...]) -> Any:
    """Return the root layer `plant.usda`: time, metadata, and the sublayers, strongest first."""
    layer = new_layer("Plant", f"{shown.plant.plant}, {shown.starts} to {shown.ends}.")
    layer.startTimeCode = 0.0
    layer.endTimeCode = shown.code(shown.window[1])
    layer.subLayerPaths[:] = [results, *layers]
    custom_data(layer, shown.facts)
    root = define(layer, "/Plant", kind="assembly")
    user_property(root, "window_from", shown.starts)
    user_property(root, "window_to", shown.ends)
    attribute(root, "userProperties:time_codes", TYPES.String, "seconds after window_from", custom=True)
    return layer
