"""Solids as closed polygon meshes: boxes, turned bodies, prisms, strips; pure NumPy.

Every builder returns a `Solid` with outward normals per face corner, no co-located points and no face without
area, so that every validator and every client accepts it. Called by `equipment.py`, `building.py` and
`lettering.py`; the writing into USD is in `layers.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Vector = tuple[float, float, float]
Outline = Sequence[Sequence[float]] | Floats


@dataclass(frozen=True)
class Solid:
    """A polygon mesh in metres.

    `points` (n, 3); `counts` (faces,) corners of each face; `indices` (corners,) into `points`,
    anticlockwise from outside; `normals` (corners, 3) of unit length; `material` a name of
    `materials.MATERIALS`.
    """

    name: str
    points: Floats
    counts: Integers
    indices: Integers
    normals: Floats
    material: str

    @property
    def extent(self) -> tuple[Floats, Floats]:
        """Least and greatest corner, in metres."""
        return self.points.min(axis=0), self.points.max(axis=0)


def face_normals(points: Floats, faces: Sequence[Sequence[int]]) -> Floats:
    """Return the unit normal of each flat face, (faces, 3), by Newell's method."""
    normals = []
    for face in faces:
        corners = points[list(face)]
        following = np.roll(corners, -1, axis=0)
        normal = np.cross(corners, following).sum(axis=0)
        normals.append(normal / np.linalg.norm(normal))
    return np.array(normals)


def flat(name: str, points: Floats, faces: Sequence[Sequence[int]], material: str) -> Solid:
    """Return a solid whose faces are shaded flat."""
    counts = np.array([len(face) for face in faces])
    indices = np.array([corner for face in faces for corner in face])
    normals = np.repeat(face_normals(points, faces), counts, axis=0)
    return Solid(name, points, counts, indices, normals, material)


def box(name: str, low: Vector, high: Vector, material: str) -> Solid:
    """Return the box from corner `low` to corner `high`, in metres."""
    (x0, y0, z0), (x1, y1, z1) = low, high
    points = np.array([[x, y, z] for z in (z0, z1) for x, y in ((x0, y0), (x1, y0), (x1, y1), (x0, y1))])
    faces = [(0, 3, 2, 1), (4, 5, 6, 7), (0, 1, 5, 4), (1, 2, 6, 5), (2, 3, 7, 6), (3, 0, 4, 7)]
    return flat(name, points, faces, material)


def turned(
    name: str,
    profile: Sequence[tuple[float, float]],
    material: str,
    center: Vector = (0.0, 0.0, 0.0),
    sides: int = 24,
) -> Solid:
    """Return the body that turning `profile` around the vertical through `center` gives.

    `profile` is a list of (radius, height) from the lowest to the highest point; a first or last radius
    above 0 gives a flat end. Sides are shaded smooth, ends flat.
    """
    angles = 2 * np.pi * np.arange(sides) / sides
    ring = np.stack([np.cos(angles), np.sin(angles), np.zeros(sides)], axis=1)
    points: list[Floats] = []
    rings: list[list[int]] = []
    total = 0
    for radius, height in profile:
        at_axis = radius <= 0
        block = np.array([[0.0, 0.0, height]]) if at_axis else ring * radius + np.array([0.0, 0.0, height])
        rings.append([total] * sides if at_axis else list(range(total, total + sides)))
        points.append(block)
        total += len(block)
    faces, normals = _sides(profile, rings, ring)
    for index, up in ((0, -1.0), (len(profile) - 1, 1.0)):
        if profile[index][0] > 0:
            faces.append(rings[index][:: int(up)])
            normals.extend([np.array([0.0, 0.0, up])] * sides)
    return Solid(
        name,
        np.concatenate(points) + np.array(center),
        np.array([len(face) for face in faces]),
        np.array([corner for face in faces for corner in face]),
        np.array(normals),
        material,
    )


def _sides(
    profile: Sequence[tuple[float, float]], rings: list[list[int]], ring: Floats
) -> tuple[list[list[int]], list[Floats]]:
    """Return the quads (at the axis triangles) between the rings of a turned body, and their normals."""
    faces: list[list[int]] = []
    normals: list[Floats] = []
    sides = len(ring)
    for level, ((r0, h0), (r1, h1)) in enumerate(pairwise(profile)):
        slope = np.array([h1 - h0, r0 - r1])
        slope = slope / np.linalg.norm(slope)
        for side in range(sides):
            after = (side + 1) % sides
            here, there = (ring[i] * slope[0] + np.array([0.0, 0.0, slope[1]]) for i in (side, after))
            corners = [(rings[level][side], here), (rings[level][after], there)]
            corners += [(rings[level + 1][after], there), (rings[level + 1][side], here)]
            if r0 <= 0:
                corners.pop(1)
            elif r1 <= 0:
                corners.pop(2)
            faces.append([corner for corner, _ in corners])
            normals.extend(normal for _, normal in corners)
    return faces, normals


def cylinder(
    name: str, radius: float, height: float, material: str, center: Vector = (0.0, 0.0, 0.0), sides: int = 24
) -> Solid:
    """Return an upright cylinder whose lower end is at `center`; metres."""
    return turned(name, [(radius, 0.0), (radius, height)], material, center, sides)


def ring(
    name: str, inner: float, outer: float, height: float, material: str, center: Vector = (0.0, 0.0, 0.0),
    sides: int = 32, turn: float = 0.0,
) -> Solid:  # fmt: skip
    """Return a flat ring (a turret, a rim) whose lower side is at `center`; metres, `turn` in radians."""
    angles = 2 * np.pi * np.arange(sides) / sides + turn
    circle = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    blocks = [
        np.column_stack([circle * radius, np.full(sides, z)])
        for radius, z in ((inner, 0.0), (outer, 0.0), (outer, height), (inner, height))
    ]
    faces = []
    for i in range(sides):
        j = (i + 1) % sides
        for low in range(4):
            a, b = low * sides, ((low + 1) % 4) * sides
            faces.append((a + j, b + j, b + i, a + i))
    points = np.concatenate(blocks) + np.array(center)
    return flat(name, points, faces, material)


def along(solid: Solid, axis: str) -> Solid:
    """Return the solid turned so that its vertical lies along `axis` (`x` or `y`), about the origin."""
    matrix = {
        "x": np.array([[0.0, 0, 1], [0, 1, 0], [-1, 0, 0]]),
        "y": np.array([[1.0, 0, 0], [0, 0, 1], [0, -1, 0]]),
    }[axis]
    return replace(solid, points=solid.points @ matrix.T, normals=solid.normals @ matrix.T)


def tilted(solid: Solid, degrees: float) -> Solid:
    """Return the solid turned by `degrees` around the x axis."""
    angle = np.radians(degrees)
    cosine, sine = np.cos(angle), np.sin(angle)
    matrix = np.array([[1.0, 0, 0], [0, cosine, -sine], [0, sine, cosine]])
    return replace(solid, points=solid.points @ matrix.T, normals=solid.normals @ matrix.T)


def moved(solid: Solid, by: Vector) -> Solid:
    """Return the solid shifted by `by` metres."""
    return replace(solid, points=solid.points + np.array(by))


def frustum(
    name: str, low: tuple[float, float, float], high: tuple[float, float, float], material: str,
    center: tuple[float, float] = (0.0, 0.0),
) -> Solid:  # fmt: skip
    """Return a rectangular hopper: (width, depth, z) below and above, around `center`."""
    points = np.array(
        [
            [center[0] + sx * width / 2, center[1] + sy * depth / 2, z]
            for width, depth, z in (low, high)
            for sx, sy in ((-1, -1), (1, -1), (1, 1), (-1, 1))
        ]
    )
    faces = [(0, 3, 2, 1), (4, 5, 6, 7), (0, 1, 5, 4), (1, 2, 6, 5), (2, 3, 7, 6), (3, 0, 4, 7)]
    return flat(name, points, faces, material)


def triangulate(outline: Floats) -> list[tuple[int, int, int]]:
    """Return triangles of a simple polygon (n, 2), anticlockwise, by clipping ears.

    Raises `ValueError` where the outline crosses itself.
    """
    remaining = list(range(len(outline)))
    if signed_area(outline) < 0:
        remaining.reverse()
    triangles = []
    while len(remaining) > 3:
        ear = next((k for k in range(len(remaining)) if _is_ear(outline, remaining, k)), None)
        if ear is None:
            raise ValueError("the outline of an area crosses itself")
        before, here, after = (remaining[(ear + step) % len(remaining)] for step in (-1, 0, 1))
        triangles.append((before, here, after))
        remaining.pop(ear)
    triangles.append((remaining[0], remaining[1], remaining[2]))
    covered = sum(abs(signed_area(outline[list(corners)])) for corners in triangles)
    if not np.isclose(covered, abs(signed_area(outline))):
        raise ValueError("the outline of an area crosses itself")
    return triangles


def signed_area(outline: Floats) -> float:
    """Return the area of a polygon (n, 2) in m², positive where its corners run anticlockwise."""
    x, y = outline[:, 0], outline[:, 1]
    return float(0.5 * np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y))


def without_straight_corners(outline: Floats) -> Floats:
    """Return the polygon (n, 2) without repeated corners and corners on the line between their neighbours."""
    outline = outline[np.any(np.abs(outline - np.roll(outline, 1, axis=0)) > 1e-9, axis=1)]
    before, after = np.roll(outline, 1, axis=0), np.roll(outline, -1, axis=0)
    bend = [abs(_cross(a, b, c)) > 1e-9 for a, b, c in zip(before, outline, after, strict=True)]
    kept: Floats = outline[np.array(bend)]
    return kept


def _cross(a: Floats, b: Floats, c: Floats) -> float:
    return float((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]))


def _is_ear(outline: Floats, remaining: list[int], k: int) -> bool:
    before, here, after = (remaining[(k + step) % len(remaining)] for step in (-1, 0, 1))
    a, b, c = outline[before], outline[here], outline[after]
    if _cross(a, b, c) <= 1e-12:
        return False
    others = (outline[i] for i in remaining if i not in (before, here, after))
    return not any(_cross(a, b, p) >= 0 and _cross(b, c, p) >= 0 and _cross(c, a, p) >= 0 for p in others)


def slab(
    name: str, outline: Sequence[Sequence[float]] | Floats, z0: float, z1: float, material: str
) -> Solid:
    """Return the slab over a simple polygon from height `z0` to `z1`, in metres."""
    corners = without_straight_corners(np.array(outline, dtype=float))
    if signed_area(corners) < 0:
        corners = corners[::-1]
    n = len(corners)
    points = np.concatenate([np.column_stack([corners, np.full(n, z)]) for z in (z0, z1)])
    top = triangulate(corners)
    faces: list[tuple[int, ...]] = [(a + n, b + n, c + n) for a, b, c in top]
    faces += [(c, b, a) for a, b, c in top]
    faces += [(i, (i + 1) % n, (i + 1) % n + n, i + n) for i in range(n)]
    return flat(name, points, faces, material)
