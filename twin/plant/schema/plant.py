"""A plant file as a whole."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from twin.plant.schema.calendars import Calendar
from twin.plant.schema.costs import Costs, Footprint
from twin.plant.schema.equipment import Equipment
from twin.plant.schema.floor import Layout, Transport
from twin.plant.schema.materials import Material
from twin.plant.schema.names import Name
from twin.plant.schema.orders import Loop, Order, ReleaseRule
from twin.plant.schema.people import People, Team
from twin.plant.schema.recipes import Recipe
from twin.plant.schema.storage import Container, Storage
from twin.plant.schema.tanks import Tank
from twin.plant.schema.utilities import Utility
from twin.plant.shorthand import Model


class Plant(Model):
    """A plant file."""

    twin: Literal[1] = Field(description="Version of the language.")
    plant: Annotated[str, StringConstraints(min_length=1, max_length=200)] = Field(description="Its title.")
    layout: Layout = Field(default_factory=Layout, description="The floor.")
    calendars: dict[Name, Calendar] = Field(default_factory=dict, description="By name.")
    people: dict[Name, People] = Field(default_factory=dict, description="Pools of people by name.")
    teams: dict[Name, Team] = Field(
        default_factory=dict, description="By name; `{operator: 2, mechanic: 1}` is `[2 operator, mechanic]`."
    )
    equipment: Annotated[dict[Name, Equipment], Field(min_length=1)] = Field(
        description="By name; order counts."
    )
    storage: dict[Name, Storage] = Field(default_factory=dict, description="By name.")
    containers: dict[Name, Container] = Field(default_factory=dict, description="Kinds of container by name.")
    materials: dict[Name, Material] = Field(
        default_factory=dict, description="What recipes use up and make, by name."
    )
    tanks: dict[Name, Tank] = Field(
        default_factory=dict, description="Tanks that operations fill and draw, by name."
    )
    utilities: dict[Name, Utility] = Field(
        default_factory=dict, description="Water, steam, power and the like, which work draws, by name."
    )
    costs: Costs | None = Field(default=None, description="None: nothing costs anything.")
    footprint: Footprint | None = Field(default=None, description="Energy, CO2 and water.")
    transport: Transport | None = Field(default=None, description="None: moves take no time.")
    recipes: Annotated[dict[Name, Recipe], Field(min_length=1)] = Field(description="By name.")
    releases: dict[Name, ReleaseRule] = Field(
        default_factory=dict, description="How lots are let in: rules that order lines name."
    )
    loops: dict[Name, Loop] = Field(default_factory=dict, description="Kanban loops between stages, by name.")
    orders: Annotated[tuple[Order, ...], Field(min_length=1)] = Field(
        description="The order book; order counts. Or `{file: orders.csv}`."
    )
