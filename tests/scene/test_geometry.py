"""Solids are closed, face outward and have no doubled points; designs fill the footprint of their class."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from twin.plant.classes import library
from twin.scene.building import doors, solid_spans, walls
from twin.scene.carriers import CARRIERS
from twin.scene.equipment import design
from twin.scene.lettering import floor_text, width
from twin.scene.library import asset_name, bounds
from twin.scene.materials import MATERIALS
from twin.scene.mesh import (
    Solid,
    along,
    box,
    cylinder,
    face_normals,
    frustum,
    ring,
    signed_area,
    slab,
    tilted,
    triangulate,
    turned,
)
from twin.scene.places import in_rows

L_SHAPE = [(0.0, 0.0), (4.0, 0.0), (4.0, 4.0), (2.0, 4.0), (2.0, 2.0), (0.0, 2.0)]


def faces(solid: Solid) -> list[np.ndarray]:
    return np.split(solid.indices, np.cumsum(solid.counts)[:-1])


def volume(solid: Solid) -> float:
    """Volume enclosed, in m³; negative where faces look inward."""
    total = 0.0
    for face in faces(solid):
        corners = solid.points[face]
        total += sum(
            np.dot(corners[0], np.cross(corners[i], corners[i + 1])) for i in range(1, len(face) - 1)
        )
    return total / 6


def sound(solid: Solid) -> None:
    edges = Counter((a, b) for face in faces(solid) for a, b in zip(face, np.roll(face, -1), strict=True))
    assert all(edges[b, a] == 1 for a, b in edges), f"{solid.name} is not closed"
    assert len(np.unique(solid.points.round(7), axis=0)) == len(solid.points), (
        f"{solid.name} has doubled points"
    )
    assert volume(solid) > 0, f"{solid.name} looks inward"
    assert np.allclose(np.linalg.norm(solid.normals, axis=1), 1)
    flat = np.repeat(face_normals(solid.points, [list(face) for face in faces(solid)]), solid.counts, axis=0)
    assert np.all(np.sum(flat * solid.normals, axis=1) > 0.3), f"{solid.name} is shaded against its faces"


@pytest.mark.parametrize(
    ("solid", "expected"),
    [
        (box("box", (0, 0, 0), (1, 2, 3), ""), 6.0),
        (cylinder("cylinder", 1, 2, "", sides=96), 2 * np.pi),
        (turned("cone", [(0, 0), (1, 3)], "", sides=96), np.pi),
        (ring("ring", 1, 2, 1, "", sides=96), 3 * np.pi),
        (frustum("hopper", (1, 1, 0), (2, 2, 3), ""), 7.0),
        (slab("L", L_SHAPE, 0, 0.5, ""), 6.0),
        (slab("clockwise", L_SHAPE[::-1], 0, 0.5, ""), 6.0),
        (slab("straight corner", [(0, 0), (1, 0), (2, 0), (2, 1), (0, 1)], 0, 1, ""), 2.0),
        (along(cylinder("along x", 1, 2, "", sides=96), "x"), 2 * np.pi),
        (along(cylinder("along y", 1, 2, "", sides=96), "y"), 2 * np.pi),
        (slab("corner given twice", [(0, 0), (2, 0), (2, 0), (2, 1), (0, 1), (0, 0)], 0, 1, ""), 2.0),
        (tilted(box("tilted", (0, 0, 0), (1, 1, 1), ""), 30), 1.0),
    ],
    ids=lambda value: value.name if isinstance(value, Solid) else "",
)
def test_a_solid_is_closed_and_encloses_its_volume(solid: Solid, expected: float) -> None:
    sound(solid)
    assert volume(solid) == pytest.approx(expected, rel=2e-3)


@pytest.mark.parametrize("name", library())
def test_every_class_has_a_sound_design_of_its_size(name: str) -> None:
    kind = library()[name]
    made = design(name, kind.form, kind.title, (kind.size[0], kind.size[1]), kind.height)
    for part in made.parts:
        sound(part)
        assert part.material in MATERIALS
    assert len({part.name for part in made.parts}) == len(made.parts) >= 5
    low, high = bounds(made.parts)
    assert low[2] == pytest.approx(0, abs=1e-9)
    share = (high - low)[:2] / kind.size
    assert np.all((share > 0.8) & (share < 1.1)), "it fills its footprint and stays within"
    assert high[2] == pytest.approx(kind.height, abs=0.35)


@pytest.mark.parametrize("name", CARRIERS)
def test_every_carrier_is_sound_and_stands_on_the_floor(name: str) -> None:
    parts = CARRIERS[name]().parts
    for part in parts:
        sound(part)
        assert part.material in MATERIALS
    assert bounds(parts)[0][2] == pytest.approx(0, abs=1e-9)


def test_triangles_cover_a_concave_outline() -> None:
    outline = np.array(L_SHAPE)
    assert sum(signed_area(outline[list(corners)]) for corners in triangulate(outline)) == pytest.approx(12.0)


def test_an_outline_that_crosses_itself_is_an_error() -> None:
    with pytest.raises(ValueError, match="crosses itself"):
        triangulate(np.array([(0.0, 0.0), (2.0, 2.0), (2.0, 0.0), (0.0, 2.5)]))


def test_walls_leave_a_door_where_an_aisle_passes() -> None:
    a, b = np.array([0.0, 0.0]), np.array([10.0, 0.0])
    assert doors(a, b, [[(4.0, -3.0), (4.0, 3.0)], [(0.0, 5.0), (9.0, 5.0)]]) == pytest.approx([4.0])
    assert np.allclose(solid_spans(10.0, [4.0]), [(0.0, 2.9), (5.1, 10.0)])
    assert np.allclose(solid_spans(10.0, [0.5, 9.8]), [(1.6, 8.7)])
    square = np.array([(0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (0.0, 10.0)])
    made = walls("room", square, [[(4.0, -3.0), (4.0, 3.0)]])
    assert [wall.name for wall in made] == [
        "room_wall_0_0",
        "room_wall_0_1",
        *(f"room_wall_{i}_0" for i in (1, 2, 3)),
    ]
    assert all(np.all(wall.points[:, :2] >= 0) and np.all(wall.points[:, :2] <= 10) for wall in made)


def test_letters_have_their_width_and_unknown_signs_are_left_out() -> None:
    letters = floor_text("text", ["IBC 7"], 0.7, (0.0, 0.0), "")
    assert letters is not None
    low, high = letters.extent
    assert width("IBC 7", 0.7) == pytest.approx(2.9)
    assert (low[0], high[0]) == pytest.approx((-1.35, 1.45), abs=0.02)
    assert (low[1], high[1]) == pytest.approx((-0.7, 0.0), abs=0.02)
    assert floor_text("text", ["工場"], 0.7, (0.0, 0.0), "") is None


def test_an_asset_of_another_size_has_another_name() -> None:
    assert asset_name("bin_blender", (3.0, 2.4), (3.0, 2.4)) == "BinBlender"
    assert asset_name("bin_blender", (3.5, 2.4), (3.0, 2.4)) == "BinBlender_3500_2400"


def test_rows_do_not_overlap_and_break_after_forty_metres() -> None:
    centers = in_rows([(9.0, 2.0)] * 5, 0.0, 0.0)
    assert [x for x, _ in centers[:4]] == [4.5, 15.5, 26.5, 4.5]
    assert centers[3][1] < centers[0][1] - 2.0
