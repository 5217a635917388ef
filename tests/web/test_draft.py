"""A draft is checked by the language: right values become changes, wrong ones complain beside their field."""

from pathlib import Path

import pytest

from twin.plant.document import Document
from twin.web.draft import open_base, open_draft, set_block
from twin.web.form_callbacks import typed_changes
from twin.web.sources import Source, find, sources


@pytest.fixture
def source(tmp_path: Path) -> Source:
    found = find(tmp_path, "twin:two_machines")
    assert found is not None
    return found


def test_a_wrong_unit_is_told_beside_its_field(tmp_path: Path, source: Source) -> None:
    path = "recipes.part.operations.cut.takes"
    draft = open_draft(tmp_path, source, {path: "3 furlongs", "people.operator.count": "3"})
    assert draft.study is None
    assert list(draft.wrong) == [path]
    assert "furlongs" in draft.wrong[path]


def test_what_is_not_yaml_is_told_beside_its_field(tmp_path: Path, source: Source) -> None:
    draft = open_draft(tmp_path, source, {"orders.0.batches": "[1, "})
    assert list(draft.wrong) == ["orders.0.batches"]


def test_a_unit_outside_its_area_is_told_beside_its_position(tmp_path: Path, source: Source) -> None:
    draft = open_draft(tmp_path, source, {"equipment.first.at": "[40, 5]"})
    assert "outside" in draft.wrong["equipment.first.at"]


def test_changes_read_back_from_their_yaml(tmp_path: Path, source: Source) -> None:
    changes = {"people.operator.count": "3", "equipment.first.at": "[5, 5]", "run.replications": "4"}
    data = Document(set_block(changes), "changes").data
    assert data == {
        "set": {"people.operator.count": 3, "equipment.first.at": [5, 5]},
        "run": {"replications": 4},
    }


def test_an_empty_field_means_what_the_file_says(tmp_path: Path, source: Source) -> None:
    base = open_base(tmp_path, source)
    ids = [
        {"field": path} for path in ("orders.0.batches", "run.seed", "equipment.first.count", "no.such.path")
    ]
    assert typed_changes(base, ids, ["", None, "2", "7"], {}) == {"equipment.first.count": "2"}
    assert typed_changes(base, ids, ["200", "1", "1", None], {}) == {}


def test_files_of_the_workspace_can_be_chosen(tmp_path: Path) -> None:
    plant = Path(__file__).parents[2] / "plant_models" / "two_machines.yaml"
    folder = tmp_path / "plants"
    folder.mkdir()
    (folder / "mine.yaml").write_bytes(plant.read_bytes())
    (folder / "No such name!.yaml").write_bytes(plant.read_bytes())
    own = [source for source in sources(tmp_path) if not source.shipped]
    assert [(source.id, source.title) for source in own] == [("plant:mine", "Two machines")]
    assert find(tmp_path, "plant:../mine") is None
