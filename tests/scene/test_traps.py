"""Each mistake that no public validator names breaks one rule, and a sound scene breaks none."""

from __future__ import annotations

from pathlib import Path

import pytest
from pxr import Usd

from twin.scene.check import RULES, problems, validate

HEAD = """#usda 1.0
(
    defaultPrim = "{prim}"
    metersPerUnit = 1
    upAxis = "Z"
    timeCodesPerSecond = 600
    framesPerSecond = 30{more}
)
"""

TRIANGLE = """
            float3[] extent = [(0, 0, 0), (1, 1, 0)]
            int[] faceVertexCounts = [3]
            int[] faceVertexIndices = [0, 1, 2]
            normal3f[] normals = [(0, 0, 1), (0, 0, 1), (0, 0, 1)] (interpolation = "faceVarying")
            point3f[] points = [(0, 0, 0), (1, 0, 0), (0, 1, 0)]
            uniform token subdivisionScheme = "none"
"""

ROOT = (
    HEAD.format(prim="Plant", more="\n    startTimeCode = 0\n    endTimeCode = 10")
    + """
def Xform "Plant" (
    kind = "assembly"
    variants = {
        string layout = "as_run"
    }
    prepend variantSets = "layout"
)
{
    def Xform "Units" (
        kind = "group"
    )
    {
        def Xform "press" (
            kind = "group"
            prepend apiSchemas = ["SemanticsLabelsAPI:class"]
        )
        {
            token[] semantics:labels:class = ["press"]

            def Xform "Asset" (
                instanceable = true
                kind = "component"
                prepend references = @./asset.usda@
            )
            {
            }

            def Mesh "Lamp"
            {
                color3f[] primvars:displayColor.timeSamples = {
                    0: [(1, 0, 0)],
                    4.999: [(1, 0, 0)],
                    5: [(0, 1, 0)],
                }
TRIANGLE            }
        }
    }

    def PointInstancer "Lots" (
        kind = "component"
    )
    {
        float3[] extent.timeSamples = {
            0: [(0, 0, 0), (2, 1, 0)],
            5: [(0, 0, 0), (4, 1, 0)],
        }
        int64[] ids = [7, 8]
        point3f[] positions.timeSamples = {
            0: [(0, 0, 0), (1, 0, 0)],
            5: [(0, 0, 0), (3, 0, 0)],
        }
        int[] protoIndices = [0, 0]
        rel prototypes = </Plant/Lots/Prototypes/drum>

        def Scope "Prototypes"
        {
            def Mesh "drum" (
                kind = "subcomponent"
            )
            {
TRIANGLE            }
        }
    }
    variantSet "layout" = {
        "as_run" {
            over "Units"
            {
                over "press"
                {
                    double3 xformOp:translate = (1, 2, 0)
                    uniform token[] xformOpOrder = ["xformOp:translate"]
                }
            }
        }
    }
}
"""
).replace("TRIANGLE", TRIANGLE)

ASSET = (
    HEAD.format(prim="Press", more="")
    + f"""
def Xform "Press" (
    kind = "component"
)
{{
    def Mesh "Body"
    {{
{TRIANGLE}    }}
}}
"""
)

LABEL = 'token[] semantics:labels:class = ["press"]'
INSIDE = "prepend references = @./asset.usda@\n            )\n            {"
ASSET_HERE = "@./asset.usda@"
STACK = "startTimeCode = 0"
MOVES = """point3f[] positions.timeSamples = {
            0: [(0, 0, 0), (1, 0, 0)],
            5: [(0, 0, 0), (3, 0, 0)],
        }"""
SPANS = """float3[] extent.timeSamples = {
            0: [(0, 0, 0), (2, 1, 0)],
            5: [(0, 0, 0), (4, 1, 0)],
        }"""

# the mistake, what it replaces, by what, the words of the complaint
MISTAKES = [
    ("an instancer without extent", SPANS, "", "Lots: the point instancer has no extent"),
    (
        "arrays of different length",
        "protoIndices = [0, 0]",
        "protoIndices = [0]",
        "arrays of lengths [2, 1, 2]",
    ),
    ("an index out of range", "protoIndices = [0, 0]", "protoIndices = [0, 1]", "a prototype index above 0"),
    ("a prototype that is not there", "Prototypes/drum>", "Prototypes/bin>", "Prototypes/bin is not there"),
    ("a prototype of kind component", '"subcomponent"', '"component"', "a prototype's kind is component"),
    ("a static extent", SPANS, "float3[] extent = [(0, 0, 0), (4, 1, 0)]", "the extent stands still"),
    (
        "lots that slide into one another",
        "int64[] ids = [7, 8]",
        "int64[] ids.timeSamples = {\n 0: [7, 8],\n 5: [7, 9],\n }",
        "other points come without a sample just before, at 5",
    ),
    ("a translation that is no number", "(1, 2, 0)", "(nan, 2, 0)", "xformOp:translate: not a number"),
    (
        "an operation that is not in the order",
        '["xformOp:translate"]',
        "[]",
        "xformOp:translate: not in xformOpOrder",
    ),
    ("an absolute path", ASSET_HERE, "@ABSOLUTE/asset.usda@", "is absolute"),
    (
        "an opinion below an instance",
        INSIDE,
        INSIDE + '\nover "Body" {\ndouble twist = 1\n}\n',
        "below this instance",
    ),
    (
        "a local opinion beside a variant",
        LABEL,
        LABEL + "\ndouble3 xformOp:translate = (9, 9, 0)",
        "a local opinion hides",
    ),
    (
        "an unknown schema",
        '"SemanticsLabelsAPI:class"',
        '"SemanticsLabelsAPI:class", "PressAPI"',
        "schema PressAPI",
    ),
    ("no time scale", "    timeCodesPerSecond = 600\n", "", "root.usda: no timeCodesPerSecond"),
    (
        "labels without a taxonomy",
        "semantics:labels:class =",
        "semantics:labels =",
        "semantics:labels has no",
    ),
    ("labels of a taxonomy not applied", "labels:class =", "labels:kind =", "semantics:labels:kind has no"),
    (
        "a colour on an instance",
        INSIDE,
        INSIDE + "\ncolor3f[] primvars:displayColor = [(1, 0, 0)]",
        "Asset: a display colour on an instance's root",
    ),
    ("a colour that fades", "                    4.999: [(1, 0, 0)],\n", "", "the colour fades from 0 to 5"),
    (
        "a state carried by visibility",
        'def Mesh "Lamp"\n            {',
        'def Mesh "Lamp"\n            {\ntoken visibility.timeSamples = { 0: "inherited", 5: "invisible" }',
        "Lamp: visibility changes over time",
    ),
    (
        "many samples in a text layer",
        MOVES,
        MOVES.replace(
            "5:", "1: [(0, 0, 0), (2, 0, 0)], 2: [(0, 0, 0), (2, 0, 0)], 3: [(0, 0, 0), (2, 0, 0)], 5:"
        ),
        "Lots.positions belongs into a crate file",
    ),
]


def write(folder: Path, root: str = ROOT, asset: str = ASSET) -> Path:
    (folder / "asset.usda").write_text(asset, encoding="utf-8")
    path = folder / "root.usda"
    path.write_text(root, encoding="utf-8")
    return path


def test_a_sound_scene_breaks_no_rule(tmp_path: Path) -> None:
    assert validate(write(tmp_path)) == []


@pytest.mark.parametrize(
    ("old", "new", "words"), [row[1:] for row in MISTAKES], ids=[row[0] for row in MISTAKES]
)
def test_a_single_mistake_is_named(tmp_path: Path, old: str, new: str, words: str) -> None:
    assert old in ROOT
    root = ROOT.replace(old, new.replace("ABSOLUTE", tmp_path.as_posix()))
    found = problems(write(tmp_path, root))
    assert len(found) >= 1
    assert any(words in sentence for sentence in found), found


def test_a_centimetre_asset_in_a_metre_stage_is_named(tmp_path: Path) -> None:
    asset = ASSET.replace("metersPerUnit = 1", "metersPerUnit = 0.01")
    assert problems(write(tmp_path, asset=asset)) == ["asset.usda: metersPerUnit is not the stage's 1"]


def test_a_y_up_asset_in_a_z_up_stage_is_named(tmp_path: Path) -> None:
    asset = ASSET.replace('upAxis = "Z"', 'upAxis = "Y"')
    assert problems(write(tmp_path, asset=asset)) == ["asset.usda: up axis Y in a stage of Z"]


def test_a_sublayer_with_another_time_scale_is_named(tmp_path: Path) -> None:
    layer = HEAD.format(prim="Plant", more="").replace("600", "24")
    layer += 'over "Plant"\n{\n    double load.timeSamples = {\n 0: 1,\n 5: 2,\n }\n}\n'
    (tmp_path / "motion.usda").write_text(layer, encoding="utf-8")
    root = write(tmp_path, ROOT.replace(STACK, f"subLayers = [@./motion.usda@]\n    {STACK}"))
    assert problems(root) == ["motion.usda: another timeCodesPerSecond than the root's"]


def test_a_schema_of_the_stage_itself_is_known(tmp_path: Path) -> None:
    (tmp_path / "schema").mkdir()
    (tmp_path / "schema" / "generatedSchema.usda").write_text(
        '#usda 1.0\nclass "PressAPI" {}\n', encoding="utf-8"
    )
    root = ROOT.replace('"SemanticsLabelsAPI:class"', '"SemanticsLabelsAPI:class", "PressAPI"')
    assert problems(write(tmp_path, root)) == []


def test_every_rule_has_a_scene_that_breaks_it(tmp_path: Path) -> None:
    broken = set()
    for number, (_, old, new, _) in enumerate(MISTAKES):
        folder = tmp_path / str(number)
        folder.mkdir()
        stage = Usd.Stage.Open(
            str(write(folder, ROOT.replace(old, new.replace("ABSOLUTE", folder.as_posix()))))
        )
        broken |= {rule for rule in RULES if any(rule(stage))}
    stage = Usd.Stage.Open(
        str(write(tmp_path, asset=ASSET.replace("metersPerUnit = 1", "metersPerUnit = 0.01")))
    )
    broken |= {rule for rule in RULES if any(rule(stage))}
    assert {rule.__name__ for rule in RULES} - {rule.__name__ for rule in broken} == set()


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="there is no such file"):
        problems(tmp_path / "nothing.usda")


def test_a_file_that_is_no_stage_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "text.usda").write_text("a letter to a friend", encoding="utf-8")
    with pytest.raises(OSError, match=r"text\.usda: this is no OpenUSD stage"):
        problems(tmp_path / "text.usda")
