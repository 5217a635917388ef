"""The words of the plant language, as frozen models in SI units; one file for each part of a plant.

A plant file says what the plant *is*. These models hold it after checking: every quantity is a float in SI,
every short form is expanded, every default filled in. Rules between parts of a file (a recipe naming
equipment that is not there) are in `consistency.py`; positions in the file are in `document.py`.
"""

from twin.plant.schema.calendars import AtClose, Calendar, Closure, Opening
from twin.plant.schema.costs import Costs, Factors, Footprint, Labour, UnitPower
from twin.plant.schema.equipment import Equipment, Failure, FlowSection, StartUp, Station
from twin.plant.schema.floor import Airlock, Area, Battery, Fleet, Layout, Transport
from twin.plant.schema.materials import Material, Reorder, Supply
from twin.plant.schema.names import MOST_OF_ONE, Name, Probability
from twin.plant.schema.orders import Loop, Order, ReleaseRule
from twin.plant.schema.people import Member, Need, People, Shift
from twin.plant.schema.plant import Plant
from twin.plant.schema.quality import HoldTime, InProcess, LabTest, Sample, ShelfLife, Specified
from twin.plant.schema.recipes import Operation, Phase, Recipe, Rework, Split, Together, Transfer
from twin.plant.schema.storage import Container, ContainerCleaning, ContainerHold, Conveyor, Storage
from twin.plant.schema.tanks import Tank, TankHold
from twin.plant.schema.upkeep import Changeover, Cleaning, Maintenance, UnitHold, Wear
from twin.plant.schema.utilities import Use, Utility, UtilityStorage

__all__ = [
    "MOST_OF_ONE",
    "Airlock",
    "Area",
    "AtClose",
    "Battery",
    "Calendar",
    "Changeover",
    "Cleaning",
    "Closure",
    "Container",
    "ContainerCleaning",
    "ContainerHold",
    "Conveyor",
    "Costs",
    "Equipment",
    "Factors",
    "Failure",
    "Fleet",
    "FlowSection",
    "Footprint",
    "HoldTime",
    "InProcess",
    "LabTest",
    "Labour",
    "Layout",
    "Loop",
    "Maintenance",
    "Material",
    "Member",
    "Name",
    "Need",
    "Opening",
    "Operation",
    "Order",
    "People",
    "Phase",
    "Plant",
    "Probability",
    "Recipe",
    "ReleaseRule",
    "Reorder",
    "Rework",
    "Sample",
    "ShelfLife",
    "Shift",
    "Specified",
    "Split",
    "StartUp",
    "Station",
    "Storage",
    "Supply",
    "Tank",
    "TankHold",
    "Together",
    "Transfer",
    "Transport",
    "UnitHold",
    "UnitPower",
    "Use",
    "Utility",
    "UtilityStorage",
    "Wear",
]
