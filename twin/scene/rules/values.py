"""Rules for values: numbers that are none, transforms not applied, colours and visibility over time."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
from pxr import UsdGeom

from twin.scene.rules.instancers import HOLD, times


def not_finite(stage: Any) -> Iterator[str]:
    """Yield transforms, points and positions that are not numbers."""
    for prim in stage.Traverse():
        for made in prim.GetAuthoredAttributes():
            name = made.GetName()
            if not (name.startswith("xformOp:") or name in ("points", "positions", "extent")):
                continue
            for time in times(made):
                value = made.Get(time)
                if value is not None and not np.all(np.isfinite(np.asarray(value, dtype=np.float64))):
                    yield f"{made.GetPath()}: not a number at time code {time}"
                    break


def operation_not_in_order(stage: Any) -> Iterator[str]:
    """Yield transform operations that are authored and not applied."""
    for prim in stage.Traverse():
        order = UsdGeom.Xformable(prim).GetXformOpOrderAttr().Get() if UsdGeom.Xformable(prim) else ()
        applied = {name.removeprefix("!invert!") for name in order or ()}
        for made in prim.GetAuthoredAttributes():
            if made.GetName().startswith("xformOp:") and made.GetName() not in applied:
                yield f"{made.GetPath()}: not in xformOpOrder, so it moves nothing"


def labels_without_taxonomy(stage: Any) -> Iterator[str]:
    """Yield semantic labels that say not of which taxonomy they are."""
    for prim in stage.TraverseAll():
        names = [name for name in prim.GetPropertyNames() if name.startswith("semantics:labels")]
        applied = prim.GetPrimTypeInfo().GetAppliedAPISchemas()
        if "SemanticsLabelsAPI" in applied:
            yield f"{prim.GetPath()}: SemanticsLabelsAPI is applied without a taxonomy"
        for name in names:
            taxonomy = name.removeprefix("semantics:labels").removeprefix(":")
            if not taxonomy or f"SemanticsLabelsAPI:{taxonomy}" not in applied:
                yield f"{prim.GetPath()}: {name} has no SemanticsLabelsAPI with that taxonomy"


def color_on_instance(stage: Any) -> Iterator[str]:
    """Yield display colours on the root of an instance, which some clients show black."""
    for prim in stage.Traverse():
        if prim.IsInstance() and prim.GetAttribute("primvars:displayColor").HasAuthoredValue():
            yield f"{prim.GetPath()}: a display colour on an instance's root; give it a lamp of its own"


def fading_color(stage: Any) -> Iterator[str]:
    """Yield display colours that fade where they should change at once."""
    for prim in stage.Traverse():
        made = prim.GetAttribute("primvars:displayColor")
        if not made or made.GetNumTimeSamples() < 2:
            continue
        for before, after in pairwise(made.GetTimeSamples()):
            if after - before > HOLD and made.Get(before) != made.Get(after):
                yield f"{prim.GetPath()}: the colour fades from {before:g} to {after:g}"
                break


def animated_visibility(stage: Any) -> Iterator[str]:
    """Yield visibility over time, which some clients ignore."""
    for prim in stage.Traverse():
        imageable = UsdGeom.Imageable(prim)
        if imageable and imageable.GetVisibilityAttr().GetNumTimeSamples():
            yield f"{prim.GetPath()}: visibility changes over time; some clients ignore it"


RULES = (
    not_finite,
    operation_not_in_order,
    labels_without_taxonomy,
    color_on_instance,
    fading_color,
    animated_visibility,
)
