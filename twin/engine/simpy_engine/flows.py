"""Flow sections: a lot in process flows through stations in series until its last piece has left them.

The unit of a section goes through a visit like any other; in place of processing for a time, its section
flows from event to event by `rules.flows`. Stations stand among `State.machines`: they have the states,
clocks and repairs of units, and no lots of their own. A section is empty before and after each lot (line
clearance). While it flows, it shows what its last station does, for there output is counted; while it does
not, its stations that are up show what it shows.
"""

from __future__ import annotations

from collections.abc import Sequence

from twin.engine.codes import BLOCKED, COMPLETED, DOWN, FAILS, PRODUCING, STARTING_UP, STARVED
from twin.engine.program import NONE, PROCESSING, Flow
from twin.engine.recorder import NULL
from twin.engine.rules.calendars import NEVER
from twin.engine.rules.failures import exposure_after, time_to_failure
from twin.engine.rules.flows import (
    RUNS,
    advance,
    buffer_quanta,
    failure_rate,
    in_quanta,
    level_rate,
    lot_quanta,
    pieces,
    quantum,
    rate_over,
    set_rates,
    time_to_change,
    waits_because,
    whole_rate,
)
from twin.engine.rules.flows import (
    STARVED as STARVES,
)
from twin.engine.simpy_engine import work
from twin.engine.simpy_engine.agenda import schedule
from twin.engine.simpy_engine.state import LotState, State, UnitState
from twin.engine.simpy_engine.stuck import SimulationError


def install(state: State) -> None:
    """Give every flow section its stations."""
    for unit in state.units:
        if unit.program.stations:
            first = len(state.units)
            Section(state, unit, [state.machines[first + number] for number in unit.program.stations])
    for number, operation in enumerate(state.operations):
        if operation.flows:
            state.hooks.prepares[number].append(_prepare)
            state.hooks.finishes[number].append(_reject)


def _prepare(state: State, unit: UnitState, lot: LotState) -> None:
    """A visit begins: stations fail at the rates of its lot."""
    if unit.section is None:
        return
    unit.section.begun = False
    for station in unit.section.stations:
        for clock in station.running_clocks:
            clock.rate = clock.mode.rate
            if clock.mode.rate_between_lots is not None:
                clock.rate *= state.streams.of(clock.mode.rate_between_lots).value(lot.number, unit.visit)


def _reject(state: State, unit: UnitState, lot: LotState) -> None:
    """Take what the stations throw out off the lot."""
    good = state.operations[unit.operation].flows[unit.index].good[-1]
    unit.scrapped += round((lot.quantity - unit.scrapped) * (1.0 - good))


class Section:
    """A flow section at run time."""

    __slots__ = (
        "begun",
        "capacities",
        "clocks",
        "entities",
        "fails",
        "flow",
        "nominal",
        "passed",
        "quantum",
        "rates",
        "readying",
        "recorded",
        "running",
        "since",
        "starting",
        "stations",
        "total",
        "unit",
        "up",
    )

    def __init__(self, state: State, unit: UnitState, stations: list[UnitState]) -> None:
        self.unit, self.stations = unit, stations
        self.begun = self.running = False
        self.flow: Flow
        self.quantum = 1  # of `rules.flows`
        self.total = 0  # quanta of the lot in hand
        self.since = 0  # ns; `passed` is of then
        count = len(stations)
        self.nominal, self.up = [0] * count, [0] * count
        self.rates, self.passed = [0] * count, [0] * count
        self.starting = [0] * count  # ns of start-up left
        self.readying = [False] * count  # starting up since the last event
        self.capacities = [0] * (count - 1)
        names = [station.program.name for station in stations[:-1]]
        self.entities = [state.recorder.entity(f"buffer/{name}") for name in names]
        self.recorded = [0] * (count - 1)  # quanta per ns by which each level was last said to change
        self.clocks = [
            [(k, c) for k, c in enumerate(station.clocks) if c in station.running_clocks]
            for station in stations
        ]
        self.fails = any(station.clocks for station in stations)
        unit.section = self
        for station in stations:
            station.section = self
            station.phase = PROCESSING

    def go(self, state: State) -> None:
        """Start on the lot, or go on with it. The unit has been put to work."""
        if not self.begun:
            self._begin(state)
        self.running = True
        self.since = state.now
        self.settle(state)

    def begin_amid(self, state: State, passed: Sequence[int], starting_up: Sequence[int]) -> None:
        """A run begins with the lot inside: so much of it, in its units, has left each station, and stations
        start up for so long yet.
        """
        self._begin(state)
        self.passed = [lot_quanta(amount, self.quantum) for amount in passed]
        self.starting = list(starting_up)
        for i, entity in enumerate(self.entities):
            held = self.passed[i] - self.passed[i + 1]
            self.capacities[i] = max(self.capacities[i], held)
            if held:
                state.recorder.changing_level(entity, state.now, self._pieces(i, held), 0.0)

    def halt(self, state: State) -> None:
        """Stop the whole section; what is inside stays where it is."""
        self.catch_up(state)
        self._rest(state)

    def lose_lot(self, state: State) -> None:
        """The lot is scrapped in hand, and what of it is inside goes with it."""
        if not self.begun:
            return
        for i, entity in enumerate(self.entities):
            if self.passed[i] != self.passed[i + 1]:
                state.recorder.changing_level(entity, state.now, 0, 0.0)
        self.passed = [self.total] * len(self.passed)
        for station in self.stations:
            station.lot = None
            station.operation = NONE

    def step(self, state: State) -> bool:
        """Take what has fallen due; returns whether the lot has left the last station."""
        self.catch_up(state)
        if self.passed[-1] < self.total:
            self.settle(state)
            return False
        self._rest(state)
        unit = self.unit
        for station in self.stations:
            unit.waste += station.waste
            unit.stops += station.stops
            station.lot = None
            station.operation = NONE
        return True

    def catch_up(self, state: State) -> None:
        """Bring what has passed, start-ups and clocks of failures up to now."""
        elapsed = state.now - self.since
        if not self.running or not elapsed:
            return
        self.since = self.unit.phase_began = state.now
        if self.rates[-1] > 0:
            self.unit.produced += elapsed  # counted here, as stops of stations are no producing time
        advance(self.capacities, self.total, self.rates, elapsed, self.passed)
        for i, station in enumerate(self.stations):
            if station.running:
                for _, clock in self.clocks[i]:
                    rate = failure_rate(clock.rate, self.rates[i], self.nominal[i])
                    clock.exposure = exposure_after(clock.exposure, rate, elapsed)
            elif self.readying[i]:
                self.starting[i] -= elapsed

    def settle(self, state: State) -> None:
        """Set the rates anew, show what every station does, and schedule the next event."""
        self.catch_up(state)
        unit, stations, rates, starting = self.unit, self.stations, self.rates, self.starting
        unit.version += 1
        for i, station in enumerate(stations):
            self.up[i] = 0 if station.down or starting[i] else 1
        set_rates(self.nominal, self.up, self.capacities, self.total, self.passed, rates)
        soonest = time_to_change(self.capacities, self.total, self.passed, rates)
        if self.passed[-1] >= self.total:
            soonest = 0
        for i, station in enumerate(stations):
            station.version = unit.version
            station.running = rates[i] > 0
            self.readying[i] = starting[i] > 0 and not station.down
            if self.readying[i] and starting[i] < soonest:
                soonest = starting[i]
        self._show(state)
        self._record_levels(state)
        fails = self._schedule_failure(state, soonest)
        if soonest < NEVER and soonest <= fails:
            assert unit.lot is not None
            schedule(state, soonest, (COMPLETED, unit.index, unit.lot.number, unit.version))

    def _schedule_failure(self, state: State, soonest: int) -> int:
        """Schedule the first failure of a running station up to the next event; returns when it comes."""
        fails, failing = soonest + 1, NONE
        mode = NONE
        for i, clocks in enumerate(self.clocks):
            for k, clock in clocks:
                if self.rates[i]:
                    rate = failure_rate(clock.rate, self.rates[i], self.nominal[i])
                    time = time_to_failure(clock.exposure, rate)
                elif clock.exposure or clock.down or not clock.rate:
                    continue
                else:
                    time = 0  # used up at the instant at which the station came to rest
                if time < fails:
                    fails, failing, mode = time, self.stations[i].index, k
        if failing != NONE:
            schedule(state, fails, (FAILS, failing, self.unit.version, mode))
        return fails

    def mirror(self, state: State) -> None:
        """Have the stations that are up show what the section shows, while it does not flow."""
        unit = self.unit
        if not self.running:
            for station in self.stations:
                if not station.down:
                    state.set_state(station, unit.state, unit.row_lot, unit.row_operation, unit.cause)

    def repaired(self, state: State, station: UnitState) -> None:
        """Let a station that is up again take part."""
        if self.running:
            self.settle(state)
        else:
            self.mirror(state)

    def _begin(self, state: State) -> None:
        """Turn the lot, rates and buffers into quanta; the section is empty and its stations start up."""
        unit = self.unit
        lot, operation = unit.lot, state.operations[unit.operation]
        assert lot is not None
        self.begun = True
        self.flow = flow = operation.flows[unit.index]
        per_second = self._per_second(state, lot)
        rates = [whole_rate(rate) for rate in per_second]
        self.quantum = quantum(rates, lot.quantity)
        self.total = lot_quanta(lot.quantity, self.quantum)
        self.nominal = [in_quanta(rate, self.quantum) for rate in rates]
        for i, room in enumerate(flow.room):
            held = room * per_second[i] if flow.in_seconds[i] else room
            self.capacities[i] = buffer_quanta(held, self.quantum, self.total)
        of, number, visit = state.streams.of, lot.number, unit.visit
        for i, station in enumerate(self.stations):
            self.passed[i] = self.starting[i] = station.waste = station.stops = 0
            station.lot, station.operation, station.finished = lot, unit.operation, NONE
            start_up = flow.start_up[i]
            if start_up is not None:
                self.starting[i] = of(start_up.takes).nanoseconds(number, visit)
                if start_up.waste is not None:
                    lost = of(start_up.waste).value(number, visit)
                    station.waste = work.quantity(state, operation, lost, start_up.waste_in_pieces)

    def _per_second(self, state: State, lot: LotState) -> list[float]:
        """Rates of the stations in pieces or mg of the lot per s: drawn, or given by physics."""
        unit, flow = self.unit, self.flow
        found = []
        for i, rate in enumerate(flow.rates):
            if rate is not None:
                value = state.streams.of(rate).value(lot.number, unit.visit) * flow.scale[i]
                value *= unit.speed
            else:
                value = rate_over(lot.quantity, unit.durations[PROCESSING])
            if not value > 0.0:
                name = self.stations[i].program.name
                raise SimulationError(f"'{name}' has a rate of {value} per s for lot {lot.number}")
            found.append(value)
        return found

    def _rest(self, state: State) -> None:
        """Let the section stand still; its unit will say why."""
        self.running = False
        self.rates = [0] * len(self.rates)
        for station in self.stations:
            station.running = False
        self._record_levels(state)

    def _show(self, state: State) -> None:
        """The states of the stations, and of the section: what its last station does."""
        unit = self.unit
        lot, operation = unit.row_lot, unit.operation
        for i, station in enumerate(self.stations):
            if station.down:
                state.set_state(station, DOWN, lot, operation, station.down_cause)
            elif self.starting[i]:
                state.set_state(station, STARTING_UP, lot, operation)
            else:
                doing = waits_because(i, self.up, self.total, self.passed, self.rates)
                shown = PRODUCING if doing == RUNS else (STARVED if doing == STARVES else BLOCKED)
                state.set_state(station, shown, lot, operation)
        if self.rates[-1] == 0:
            for i in range(len(self.stations) - 1, -1, -1):
                station = self.stations[i]
                if not self.up[i]:
                    cause = station.down_cause if station.down else NULL
                    state.set_state(unit, DOWN if station.down else STARTING_UP, lot, operation, cause)
                    return
                if i and self.passed[i - 1] > self.passed[i]:
                    break
        state.set_state(unit, PRODUCING, lot, operation)

    def _record_levels(self, state: State) -> None:
        """Write the level of each buffer that now changes otherwise than before."""
        for i, entity in enumerate(self.entities):
            gain = self.rates[i] - self.rates[i + 1]
            if gain != self.recorded[i]:
                self.recorded[i] = gain
                held = self._pieces(i, self.passed[i] - self.passed[i + 1])
                rate = level_rate(gain, self.quantum, self.flow.good[i])
                state.recorder.changing_level(entity, state.now, held, rate)

    def _pieces(self, station: int, level: int) -> int:
        """Quanta behind a station as pieces or mg that are good."""
        return pieces(level, self.quantum, self.flow.good[station])
