"""The state of one replication: units, lots, lines of waiting lots, and what is to be looked at.

Plain slots that the rules read and write; no rule lives here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, cast

import simpy

from twin.engine.broker.desk import Desk
from twin.engine.codes import DOWN, STARVED
from twin.engine.program import (
    NONE,
    PROCESSING,
    RUNNING,
    FailureMode,
    Operation,
    Program,
    Unit,
)
from twin.engine.recorder import NULL, Recorder
from twin.engine.rules.calendars import SUSPEND
from twin.engine.simpy_engine.hooks import Hooks
from twin.engine.simpy_engine.hours import calendar_open, longest_closed
from twin.engine.simpy_engine.lots import Line as Line
from twin.engine.simpy_engine.lots import LotState as LotState
from twin.engine.simpy_engine.staff import Claim, Staff
from twin.engine.simpy_engine.stretches import Required as Required
from twin.engine.simpy_engine.stretches import is_plain, needs_nothing, required_by_stretch
from twin.engine.streams import Stream, Streams

if TYPE_CHECKING:
    from twin.engine.simpy_engine.agenda import Due
    from twin.engine.simpy_engine.flows import Section

Entry = tuple[int, int, int, int]  # kind, file order, lot, version or mode


class Clock:
    """A failure mode of one unit at run time: how often it has failed, and its exposure left."""

    __slots__ = ("count", "crew", "down", "exposure", "fails_at", "mode", "rate", "shows")

    def __init__(self, mode: FailureMode, shows: int = DOWN) -> None:
        self.mode = mode
        self.shows = shows  # state of the unit meanwhile
        self.fails_at = NONE  # ns, clock `calendar` only
        self.count = 0
        self.crew: tuple[Claim, ...] = ()  # who repair
        self.down = False
        self.exposure = 0  # ns, clock `running` only
        self.rate = mode.rate  # of the lot in hand


class UnitState:
    """A unit at run time."""

    __slots__ = (
        "at_task",
        "attempt",
        "by_key",
        "cause",
        "clocks",
        "crew",
        "down",
        "down_cause",
        "down_state",
        "durations",
        "finished",
        "held",
        "index",
        "last",
        "line",
        "lot",
        "next",
        "next_line",
        "next_storage",
        "next_units",
        "open",
        "operation",
        "outcome",
        "phase",
        "phase_began",
        "phase_ends",
        "physics",
        "plain",
        "produced",
        "program",
        "remaining",
        "reserved",
        "rework_to",
        "row_lot",
        "row_operation",
        "running",
        "running_clocks",
        "scrapped",
        "section",
        "serves",
        "since",
        "speed",
        "started",
        "starts_at_once",
        "state",
        "stops",
        "stops_with",
        "storage",
        "suspends",
        "takes",
        "unload",
        "uses",
        "version",
        "visit",
        "waste",
    )

    def __init__(self, index: int, program: Unit) -> None:
        self.index, self.program = index, program
        self.state, self.since, self.row_lot, self.row_operation, self.cause = STARVED, 0, NULL, NULL, NULL
        self.open = True
        self.plain = False  # takes the short way
        self.by_key = False  # looks at waiting lots by a key of each
        # What a plain unit works with; `plain.choose` sets it.
        self.serves = self.storage = self.next = self.next_storage = NONE
        self.line = self.next_line = Line()
        self.takes: Stream
        self.next_units: list[UnitState] = []
        self.starts_at_once = False
        self.suspends = False  # work at closing time
        self.section: Section | None = None  # which it is, or a station of
        self.down = 0  # modes under repair
        self.down_state, self.down_cause = DOWN, NULL
        self.clocks = [Clock(m) for m in program.failures]
        self.stops_with = self.clocks  # the clocks that stop it
        self.running_clocks = [c for c in self.clocks if c.mode.clock == RUNNING]
        self.version = 0  # of the work in hand; entries of older versions are void
        self.lot: LotState | None = None
        self.operation = NONE
        self.visit = self.attempt = 0
        self.started = 0  # ns
        self.finished = NONE  # ns; the lot in hand is done since
        self.at_task = False  # at work for itself
        self.produced = 0  # ns of producing so far
        self.speed = program.speed
        self.durations: list[int] = [0] * (PROCESSING + 2)  # ns, by stretch of the visit
        self.phase = 0  # the stretch in hand
        self.unload = PROCESSING + 1  # the stretch of unloading
        self.last = PROCESSING  # the last stretch of the visit
        self.remaining = 0  # ns of the phase, while it is halted
        self.running = False
        self.phase_began = self.phase_ends = 0
        self.held: Required = ()  # people and shared units, by demand
        self.crew: tuple[Claim, ...] = ()  # who they are
        self.uses: tuple[int, ...] = ()  # the shared units among them
        self.reserved = NONE  # storage in which a place is kept
        self.waste = 0  # mg or pieces lost so far
        self.stops = 0
        self.scrapped = 0
        self.outcome = 0
        self.rework_to = NONE  # where the outcome sends the lot back to
        self.physics: dict[str, float] | None = None  # attributes of this visit

    @property
    def processes(self) -> bool:
        """Whether the stretch in hand is processing."""
        return PROCESSING <= self.phase < self.unload


class State:
    """Everything that changes in a replication."""

    def __init__(self, program: Program, seed: int, replication: int, desk: Desk) -> None:
        self.program = program
        self.desk = desk  # at which physics answers
        self.operations: tuple[Operation, ...] = program.operations
        self.environment = simpy.Environment(initial_time=0)
        # SimPy asks of an event no more than `Due` has.
        self.schedule = cast(Callable[[object, int, int], None], self.environment.schedule)
        self.now = 0
        self.due: list[Due] = []  # what SimPy has come to in this round
        self.when_due = (self.due.append,)
        self.recorder = Recorder(program, replication)
        self.streams = Streams(seed, replication)
        self.plain = [is_plain(o) and not program.travel.any() for o in program.operations]
        self.free = [needs_nothing(o, program) for o in program.operations]
        self.certain = [not o.scrap and not o.rework for o in program.operations]  # of the outcome
        self.takes = [None if o.takes is None else self.streams.of(o.takes) for o in program.operations]
        self.storage_entities = [self.recorder.entity(f"storage/{s.name}") for s in program.storages]
        self.wip_entity = self.recorder.entity("wip")
        self.units = [UnitState(i, u) for i, u in enumerate(program.units)]
        stations = [UnitState(i, u) for i, u in enumerate(program.stations, len(program.units))]
        self.machines = [*self.units, *stations]  # all that records name and that can fail
        self.hooks = Hooks(
            len(program.operations), len(program.unit_names), len(program.storages), len(program.orders)
        )
        self.rules: dict[str, object] = {}  # what rules keep, by their names
        self.causes = [self.recorder.cause(o.cause) if o.cause else NULL for o in program.operations]
        self.jobs = [0] * len(program.operations)  # tasks and dirty containers so far, by operation
        self.lines = [Line() for _ in program.operations]
        by_hand = program.travel.any() and not program.airlocks
        self.travel: list[list[int]] | None = program.travel.tolist() if by_hand else None
        self.required = [required_by_stretch(o) for o in program.operations]
        self.stored = [0] * len(program.storages)
        self.kept = [0] * len(program.storages)  # places reserved
        self.capacities = [s.count for s in program.storages]
        self.queues: list[list[LotState]] = [[] for _ in program.storages]  # lots that wait for a place
        self.simple_needs: dict[Required, tuple[tuple[int, tuple[int, ...], int], ...] | None] = {}
        self.staff = Staff(program)
        self.overtime: set[int] = set()  # units whose people wait for others to take over
        self.shared = frozenset(unit for demand in program.demands for unit in demand.units)
        self.lent: dict[int, int] = {}  # shared units that are claimed, and the units that have them
        self.longest_closed = longest_closed(program)
        self.clean = [c.count for c in program.containers]
        self.cleaned_again: set[LotState] = set()  # jobs for containers that have stood clean for too long
        self.in_use = [0] * len(program.containers)
        self.repairs: list[tuple[int, int, int]] = []  # (since, unit, mode) waiting for people
        self.releases = [0] * len(program.orders)
        self.lots_released = 0
        self.work_in_process = 0
        self.moving: dict[int, LotState] = {}  # lots on their way to a storage
        self.orders_open = 0  # order lines that will release again, and lots that wait to be let in
        self.in_hand = 0  # completions, repairs, moves and releases under way
        self.last_start = self.last_release = 0
        self.longest_task = 0  # ns; of a unit's own, from its start to its end
        # What is to be looked at in this round.
        self.touched: set[int] = set()  # units
        self.just_finished: list[UnitState] = []
        self.places: set[int] = set()  # storages
        self.impatient: list[LotState] = []
        self.requests: list[UnitState] = []  # for physics
        self.short: set[int] = set()  # units that lack people, other units, containers or a place
        self.is_open = [calendar_open(program, c, 0) for c in range(len(program.calendars))]
        for unit in self.units:
            if unit.program.calendar != NONE:
                unit.suspends = program.calendars[unit.program.calendar].at_close == SUSPEND
                unit.open = calendar_open(program, unit.program.calendar, 0)

    def set_state(
        self, unit: UnitState, state: int, lot: int = NULL, operation: int = NULL, cause: int = NULL
    ) -> None:
        """Put a unit into a state from now on; an interval of no length leaves no row."""
        if (
            unit.state == state
            and unit.row_lot == lot
            and unit.row_operation == operation
            and unit.cause == cause
        ):
            return
        now = self.now
        if now > unit.since:
            self.recorder.states.append(
                (unit.index, unit.state, unit.since, now, unit.row_lot, unit.row_operation, unit.cause)
            )
            unit.since = now
        unit.state = state
        unit.row_lot = lot
        unit.row_operation = operation
        unit.cause = cause
        if unit.program.stations and unit.section is not None:
            unit.section.mirror(self)
