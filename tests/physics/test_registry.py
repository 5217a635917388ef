"""Unit operations by name: twin's own and those that an installed package adds."""

import dataclasses
import sys

import pytest

from twin.physics import models, registry
from twin.physics.evaluation import unit_operation
from twin.physics.registry import ModelError
from twin.physics.solid_dose.film_coating import FILM_COATING

SUGAR_COATING = dataclasses.replace(FILM_COATING, name="sugar_coating")


@pytest.fixture
def package(tmp_path, monkeypatch):
    """Install a package of one module `confectionery` and the entry points given, for this test only."""

    def install(entry_points):
        (tmp_path / "confectionery.py").write_text(
            "from tests_of_the_registry import SUGAR_COATING\nNOT_ONE = 'sugar'\n", encoding="utf-8"
        )
        folder = tmp_path / "confectionery-1.0.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: confectionery\nVersion: 1.0\n")
        (folder / "entry_points.txt").write_text("[twin.physics]\n" + entry_points)
        monkeypatch.syspath_prepend(tmp_path)
        module = type(registry)("tests_of_the_registry")
        module.SUGAR_COATING = SUGAR_COATING
        monkeypatch.setitem(sys.modules, "tests_of_the_registry", module)
        monkeypatch.delitem(sys.modules, "confectionery", raising=False)

    return install


def test_twin_has_its_own():
    assert {"blending", "tablet_compression", "film_coating"} <= set(models())
    assert all(name == model.name for name, model in models().items())


def test_the_list_cannot_be_changed():
    with pytest.raises(TypeError):
        models()["blending"] = SUGAR_COATING


def test_a_package_adds_a_model_by_an_entry_point(package):
    package("sugar_coating = confectionery:SUGAR_COATING\n")
    assert models()["sugar_coating"] is SUGAR_COATING


@pytest.mark.parametrize(
    ("entry_points", "says"),
    [
        (
            "sugar_coating = confectionery:NOT_ONE\n",
            "confectionery:NOT_ONE .* is no unit operation of that name",
        ),
        ("toffee = confectionery:SUGAR_COATING\n", "twin.physics.toffee is no unit operation of that name"),
    ],
)
def test_a_package_that_offers_something_else_is_named(package, entry_points, says):
    package(entry_points)
    with pytest.raises(ModelError, match=says):
        models()


def test_a_package_cannot_take_the_name_of_another_model(package, monkeypatch):
    package("sugar_coating = confectionery:SUGAR_COATING\n")
    monkeypatch.setitem(registry._BUILT_IN, "sugar_coating", SUGAR_COATING)
    with pytest.raises(ModelError, match="there is one of that name"):
        models()


def test_two_inputs_of_one_name_are_refused():
    with pytest.raises(ValueError, match="Two inputs of mixing have the same name"):
        unit_operation(
            "mixing",
            material=FILM_COATING.material,
            settings=FILM_COATING.material,
            equipment=(),
            attributes=(),
            equations=lambda given: None,
        )
