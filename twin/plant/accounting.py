"""Rules of costs and footprint: what has a price is there, and prices share a currency and fit what it is.

Pure functions from a plant to complaints, called by `consistency.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from twin.plant.checking import complain
from twin.plant.errors import Complaint, Path
from twin.plant.money import parse_price
from twin.plant.remainder import Refused
from twin.plant.schema import Costs, Factors, Footprint, Plant
from twin.plant.schema.utilities import AMOUNTS
from twin.plant.units import exponents_of

Named = Callable[[Path, str, str | None], Iterator[Complaint]]

# Where the names of a chapter's entries come from.
_SECTIONS = {
    "labour": "people",
    "capital": "equipment",
    "power": "equipment",
    "materials": "materials",
    "releases": "recipes",
    "scrap": "recipes",
    "utilities": "utilities",
}
_FACTORS = {"co2": ("kg", "a mass"), "water": ("m3", "a volume"), "energy": ("J", "an energy")}


def complaints(plant: Plant, refused: Refused, named: Named) -> Iterator[Complaint]:
    """All that is wrong with what costs and footprint say of the rest of the plant."""
    if plant.costs is not None:
        yield from _costs(plant, plant.costs, refused, named)
    if plant.footprint is not None:
        yield from _footprint(plant, plant.footprint, refused, named)


def _costs(plant: Plant, costs: Costs, refused: Refused, named: Named) -> Iterator[Complaint]:
    for chapter in ("labour", "capital", "materials", "releases", "scrap", "utilities"):
        for name, entry in getattr(costs, chapter).items():
            path: Path = ("costs", chapter, name)
            yield from named(path, _SECTIONS[chapter], name)
            text = entry.rate if chapter == "labour" else entry
            where: Path = (*path, "rate") if chapter == "labour" else path
            if not refused.touches(path):
                yield from _price(plant, costs, where, text, refused)
    if costs.energy is not None:
        yield from _price(plant, costs, ("costs", "energy"), costs.energy, refused)
        drawn = plant.footprint is not None and plant.footprint.power
        if not drawn and not refused.touches(("footprint",)):
            hint = "Say under `footprint: {power: …}` what units draw."
            yield complain(("costs", "energy"), "is the price of energy that no unit draws", hint)


def _price(plant: Plant, costs: Costs, path: Path, text: str, refused: Refused) -> Iterator[Complaint]:
    price = parse_price(text)
    if price.currency != costs.currency and not refused.touches(("costs", "currency")):
        message = f"is in {price.currency}, while the plant counts in {costs.currency}"
        yield complain(path, message, f"Write it in {costs.currency}: nothing is converted.")
    unit = _counted_in(plant, str(path[1]), str(path[2]) if len(path) > 2 else "", refused)
    if unit is not None and price.per != unit:
        message = f"is a price per {_one(price.per)}, while `{path[2]}` is counted in {unit}"
        yield complain(path, message, f"Write a price per {_one(unit)}.")


def _footprint(plant: Plant, footprint: Footprint, refused: Refused, named: Named) -> Iterator[Complaint]:
    for name in footprint.power:
        yield from named(("footprint", "power", name), "equipment", name)
    if footprint.energy is not None:
        yield from _factors(("footprint", "energy"), footprint.energy, "J", refused)
    for chapter in ("materials", "releases", "scrap", "utilities"):
        for name, factors in getattr(footprint, chapter).items():
            path: Path = ("footprint", chapter, name)
            yield from named(path, _SECTIONS[chapter], name)
            unit = _counted_in(plant, chapter, name, refused)
            if unit is not None:
                yield from _factors(path, factors, unit, refused)


def _factors(path: Path, factors: Factors, unit: str, refused: Refused) -> Iterator[Complaint]:
    for key, (of, noun) in _FACTORS.items():
        factor = getattr(factors, key)
        here = (*path, key)
        if factor is None or refused.touches(here):
            continue
        if factor.kind != "constant":
            yield complain(here, "must be one quantity, and is a distribution", "Write its mean.")
        elif not _fits(factor.unit, of, unit):
            message = f"must be {noun} per {_one(unit)}, and its unit is `{factor.unit}`"
            yield complain(here, message, f"Write for example `2 {of}/{_one(unit)}`.")
        elif factor.mean < 0:
            yield complain(here, "must not be negative")


def _fits(found: str, of: str, per: str) -> bool:
    below = exponents_of("1" if per == "pieces" else per)
    expected = tuple(a - b for a, b in zip(exponents_of(of), below, strict=True))
    return exponents_of(found) == expected


def _counted_in(plant: Plant, chapter: str, name: str, refused: Refused) -> str | None:
    """The SI unit in which something is counted, as far as that is known."""
    if chapter == "utilities" and name in plant.utilities:
        here = plant.utilities[name].capacity.unit
        return None if refused.touches(("utilities", name, "capacity")) else AMOUNTS[here]
    if chapter == "materials" and name in plant.materials:
        return None if refused.touches(("materials", name, "lot")) else plant.materials[name].lot.unit
    if chapter in ("releases", "scrap") and name in plant.recipes:
        return None if refused.touches(("recipes", name, "batch")) else plant.recipes[name].batch.unit
    return None


def _one(unit: str) -> str:
    return {"pieces": "piece", "J": "kWh", "s": "h"}.get(unit, unit)
