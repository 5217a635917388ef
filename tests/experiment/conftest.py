"""A plant of two machines and a scenario of it, small enough to run in milliseconds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from twin.cli import execute

PLANT = """\
twin: 1
plant: A cell of two machines
equipment:
  mixer: {}
  press: {}
recipes:
  tablet:
    batch: 100 pieces
    operations:
      - mix: {on: [mixer], takes: exponential(mean=10 min)}
      - press: {on: [press], takes: exponential(mean=12 min)}
orders:
  - {recipe: tablet, batches: 12}
"""

SCENARIO = """\
scenario: A slower press
question: What if the press took a third longer?
base: cell.yaml
set:
  recipes.tablet.operations.press.takes: exponential(mean=16 min)
run:
  replications: 6
"""

SWEEP = """\
scenario: How fast must the press be?
base: cell.yaml
run:
  replications: 4
sweep:
  axes:
    recipes.tablet.operations.press.takes: [exponential(mean=8 min), exponential(mean=16 min)]
"""

STEADY = PLANT.replace("batches: 12}", "every: exponential(mean=20 min)}")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a plant, a scenario, a sweep and a plant whose orders never end."""
    for name, text in (("cell", PLANT), ("slower", SCENARIO), ("sweep", SWEEP), ("endless", STEADY)):
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    return tmp_path


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """An empty workspace."""
    return tmp_path / "workspace"


@pytest.fixture
def cli(workspace: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    """Runs a command in the workspace: exit code, stdout, stderr."""

    def call(*arguments: str | Path) -> tuple[int, str, str]:
        code = execute([*map(str, arguments), "--workspace", str(workspace)])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call
