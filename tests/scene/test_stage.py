"""A run's stage: what stands where, what moves when, and that every validator is content."""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from pxr import Sdf, Usd, UsdGeom

import twin
from tests.conftest import missing
from twin.engine.record import STATES
from twin.experiment.genealogy import label
from twin.experiment.results import Result
from twin.plant.layout import unit_names
from twin.scene import SCHEMA_IS_KNOWN, schemas
from twin.scene.check import assets, validate
from twin.scene.export import export_usd
from twin.scene.palette import state_colors

MINUTE = 60.0
DOCS = Path(__file__).parents[2] / "docs" / "examples"
EXAMPLES = [path for path in sorted(DOCS.glob("*.yaml")) if "\nplant:" in path.read_text(encoding="utf-8")]
PACKING = DOCS / "packing.yaml"


@pytest.fixture
def stage(stage_file: Path) -> Usd.Stage:
    return Usd.Stage.Open(str(stage_file))


def files(root: Path) -> dict[str, bytes]:
    return {
        path.relative_to(root.parent).as_posix(): path.read_bytes()
        for path in sorted(root.parent.rglob("*"))
        if path.is_file()
    }


def test_usd_and_our_rules_find_nothing(stage_file: Path, queue_file: Path) -> None:
    assert validate(stage_file) == []
    assert validate(queue_file) == []


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_the_stage_of_every_example_is_sound(example: Path, tmp_path: Path) -> None:
    result = twin.run(example, replications=1, workspace=tmp_path)
    root = export_usd(result, tmp_path / "stage")
    assert validate(root) == []
    stage = Usd.Stage.Open(str(root))
    units = {prim.GetName() for prim in stage.GetPrimAtPath("/Plant/Units").GetChildren()}
    assert units == {name for names in unit_names(result.plant).values() for name in names}


def test_the_validator_of_the_industry_finds_nothing(
    stage_file: Path, queue_file: Path, trucks_file: Path
) -> None:
    try:
        from usd_validation_nvidia import ValidationEngine
    except ImportError:
        missing("usd-validation-nvidia")
    engine = ValidationEngine(init_rules=True)
    checked = [stage_file, *assets(stage_file), queue_file, *assets(queue_file)]
    checked += [trucks_file, *assets(trucks_file)]
    assert len(checked) >= 12
    issues = {path.name: [str(issue) for issue in engine.validate(str(path)).issues()] for path in checked}
    assert not any(issues.values()), issues


def test_the_root_says_scale_and_time(stage: Usd.Stage, line: Result) -> None:
    assert UsdGeom.GetStageMetersPerUnit(stage) == 1.0
    assert UsdGeom.GetStageUpAxis(stage) == "Z"
    assert (stage.GetTimeCodesPerSecond(), stage.GetFramesPerSecond()) == (600.0, 30.0)
    assert (stage.GetStartTimeCode(), stage.GetEndTimeCode()) == (0.0, line.horizons[1] / 1e9)
    root = stage.GetRootLayer()
    assert list(root.subLayerPaths) == [
        f"./results/{line.id}.usdc",
        "./layers/motion.usdc",
        "./layers/layout.usda",
    ]
    assert Usd.ModelAPI(stage.GetDefaultPrim()).GetKind() == "assembly"


def test_the_run_is_written_into_root_and_results(stage: Usd.Stage, line: Result) -> None:
    results = next(layer for layer in stage.GetLayerStack() if "results" in layer.identifier)
    for layer in (stage.GetRootLayer(), results):
        facts = layer.customLayerData["twin"]
        assert facts["run"] == line.id
        assert facts["seed"] == "5"
        assert facts["replication"] == 1
        assert facts["window_from"] == f"{line.start:%Y-%m-%d %H:%M:%S}"
        assert facts["version"]
    sign = stage.GetPrimAtPath("/Plant/Sign").GetAttribute("userProperties:text").Get()
    assert f"{line.start:%Y-%m-%d}" in sign
    assert stage.GetPrimAtPath("/Plant/Sign/Text").IsA(UsdGeom.Mesh)


def test_units_are_instances_where_the_plant_file_puts_them(stage: Usd.Stage) -> None:
    press = stage.GetPrimAtPath("/Plant/Units/press")
    assert press.GetChild("Asset").IsInstance()
    to_world = UsdGeom.Xformable(press).ComputeLocalToWorldTransform(Usd.TimeCode.Default())
    assert tuple(round(v, 9) for v in to_world.Transform((0, 0, 0))) == (12, 4, 0)
    assert tuple(round(v, 6) for v in to_world.TransformDir((1, 0, 0))) == (0, 1, 0)
    assert press.GetVariantSets().GetNames() == []
    assert stage.GetDefaultPrim().GetVariantSet("layout").GetVariantSelection() == "as_run"


def test_geometry_has_the_size_of_its_class(stage: Usd.Stage) -> None:
    cache = UsdGeom.BBoxCache(Usd.TimeCode.Default(), [UsdGeom.Tokens.default_])
    size = cache.ComputeUntransformedBound(stage.GetPrimAtPath("/Plant/Units/booth/Asset")).GetBox().GetSize()
    assert tuple(round(v, 3) for v in size) == (3.0, 2.5, 2.6)


def test_an_asset_says_what_it_is_and_where_it_connects(stage_file: Path) -> None:
    stage = Usd.Stage.Open(str(stage_file.parent / "library/RotaryTabletPress/RotaryTabletPress.usda"))
    root = stage.GetDefaultPrim()
    assert Usd.ModelAPI(root).GetKind() == "component"
    assert Usd.ModelAPI(root).GetAssetName() == "RotaryTabletPress"
    assert root.HasAuthoredPayloads()
    assert list(root.GetAttribute("semantics:labels:class").Get()) == ["rotary_tablet_press"]
    ports = stage.GetPrimAtPath("/RotaryTabletPress/ConnectionPoints").GetChildren()
    domains = {str(port.GetAttribute("simready:connectionPoint:domain").Get()) for port in ports}
    assert domains == {"electrical", "material", "airflow"}
    assert all(UsdGeom.Imageable(port).GetPurposeAttr().Get() == "guide" for port in ports)


def test_a_lamp_holds_its_colour_until_the_state_changes(stage: Usd.Stage) -> None:
    color = stage.GetPrimAtPath("/Plant/Units/booth/Signal/Light").GetAttribute("primvars:displayColor")
    end = 30 * MINUTE
    assert color.GetTimeSamples() == pytest.approx([0.0, end - 0.001, end])
    colors = state_colors()
    assert tuple(color.Get(end - 1)[0]) == pytest.approx(colors["producing"])
    assert tuple(color.Get(end)[0]) == pytest.approx(colors["starved"])


def test_a_unit_tells_its_state_and_its_lot(stage: Usd.Stage) -> None:
    booth = stage.GetPrimAtPath("/Plant/Units/booth")
    seen = [
        (booth.GetAttribute("twin:state").Get(t), booth.GetAttribute("twin:lot").Get(t))
        for t in (0, 600, 1900)
    ]
    assert seen == [("producing", 0), ("producing", 1), ("starved", -1)]
    assert booth.GetAttribute("userProperties:state").Get(1900) == "starved"


def test_transporters_drive_and_belts_stand(trucks_file: Path) -> None:
    stage = Usd.Stage.Open(str(trucks_file))
    trucks = UsdGeom.PointInstancer.Get(stage, "/Plant/Transporters")
    assert list(trucks.GetProtoIndicesAttr().Get(0)) == [0, 0]
    at_home, on_the_way = (trucks.GetPositionsAttr().Get(time) for time in (0, 2500))
    assert [tuple(p) for p in at_home] == [(4, 4, 0), (4, 4, 0)]
    assert on_the_way != at_home
    lots = stage.GetPrimAtPath("/Plant/Lots").GetAttribute("userProperties:lots")
    assert list(lots.Get(0)) == ["0", "1", "2", "3", "4", "5"]
    storages = stage.GetPrimAtPath("/Plant/Building/Geometry/Storages").GetChildren()
    assert {prim.GetName() for prim in storages} == {
        "storage_rack",
        "conveyor_belt_belt",
        "conveyor_belt_frame",
    }


def test_parts_of_a_lot_are_on_the_stage_by_their_own_numbers(tmp_path: Path) -> None:
    result = twin.run(PACKING, replications=1, workspace=tmp_path)
    stage = Usd.Stage.Open(str(export_usd(result, tmp_path / "stage")))
    lots = stage.GetPrimAtPath("/Plant/Lots").GetAttribute("userProperties:lots")
    told = {name for time in lots.GetTimeSamples() for name in lots.Get(time)}
    written = {label(number) for number in result.replication("lots", 1)["lot"].to_pylist()}
    assert any("." in name for name in told)
    assert told <= written


def position(stage: Usd.Stage, lot: int, time: float) -> tuple[float, ...] | None:
    instancer = UsdGeom.PointInstancer.Get(stage, "/Plant/Lots")
    ids = list(instancer.GetIdsAttr().Get(time))
    if lot not in ids:
        return None
    return tuple(round(v, 2) for v in instancer.GetPositionsAttr().Get(time)[ids.index(lot)])


def test_lots_follow_the_aisles_while_the_record_says_so(stage: Usd.Stage) -> None:
    assert position(stage, 0, 599) == (4.0, 4.0, 0.08)  # in the booth
    on_the_way = [position(stage, 0, time) for time in (602, 604, 606)]
    assert [p[0] for p in on_the_way if p] == pytest.approx(
        [4.0, 4.06, 6.0], abs=0.1
    )  # up to the aisle, along it
    assert on_the_way[2] is not None
    assert on_the_way[2][1] == pytest.approx(8.0, abs=0.1)
    assert position(stage, 0, 608) == (8.0, 8.0, 0.0)  # in the staging place
    assert position(stage, 0, 616)[:2] == (12.0, 4.0)  # on the press
    assert position(stage, 0, 2116) is None  # gone


def test_a_lot_has_its_container_from_the_operation_that_takes_it(stage: Usd.Stage) -> None:
    instancer = UsdGeom.PointInstancer.Get(stage, "/Plant/Lots")
    names = [target.name for target in instancer.GetPrototypesRel().GetTargets()]
    looks = [names[index] for index in instancer.GetProtoIndicesAttr().Get(0)]
    assert looks == ["ibc_tablet", "drum_tablet", "drum_tablet"]


def test_measures_stand_typed_and_mirrored(stage: Usd.Stage, line: Result) -> None:
    rows = {row["measure"]: row for row in line.measures.to_pylist()}
    press = stage.GetPrimAtPath("/Plant/Units/press")
    assert press.HasAPI(schemas.UNIT_MEASURES)
    expected = rows["unit.press.utilisation"]
    assert press.GetAttribute("twin:measures:utilisation").Get() == expected["mean"]
    assert press.GetAttribute("twin:measures:utilisation:interval").Get() == (
        expected["low"],
        expected["high"],
    )
    assert press.GetAttribute("userProperties:measures:utilisation").Get() == expected["mean"]
    assert press.GetAttribute("twin:measures:replications").Get() == 2
    assert stage.GetDefaultPrim().GetAttribute("twin:measures:makespan").Get() == rows["makespan"]["mean"]


def test_the_schema_is_known_with_its_words_and_fallbacks() -> None:
    assert SCHEMA_IS_KNOWN
    stage = Usd.Stage.CreateInMemory()
    prim = stage.DefinePrim("/unit", "Xform")
    assert prim.ApplyAPI(schemas.UNIT_STATE)
    state = prim.GetAttribute("twin:state")
    assert state.Get() == "unknown"
    assert tuple(state.GetMetadata("allowedTokens")) == ("unknown", *STATES)
    measured = schemas.attributes(schemas.UNIT_MEASURES)
    assert all(f"twin:measures:state:{name}" in measured for name in STATES)


SEES = """
from pxr import Usd, UsdGeom
stage = Usd.Stage.Open({path!r})
cache = UsdGeom.BBoxCache(Usd.TimeCode(616), [UsdGeom.Tokens.default_])
box = cache.ComputeWorldBound(stage.GetDefaultPrim()).GetRange()
prims = Usd.PrimRange(stage.GetPseudoRoot(), Usd.TraverseInstanceProxies())
meshes = [prim for prim in prims if prim.IsA(UsdGeom.Mesh)]
press = stage.GetPrimAtPath("/Plant/Units/press")
lamp = stage.GetPrimAtPath("/Plant/Units/press/Signal/Light").GetAttribute("primvars:displayColor")
print([round(v, 4) for v in (*box.GetMin(), *box.GetMax())], len(meshes), lamp.Get(616))
print(press.GetAttribute("userProperties:state").Get(700), press.GetAttribute("twin:state").Get(700))
print(press.GetAttribute("userProperties:measures:utilisation").Get())
"""


def test_a_process_without_our_schema_sees_the_same(stage_file: Path) -> None:
    script = SEES.format(path=str(stage_file))
    seen = [
        subprocess.run(
            [sys.executable, "-c", first + script], capture_output=True, text=True, check=True
        ).stdout
        for first in ("", "import twin.scene\n")
    ]
    assert seen[0] == seen[1]
    assert "producing producing" in seen[0]


def test_equal_results_give_equal_bytes(line: Result, stage_file: Path, tmp_path: Path) -> None:
    assert files(export_usd(line, tmp_path / "again")) == files(stage_file)


def test_text_layers_are_for_people_and_hold_no_samples(stage_file: Path) -> None:
    layout = Sdf.Layer.FindOrOpen(str(stage_file.parent / "layers/layout.usda"))
    assert not layout.ListAllTimeSamples()
    assert "absolute" not in layout.ExportToString()
    assert str(stage_file.parent) not in "".join(
        path.read_text(encoding="utf-8") for path in stage_file.parent.rglob("*.usda")
    )


def test_a_plant_without_positions_stands_in_a_tidy_row(queue_file: Path) -> None:
    stage = Usd.Stage.Open(str(queue_file))
    assert (
        stage.GetDefaultPrim().GetAttribute("userProperties:arranged_by_twin").Get() == "desk, desk_2, desk_3"
    )
    xs = []
    for name in ("desk", "desk_2", "desk_3"):
        place = UsdGeom.Xformable(stage.GetPrimAtPath(f"/Plant/Units/{name}"))
        x, y, _ = place.ComputeLocalToWorldTransform(Usd.TimeCode.Default()).Transform((0, 0, 0))
        xs.append(x)
        assert y == pytest.approx(-0.75)
    assert xs == sorted(xs)
    assert min(b - a for a, b in pairwise(xs)) >= 2.0


def test_a_name_for_the_root_layer_may_be_given(line: Result, tmp_path: Path) -> None:
    assert export_usd(line, tmp_path / "my line.usda") == tmp_path / "my line.usda"
    assert validate(tmp_path / "my line.usda") == []


@pytest.mark.parametrize("replication", [0, 3])
def test_a_replication_that_is_not_there_is_an_error(line: Result, tmp_path: Path, replication: int) -> None:
    with pytest.raises(
        ValueError, match=f"there is no replication {replication}; the run has replications 1 to 2"
    ):
        export_usd(line, tmp_path, replication=replication)


def test_a_window_outside_the_run_is_an_error(line: Result, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="is not inside the run"):
        export_usd(line, tmp_path, window=(0, line.horizons[1] + 1))
    with pytest.raises(ValueError, match="name it with the ending"):
        export_usd(line, tmp_path / "plant.usdc")


def test_a_window_shows_its_part_of_the_run(line: Result, tmp_path: Path) -> None:
    second = 1_000_000_000
    stage = Usd.Stage.Open(str(export_usd(line, tmp_path, window=(600 * second, 700 * second))))
    assert (stage.GetStartTimeCode(), stage.GetEndTimeCode()) == (0.0, 100.0)
    assert position(stage, 0, 8) == (8.0, 8.0, 0.0)
    assert stage.GetPrimAtPath("/Plant/Units/press").GetAttribute("twin:state").Get(0) == "starved"


LATE = """
from pxr import Usd
stage = Usd.Stage.Open({path!r})
import twin.scene
from twin.scene.check import validate
press = stage.GetPrimAtPath("/Plant/Units/press")
print(twin.scene.SCHEMA_IS_KNOWN, press.GetAttribute("twin:state").Get(700))
print(validate({path!r}))
"""


def test_a_schema_that_comes_too_late_is_told_and_breaks_nothing(stage_file: Path) -> None:
    script = LATE.format(path=str(stage_file))
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "False producing\n[]\n"
