"""The documentation keeps up: every command, key of the language, measure and state is described."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from pydantic import BaseModel

import twin.plant.scenario
import twin.plant.schema
import twin.plant.situation
from twin import cli
from twin.engine.record import STATES
from twin.experiment.catalogue import MEASURES

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"


def page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def rows(name: str) -> list[list[str]]:
    """The cells of every table row of a page."""
    return [
        [cell.strip() for cell in row.split("|")] for row in re.findall(r"^\| (.+) \|$", page(name), re.M)
    ]


def models() -> Iterator[type[BaseModel]]:
    """Every model that stands for a part of a plant, scenario or state file."""
    for module in (twin.plant.schema, twin.plant.scenario, twin.plant.situation):
        own = [
            thing for thing in vars(module).values() if getattr(thing, "__module__", "") == module.__name__
        ]
        yield from (thing for thing in own if isinstance(thing, type) and issubclass(thing, BaseModel))


def keys() -> set[str]:
    """Every key that a plant, scenario or state file may have, as it is written there."""
    return {field.alias or name for model in models() for name, field in model.model_fields.items()}


def commands(app: typer.Typer, before: str = "twin") -> Iterator[tuple[str, set[str]]]:
    """Every command with the long options it takes."""
    found = typer.main.get_command(app)
    yield from walk(found, before)


def walk(command: object, name: str) -> Iterator[tuple[str, set[str]]]:
    """A command and those under it."""
    under = getattr(command, "commands", None)
    if under is None:
        options = {text for p in getattr(command, "params", []) for text in p.opts if text.startswith("--")}
        yield name, options
        return
    for word, child in under.items():
        yield from walk(child, f"{name} {word}")


def test_every_command_and_option_is_on_the_page_of_the_command_line() -> None:
    text = page("command_line.md")
    for name, options in commands(cli.app):
        assert f"`{name}" in text, f"{name} is not in docs/command_line.md"
        missing = {option for option in options - {"--help"} if option not in text}
        assert not missing, f"{name}: {missing} not in docs/command_line.md"


def test_every_key_of_the_language_is_on_its_page() -> None:
    text = page("language.md")
    missing = sorted(key for key in keys() if not re.search(rf"`{key}[`:]|\b{key}:", text))
    assert not missing, f"not in docs/language.md: {missing}"


def test_the_page_of_measures_is_the_catalogue() -> None:
    written = [row for row in rows("measures.md") if len(row) == 4 and row[0].startswith("`")]
    wanted = [[f"`{m.pattern}`", m.unit or "its own", m.meaning, m.better] for m in MEASURES]
    assert written == wanted


def test_every_state_of_a_unit_is_described() -> None:
    written = [row[0].strip("`") for row in rows("measures.md") if len(row) == 2 and row[0].startswith("`")]
    assert written == list(STATES)


@pytest.mark.parametrize("path", sorted([*DOCS.rglob("*.md"), *ROOT.glob("*.md")]), ids=lambda p: p.name)
def test_links_between_pages_lead_somewhere(path: Path) -> None:
    text = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.S)
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text):
        if "://" not in target:
            assert (path.parent / target).exists(), f"{path.name} points at {target}"


def test_no_page_names_a_place_of_one_machine() -> None:
    for path in [*DOCS.rglob("*.md"), *ROOT.glob("*.md")]:
        found = re.search(r"(?<![\w.-])/(home|root|tmp|work|opt)/\w+", path.read_text(encoding="utf-8"))
        assert not found, f"{path.name}: {found and found.group()}"
