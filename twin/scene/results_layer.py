"""`results/<run>.usdc`: the measures of one run on plant and units, swappable for another run's.

Measures with a place in the schemas become typed attributes; every measure is mirrored as `userProperties:*`
for clients that read only custom attributes. No interval, no number: each mean stands with its interval.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from typing import Any

from pxr import Gf

from twin.scene import schemas
from twin.scene.layers import TYPES, attribute, custom_data, new_layer, over, user_property
from twin.scene.shown import Measure, Shown


def results_layer(shown: Shown, units: Iterable[str]) -> Any:
    """Return the results layer; `units` are the units on the stage."""
    layer = new_layer("Plant", f"Measures of run {shown.run}.")
    custom_data(layer, shown.facts)
    known = set(units)
    plant = over(layer, "/Plant", [schemas.PLANT_MEASURES])
    _run(plant, shown)
    specs = {}
    for name in sorted(known):
        specs[name] = over(layer, f"/Plant/Units/{name}", [schemas.UNIT_MEASURES])
        _run(specs[name], shown)
    for measure in shown.measures:
        if not math.isfinite(measure.mean):
            continue
        kind, _, rest = measure.name.partition(".")
        unit, _, inner = rest.partition(".")
        if kind == "unit" and unit in known:
            _measure(specs[unit], schemas.UNIT_MEASURES, inner, measure)
        else:
            _measure(plant, schemas.PLANT_MEASURES, measure.name, measure)
    return layer


def _run(spec: Any, shown: Shown) -> None:
    """Author which run the measures come from."""
    replications = max((measure.replications for measure in shown.measures), default=0)
    level = max((measure.level for measure in shown.measures), default=0.95)
    attribute(spec, "twin:measures:run", TYPES.String, shown.run, uniform=True)
    attribute(spec, "twin:measures:replications", TYPES.Int, replications, uniform=True)
    attribute(spec, "twin:measures:level", TYPES.Double, level, uniform=True)
    user_property(spec, "measures:run", shown.run)


def _measure(spec: Any, schema: str, name: str, measure: Measure) -> None:
    """Author a measure: typed where the schema has it, and as user properties."""
    words = ":".join(re.sub(r"\W", "_", part) for part in name.split("."))
    interval = (
        (measure.low, measure.high) if math.isfinite(measure.low) and math.isfinite(measure.high) else None
    )
    typed = f"twin:measures:{words}"
    if typed in schemas.attributes(schema):
        attribute(spec, typed, TYPES.Double, float(measure.mean))
        if interval is not None:
            attribute(spec, f"{typed}:interval", TYPES.Double2, Gf.Vec2d(*interval))
    user_property(spec, f"measures:{words}", float(measure.mean))
    user_property(spec, f"measures:{words}:unit", measure.unit)
    if interval is not None:
        user_property(spec, f"measures:{words}:low", float(interval[0]))
        user_property(spec, f"measures:{words}:high", float(interval[1]))
