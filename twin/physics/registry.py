"""The unit operations by name: twin's own, and those that installed packages add.

A package adds one by an entry point of the group `twin.physics` whose name is the model's and whose object
is a `UnitOperation`. Paths in a plant file never name code.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points

from twin.physics.contract import UnitOperation

GROUP = "twin.physics"
_PACKAGE = "twin.physics"

# Each file gives one, in capitals, of the file's name.
_FILES = (
    "solid_dose.fluid_bed_drying",
    "solid_dose.milling",
    "solid_dose.high_shear_granulation",
    "solid_dose.blending",
    "solid_dose.tablet_compression",
    "solid_dose.film_coating",
    "solid_dose.film_coating_monte_carlo",
    "solid_dose.dissolution",
    "solid_dose.weibull_dissolution",
    "biologics.seed_train",
    "biologics.fed_batch_culture",
    "biologics.disc_stack_centrifugation",
    "biologics.depth_filtration",
    "biologics.protein_a_chromatography",
    "biologics.viral_inactivation",
    "biologics.ultrafiltration_diafiltration",
    "fill_finish.vial_filling",
    "fill_finish.lyophilisation",
    "fill_finish.visual_inspection",
    "fill_finish.cleaning_in_place",
    "fill_finish.steam_sterilisation",
)


class ModelError(RuntimeError):
    """A package offers a model that cannot be used; the message says which."""


class _ByName(Mapping[str, UnitOperation]):
    """Unit operations by name, whose file is read when one is asked for: all of them take long to read."""

    def __init__(self, files: Mapping[str, str], added: Mapping[str, UnitOperation]) -> None:
        self._files, self._added = files, added

    def __getitem__(self, name: str) -> UnitOperation:
        return self._added[name] if name in self._added else _read(self._files[name])

    def __contains__(self, name: object) -> bool:
        return name in self._files or name in self._added

    def __iter__(self) -> Iterator[str]:
        return iter((*self._files, *self._added))

    def __len__(self) -> int:
        return len(self._files) + len(self._added)


_BUILT_IN = {file.rpartition(".")[2]: file for file in _FILES}


@cache
def _read(file: str) -> UnitOperation:
    operation: UnitOperation = getattr(import_module(f"{_PACKAGE}.{file}"), file.rpartition(".")[2].upper())
    return operation


def built_in() -> Mapping[str, UnitOperation]:
    """Return twin's own unit operations by name."""
    return _ByName(_BUILT_IN, {})


def models() -> Mapping[str, UnitOperation]:
    """Return every unit operation by name, twin's own first, then those of packages in order of name.

    Raises `ModelError` where a package's entry point gives no `UnitOperation`, one of another name, or
    takes a name that is taken.
    """
    return _models(tuple(sys.path))


@cache
def _models(path: tuple[str, ...]) -> Mapping[str, UnitOperation]:
    """The models of the packages on `path`, Python's: looked up once, because that reads every package's
    metadata.
    """
    found: dict[str, UnitOperation] = {}
    for entry in sorted(entry_points(group=GROUP), key=lambda entry: (entry.name, entry.value)):
        operation = entry.load()
        if not isinstance(operation, UnitOperation) or operation.name != entry.name:
            raise ModelError(
                f"{entry.value} of the entry point {GROUP}.{entry.name} is no unit operation of that name."
            )
        if entry.name in _BUILT_IN or entry.name in found:
            raise ModelError(
                f"{entry.value} would add the model {entry.name}, and there is one of that name."
            )
        found[entry.name] = operation
    return _ByName(_BUILT_IN, found)
