"""The unit operations by name: twin's own, and those that installed packages add.

A package adds one by an entry point of the group `twin.physics` whose name is the model's and whose object
is a `UnitOperation`. Paths in a plant file never name code.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import cache
from importlib.metadata import entry_points
from types import MappingProxyType

from twin.physics.biologics.depth_filtration import DEPTH_FILTRATION
from twin.physics.biologics.disc_stack_centrifugation import DISC_STACK_CENTRIFUGATION
from twin.physics.biologics.fed_batch_culture import FED_BATCH_CULTURE
from twin.physics.biologics.protein_a_chromatography import PROTEIN_A_CHROMATOGRAPHY
from twin.physics.biologics.seed_train import SEED_TRAIN
from twin.physics.biologics.ultrafiltration_diafiltration import ULTRAFILTRATION_DIAFILTRATION
from twin.physics.biologics.viral_inactivation import VIRAL_INACTIVATION
from twin.physics.contract import UnitOperation
from twin.physics.fill_finish.cleaning_in_place import CLEANING_IN_PLACE
from twin.physics.fill_finish.lyophilisation import LYOPHILISATION
from twin.physics.fill_finish.steam_sterilisation import STEAM_STERILISATION
from twin.physics.fill_finish.vial_filling import VIAL_FILLING
from twin.physics.fill_finish.visual_inspection import VISUAL_INSPECTION
from twin.physics.solid_dose.blending import BLENDING
from twin.physics.solid_dose.dissolution import DISSOLUTION
from twin.physics.solid_dose.film_coating import FILM_COATING
from twin.physics.solid_dose.film_coating_monte_carlo import FILM_COATING_MONTE_CARLO
from twin.physics.solid_dose.fluid_bed_drying import FLUID_BED_DRYING
from twin.physics.solid_dose.high_shear_granulation import HIGH_SHEAR_GRANULATION
from twin.physics.solid_dose.milling import MILLING
from twin.physics.solid_dose.tablet_compression import TABLET_COMPRESSION
from twin.physics.solid_dose.weibull_dissolution import WEIBULL_DISSOLUTION

GROUP = "twin.physics"

_OPERATIONS = (
    FLUID_BED_DRYING,
    MILLING,
    HIGH_SHEAR_GRANULATION,
    BLENDING,
    TABLET_COMPRESSION,
    FILM_COATING,
    FILM_COATING_MONTE_CARLO,
    DISSOLUTION,
    WEIBULL_DISSOLUTION,
    SEED_TRAIN,
    FED_BATCH_CULTURE,
    DISC_STACK_CENTRIFUGATION,
    DEPTH_FILTRATION,
    PROTEIN_A_CHROMATOGRAPHY,
    VIRAL_INACTIVATION,
    ULTRAFILTRATION_DIAFILTRATION,
    VIAL_FILLING,
    LYOPHILISATION,
    VISUAL_INSPECTION,
    CLEANING_IN_PLACE,
    STEAM_STERILISATION,
)
_BUILT_IN = {operation.name: operation for operation in _OPERATIONS}


class ModelError(RuntimeError):
    """A package offers a model that cannot be used; the message says which."""


def built_in() -> Mapping[str, UnitOperation]:
    """Return twin's own unit operations by name."""
    return MappingProxyType(_BUILT_IN)


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
    found = dict(_BUILT_IN)
    for entry in sorted(entry_points(group=GROUP), key=lambda entry: (entry.name, entry.value)):
        operation = entry.load()
        if not isinstance(operation, UnitOperation) or operation.name != entry.name:
            raise ModelError(
                f"{entry.value} of the entry point {GROUP}.{entry.name} is no unit operation of that name."
            )
        if entry.name in found:
            raise ModelError(
                f"{entry.value} would add the model {entry.name}, and there is one of that name."
            )
        found[entry.name] = operation
    return MappingProxyType(found)
