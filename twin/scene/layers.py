"""Writing USD through Sdf specs: layers, prims, attributes, samples, meshes, materials.

Sdf and not the Usd API, because specs cost a tenth of the time and come out byte-identical. Nothing here
knows of plants; called by every module that authors a layer.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from pxr import Gf, Sdf, Vt

from twin.scene.materials import MATERIALS
from twin.scene.mesh import Floats, Solid, Vector

TIME_CODES_PER_SECOND = 600.0  # simulated seconds shown in a second: an eight-hour shift in 48 s
FRAMES_PER_SECOND = 30.0
TYPES = Sdf.ValueTypeNames


def new_layer(default_prim: str, comment: str) -> Any:
    """Return an empty layer in memory with metres, z up and the time scale authored."""
    layer = Sdf.Layer.CreateAnonymous()
    layer.defaultPrim = default_prim
    root = layer.pseudoRoot
    root.SetInfo("metersPerUnit", 1.0)
    root.SetInfo("upAxis", "Z")
    layer.timeCodesPerSecond = TIME_CODES_PER_SECOND
    layer.framesPerSecond = FRAMES_PER_SECOND
    layer.comment = comment
    return layer


def save(layer: Any, path: Path) -> Path:
    """Write a layer to `path` whole or not at all, and return the path; the suffix decides text or crate."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.stem}-{os.getpid()}{path.suffix}")
    if not layer.Export(str(partial)):
        raise OSError(f"{path}: the layer could not be written")
    partial.replace(path)
    return path


def define(layer: Any, path: str, type_name: str = "Xform", kind: str = "", apis: Iterable[str] = ()) -> Any:
    """Return the spec of a defined prim, made where it is missing (missing parents become overs)."""
    spec = Sdf.CreatePrimInLayer(layer, path)
    spec.specifier = Sdf.SpecifierDef
    spec.typeName = type_name
    if kind:
        spec.kind = kind
    apply(spec, apis)
    return spec


def over(layer: Any, path: str, apis: Iterable[str] = ()) -> Any:
    """Return the spec of an over: opinions on a prim that another layer defines."""
    spec = Sdf.CreatePrimInLayer(layer, path)
    apply(spec, apis)
    return spec


def apply(spec: Any, apis: Iterable[str]) -> None:
    """Add applied API schemas to a prim, after those that it has."""
    wanted = [*spec.GetInfo("apiSchemas").prependedItems] if spec.HasInfo("apiSchemas") else []
    wanted += [api for api in apis if api not in wanted]
    if wanted:
        spec.SetInfo("apiSchemas", Sdf.TokenListOp.Create(prependedItems=wanted))


def attribute(
    spec: Any, name: str, type_: Any, value: Any = None, *, uniform: bool = False, custom: bool = False
) -> Any:
    """Return the spec of an attribute, with a default value where one is given."""
    variability = Sdf.VariabilityUniform if uniform else Sdf.VariabilityVarying
    made = Sdf.AttributeSpec(spec, name, type_, variability, declaresCustom=custom)
    if value is not None:
        made.default = value
    return made


def sample(layer: Any, made: Any, values: Iterable[tuple[float, Any]]) -> None:
    """Author (time code, value) pairs on an attribute."""
    for time, value in values:
        layer.SetTimeSample(made.path, time, value)


def user_property(spec: Any, name: str, value: str | float | int) -> None:
    """Author `userProperties:NAME`, for clients that show only custom attributes."""
    kinds = {str: TYPES.String, float: TYPES.Double, int: TYPES.Int64}
    attribute(spec, f"userProperties:{name}", kinds[type(value)], value, custom=True)


def label(spec: Any, taxonomy: str, words: Iterable[str]) -> None:
    """Author semantic labels under a taxonomy."""
    apply(spec, [f"SemanticsLabelsAPI:{taxonomy}"])
    attribute(spec, f"semantics:labels:{taxonomy}", TYPES.TokenArray, Vt.TokenArray(list(words)))


def place(spec: Any, translate: Vector, rotate_z: float = 0.0) -> None:
    """Author a translation in metres and a turn about z in degrees."""
    attribute(spec, "xformOp:translate", TYPES.Double3, Gf.Vec3d(*map(float, translate)))
    operations = ["xformOp:translate"]
    if rotate_z:
        attribute(spec, "xformOp:rotateZ", TYPES.Float, float(rotate_z))
        operations.append("xformOp:rotateZ")
    attribute(spec, "xformOpOrder", TYPES.TokenArray, Vt.TokenArray(operations), uniform=True)


def vectors(values: Floats) -> Any:
    """Return (n, 3) numbers as USD's array of float vectors."""
    return Vt.Vec3fArray.FromNumpy(np.ascontiguousarray(values, dtype=np.float32))


def integers(values: Any) -> Any:
    """Return whole numbers as USD's int array."""
    return Vt.IntArray.FromNumpy(np.ascontiguousarray(values, dtype=np.int32))


def mesh(layer: Any, path: str, solid: Solid, looks: str = "", color: Vector | None = None) -> Any:
    """Define a mesh: bound to `looks/MATERIAL`, or with a display colour where a colour is given."""
    spec = define(layer, path, "Mesh", apis=["MaterialBindingAPI"] if looks else [])
    attribute(spec, "extent", TYPES.Float3Array, vectors(np.stack(solid.extent).astype(np.float32)))
    attribute(spec, "points", TYPES.Point3fArray, vectors(solid.points))
    attribute(spec, "faceVertexCounts", TYPES.IntArray, integers(solid.counts))
    attribute(spec, "faceVertexIndices", TYPES.IntArray, integers(solid.indices))
    normals = attribute(spec, "normals", TYPES.Normal3fArray, vectors(solid.normals))
    normals.SetInfo("interpolation", "faceVarying")
    attribute(spec, "subdivisionScheme", TYPES.Token, "none", uniform=True)
    shown = color or MATERIALS[solid.material].color
    painted = attribute(spec, "primvars:displayColor", TYPES.Color3fArray, vectors(np.array([shown])))
    painted.SetInfo("interpolation", "constant")
    if looks:
        binding = Sdf.RelationshipSpec(spec, "material:binding", custom=False)
        binding.targetPathList.explicitItems = [f"{looks}/{solid.material}"]
    return spec


def materials(layer: Any, looks: str, names: Iterable[str]) -> None:
    """Define a scope of UsdPreviewSurface materials from the table of materials."""
    define(layer, looks, "Scope")
    for name in sorted(set(names)):
        values = MATERIALS[name]
        material = define(layer, f"{looks}/{name}", "Material")
        shader = define(layer, f"{looks}/{name}/Surface", "Shader")
        attribute(shader, "info:id", TYPES.Token, "UsdPreviewSurface", uniform=True)
        attribute(shader, "inputs:diffuseColor", TYPES.Color3f, Gf.Vec3f(*values.color))
        attribute(shader, "inputs:metallic", TYPES.Float, values.metallic)
        attribute(shader, "inputs:opacity", TYPES.Float, values.opacity)
        attribute(shader, "inputs:roughness", TYPES.Float, values.roughness)
        attribute(shader, "outputs:surface", TYPES.Token)
        surface = attribute(material, "outputs:surface", TYPES.Token)
        surface.connectionPathList.explicitItems = [f"{looks}/{name}/Surface.outputs:surface"]


def custom_data(layer: Any, values: Mapping[str, Any]) -> None:
    """Author plain words and numbers under `twin` in the layer's custom data."""
    layer.customLayerData = {"twin": dict(sorted(values.items()))}
