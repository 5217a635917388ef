"""What a command does not need it does not wait for: libraries that are loaded by those who use them only."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

PLANT = """
twin: 1
plant: A cell of two machines
equipment: {mixer: {}, press: {}}
recipes:
  tablet:
    batch: 100 pieces
    operations:
      - mix: {on: [mixer], takes: 10 min}
      - press: {on: [press], takes: 12 min}
orders: [{recipe: tablet, batches: 5}]
"""
FOR_PICTURES = {"dash", "plotly", "pxr", "matplotlib"}
FOR_COMPUTING = {"numba", "numpy", "pyarrow", "scipy", "simpy"}
MODELS = ("twin.physics.solid_dose.", "twin.physics.biologics.", "twin.physics.fill_finish.")
FOR_COMPILING = {"numba", "twin.physics.kernels.building", "twin.engine.compiled_engine.linking"}
FOR_TABLES = {"pandas", "duckdb", "openpyxl"}
FOR_COMPARING = {"scipy.optimize", "scipy.stats"}
FOR_FEW = {"networkx", "cupy", "optuna", "sklearn", "distributed", "SALib"}


def loaded(*command: str) -> set[str]:
    """The modules that `twin COMMAND` has loaded when it is done."""
    return loaded_by(f"from twin.cli import execute\nassert execute({list(command)!r}) == 0")


def loaded_by(program: str) -> set[str]:
    """The modules that a program has loaded when it is done."""
    told = f"{program}\nimport sys\nprint(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", told], check=True, capture_output=True, text=True, timeout=300
    )
    return set(done.stdout.splitlines()[-1].split())


def test_help_loads_nothing_that_computes() -> None:
    assert not loaded("--help") & (FOR_PICTURES | FOR_COMPUTING | FOR_TABLES | FOR_FEW)
    assert not loaded("run", "--help") & (FOR_PICTURES | FOR_COMPUTING | FOR_TABLES | FOR_FEW)


@pytest.fixture
def plant(tmp_path: Path) -> str:
    """The file of a plant."""
    file = tmp_path / "plant.yaml"
    file.write_text(PLANT, encoding="utf-8")
    return str(file)


def test_a_run_without_intervals_and_physics_loads_no_model_and_no_distribution(
    plant: str, tmp_path: Path
) -> None:
    here = loaded("run", plant, "--replications", "1", "--engine", "simpy", "--workspace", str(tmp_path))
    assert not here & {"scipy.special", "array_api_compat.numpy"}
    assert not {name for name in here if name.startswith(MODELS)}


def test_checking_a_plant_loads_no_pictures_and_no_tables(plant: str) -> None:
    assert not loaded("check", plant) & (FOR_PICTURES | FOR_TABLES | FOR_COMPARING | FOR_FEW)


@pytest.mark.parametrize("record", ["full", "folded"])
@pytest.mark.parametrize(
    ("engine", "words"),
    [("simpy", ""), ("compiled", ""), ("compiled", ", rework: {probability: 0.5, to: mix}")],
    ids=["SimPy", "a line", "a network"],
)
def test_a_run_whose_functions_have_been_compiled_loads_no_compiler(
    tmp_path: Path, engine: str, words: str, record: str
) -> None:
    file = tmp_path / "plant.yaml"
    drawn = PLANT.replace("takes: 12 min", f"takes: normal(mean=12 min, sd=1 min){words}")
    file.write_text(drawn, encoding="utf-8")
    how = ["--replications", "2", "--engine", engine, "--record", record, "--workspace", str(tmp_path)]
    loaded("run", str(file), *how, "--seed", "1")
    assert not loaded("run", str(file), *how, "--seed", "2") & FOR_COMPILING


@pytest.mark.parametrize("record", ["full", "folded"])
def test_a_run_loads_no_pictures_and_no_tables(plant: str, tmp_path: Path, record: str) -> None:
    how = ["--replications", "2", "--engine", "simpy", "--record", record, "--workspace", str(tmp_path)]
    assert not loaded("run", plant, *how) & (FOR_PICTURES | FOR_TABLES | FOR_COMPARING | FOR_FEW)


def test_computing_a_sweep_loads_no_pictures_and_no_tables(plant: str, tmp_path: Path) -> None:
    sweep = tmp_path / "sweep.yaml"
    axes = "{recipes.tablet.operations.press.takes: [12 min, 13 min]}"
    sweep.write_text(f"scenario: A sweep\nbase: plant.yaml\nsweep: {{axes: {axes}}}\n", encoding="utf-8")
    here = loaded_by(
        "from twin.experiment.sweeps.plan import plan_sweep\n"
        "from twin.experiment.sweeps.running import stream_sweep\n"
        f"list(stream_sweep(plan_sweep({str(sweep)!r}, engine='simpy'), workspace={str(tmp_path)!r}))"
    )
    assert not here & (FOR_PICTURES | FOR_TABLES | FOR_COMPARING | FOR_FEW)
