"""A composed stage as one binary glTF file, for browsers and viewers that do not read OpenUSD.

`drawing` flattens the stage at one time code; `write_glb` writes it. What becomes one model: the meshes of an
instance or of a point instancer's prototype, else those of one surface under one parent. Equal models are
stored once. Called by `export.py`.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
from pxr import Gf, Usd, UsdGeom, UsdShade

from twin.scene.gltf import Drawing, Part, Placed, Singles, Surface, gltf_bytes
from twin.scene.mesh import Floats, Integers

SUFFIX = ".glb"


@dataclass(frozen=True)
class _Model:
    """Parts in a prim's frame, the prim's matrices (row vectors, 4 × 4) to the stage, and a name for each."""

    name: str
    parts: tuple[Part, ...]
    names: tuple[str, ...]
    matrices: tuple[Any, ...]


def check_suffix(path: Path) -> None:
    """Raise `ValueError` where a path does not end in `.glb` or is a folder."""
    if path.suffix != SUFFIX:
        raise ValueError(f"{path}: the file is binary glTF; name it with the ending {SUFFIX}")
    if path.is_dir():
        raise ValueError(f"{path}: this is a folder; give the name of a file")


def write_glb(stage_root: Path, path: Path, time_code: float | None = None) -> Path:
    """Write what a stage shows at a time code as binary glTF, whole or not at all, and return the path.

    Args:
        stage_root: the root layer of the stage.
        path: a file name ending in `.glb`; an existing file is replaced.
        time_code: which moment; default: the start of the stage's window.

    Raises:
        ValueError: the ending is another one, or something on the stage is skewed.
    """
    check_suffix(path)
    stage = Usd.Stage.Open(str(stage_root))
    stage.Reload()
    content = gltf_bytes(drawing(stage, stage.GetStartTimeCode() if time_code is None else time_code))
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.stem}-{os.getpid()}{SUFFIX}")
    partial.write_bytes(content)
    partial.replace(path)
    return path


def drawing(stage: Any, time_code: float) -> Drawing:
    """Return the visible meshes of a stage at a time code, equal models joined; raises as `write_glb`."""
    facts = {**stage.GetRootLayer().customLayerData.get("twin", {}), "time_code": time_code}
    return Drawing(
        stage.GetDefaultPrim().GetName(),
        tuple(_joined(_models(stage.GetDefaultPrim(), Usd.TimeCode(time_code)))),
        dict(sorted(facts.items())),
        UsdGeom.GetStageMetersPerUnit(stage),
        UsdGeom.GetStageUpAxis(stage) == UsdGeom.Tokens.z,
    )


def _models(root: Any, time: Any) -> Iterator[_Model]:
    """Yield the models under a prim in the order of the stage."""
    frames = UsdGeom.XformCache(time)
    walk = iter(Usd.PrimRange(root))
    for prim in walk:
        name = str(prim.GetPath().MakeRelativePath(root.GetPath()))
        if prim.IsA(UsdGeom.PointInstancer):
            walk.PruneChildren()
            yield from _scattered(prim, name, time, frames)
            continue
        matrices = (frames.GetLocalToWorldTransform(prim),)
        if prim.IsInstance():
            walk.PruneChildren()
            yield _Model(name, tuple(_parts(prim, _meshes(prim, time), time, frames)), (name,), matrices)
            continue
        for same in _by_surface(
            [child for child in prim.GetChildren() if _is_mesh(child, time)], time
        ).values():
            called = f"{name}/{same[0].GetName()}" if len(same) == 1 else name
            yield _Model(called, tuple(_parts(prim, same, time, frames)), (called,), matrices)


def _scattered(prim: Any, name: str, time: Any, frames: Any) -> Iterator[_Model]:
    """Yield a model for each prototype of a point instancer that stands anywhere at that time."""
    instancer = UsdGeom.PointInstancer(prim)
    if instancer.ComputeVisibility(time) == UsdGeom.Tokens.invisible:
        return
    matrices = instancer.ComputeInstanceTransformsAtTime(
        time, time, UsdGeom.PointInstancer.IncludeProtoXform, UsdGeom.PointInstancer.IgnoreMask
    )
    shown = list(instancer.ComputeMaskAtTime(time)) or [True] * len(matrices)
    chosen = instancer.GetProtoIndicesAttr().Get(time) or []
    ids = instancer.GetIdsAttr().Get(time) or range(len(matrices))
    here = frames.GetLocalToWorldTransform(prim)
    for number, path in enumerate(instancer.GetPrototypesRel().GetForwardedTargets()):
        rows = [row for row, which in enumerate(chosen) if which == number and shown[row]]
        prototype = prim.GetStage().GetPrimAtPath(path)
        inside = _meshes(prototype, time)
        if rows and inside:
            yield _Model(
                f"{name}/{path.name}",
                tuple(_parts(prototype, inside, time, frames)),
                tuple(f"{name}/{ids[row]}" for row in rows),
                tuple(matrices[row] * here for row in rows),
            )


def _meshes(prim: Any, time: Any) -> list[Any]:
    """Return the shown meshes under a prim, through instances."""
    return [prim for prim in Usd.PrimRange(prim, Usd.TraverseInstanceProxies()) if _is_mesh(prim, time)]


def _is_mesh(prim: Any, time: Any) -> bool:
    """Say whether a prim is a mesh that is drawn."""
    if not prim.IsA(UsdGeom.Mesh):
        return False
    mesh = UsdGeom.Mesh(prim)
    drawn = mesh.ComputePurpose() in (UsdGeom.Tokens.default_, UsdGeom.Tokens.render)
    return drawn and mesh.ComputeVisibility(time) != UsdGeom.Tokens.invisible


def _parts(parent: Any, meshes: Iterable[Any], time: Any, frames: Any) -> Iterator[Part]:
    """Yield the meshes in the frame of `parent`, those of one surface joined, in order of appearance."""
    out = frames.GetLocalToWorldTransform(parent).GetInverse()
    for surface, same in _by_surface(meshes, time).items():
        local = [np.array(frames.GetLocalToWorldTransform(prim) * out) for prim in same]
        pieces = [_corners(UsdGeom.Mesh(prim), frame, time) for prim, frame in zip(same, local, strict=True)]
        points, normals = (np.concatenate(arrays) for arrays in zip(*pieces, strict=True))
        if len(points):
            yield _part(surface, points, normals)


def _by_surface(meshes: Iterable[Any], time: Any) -> dict[Surface, list[Any]]:
    """Return meshes by what they look like, in order of appearance."""
    found: dict[Surface, list[Any]] = {}
    for prim in meshes:
        found.setdefault(_surface(prim, time), []).append(prim)
    return found


def _part(surface: Surface, points: Floats, normals: Floats) -> Part:
    """Return a part of triangle corners (n, 3), where corners of equal point and normal are one vertex."""
    rows = np.column_stack([points, normals]).astype(np.float32) + np.float32(0)  # no negative zeros
    vertices, indices = np.unique(rows, axis=0, return_inverse=True)
    triangles = indices.reshape(-1, 3).astype(np.uint32)
    return Part(surface, vertices[:, :3].copy(), vertices[:, 3:].copy(), triangles)


def _corners(mesh: Any, frame: Floats, time: Any) -> tuple[Floats, Floats]:
    """Return points and unit normals (3 × triangles, 3) of a mesh's triangles in another frame."""
    points = np.array(mesh.GetPointsAttr().Get(time), dtype=float).reshape(-1, 3)
    corners = np.array(mesh.GetFaceVertexIndicesAttr().Get(time), dtype=int)
    chosen = _fans(np.array(mesh.GetFaceVertexCountsAttr().Get(time), dtype=int))
    mirrored = bool(np.linalg.det(frame[:3, :3]) < 0)
    if mirrored != (mesh.GetOrientationAttr().Get() == UsdGeom.Tokens.leftHanded):
        chosen = chosen[:, ::-1]
    placed = points[corners[chosen]] @ frame[:3, :3] + frame[3, :3]  # (triangles, 3, 3)
    normals = mesh.GetNormalsAttr().Get(time)
    if normals is not None and mesh.GetNormalsInterpolation() == UsdGeom.Tokens.faceVarying:
        turned = np.array(normals, dtype=float)[chosen] @ np.linalg.inv(frame[:3, :3]).T
    else:
        flat = np.cross(placed[:, 1] - placed[:, 0], placed[:, 2] - placed[:, 0])
        turned = np.repeat(flat[:, None], 3, axis=1)
    lengths = np.linalg.norm(turned, axis=2, keepdims=True)
    sound = (lengths > 0).all(axis=(1, 2))  # a triangle without area has no normal and shows nothing
    return placed[sound].reshape(-1, 3), (turned[sound] / lengths[sound]).reshape(-1, 3)


def _fans(counts: Integers) -> Integers:
    """Return the triangles (n, 3) of convex faces, as numbers of face corners."""
    starts = np.repeat(np.cumsum(counts) - counts, counts - 2)
    steps = np.concatenate([np.arange(1, count - 1) for count in counts] or [np.zeros(0, dtype=int)])
    return np.stack([starts, starts + steps, starts + steps + 1], axis=1)


def _surface(prim: Any, time: Any) -> Surface:
    """Return a mesh's bound UsdPreviewSurface, or its (first) display colour where none is bound."""
    material = UsdShade.MaterialBindingAPI(prim).ComputeBoundMaterial()[0]
    shader = material.ComputeSurfaceSource()[0] if material else None
    if shader:
        found = {entry.GetBaseName(): entry.Get(time) for entry in shader.GetInputs()}
        color = found.get("diffuseColor", (0.18, 0.18, 0.18))  # defaults of UsdPreviewSurface
        values = (found.get("roughness", 0.5), found.get("metallic", 0.0), found.get("opacity", 1.0))
        return Surface(_rounded(color), *_rounded(values))
    colors = UsdGeom.Gprim(prim).GetDisplayColorAttr().Get(time)
    return Surface(_rounded(colors[0] if colors else (0.5, 0.5, 0.5)))


def _rounded(values: Iterable[float]) -> tuple[float, float, float]:
    """Return three single-precision numbers as they were written, without digits that mean nothing."""
    first, second, third = (round(float(value), 6) for value in values)
    return first, second, third


def _joined(models: Iterable[_Model]) -> Iterator[Placed]:
    """Yield every distinct geometry with its surfaces once, with all places where it stands."""
    groups: dict[bytes, list[_Model]] = {}
    for model in models:
        if model.parts:
            groups.setdefault(_digest(model.parts), []).append(model)
    for group in groups.values():
        names = tuple(name for model in group for name in model.names)
        frames = [_split(matrix) for model in group for matrix in model.matrices]
        moves, turns, scales = (np.array(rows, dtype=np.float32) for rows in zip(*frames, strict=True))
        yield Placed(group[0].name, group[0].parts, names, moves, turns, scales)


def _digest(parts: tuple[Part, ...]) -> bytes:
    """Return a hash of all that a model shows."""
    known = blake2b(digest_size=16)
    for part in parts:
        known.update(repr((part.surface, part.points.shape, part.triangles.shape)).encode())
        for values in (part.points, part.normals, part.triangles):
            known.update(values.tobytes())
    return known.digest()


def _split(matrix: Any) -> tuple[Singles, Singles, Singles]:
    """Return translation, rotation (x, y, z, w) and scale of a matrix; raises `ValueError` if it skews."""
    rows = np.array(matrix)[:3, :3]
    scale = np.linalg.norm(rows, axis=1)
    if np.linalg.det(rows) < 0:
        scale = -scale
    turn = rows / scale[:, None]
    if not np.allclose(turn @ turn.T, np.eye(3), atol=1e-6):
        raise ValueError("something on the stage is skewed, which glTF cannot say")
    spin = Gf.Matrix3d(*turn.reshape(-1).tolist()).ExtractRotation().GetQuat()
    quaternion = np.array([*spin.GetImaginary(), spin.GetReal()])
    return _single(matrix.ExtractTranslation()), _single(quaternion), _single(scale)


def _single(values: Any) -> Singles:
    """Return numbers in single precision, without negative zeros."""
    return np.array(values, dtype=np.float32) + np.float32(0)
