"""Imports point down the layers only: the contract in `pyproject.toml`, read by import-linter."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def contract() -> dict[str, object]:
    with (ROOT / "pyproject.toml").open("rb") as file:
        contracts: list[dict[str, object]] = tomllib.load(file)["tool"]["importlinter"]["contracts"]
    return contracts[0]


def test_imports_point_down_only(monkeypatch: pytest.MonkeyPatch) -> None:
    cli = pytest.importorskip("importlinter.cli", reason="import-linter comes with the extra `lint`")
    monkeypatch.chdir(ROOT)
    assert cli.lint_imports(no_cache=True) == cli.EXIT_STATUS_SUCCESS


def test_every_part_of_twin_has_its_layer() -> None:
    layers = contract()["layers"]
    assert isinstance(layers, list)
    named = {part.strip() for layer in layers for part in layer.split("|")}
    parts = {
        f"twin.{path.stem}"
        for path in (ROOT / "twin").iterdir()
        if path.name != "__init__.py" and (path.suffix == ".py" or (path / "__init__.py").exists())
    }
    assert parts == named
