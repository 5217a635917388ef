"""The asset library of a stage: one folder per design, an interface to diff and a payload to load.

`library/NAME/NAME.usda` carries kind, extents hint, asset info, semantic labels and connection points;
`library/NAME/payload.usdc` the meshes and materials. Called by `export.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
from pxr import Gf, Sdf, Vt

from twin.scene.designs import Design, Port
from twin.scene.layers import TYPES, attribute, define, label, materials, mesh, new_layer, save, vectors
from twin.scene.mesh import Floats, Solid

ASSET_VERSION = "1.0"
SERVICE_CLEARANCE = 0.6  # m, in front of every connection point: room for a person's arms and tools


def asset_name(class_: str, size: tuple[float, float], usual: tuple[float, float]) -> str:
    """Return the folder and prim name of a class's asset: `RotaryTabletPress`, or with its size where not
    usual.

    `size` and `usual` are the footprints (x, y) in metres of the unit and of its class.
    """
    name = "".join(word.capitalize() for word in class_.split("_"))
    if np.allclose(usual, size):
        return name
    return name + "".join(f"_{round(value * 1000)}" for value in size)


def bounds(solids: Iterable[Solid]) -> Floats:
    """Return least and greatest corner of several solids, (2, 3), in metres."""
    extents = [solid.extent for solid in solids]
    return np.array(
        [np.min([low for low, _ in extents], axis=0), np.max([high for _, high in extents], axis=0)]
    )


def write_asset(
    folder: Path, name: str, design: Design, class_: str, groups: Mapping[str, str] | None = None
) -> tuple[Path, Path]:
    """Write an asset's interface and payload under `folder/NAME/`; `groups` maps a part to its scope."""
    return _write_interface(folder, name, design, class_), _write_payload(folder, name, design, groups or {})


def _write_interface(folder: Path, name: str, design: Design, class_: str) -> Path:
    layer = new_layer(
        name, f"{design.label}: interface of the asset; geometry and materials are in payload.usdc."
    )
    root = define(layer, f"/{name}", kind="component", apis=["GeomModelAPI"])
    root.SetInfo(
        "assetInfo", {"identifier": Sdf.AssetPath(f"./{name}.usda"), "name": name, "version": ASSET_VERSION}
    )
    root.payloadList.prependedItems = [Sdf.Payload("./payload.usdc", f"/{name}")]
    label(root, "class", [class_])
    label(root, "description", [design.label.replace(" ", "_")])
    hint = vectors(bounds(design.parts))
    attribute(root, "extentsHint", TYPES.Float3Array, hint)
    if design.ports:
        define(layer, f"/{name}/ConnectionPoints", "Scope")
    for port in design.ports:
        _write_port(layer, f"/{name}/ConnectionPoints/{port.name}", port)
    return save(layer, folder / name / f"{name}.usda")


def _write_port(layer: Sdf.Layer, path: str, port: Port) -> None:
    """Author a connection point in the manner of SimReady: a guide frame that says what passes there."""
    spec = define(layer, path)
    attribute(spec, "purpose", TYPES.Token, "guide", uniform=True)
    attribute(spec, "xformOp:translate", TYPES.Double3, Gf.Vec3d(*port.at))
    attribute(spec, "xformOp:rotateXYZ", TYPES.Float3, Gf.Vec3f(*port.turn))
    order = Vt.TokenArray(["xformOp:translate", "xformOp:rotateXYZ"])
    attribute(spec, "xformOpOrder", TYPES.TokenArray, order, uniform=True)
    words = {
        "direction": port.direction,
        "disconnectType": port.disconnect,
        "domain": port.domain,
        "system": port.system,
    }
    for word, value in words.items():
        attribute(spec, f"simready:connectionPoint:{word}", TYPES.Token, value, custom=True)
    attribute(spec, "simready:connectionPoint:serviceClearance", TYPES.Float, SERVICE_CLEARANCE, custom=True)


def _write_payload(folder: Path, name: str, design: Design, groups: Mapping[str, str]) -> Path:
    layer = new_layer(name, f"{design.label}: geometry and materials.")
    define(layer, f"/{name}")
    define(layer, f"/{name}/Geometry", "Scope")
    looks = f"/{name}/Looks"
    for group in sorted(set(groups.values())):
        define(layer, f"/{name}/Geometry/{group}", "Xform")
    for part in design.parts:
        inside = f"{groups[part.name]}/" if part.name in groups else ""
        mesh(layer, f"/{name}/Geometry/{inside}{part.name}", part, looks)
    materials(layer, looks, [part.material for part in design.parts])
    return save(layer, folder / name / "payload.usdc")
