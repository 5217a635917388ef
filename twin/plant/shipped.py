"""The plants and scenarios that come with twin, addressed as `twin:NAME` and never written to."""

from __future__ import annotations

import difflib
from pathlib import Path

from twin.plant.errors import InputError, Problem

PREFIX = "twin:"

_PACKAGE = Path(__file__).resolve().parent.parent


def plants() -> tuple[str, ...]:
    """Names of the shipped plants, sorted."""
    return _names(_folder("plants", "plant_models"))


def scenarios() -> tuple[str, ...]:
    """Names of the shipped scenarios, sorted."""
    return _names(_folder("scenarios", "scenarios"))


def find(address: str) -> Path:
    """The file of `twin:NAME`. Raises `InputError` where nothing of that name is shipped."""
    name = address.removeprefix(PREFIX)
    for folder, known in (
        (_folder("plants", "plant_models"), plants()),
        (_folder("scenarios", "scenarios"), scenarios()),
    ):
        if name in known:
            return folder / f"{name}.yaml"
    near = difflib.get_close_matches(name, [*plants(), *scenarios()], n=1)
    hint = (
        f"Did you mean `{PREFIX}{near[0]}`?"
        if near
        else f"Shipped are {', '.join([*plants(), *scenarios()])}."
    )
    raise InputError([Problem(address, 0, 0, f"Nothing of the name `{address}` is shipped.", hint)])


def _folder(shipped: str, checkout: str) -> Path:
    inside = _PACKAGE / "_shipped" / shipped
    return inside if inside.is_dir() else _PACKAGE.parent / checkout


def _names(folder: Path) -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in folder.glob("*.yaml")))
