"""What only an engine can see wrong with a plant is told as all else is: where, what, and what to do.

Each case changes one good plant file; `«` stands where the complaint must point.
"""

import json

import pytest

from tests.plant.sample import MARK, marked, spoiled
from twin.cli import execute
from twin.experiment.prepare import prepare
from twin.plant.errors import InputError

GOOD = """\
twin: 1
plant: Small solid dose
people:
  operator: {count: 2}
equipment:
  blender:
    parameters: {blender_volume: 0.4 m3}
  press:
    failures:
      - {clock: running, between: 1 h, repair: 4 min, needs: [operator]}
  coater: {}
storage:
  rack: {capacity: 3}
recipes:
  tablet:
    batch: 100 kg
    material: {true_density: 1500 kg/m3}
    operations:
      - blend:
          on: [blender]
          physics: blending
          settings: {rotation_speed: 12 rpm}
      - compress:
          on: [press]
          physics: tablet_compression
          settings:
            tablet_rate: 120000/h
            tablet_mass: 200 mg
          needs: [operator]
          wait_in: rack
      - coat: {on: [coater], physics: film_coating}
orders:
  - {recipe: tablet, batches: 2}
"""

CASES = {
    "unknown model": (
        "physics: blending",
        "physics: «blendin",
        "`physics` of operation `blend` of recipe `tablet` names a model that is not there, `blendin`.",
        "Did you mean `blending`?",
    ),
    "missing setting": (
        "settings:\n            tablet_rate: 120000/h\n            tablet_mass: 200 mg",
        "«settings:\n            tablet_rate: 120000/h",
        "Operation `compress` of recipe `tablet` lacks the setting `tablet_mass`, "
        "target mass of a tablet (in `kg`).",
        "Add `tablet_mass: …` to its `settings`.",
    ),
    "unknown setting": (
        "rotation_speed: 12 rpm",
        "«rotation_sped: 12 rpm",
        "Setting `rotation_sped` of operation `blend` of recipe `tablet` is none that `blending` takes.",
        "Did you mean `rotation_speed`?",
    ),
    "setting in the unit of something else": (
        "tablet_mass: 200 mg",
        "tablet_mass: «200 mm",
        "Setting `tablet_mass` of operation `compress` of recipe `tablet` is in `m`, "
        "and must be in `kg` or a unit of its kind.",
        "It stands for: target mass of a tablet.",
    ),
    "setting that has no unit": (
        "rotation_speed: 12 rpm",
        "blending_revolutions: «60 s",
        "Setting `blending_revolutions` of operation `blend` of recipe `tablet` is in `s`, "
        "and must be without a unit.",
        "It stands for: turns before the lubricant goes in.",
    ),
    "unknown parameter": (
        "blender_volume: 0.4 m3",
        "«blender_volum: 0.4 m3",
        "Parameter `blender_volum` of equipment `blender` is none that its physics takes.",
        "Did you mean `blender_volume`?",
    ),
    "parameter in the unit of something else": (
        "blender_volume: 0.4 m3",
        "blender_volume: «0.4 kg",
        "Parameter `blender_volume` of equipment `blender` is in `kg`, "
        "and must be in `m3` or a unit of its kind.",
        "It stands for: inner volume of the tumbling container.",
    ),
    "unknown attribute of the material": (
        "true_density: 1500",
        "«true_densiti: 1500",
        "Material `true_densiti` of recipe `tablet` is none that its physics takes.",
        "Did you mean `true_density`?",
    ),
    "attribute of the material in the unit of something else": (
        "true_density: 1500 kg/m3",
        "true_density: «1500 kg",
        "Material `true_density` of recipe `tablet` is in `kg`, "
        "and must be in `kg/m3` or a unit of its kind.",
        "It stands for: density of the solid without pores.",
    ),
    "repair that waits for ever": (
        "needs: [operator]}",
        "needs: [«2 operator]}",
        "Need 1 of failure 1 of equipment `press` could wait for ever: the repair asks for 2 `operator` "
        "while the work that it interrupts keeps 1, and the plant has 2.",
        "Have at least 3 `operator`, or let others repair.",
    ),
    "blocking before service without a place": (
        "  coater: {}\n",
        "    blocking: «before_service\n  coater: {}\n",
        "`blocking` of equipment `press` has no place to reserve: operation `coat` of recipe `tablet` "
        "waits in none.",
        "Give that operation a storage, or block after service.",
    ),
    "lots in pieces": (
        "batch: 100 kg",
        "batch: «100 pieces",
        "`batch` of recipe `tablet` must be a mass, because the physics needs lots in kilograms.",
        "Write for example `240 kg`.",
    ),
}


def problems_of(folder, text):
    path = folder / "plant.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        prepare(path)
    return caught.value.problems


@pytest.mark.parametrize(("old", "new", "message", "hint"), CASES.values(), ids=CASES)
def test_what_an_engine_cannot_run_is_told_where_and_what(tmp_path, old, new, message, hint):
    good = GOOD.replace("physics: film_coating}", "physics: film_coating, wait_in: none}")
    text, line, column = spoiled(good, old, new)
    [problem] = problems_of(tmp_path, text)
    assert (problem.message, problem.hint) == (message, hint)
    assert (problem.line, problem.column) == (line, column)


def test_the_sample_itself_is_right(tmp_path):
    path = tmp_path / "plant.yaml"
    path.write_text(GOOD, encoding="utf-8")
    assert prepare(path).plant_name == "plant"


def test_all_are_told_at_once_and_each_once_however_many_units_there_are(tmp_path):
    text = GOOD.replace("  press:\n    f", "  press:\n    count: 3\n    blocking: before_service\n    f")
    text = text.replace("physics: film_coating}", "physics: coating, wait_in: none}")
    text = text.replace("{count: 2}", "{count: 1}").replace("0.4 m3", "0.4 m").replace("200 mg", "200 mm")
    assert [(p.line, p.column, p.message.split(" of ")[0]) for p in problems_of(tmp_path, text)] == [
        (7, 34, "Parameter `blender_volume`"),
        (10, 15, "`blocking`"),
        (12, 63, "Need 1"),
        (30, 26, "Setting `tablet_mass`"),
        (33, 39, "`physics`"),
    ]


def test_a_change_on_the_command_line_is_told_as_that_change(tmp_path):
    path = tmp_path / "plant.yaml"
    path.write_text(GOOD, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        prepare(path, {"recipes.tablet.operations.blend.physics": "blendin"})
    [problem] = caught.value.problems
    assert (problem.file, problem.line) == ("--set recipes.tablet.operations.blend.physics", 1)
    assert problem.message.endswith("names a model that is not there, `blendin`.")


def test_parameters_wait_for_physics_that_is_not_known(tmp_path):
    """They may be right once the model's name is."""
    text, line, column = marked(GOOD.replace("physics: blending", f"physics: {MARK}blendin"))
    [problem] = problems_of(tmp_path, text.replace("{blender_volume: 0.4 m3}", "{volume: 0.4 m3}"))
    assert (problem.line, problem.column) == (line, column)


def test_people_who_only_set_up_are_free_for_a_repair(tmp_path):
    """A failure of a running machine interrupts its processing, not its set-up."""
    path = tmp_path / "plant.yaml"
    needs = "          needs: [{people: operator, count: 2, during: setup}]\n"
    path.write_text(GOOD.replace("          needs: [operator]\n", needs), encoding="utf-8")
    prepare(path)
    text = path.read_text(encoding="utf-8").replace("clock: running", "clock: calendar")
    assert [p.message[:6] for p in problems_of(tmp_path, text)] == ["Need 1"]


def test_the_command_line_lists_them_with_line_and_column(tmp_path, capsys):
    path = tmp_path / "plant.yaml"
    text, line, column = marked(GOOD.replace("200 mg", f"{MARK}200 mm"))
    path.write_text(text, encoding="utf-8")
    assert execute(["check", str(path), "--json"]) == 2
    printed = json.loads(capsys.readouterr().out)
    [problem] = printed["errors"]
    assert (problem["file"], problem["line"], problem["column"]) == (str(path), line, column)
