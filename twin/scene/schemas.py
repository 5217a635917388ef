"""The codeless applied API schemas of twin: measures and states as typed attributes.

The schemas are the two files in `schema/`; there is nothing to compile. `register` runs when `twin.scene` is
imported, because USD reads schema plug-ins once, when the first stage is opened; `attributes` lists what a
schema defines, from the file itself, so that the words stand in one place.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from pxr import Plug, Sdf, Usd

FOLDER = Path(__file__).parent / "schema"
FILES = ("generatedSchema.usda", "plugInfo.json")
PLANT_MEASURES = "TwinPlantMeasuresAPI"
UNIT_MEASURES = "TwinUnitMeasuresAPI"
UNIT_STATE = "TwinUnitStateAPI"
SCHEMAS = (PLANT_MEASURES, UNIT_MEASURES, UNIT_STATE)


def register() -> bool:
    """Tell USD of the schemas and say whether its registry knows them all.

    False where a stage was opened in this process before: then the attributes are still there, as plain ones.
    """
    Plug.Registry().RegisterPlugins(str(FOLDER))
    registry = Usd.SchemaRegistry()
    return all(registry.FindAppliedAPIPrimDefinition(name) is not None for name in SCHEMAS)


@cache
def attributes(schema: str) -> dict[str, Any]:
    """Return the attributes of a schema: name → USD value type."""
    layer = Sdf.Layer.FindOrOpen(str(FOLDER / FILES[0]))
    prim = layer.GetPrimAtPath(f"/{schema}")
    return {attribute.name: attribute.typeName for attribute in prim.attributes}
