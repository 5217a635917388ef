"""Rules for point instancers: extents, arrays that fit each other, prototypes that are there."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
from pxr import Kind, Usd, UsdGeom

HOLD = 0.002  # s: two samples no further apart are a jump, not a movement


def instancers(stage: Any) -> Iterator[Any]:
    """Yield every point instancer of a stage."""
    for prim in stage.Traverse():
        if prim.IsA(UsdGeom.PointInstancer):
            yield UsdGeom.PointInstancer(prim)


def times(*attributes: Any) -> list[Any]:
    """Return every time code at which one of the attributes has a sample, or the default time."""
    codes = sorted({time for attribute in attributes for time in attribute.GetTimeSamples()})
    return [Usd.TimeCode(code) for code in codes] or [Usd.TimeCode.Default()]


def without_extent(stage: Any) -> Iterator[str]:
    """Yield instancers that clients cannot frame or cull, because they have no extent."""
    for instancer in instancers(stage):
        if not instancer.GetExtentAttr().HasAuthoredValue():
            yield f"{instancer.GetPath()}: the point instancer has no extent"


def uneven_arrays(stage: Any) -> Iterator[str]:
    """Yield instancers whose positions, indices and ids differ in length at some time."""
    for instancer in instancers(stage):
        positions, indices, ids = (
            instancer.GetPositionsAttr(),
            instancer.GetProtoIndicesAttr(),
            instancer.GetIdsAttr(),
        )
        for time in times(positions, indices, ids):
            lengths = [len(a.Get(time) or ()) for a in (positions, indices, ids) if a.HasAuthoredValue()]
            if len(set(lengths)) > 1:
                yield f"{instancer.GetPath()}: arrays of lengths {lengths} at time code {time}"
                break


def index_out_of_range(stage: Any) -> Iterator[str]:
    """Yield instancers with an index of a prototype that is not listed."""
    for instancer in instancers(stage):
        count = len(instancer.GetPrototypesRel().GetTargets())
        indices = instancer.GetProtoIndicesAttr()
        for time in times(indices):
            values = np.asarray(indices.Get(time) or [], dtype=np.int64)
            if values.size and (values.min() < 0 or values.max() >= count):
                yield f"{instancer.GetPath()}: a prototype index above {count - 1} at time code {time}"
                break


def missing_prototype(stage: Any) -> Iterator[str]:
    """Yield prototypes that are not on the stage."""
    for instancer in instancers(stage):
        for target in instancer.GetPrototypesRel().GetTargets():
            if not stage.GetPrimAtPath(target):
                yield f"{instancer.GetPath()}: the prototype {target} is not there"


def prototype_kind(stage: Any) -> Iterator[str]:
    """Yield prototypes of a kind that may not stand below a component."""
    for instancer in instancers(stage):
        for target in instancer.GetPrototypesRel().GetTargets():
            prim = stage.GetPrimAtPath(target)
            if prim and Kind.Registry.IsA(Usd.ModelAPI(prim).GetKind(), Kind.Tokens.model):
                yield f"{target}: a prototype's kind is {Usd.ModelAPI(prim).GetKind()}; subcomponent is right"


def static_extent(stage: Any) -> Iterator[str]:
    """Yield prims whose points move while their extent stands."""
    for prim in stage.Traverse():
        boundable = UsdGeom.Boundable(prim)
        moving = prim.GetAttribute("positions" if prim.IsA(UsdGeom.PointInstancer) else "points")
        if not boundable or not moving or moving.GetNumTimeSamples() < 2:
            continue
        extent = boundable.GetExtentAttr()
        if extent.HasAuthoredValue() and extent.GetNumTimeSamples() < 2:
            yield f"{prim.GetPath()}: the extent stands still while the points move"


def sliding_lots(stage: Any) -> Iterator[str]:
    """Yield instancers whose points would slide from one thing's place to another's between two samples."""
    for instancer in instancers(stage):
        ids, positions = instancer.GetIdsAttr(), instancer.GetPositionsAttr()
        samples = positions.GetTimeSamples()
        for before, after in pairwise(samples):
            who = [list(ids.Get(time) or ()) for time in (before, after)]
            if who[0] != who[1] and len(who[0]) == len(who[1]) and after - before > HOLD:
                yield f"{instancer.GetPath()}: other points come without a sample just before, at {after:g}"
                break


RULES = (
    without_extent,
    uneven_arrays,
    index_out_of_range,
    missing_prototype,
    prototype_kind,
    static_extent,
    sliding_lots,
)
