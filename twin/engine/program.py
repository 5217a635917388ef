"""`Program`: a plant compiled to integer-indexed tables, the one thing that every engine reads.

Units, operations of a recipe and order lines are numbered from 0 in file order, all else by name; -1 stands
for none. Times are whole nanoseconds. `compile/` makes a program from a checked plant; nothing here knows
the words of the language.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from twin.engine.order_book import Loop, OrderLine, ReleaseRule
from twin.engine.quality import NO_QUALITY, Quality
from twin.engine.tanks import Tank
from twin.engine.upkeep import ContainerHold, Upkeep
from twin.engine.utilities import NO_USES, StretchUses, Use, Utility
from twin.physics.contract import UnitOperation

if TYPE_CHECKING:
    from twin.engine.emulation import Emulation

NONE = -1
NO_STORAGE = -2  # a lot keeps its unit until the next one claims it

# Stretches of a visit, in order: processing is one stretch, or one for each phase of the operation; the last
# one is unloading.
TRANSPORT, SETUP, START_UP, LOAD, PROCESSING = range(5)

RUNNING, CALENDAR = 0, 1
RESUME, REPEAT, SCRAP = 0, 1, 2
DispatchingRule = Callable[[int, int, int, int, int, int, int, int], int]

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Source:
    """A source of draws: its name gives the stream, its distribution the values (SI; time in s)."""

    name: str
    kind: int
    p0: float
    p1: float
    p2: float
    table: npt.NDArray[np.float64]
    mean: float

    @property
    def constant(self) -> bool:
        """Whether every draw is the same: `p0`."""
        return self.kind == 0


@dataclass(frozen=True)
class Calendar:
    """Opening hours as in `rules.calendars`, and what happens to work when they end."""

    name: str
    opens: tuple[int, ...]
    closes: tuple[int, ...]
    at_close: int
    at_break: int
    rests: tuple[int, ...]
    cycle: int  # ns
    shut: tuple[int, ...]
    again: tuple[int, ...]


WHOLE = 1000  # of a person's attention


@dataclass(frozen=True)
class Demand:
    """What one person or unit is asked for: from which pools or units it may be, the preferred first.

    The demands of a program begin with one for each pool, in order: a whole person of that pool.
    """

    name: str  # of the pool, skill, unit or class; the cause of waiting for it
    pools: tuple[int, ...] = ()
    units: tuple[int, ...] = ()
    share: int = WHOLE  # thousandths of a person's attention
    keep: bool = True  # stays with work that a failure interrupts


@dataclass(frozen=True)
class Needs:
    """People and shared units by demand number and count, for one stretch of work."""

    people: tuple[tuple[int, int], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.people)


StretchNeeds = tuple[Needs, Needs, Needs, Needs, Needs, Needs]
"""For the whole operation, set-up, start-up, processing, loading and unloading."""

NO_NEEDS: StretchNeeds = (Needs(), Needs(), Needs(), Needs(), Needs(), Needs())


@dataclass(frozen=True)
class FailureMode:
    """One failure mode of one unit."""

    name: str
    clock: int
    between: Source
    repair: Source
    work: int
    finished_part_may_leave: bool
    rate: float
    rate_between_lots: Source | None
    waste: Source | None
    waste_in_pieces: bool
    needs: Needs


@dataclass(frozen=True)
class Unit:
    """A unit as an engine sees it; `place` indexes the travel table."""

    name: str
    calendar: int
    dispatching: int
    blocking_before: bool
    failures: tuple[FailureMode, ...]
    operations: tuple[int, ...]
    parameters: dict[str, float]
    part_of: int = NONE  # the first of the units that are one unit for several lots; none: it is that
    speed: float = 1.0  # processing time is divided by it
    stations: tuple[int, ...] = ()  # of `Program.stations`, of a flow section
    tasks: tuple[int, ...] = ()  # operations that only this unit does, for itself, before any lot
    upkeep: Upkeep | None = None


@dataclass(frozen=True)
class StartUp:
    """Start-up of one operation on one unit."""

    takes: Source
    waste: Source | None
    waste_in_pieces: bool
    stops: Source | None


@dataclass(frozen=True)
class Flow:
    """How one operation flows through one section: arrays over its stations, in the units of its lots.

    All amounts are those of the lot as it enters the section, before any rejects. A rate is per s and drawn
    once per lot, None where the physics gives it; `scale` turns what is drawn into pieces or mg of the lot. A
    buffer holds `room`, and that many seconds of its station's rate where `in_seconds`.
    """

    stations: tuple[int, ...]  # of `Program.stations`
    rates: tuple[Source | None, ...]
    scale: tuple[float, ...]
    room: tuple[float, ...]  # after each station but the last
    in_seconds: tuple[bool, ...]
    good: tuple[float, ...]  # fraction of the lot that is left behind each station
    start_up: tuple[StartUp | None, ...]


@dataclass(frozen=True)
class Phase:
    """A stretch of processing with its own duration and its own people."""

    name: str
    takes: Source
    needs: Needs
    uses: tuple[Use, ...] = ()


@dataclass(frozen=True)
class PhysicsCall:
    """How to ask a unit-operation model about a visit: where each of its inputs comes from.

    `carried` are attributes that the lot may bring from other operations, with the value where it brings none
    and `material` draws none; `material` is drawn for each released lot, `settings` for each visit and
    attempt; `equipment` are the parameters of each unit. `nominal` is how long a mean lot takes, in s.
    Where there is an `emulation`, `model` is a stand-in that asks emulators first.
    """

    model: UnitOperation
    carried: tuple[tuple[str, float], ...]
    material: tuple[tuple[str, Source], ...]
    settings: tuple[tuple[str, Source], ...]
    equipment: dict[int, dict[str, float]]
    nominal: float = 0.0
    emulation: Emulation | None = None


@dataclass(frozen=True)
class Operation:
    """An operation of a recipe, the cleaning of a kind of container (`cleans` ≥ 0), or a test."""

    name: str
    recipe: int
    next: int
    units: tuple[int, ...]
    storage: int
    takes: Source | None
    nominal: int  # ns at speed 1, set-up and start-up included; for rules that look ahead
    nominal_on: dict[int, int] = field(default_factory=dict)  # ns, on units of another speed than 1
    physics: PhysicsCall | None = None
    flows: dict[int, Flow] = field(default_factory=dict)  # by unit, on flow sections
    setup: Source | None = None
    start_up: dict[int, StartUp] = field(default_factory=dict)
    load: dict[int, Source] = field(default_factory=dict)  # by unit
    unload: dict[int, Source] = field(default_factory=dict)
    phases: tuple[Phase, ...] = ()  # where there are any, `takes` is that of the first
    batch: tuple[int, int, int] = (1, 1, 0)  # lots at once: least, most, ns to wait for more than the least
    procedure: int = NONE  # equal for operations between which a lot keeps its unit
    needs: StretchNeeds = NO_NEEDS
    uses: StretchUses = NO_USES
    tanks: tuple[tuple[int, int], ...] = ()  # and mg into it; negative: out of it
    transfer_to: int = NONE  # the tank that takes the whole lot
    take: int = NONE
    give_back: int = NONE
    give_back_dirty: bool = False
    scrap: float = 0.0
    rework: float = 0.0
    rework_to: int = NONE
    rework_limit: int = 0
    yields: Source | None = None
    split_into: int = 0  # equal parts; 0: by size, or not at all
    split_each: int = 0  # mg or pieces of a part; 0: by number, or not at all
    portions: int = 0  # equal ones that go on as they are done; 0: by size, or not at all
    portion_each: int = 0  # mg or pieces of a portion; 0: by number, or not at all
    merges: bool = False
    pack: int = 0  # mg or pieces of a pack; 0: not packed
    bill: tuple[tuple[int, int], ...] = ()  # materials used up by a lot, and how much in mg or pieces
    cleans: int = NONE
    shows: int = NONE  # state of `record.STATES` while a job is done
    cause: str = ""  # of that state


@dataclass(frozen=True)
class Recipe:
    """What an engine needs of a recipe besides its operations; products and families are numbered from 0."""

    name: str
    first: int
    quantity: int
    unit_of_quantity: str  # `mg` or `pieces`
    piece_mg: float  # 0 where unknown
    product: int = 0
    family: int = 0
    makes: int = NONE  # the material that a finished lot becomes


@dataclass(frozen=True)
class Fleet:
    """Transporters of one kind; `travel` is in ns between places: units, storages, homes of the fleets."""

    name: str
    count: int
    home: int  # place; -1: none
    travel: Integers
    load: int
    unload: int
    capacity: int  # mg of one trip; 0: any
    lasts: int  # ns of driving and carrying before it charges; 0: for ever
    charge: int


@dataclass(frozen=True)
class Airlock:
    """A lock between two areas."""

    name: str
    takes: int
    capacity: int


@dataclass(frozen=True)
class Conveyor:
    """A storage that is a conveyor; times in ns."""

    carries: int  # from start to end
    pitch: int  # from one place to the next
    accumulating: bool


@dataclass(frozen=True)
class Material:
    """A material kept in stock, in whole mg or pieces."""

    name: str
    unit_of_quantity: str
    lot: int
    stock: int  # lots at the start
    every: Source | None
    first: Source | None
    lots: int  # of each delivery by the clock
    times: int  # -1: endless
    below: int  # stock and orders below which more is ordered; -1: never
    ordered_lots: int
    lead_time: Source | None
    shelf_life: int  # ns, or `NEVER`
    opening: int = 0  # mg or pieces in stock at the start, beside whole lots


@dataclass(frozen=True)
class Shift:
    """So many people of a pool, on one calendar."""

    count: int
    calendar: int


@dataclass(frozen=True)
class Pool:
    """People of one kind, or containers of one kind."""

    name: str
    count: int
    shifts: tuple[Shift, ...] = ()  # people only; each calendar once
    cleaning: int = NONE  # operation that cleans, containers only
    holds: int = NONE  # mg or pieces, storages only; -1: any
    conveyor: Conveyor | None = None
    dirty_hold: ContainerHold | None = None
    clean_hold: ContainerHold | None = None


@dataclass(frozen=True)
class Program:
    """A compiled plant."""

    plant: str
    units: tuple[Unit, ...]
    operations: tuple[Operation, ...]
    recipes: tuple[Recipe, ...]
    storages: tuple[Pool, ...]  # count -1: unlimited
    people: tuple[Pool, ...]
    demands: tuple[Demand, ...]
    containers: tuple[Pool, ...]
    calendars: tuple[Calendar, ...]
    orders: tuple[OrderLine, ...]
    travel: Integers  # (places, places) ns; units first, then storages
    attributes: tuple[str, ...]
    week_offset: int  # ns from Monday 00:00 to the start of the run
    horizon: int | None  # ns; None: until the last lot has left
    terminating: bool
    materials: tuple[Material, ...] = ()
    stations: tuple[Unit, ...] = ()  # of flow sections; in records they are numbered after the units
    releases: tuple[ReleaseRule, ...] = ()
    loops: tuple[Loop, ...] = ()
    dispatching_rules: tuple[DispatchingRule, ...] = ()  # that packages add, from number `OWN` on
    fleets: tuple[Fleet, ...] = ()
    airlocks: tuple[Airlock, ...] = ()
    passings: dict[tuple[int, int], tuple[tuple[float, int], ...]] = field(default_factory=dict)
    """For two places the airlocks on the way: the share of the way before each, and its number."""
    quality: Quality = NO_QUALITY
    utilities: tuple[Utility, ...] = ()
    tanks: tuple[Tank, ...] = ()

    @property
    def until_empty(self) -> bool:
        """Whether the run ends when the last lot has left."""
        return self.horizon is None

    @property
    def unit_names(self) -> tuple[str, ...]:
        """Names of the units in file order, then those of the stations of flow sections."""
        return tuple(u.name for u in (*self.units, *self.stations))
