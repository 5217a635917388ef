"""What is handed out: the lock, the list of dependencies, and what lies in the wheel."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
DATA = {".yaml", ".css", ".js", ".woff2", ".usda", ".json", ".txt"}


def project() -> dict[str, Any]:
    with (ROOT / "pyproject.toml").open("rb") as file:
        return tomllib.load(file)


def name_of(requirement: str) -> str:
    """`dash[compress]>=4.4.1 ; …` → `dash`, spelt as registries compare names."""
    found = re.match(r"[A-Za-z0-9][A-Za-z0-9._-]*", requirement)
    assert found, requirement
    return re.sub(r"[-_.]+", "-", found.group()).lower()


def pins() -> dict[str, set[str]]:
    lines = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    locked: dict[str, set[str]] = {}
    for line in lines:
        name, version = re.fullmatch(r"([a-z0-9-]+)==([^ ;]+)(?: ; .+)?", line).groups()  # type: ignore[union-attr]
        locked.setdefault(name, set()).add(version)
    return locked


def named_in_project(*extras: str) -> set[str]:
    whole = project()
    optional = whole["project"]["optional-dependencies"]
    wanted = whole["project"]["dependencies"] + [line for extra in extras for line in optional[extra]]
    return {name_of(line) for line in wanted}


def requirements(name: str) -> Iterator[str]:
    """What an installed package needs here, whatever its extras; its own extras' needs are left out."""
    for line in distribution(name).requires or ():
        if "extra ==" not in line:
            yield name_of(line)


def test_the_lock_pins_every_dependency() -> None:
    assert named_in_project("test", "lint") <= set(pins())


def test_the_lock_pins_what_the_dependencies_bring_along() -> None:
    locked, open_, seen = pins(), sorted(named_in_project("test")), set[str]()
    while open_:
        name = open_.pop()
        if name in seen:
            continue
        seen.add(name)
        try:
            open_ += requirements(name)
        except PackageNotFoundError:
            continue  # for another operating system or Python
        assert name in locked, f"{name} is installed and not in the lock"


def test_the_lock_holds_no_address() -> None:
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert "://" not in text
    assert "@" not in text


def test_each_dependency_is_explained_and_nothing_else() -> None:
    page = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([A-Za-z0-9._-]+) \| (.+) \| (.+) \| (.+) \|$", page, re.M)
    explained = {name_of(row[0]) for row in rows if row[0] not in ("package", "---")}
    build = {name_of(line) for line in project()["build-system"]["requires"]}
    assert explained == named_in_project(*project()["project"]["optional-dependencies"]) | build


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The names in a wheel built from this clone."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "-q",
        "--no-deps",
        "--no-cache-dir",
        "-w",
        str(folder),
        str(ROOT),
    ]
    built = subprocess.run(command, capture_output=True, text=True)
    if built.returncode != 0 and "hatchling" in built.stderr:
        pytest.skip("the build backend is neither installed nor to be had here")
    assert built.returncode == 0, built.stderr
    (path,) = folder.glob("*.whl")
    return set(zipfile.ZipFile(path).namelist())


def test_the_wheel_holds_every_module_and_every_file_of_data(wheel: set[str]) -> None:
    tracked = subprocess.run(
        ["git", "ls-files", "twin"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    wanted = {line for line in tracked.stdout.splitlines() if (ROOT / line).exists()}
    assert {Path(line).suffix for line in wanted} <= DATA | {".py", ".typed"}
    assert wanted <= wheel


def test_the_wheel_ships_every_plant_and_scenario(wheel: set[str]) -> None:
    plants = {f"twin/_shipped/plants/{path.name}" for path in (ROOT / "plant_models").glob("*.yaml")}
    scenarios = {f"twin/_shipped/scenarios/{path.name}" for path in (ROOT / "scenarios").glob("*.yaml")}
    assert plants
    assert scenarios
    assert plants | scenarios <= wheel


def test_the_wheel_holds_nothing_else(wheel: set[str]) -> None:
    assert {name.split("/")[0] for name in wheel} == {"twin", "plant_twin-0.1.0.dist-info"}
    assert not [name for name in wheel if "__pycache__" in name]
