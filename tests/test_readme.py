"""The README's examples run as they stand, one after the other in an empty folder."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SHELL = re.findall(r"```sh\n(.*?)\n```", README, re.S)
TOUR = [line for block in SHELL[2:] for line in block.splitlines()]
PYTHON = re.findall(r"```python\n(.*?)\n```", README, re.S)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tour")


def run(command: list[str], folder: Path) -> str:
    """Run one example where a reader would; its standard output."""
    beside = str(Path(sys.executable).parent)
    env = os.environ | {"PATH": beside + os.pathsep + os.environ["PATH"]}
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_two_commands_set_up_and_start_in_one_line_each() -> None:
    app, tests = SHELL[:2]
    for command in (app, tests):
        assert "\n" not in command
        assert command.startswith("python3 -m venv .venv && ")
        assert "-c requirements.lock" in command
    assert app.endswith(".venv/bin/python app.py")
    assert " -m pytest" in tests


def test_the_windows_form_does_the_same() -> None:
    app, tests = re.findall(r"```powershell\n(.*?)\n```", README, re.S)
    for command, windows in zip(SHELL[:2], (app, tests), strict=True):
        steps = windows.replace("py -3", "python3").replace(".venv\\Scripts\\", ".venv/bin/").split("; ")
        assert steps == command.split(" && ")


def test_the_tour_runs(folder: Path) -> None:
    for line in TOUR:
        run(["bash", "-c", line] if os.name != "nt" else ["powershell", "-Command", line], folder)
    assert {path.name for path in (folder / "out").iterdir()} == {
        "baseline",
        "second_press",
        "more_operators",
        "stage",
    }
    assert (folder / "out" / "stage" / "line.usda").exists()


def test_the_python_example_runs(folder: Path) -> None:
    example, _ = PYTHON
    printed = run([sys.executable, "-c", example], folder)
    assert re.search(r"\d days, \d", printed)
    assert "makespan" in printed
    assert "producing" in printed


def test_the_physics_example_runs(folder: Path) -> None:
    _, example = PYTHON
    printed = run([sys.executable, "-c", example], folder)
    minutes = [float(number) for number in re.findall(r"\d+\.\d+", printed)]
    assert len(minutes) == 3
    assert minutes == sorted(minutes)  # moister air dries more slowly
