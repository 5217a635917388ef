"""What is kept of compiled folding holds for all code that it has numbers from."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from twin.engine.fingerprint import PACKAGE, fingerprint
from twin.experiment.folding.compiling import CODE

DECORATORS = {"entry", "making_arrays", "inlined", "expanded"}
WITHOUT_NUMBERS = {"twin.experiment.arrays", "twin.engine", "twin.experiment"}  # types; modules named below


def read(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


def decorated(tree: ast.Module) -> bool:
    return any(
        isinstance(what, ast.Name) and what.id in DECORATORS
        for part in tree.body
        if isinstance(part, ast.FunctionDef)
        for what in part.decorator_list
    )


def imported(tree: ast.Module) -> set[str]:
    """The modules of twin that a file reads, and those that these may name."""
    found = set()
    for part in tree.body:
        if isinstance(part, ast.ImportFrom) and (part.module or "").startswith("twin."):
            found |= {str(part.module), *(f"{part.module}.{name.name}" for name in part.names)}
    files = {name: PACKAGE.parent / f"{name.replace('.', '/')}.py" for name in found}
    return {name for name, file in files.items() if file.exists()}


def covered(name: str) -> bool:
    place = name.removeprefix("twin.").replace(".", "/")
    return f"{place}.py" in CODE or any(place.startswith(f"{part}/") for part in CODE)


FILES = [each for each in sorted((PACKAGE / "experiment/folding").glob("*.py")) if decorated(read(each))]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_file_that_compiled_folding_reads_is_part_of_its_fingerprint(file: Path) -> None:
    others = imported(read(file)) - WITHOUT_NUMBERS
    others = {name for name in others if not name.startswith("twin.physics.kernels.")}
    assert {name for name in others if not covered(name)} == set()


def test_a_file_alone_is_a_part_of_a_package(tmp_path: Path) -> None:
    (tmp_path / "rows.py").write_text("AT = 16\n", encoding="utf-8")
    before = fingerprint(tmp_path, ["rows.py"])
    assert before != fingerprint(tmp_path, [])
    (tmp_path / "rows.py").write_text("AT = 17\n", encoding="utf-8")
    assert fingerprint(tmp_path, ["rows.py"]) != before
