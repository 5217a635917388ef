"""What `import twin` offers: load, run, compare, open_result."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from twin.experiment.compare import compare
from twin.experiment.results import open_result
from twin.experiment.run import run
from twin.plant.load import LoadedPlant, LoadedScenario
from twin.plant.load import load as load_file

__all__ = ["compare", "load", "open_result", "run"]


def load(source: str | Path, set: Mapping[str, object] | None = None) -> LoadedPlant | LoadedScenario:
    """Read and check a plant or scenario, with changes by dotted path.

    Raises:
        InputError: anything about it is wrong; all complaints at once.
    """
    return load_file(source, set)
