"""A downloaded run is the run again: the user's words, comments and all, with the changes in their places."""

from pathlib import Path

import pytest

from twin.plant.load import load_study
from twin.plant.shipped import find
from twin.web.spliced import spliced

CASES = {
    "twin:two_machines": {"orders.0.batches": 10, "people.operator.count": 3},
    "twin:two_machines_more_buffer": {"storage.buffer.capacity": 7, "equipment.first.at": [5, 5]},
    "twin:tablet_line": {"equipment.press.failures.production_stops.rate": 2, "run.replications": 3},
    "twin:tablet_line_second_press": {"run.seed": 5, "equipment.press.at": [40.5, 4.5]},
}


@pytest.mark.parametrize("name", CASES)
def test_the_files_give_the_same_plant_and_run(name: str, tmp_path: Path) -> None:
    study = load_study(name, CASES[name])
    scenario = study.document.text if study.document is not study.base.document else None
    changes = {**study.scenario.set, **study.changes}
    texts = spliced(study.base.document.text, scenario, changes, "Changed")
    for file, text in texts.items():
        (tmp_path / file).write_text(text, encoding="utf-8")
    again = load_study(tmp_path / max(texts), None, tmp_path)
    assert again.base.plant == study.base.plant
    assert again.scenario.run == study.scenario.run


def test_comments_stay_and_the_rest_is_untouched() -> None:
    text = find("twin:two_machines").read_text(encoding="utf-8")
    changed = spliced(text, None, {"orders.0.batches": 10}, "Changed")
    assert changed == {"plant.yaml": text.replace("batches: 200", "batches: 10")}
