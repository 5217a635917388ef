"""What the plant costs, and what it draws and leaves behind.

Nothing here changes what happens in the plant: the record of a run is the same whatever these words say.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field, model_validator

from twin.plant.money import AmountPrice, AnyPrice, Currency, EnergyPrice, TimePrice
from twin.plant.schema.names import Name
from twin.plant.shorthand import AnyQuantity, Model, Power


class Labour(Model):
    """What the people of a pool are paid. A price alone is `rate`."""

    rate: TimePrice = Field(description="For each of them.")
    paid: Literal["present", "busy"] = Field(
        default="present", description="`present`: for all time on shift; `busy`: only while they work."
    )

    @model_validator(mode="before")
    @classmethod
    def _parse(cls, value: Any) -> Any:
        is_price = not isinstance(value, Mapping) or set(value) == {"value", "unit"}
        return {"rate": value} if is_price and value is not None else value


class Costs(Model):
    """What things cost, all in one currency; what has no price costs nothing."""

    currency: Currency = Field(description="Three capital letters, such as EUR; every price is in it.")
    labour: dict[Name, Labour] = Field(default_factory=dict, description="By pool of people.")
    capital: dict[Name, TimePrice] = Field(
        default_factory=dict,
        description="By equipment, for each of its units and all the time, whether it works or not.",
    )
    materials: dict[Name, AmountPrice] = Field(
        default_factory=dict, description="By material that is bought, when it is used up."
    )
    releases: dict[Name, AmountPrice] = Field(
        default_factory=dict,
        description="By recipe: what is released into the plant, apart from the materials of its bills.",
    )
    scrap: dict[Name, AmountPrice] = Field(
        default_factory=dict, description="By recipe: getting rid of what is scrapped."
    )
    utilities: dict[Name, AnyPrice] = Field(
        default_factory=dict, description="By utility, for what is drawn of it: `6 EUR/m3`, `0.2 EUR/kWh`."
    )
    energy: EnergyPrice | None = Field(
        default=None, description="Of the energy that units draw by `footprint.power`."
    )


class UnitPower(Model):
    """The electrical power that a unit draws, by its state."""

    producing: Power = Field(description="While it works on a lot.")
    idle: Power = Field(default=0.0, description="In every state that is not named here.")
    loading: Power | None = Field(default=None, description="None: as idle.")
    unloading: Power | None = Field(default=None, description="None: as idle.")
    setup: Power | None = Field(default=None, description="None: as idle.")
    start_up: Power | None = Field(default=None, description="None: as producing.")
    cleaning: Power | None = Field(default=None, description="None: as idle.")
    maintenance: Power | None = Field(default=None, description="None: as idle.")
    down: Power | None = Field(default=None, description="None: as idle.")
    off_shift: Power = Field(default=0.0, description="While its calendar is closed.")


class Factors(Model):
    """What one unit of something stands for elsewhere: in making it, or in getting rid of it."""

    co2: AnyQuantity | None = Field(
        default=None, description="Mass of CO2 equivalent, such as `0.38 kg/kWh` or `5 kg/kg`."
    )
    water: AnyQuantity | None = Field(default=None, description="Volume of water, such as `40 L/kg`.")
    energy: AnyQuantity | None = Field(default=None, description="Energy, such as `3 kWh/kg`.")


class Footprint(Model):
    """What the plant draws and leaves behind; what has no factor leaves nothing."""

    power: dict[Name, UnitPower] = Field(
        default_factory=dict, description="By equipment, for each of its units."
    )
    energy: Factors | None = Field(default=None, description="Of the energy that the units draw.")
    materials: dict[Name, Factors] = Field(
        default_factory=dict, description="By material that is bought, when it is used up."
    )
    releases: dict[Name, Factors] = Field(
        default_factory=dict,
        description="By recipe: what is released into the plant, apart from the materials of its bills.",
    )
    utilities: dict[Name, Factors] = Field(
        default_factory=dict, description="By utility, for what is drawn of it, such as `{co2: 3 kg/m3}`."
    )
    scrap: dict[Name, Factors] = Field(
        default_factory=dict, description="By recipe: getting rid of what is scrapped."
    )
