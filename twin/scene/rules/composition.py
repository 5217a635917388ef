"""Rules for how layers come together: paths, units, instances, variants, schemas, time scales."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pxr import Sdf, Usd, UsdGeom

LONG_ARRAY, MANY_SAMPLES = 64, 4  # what a text layer may hold, as UsdAsciiPerformanceChecker has it


def used_layers(stage: Any) -> list[Any]:
    """Return every layer of a stage that lies in a file."""
    return [layer for layer in stage.GetUsedLayers() if not layer.anonymous]


def specs(layer: Any) -> list[Any]:
    """Return the paths of every spec of a layer, variants included."""
    paths: list[Any] = []
    layer.Traverse(Sdf.Path.absoluteRootPath, paths.append)
    return sorted(paths)


def absolute_path(stage: Any) -> Iterator[str]:
    """Yield asset paths that hold on one machine only."""
    for layer in used_layers(stage):
        for path in layer.GetCompositionAssetDependencies():
            if Path(path).is_absolute() or re.match(r"^[A-Za-z]:|^\w+://", path):
                yield f"{layer.GetDisplayName()}: the asset path {path} is absolute"


def other_scale(stage: Any) -> Iterator[str]:
    """Yield layers in other units of length or another up axis: USD does not convert them."""
    scale, up = UsdGeom.GetStageMetersPerUnit(stage), UsdGeom.GetStageUpAxis(stage)
    for layer in used_layers(stage):
        root = layer.pseudoRoot
        if root.HasInfo("metersPerUnit") and root.GetInfo("metersPerUnit") != scale:
            yield f"{layer.GetDisplayName()}: metersPerUnit is not the stage's {scale:g}"
        if root.HasInfo("upAxis") and root.GetInfo("upAxis") != up:
            yield f"{layer.GetDisplayName()}: up axis {root.GetInfo('upAxis')} in a stage of {up}"


def below_instance(stage: Any) -> Iterator[str]:
    """Yield opinions below an instance, which USD ignores without a word."""
    for prim in stage.Traverse():
        if not prim.IsInstance():
            continue
        for layer in stage.GetLayerStack():
            spec = layer.GetPrimAtPath(prim.GetPath())
            if spec and spec.nameChildren:
                yield f"{prim.GetPath()}: {layer.GetDisplayName()} has opinions below this instance"


def local_beats_variant(stage: Any) -> Iterator[str]:
    """Yield opinions beside a variant that hide what the variant says."""
    stack = stage.GetLayerStack()
    others = [[layer] for layer in used_layers(stage) if layer not in stack]
    for group in [stack, *others]:
        for layer in group:
            for path in specs(layer):
                plain = path.StripAllVariantSelections()
                if (
                    path.IsPropertyPath()
                    and plain != path
                    and any(other.GetPropertyAtPath(plain) for other in group)
                ):
                    yield f"{plain}: a local opinion hides the one in {path.GetPrimPath()}"


def own_schemas(stage: Any) -> set[str]:
    """Return the applied schemas that the stage's own `schema/` folder defines."""
    folder = Path(stage.GetRootLayer().realPath).parent
    for place in (folder, *list(folder.parents)[:2]):
        file = place / "schema" / "generatedSchema.usda"
        if file.is_file():
            layer = Sdf.Layer.FindOrOpen(str(file))
            return {prim.name for prim in layer.rootPrims}
    return set()


def unknown_schema(stage: Any) -> Iterator[str]:
    """Yield applied schemas that neither USD nor the stage's own `schema/` folder defines."""
    registry = Usd.SchemaRegistry()
    known = own_schemas(stage)
    for prim in stage.TraverseAll():
        for name in prim.GetPrimTypeInfo().GetAppliedAPISchemas():
            family = name.partition(":")[0]
            if family not in known and registry.FindAppliedAPIPrimDefinition(family) is None:
                yield f"{prim.GetPath()}: nobody defines the applied schema {name}"


def no_time_scale(stage: Any) -> Iterator[str]:
    """Yield layers with samples, and a root with times, that leave open how long a time code lasts."""
    root = stage.GetRootLayer()
    for layer in used_layers(stage):
        timed = layer.HasStartTimeCode() or layer.HasEndTimeCode() or bool(layer.ListAllTimeSamples())
        if timed and not layer.HasTimeCodesPerSecond():
            yield f"{layer.GetDisplayName()}: no timeCodesPerSecond"
        elif timed and layer.timeCodesPerSecond != root.timeCodesPerSecond:
            yield f"{layer.GetDisplayName()}: another timeCodesPerSecond than the root's"


def heavy_text(stage: Any) -> Iterator[str]:
    """Yield attributes with samples or long arrays in text layers."""
    for layer in used_layers(stage):
        if layer.GetFileFormat().formatId != "usda":
            continue
        for path in specs(layer):
            made = layer.GetAttributeAtPath(path) if path.IsPropertyPath() else None
            if made is None:
                continue
            long = made.typeName.isArray and made.HasDefaultValue() and len(made.default) > LONG_ARRAY
            if long or layer.GetNumTimeSamplesForPath(path) > MANY_SAMPLES:
                yield f"{layer.GetDisplayName()}: {path} belongs into a crate file"


RULES = (
    absolute_path,
    other_scale,
    below_instance,
    local_beats_variant,
    unknown_schema,
    no_time_scale,
    heavy_text,
)
