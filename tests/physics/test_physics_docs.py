"""Every unit operation has its page, with tables that are current and a figure that the library draws."""

from __future__ import annotations

import doctest
import importlib.util
import re
from pathlib import Path

import pytest

from twin.physics import reference
from twin.physics.registry import built_in

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "physics"
SECTIONS = ["Equations", "Inputs", "Attributes", "Sources", "What it leaves out"]
MODELS = sorted(built_in())
METHODS = ["numerics", "population_balance", "emulators"]  # pages that are of no operation


def figures():
    spec = importlib.util.spec_from_file_location("make_figures", FOLDER / "make_figures.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", MODELS)
def test_every_operation_has_a_page_with_all_its_sections(name):
    text = (FOLDER / f"{name}.md").read_text(encoding="utf-8")
    found = re.findall(r"^## (.+)$", text, re.M)
    assert [section for section in SECTIONS if section not in found] == []
    assert reference.title(text)
    assert f"](figures/{name}.svg)" in text, "the page shows its figure"
    assert "$$" in text, "the equations are written out"
    assert "](https://doi.org/" in text or re.search(r"\((19|20)\d\d\)", text), "the sources have their year"


@pytest.mark.parametrize("page", sorted(path.name for path in FOLDER.glob("*.md")))
def test_formulas_have_no_backslash_that_the_page_would_eat(page):
    """GitHub takes a backslash before a sign for Markdown's own: a thin space would come out as a comma."""
    text = re.sub(r"```.*?```", "", (FOLDER / page).read_text(encoding="utf-8"), flags=re.S)
    formulas = re.findall(r"\$\$.+?\$\$|\$[^$\n]+?\$", text, flags=re.S)
    eaten = [found for formula in formulas for found in re.findall(r"\\[^A-Za-z]", formula)]
    assert eaten == [], "write spaces as ~ or \\quad, and braces as \\lbrace"


def test_the_tables_of_all_pages_are_current():
    for path, text in reference.pages(FOLDER).items():
        assert path.read_text(encoding="utf-8") == text, (
            f"{path.name} is out of date: python -m twin.physics.reference docs/physics"
        )


def test_no_page_or_figure_is_left_of_an_operation_that_is_gone():
    pages = {*MODELS, *METHODS}
    assert {path.stem for path in FOLDER.glob("*.md")} - {"README"} == pages
    assert {path.stem for path in (FOLDER / "figures").glob("*.svg")} == pages
    assert set(figures().figures()) == pages


@pytest.mark.parametrize("name", [*MODELS, *METHODS])
def test_every_figure_draws_with_its_axes_named(name):
    module = figures()
    figure = module.drawn(module.figures()[name])
    assert figure.axes
    for axes in figure.axes:
        assert axes.get_xlabel(), "what is across"
        assert axes.get_ylabel() or axes.get_title(), "what is up"
        assert axes.has_data()


@pytest.mark.parametrize("page", ["README.md", *(f"{name}.md" for name in METHODS)])
def test_the_examples_of_a_page_run(page):
    results = doctest.testfile(str(FOLDER / page), module_relative=False)
    assert results.attempted > 3
    assert results.failed == 0


def test_a_table_says_the_range_the_default_and_who_gives_an_input():
    table = reference.tables(built_in()["blending"])["inputs"]
    assert "| `batch_mass` | mass of the blend | kg | 0.001 to 100000 | *required* | material |" in table
    assert "| `mixing_rate` |" in table
    assert table.count("| equipment |") == len(built_in()["blending"].equipment)


def test_a_page_without_marks_is_refused():
    with pytest.raises(ValueError, match="<!-- table: inputs --> and <!-- end --> are not there"):
        reference.rewritten("# A page", {"inputs": ""})


def test_writing_the_tables_changes_nothing_else(tmp_path):
    for path in FOLDER.glob("*.md"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    page = tmp_path / f"{MODELS[0]}.md"
    page.write_text(
        re.sub(r"(<!-- table: inputs -->).*?<!-- end", r"\1<!-- end", page.read_text("utf-8"), flags=re.S)
    )
    reference.main(tmp_path)
    assert page.read_bytes() == (FOLDER / page.name).read_bytes()
