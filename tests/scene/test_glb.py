"""A stage as binary glTF, read back by hand: a sound file that shows the units and lots where they stand."""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pxr import Gf, Usd, UsdGeom

from tests.scene.conftest import LINE, result_of
from twin.cli import execute
from twin.experiment.results import Result
from twin.scene.glb import write_glb
from twin.scene.palette import state_colors

INSTANCING = "EXT_mesh_gpu_instancing"
WIDTHS = {"SCALAR": 1, "VEC3": 3, "VEC4": 4}
TYPES = {5126: "<f4", 5125: "<u4"}


@dataclass(frozen=True)
class Glb:
    """A file's JSON and its binary part."""

    json: dict[str, Any]
    binary: bytes

    def values(self, accessor: int) -> NDArray[Any]:
        """The numbers of an accessor, (count, width)."""
        about = self.json["accessors"][accessor]
        view = self.json["bufferViews"][about["bufferView"]]
        piece = self.binary[view["byteOffset"] : view["byteOffset"] + view["byteLength"]]
        return np.frombuffer(piece, TYPES[about["componentType"]]).reshape(-1, WIDTHS[about["type"]])

    def places(self) -> dict[str, NDArray[Any]]:
        """Name → 4 × 4 matrix (column vectors) to glTF's world, for all that is drawn."""
        root = self.json["nodes"][self.json["scenes"][0]["nodes"][0]]
        up = matrix([0, 0, 0], root["rotation"], [1, 1, 1])
        found = {}
        for node in (self.json["nodes"][child] for child in root["children"]):
            if "extensions" not in node:
                found[node["name"]] = up @ matrix(node["translation"], node["rotation"], node["scale"])
                continue
            words = node["extensions"][INSTANCING]["attributes"]
            rows = (self.values(words[word]) for word in ("TRANSLATION", "ROTATION", "SCALE"))
            for name, *parts in zip(node["extras"]["names"], *rows, strict=True):
                found[name] = up @ matrix(*parts)
        return found

    def mesh_of(self, name: str) -> dict[str, Any]:
        """The mesh drawn under a name."""
        for node in self.json["nodes"]:
            names = node.get("extras", {}).get("names", [node["name"]])
            if name in names and "mesh" in node:
                mesh: dict[str, Any] = self.json["meshes"][node["mesh"]]
                return mesh
        raise AssertionError(f"{name} is not drawn")


def matrix(move: Any, turn: Any, scale: Any) -> NDArray[Any]:
    """Scale, then turn (x, y, z, w), then move."""
    x, y, z, w = map(float, turn)
    made = np.eye(4)
    spin = Gf.Matrix3d(Gf.Quatd(w, Gf.Vec3d(x, y, z)))
    made[:3, :3] = np.array(spin).T * np.array(scale, dtype=float)
    made[:3, 3] = move
    return made


def read(path: Path) -> Glb:
    """Header, JSON chunk and binary chunk of a file, each checked."""
    content = path.read_bytes()
    assert struct.unpack_from("<4sII", content) == (b"glTF", 2, len(content))
    length, kind = struct.unpack_from("<I4s", content, 12)
    assert (length % 4, kind) == (0, b"JSON")
    size, kind = struct.unpack_from("<I4s", content, 20 + length)
    assert (size % 4, kind) == (0, b"BIN\0")
    assert 28 + length + size == len(content)
    return Glb(json.loads(content[20 : 20 + length]), content[28 + length :])


def seen_from_y_up(point: Any) -> list[float]:
    """A point of the stage (z up) in glTF's axes (y up)."""
    x, y, z = point
    return [x, z, -y]


@pytest.fixture(scope="module")
def line_glb(stage_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Glb:
    """The small line, five minutes after the start."""
    return read(write_glb(stage_file, tmp_path_factory.mktemp("glb") / "line.glb", 300.0))


@pytest.fixture(scope="module")
def queue_glb(queue_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Glb:
    """The queue, half an hour after the start: three desks of one class."""
    return read(write_glb(queue_file, tmp_path_factory.mktemp("glb") / "queue.glb", 1800.0))


@pytest.fixture(params=["line_glb", "queue_glb"])
def glb(request: pytest.FixtureRequest) -> Glb:
    """Each of both files."""
    found: Glb = request.getfixturevalue(request.param)
    return found


def test_views_lie_in_the_buffer_and_one_after_the_other(glb: Glb) -> None:
    end = 0
    for view in glb.json["bufferViews"]:
        assert view["byteOffset"] == end
        assert view["byteOffset"] % 4 == 0
        end += view["byteLength"]
    assert end == len(glb.binary) == glb.json["buffers"][0]["byteLength"]


def test_accessors_say_what_is_in_them(glb: Glb) -> None:
    for number, about in enumerate(glb.json["accessors"]):
        values = glb.values(number)
        assert len(values) == about["count"] > 0
        assert (about["min"], about["max"]) == (values.min(axis=0).tolist(), values.max(axis=0).tolist())


def test_triangles_have_corners_and_normals_to_their_outside(glb: Glb) -> None:
    primitives = [p for mesh in glb.json["meshes"] for p in mesh["primitives"]]
    assert primitives
    for primitive in primitives:
        points = glb.values(primitive["attributes"]["POSITION"]).astype(float)
        normals = glb.values(primitive["attributes"]["NORMAL"]).astype(float)
        triangles = glb.values(primitive["indices"]).reshape(-1, 3)
        assert len(points) == len(normals) == triangles.max() + 1
        assert np.linalg.norm(normals, axis=1) == pytest.approx(1, abs=1e-5)
        a, b, c = (points[triangles[:, corner]] for corner in range(3))
        outward = np.cross(b - a, c - a)
        assert np.einsum("tk,tck->tc", outward, normals[triangles]).min() > 0
        assert 0 <= primitive["material"] < len(glb.json["materials"])


def test_every_model_is_stored_once(glb: Glb) -> None:
    drawn = [node["mesh"] for node in glb.json["nodes"] if "mesh" in node]
    assert sorted(drawn) == list(range(len(glb.json["meshes"])))
    shapes = [
        [
            (p["material"], *(glb.values(n).tobytes() for n in (*p["attributes"].values(), p["indices"])))
            for p in mesh["primitives"]
        ]
        for mesh in glb.json["meshes"]
    ]
    assert all(shape not in shapes[:number] for number, shape in enumerate(shapes))


@pytest.mark.parametrize(("kind", "code"), [("line", 300.0), ("queue", 1800.0)])
def test_units_and_lots_stand_where_the_stage_has_them(
    kind: str, code: float, request: pytest.FixtureRequest
) -> None:
    glb: Glb = request.getfixturevalue(f"{kind}_glb")
    stage = Usd.Stage.Open(str(request.getfixturevalue("stage_file" if kind == "line" else "queue_file")))
    places = glb.places()
    units = [prim.GetName() for prim in stage.GetPrimAtPath("/Plant/Units").GetChildren()]
    lots = UsdGeom.PointInstancer(stage.GetPrimAtPath("/Plant/Lots"))
    numbers, positions = (a.Get(code) for a in (lots.GetIdsAttr(), lots.GetPositionsAttr()))
    assert {name for name in places if name.endswith("/Asset")} == {f"Units/{name}/Asset" for name in units}
    assert {name for name in places if name.startswith("Lots/")} == {f"Lots/{number}" for number in numbers}
    assert len(numbers) > 0
    for number, position in zip(numbers, positions, strict=True):
        assert places[f"Lots/{number}"][:3, 3] == pytest.approx(seen_from_y_up(position), abs=1e-5)
    for name in units:
        frame = UsdGeom.Xformable(stage.GetPrimAtPath(f"/Plant/Units/{name}")).ComputeLocalToWorldTransform(0)
        for corner in ((0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1)):
            seen = (places[f"Units/{name}/Asset"] @ [*corner, 1])[:3]
            assert seen == pytest.approx(seen_from_y_up(frame.Transform(Gf.Vec3d(*corner))), abs=1e-5)


def test_a_unit_stands_where_the_plant_file_puts_it(line_glb: Glb) -> None:
    press = line_glb.places()["Units/press/Asset"]
    assert press[:3, 3] == pytest.approx([12, 0, -4], abs=1e-6)
    assert press[:3, 0] == pytest.approx([0, 0, -1], abs=1e-6)  # turned by 90°: its x runs along the hall's y


def test_units_of_one_class_are_instances(queue_glb: Glb) -> None:
    names = [f"Units/{name}/Asset" for name in ("desk", "desk_2", "desk_3")]
    (node,) = (n for n in queue_glb.json["nodes"] if n.get("extras", {}).get("names") == names)
    attributes = node["extensions"][INSTANCING]["attributes"]
    assert [queue_glb.json["accessors"][a]["count"] for a in attributes.values()] == [3, 3, 3]
    assert queue_glb.json["extensionsUsed"] == [INSTANCING]


def test_lamps_have_the_colour_of_the_moment(line_glb: Glb, stage_file: Path) -> None:
    stage = Usd.Stage.Open(str(stage_file))
    colors = []
    for name in ("booth", "press"):
        state = stage.GetPrimAtPath(f"/Plant/Units/{name}").GetAttribute("twin:state").Get(300.0)
        (lamp,) = line_glb.mesh_of(f"Units/{name}/Signal/Light")["primitives"]
        colors.append(line_glb.json["materials"][lamp["material"]]["pbrMetallicRoughness"]["baseColorFactor"])
        assert colors[-1] == pytest.approx([*state_colors()[state], 1], abs=1e-5)
    assert colors[0] != colors[1]


def test_walls_are_transparent(line_glb: Glb) -> None:
    clear = [m for m in line_glb.json["materials"] if m.get("alphaMode") == "BLEND"]
    assert clear
    assert all(0 < m["pbrMetallicRoughness"]["baseColorFactor"][3] < 1 for m in clear)


def test_the_file_says_which_run_it_shows(line_glb: Glb, line: Result) -> None:
    extras = line_glb.json["asset"]["extras"]
    assert (extras["run"], extras["seed"], extras["scenario"]) == (line.id, "5", "")
    assert extras["window_from"] == f"{line.start:%Y-%m-%d %H:%M:%S}"
    assert extras["window_to"] > extras["window_from"]
    assert extras["time_code"] == 300
    assert extras["version"]


def test_equal_stages_give_equal_bytes(stage_file: Path, tmp_path: Path) -> None:
    first, second = (write_glb(stage_file, tmp_path / name) for name in ("a.glb", "b.glb"))
    assert first.read_bytes() == second.read_bytes()
    assert read(first).json["asset"]["extras"]["time_code"] == 0  # the start of the window
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.glb", "b.glb"]


@pytest.mark.parametrize("name", ["plant.gltf", "plant", "."])
def test_another_ending_is_refused(stage_file: Path, tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match=r"\.glb"):
        write_glb(stage_file, tmp_path / name)


def test_a_skewed_part_is_refused(tmp_path: Path) -> None:
    stage = Usd.Stage.CreateNew(str(tmp_path / "skewed.usda"))
    top = UsdGeom.Xform.Define(stage, "/Top")
    stage.SetDefaultPrim(top.GetPrim())
    top.AddTransformOp().Set(Gf.Matrix4d(1, 0.5, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1))
    mesh = UsdGeom.Mesh.Define(stage, "/Top/Sheet")
    mesh.CreatePointsAttr([(0, 0, 0), (1, 0, 0), (0, 1, 0)])
    mesh.CreateFaceVertexCountsAttr([3])
    mesh.CreateFaceVertexIndicesAttr([0, 1, 2])
    stage.Save()
    with pytest.raises(ValueError, match="skewed"):
        write_glb(tmp_path / "skewed.usda", tmp_path / "skewed.glb")


def test_the_command_writes_one_or_both(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = result_of(LINE, tmp_path).id

    def export(*arguments: str | Path) -> tuple[int, str, str]:
        code = execute(["export", *map(str, arguments), "--workspace", str(tmp_path)])
        return code, *capsys.readouterr()

    code, out, _ = export(run, "--glb", tmp_path / "alone.glb", "--json")
    assert (code, json.loads(out)["exports"]) == (0, [{"run": run, "glb": str(tmp_path / "alone.glb")}])
    code, out, _ = export(run, "--glb", tmp_path / "both.glb", "--usd", tmp_path / "stage")
    assert code == 0
    assert out.strip() == f"{run}: {tmp_path / 'stage' / 'plant.usda'}, {tmp_path / 'both.glb'}"
    assert (tmp_path / "alone.glb").read_bytes() == (tmp_path / "both.glb").read_bytes()
    assert export(run, run, "--glb", tmp_path / "many", "--quiet") == (0, "", "")
    assert (tmp_path / "many" / f"{run}.glb").is_file()
    code, _, err = export(run, "--glb", tmp_path / "plant.gltf", "--usd", tmp_path / "other")
    assert code == 2
    assert "ending .glb" in err
    assert export(run, run, "--glb", tmp_path / "many.glb")[0] == 2
    assert not (tmp_path / "other").exists()
