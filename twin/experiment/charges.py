"""What a plant says of costs and footprint, as a flat list of charges: so much of something, at so much each.

Read from the plant by `charges_of`; `cost_measures.py` multiplies with the amounts that the record gives.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from twin.engine.record import STATES
from twin.plant.layout import unit_names
from twin.plant.money import parse_price
from twin.plant.schema import Factors, Plant, UnitPower

Part = Literal["labour", "capital", "materials", "scrap", "energy", "utilities"]
PARTS: tuple[Part, ...] = ("labour", "capital", "materials", "scrap", "energy", "utilities")

# What is counted, in SI: person-seconds present or busy, unit-seconds, joules, kg or pieces; of
# utilities m3, kg or joules.
Amount = Literal["present", "busy", "owned", "drawn", "used", "released", "scrapped", "consumed"]


@dataclass(frozen=True)
class Charge:
    """An amount of `name`: for each SI unit its price, and its CO2 (kg), water (m3) and energy (J).

    `price` is None where nothing is said of what it costs; `power` in W by number of the state in `STATES`,
    for the amount `drawn` only.
    """

    part: Part
    amount: Amount
    name: str
    price: float | None
    co2: float = 0.0
    water: float = 0.0
    energy: float = 0.0
    power: tuple[float, ...] = ()


@dataclass(frozen=True)
class Charges:
    """All charges of a plant; `currency` is None where nothing has a price, `footprint` says whether there is
    one.
    """

    items: tuple[Charge, ...]
    currency: str | None
    footprint: bool


def charges_of(plant: Plant) -> Charges | None:
    """The charges of a plant; None where it says nothing of costs and footprint."""
    if plant.costs is None and plant.footprint is None:
        return None
    items = (*_time_charges(plant), *_drawn(plant), *_amount_charges(plant))
    currency = None if plant.costs is None else plant.costs.currency
    return Charges(items, currency, plant.footprint is not None)


def _time_charges(plant: Plant) -> Iterator[Charge]:
    if plant.costs is None:
        return
    for pool, labour in plant.costs.labour.items():
        yield Charge("labour", labour.paid, pool, parse_price(labour.rate).amount)
    names = unit_names(plant)
    for equipment, price in plant.costs.capital.items():
        for unit in names[equipment]:
            yield Charge("capital", "owned", unit, parse_price(price).amount)


def _drawn(plant: Plant) -> Iterator[Charge]:
    """Electricity by unit. Its energy is one joule for each joule, besides what its factor adds."""
    if plant.footprint is None:
        return
    text = None if plant.costs is None else plant.costs.energy
    price = None if text is None else parse_price(text).amount
    co2, water, energy = _factors(plant.footprint.energy)
    names = unit_names(plant)
    for equipment, power in plant.footprint.power.items():
        for unit in names[equipment]:
            yield Charge("energy", "drawn", unit, price, co2, water, 1.0 + energy, power_by_state(power))


def _amount_charges(plant: Plant) -> Iterator[Charge]:
    chapters: tuple[tuple[str, Part, Amount], ...] = (
        ("materials", "materials", "used"),
        ("releases", "materials", "released"),
        ("scrap", "scrap", "scrapped"),
        ("utilities", "utilities", "consumed"),
    )
    for chapter, part, amount in chapters:
        prices: dict[str, str] = {} if plant.costs is None else getattr(plant.costs, chapter)
        factors: dict[str, Factors] = {} if plant.footprint is None else getattr(plant.footprint, chapter)
        for name in dict.fromkeys([*prices, *factors]):
            price = parse_price(prices[name]).amount if name in prices else None
            yield Charge(part, amount, name, price, *_factors(factors.get(name)))


def _factors(factors: Factors | None) -> tuple[float, float, float]:
    if factors is None:
        return 0.0, 0.0, 0.0
    co2, water, energy = (
        0.0 if factor is None else factor.mean for factor in (factors.co2, factors.water, factors.energy)
    )
    return co2, water, energy


def power_by_state(power: UnitPower) -> tuple[float, ...]:
    """Power in W in each state of `STATES`: what is not named is as idle, start-up as producing."""
    named = power.model_dump()
    if named["start_up"] is None:
        named["start_up"] = power.producing
    return tuple(power.idle if named.get(state) is None else named[state] for state in STATES)
