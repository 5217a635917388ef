"""What utilities supply: what is claimed and drawn of each, what is stored, and how fast units may work.

`utilities` claims and gives back; here, at the end of each round in which a draw has changed, what is short
is shared out, and the stretches that are slowed or freed end at other times.
"""

from __future__ import annotations

from twin.engine.codes import LEVEL_REACHED
from twin.engine.recorder import NULL
from twin.engine.rules.calendars import NEVER
from twin.engine.rules.utilities import (
    at_speed,
    draw_limit,
    level_after,
    share_out,
    storage_gain,
    time_at_speed,
    time_to_level,
)
from twin.engine.simpy_engine import work
from twin.engine.simpy_engine.agenda import schedule
from twin.engine.simpy_engine.people import look_again
from twin.engine.simpy_engine.state import Entry, State, UnitState
from twin.engine.utilities import HOUR, Use

NAME = "utilities"
NANO = 1_000_000_000
Draws = tuple[tuple[int, int], ...]  # utility, rate


class Loop:
    """One utility at run time."""

    __slots__ = (
        "aside",
        "cause",
        "claimed",
        "drawn",
        "due",
        "gain",
        "level",
        "rate_entity",
        "since",
        "stirring",
        "utility",
        "version",
        "wanted",
    )

    def __init__(self, state: State, number: int) -> None:
        self.utility = utility = state.program.utilities[number]
        self.cause = state.recorder.cause(utility.name)
        self.rate_entity = state.recorder.entity(f"utility/{utility.name}/rate")
        stirring = [use for tank in state.program.tanks for use in tank.agitation]
        self.aside = sum(use.rate for use in stirring if use.utility == number)  # for tanks
        self.stirring = 0  # counts, of what is set aside
        self.claimed = 0  # counts, at full speed
        self.drawn = self.gain = NULL  # counts; not yet written
        self.level = utility.start
        self.since = 0  # ns; `level` is of then
        self.due = 0  # ns; when its level is looked at next
        self.version = 0
        self.wanted = NEVER  # the lowest level that work waits for

    def level_at(self, now: int) -> int:
        """The content at `now`."""
        if not self.utility.volume or now == self.since:
            return self.level
        return level_after(self.level, self.utility.volume, self.gain, now - self.since)


class Pace:
    """How a stretch goes on: at `p` / `q` of full speed since `since`, when `left` ns of work were left."""

    __slots__ = ("left", "p", "q", "since")

    def __init__(self) -> None:
        self.p = self.q = 1
        self.left = self.since = 0

    def left_at(self, now: int) -> int:
        """Work in ns that is left at `now`; what is done is rounded down."""
        return max(0, self.left - at_speed(now - self.since, self.p, self.q))


class Supply:
    """All utilities of a replication, and what each unit has claimed and draws."""

    __slots__ = ("changed", "held", "loops", "paces", "running")

    def __init__(self, state: State) -> None:
        self.loops = [Loop(state, number) for number in range(len(state.program.utilities))]
        self.held: dict[int, Draws] = {}  # by unit
        self.running: set[int] = set()  # units that draw
        self.paces = [Pace() for _ in state.units]
        self.changed = True

    def hold(self, unit: int, draws: Draws, work_left: int, now: int) -> None:
        """Let a unit hold `draws` in place of what it holds, for `work_left` ns from now at full speed."""
        for number, rate in self.held.pop(unit, ()):
            self.loops[number].claimed -= rate
        for number, rate in draws:
            self.loops[number].claimed += rate
        if draws:
            self.held[unit] = draws
        pace = self.paces[unit]
        pace.p = pace.q = 1
        pace.left, pace.since = work_left, now
        self.changed = True


def supply_of(state: State) -> Supply:
    """The utilities of the replication, which has some."""
    supply = state.rules[NAME]
    assert isinstance(supply, Supply)
    return supply


def settle(state: State) -> None:
    """Share out what is drawn from now on, where a draw has changed in this round."""
    supply = supply_of(state)
    for unit in [unit for unit in supply.held if unit not in supply.running]:
        supply.hold(unit, (), 0, state.now)  # something has kept it from the work that it was to start
        look_again(state)
    if not supply.changed:
        return
    supply.changed = False
    for loop in supply.loops:
        loop.level, loop.since = loop.level_at(state.now), state.now
    running = sorted(supply.running)
    draws = _share(state, supply, running)
    for loop, drawn in zip(supply.loops, draws, strict=True):
        _go_on(state, loop, drawn)
        _look_ahead(state, loop)


def _share(state: State, supply: Supply, running: list[int]) -> list[int]:
    """Set the pace of every unit that draws; returns what is drawn of each utility."""
    loops = supply.loops
    limits = [
        draw_limit(u.capacity, u.volume, loop.level, u.generation) for loop in loops for u in (loop.utility,)
    ]
    stirring = [min(loop.stirring, most) for loop, most in zip(loops, limits, strict=True)]
    limits = [most - stirred for most, stirred in zip(limits, stirring, strict=True)]
    p, q = [1] * len(running), [1] * len(running)
    draws = [loop.claimed for loop in loops]
    if any(drawn > limit for drawn, limit in zip(draws, limits, strict=True)):
        flat = [(k, *draw) for k, unit in enumerate(running) for draw in supply.held[unit]]
        users, utilities, rates = ([row[column] for row in flat] for column in range(3))
        share_out(users, utilities, rates, limits, p, q, draws)
    for k, unit in enumerate(running):
        pace = supply.paces[unit]
        if (pace.p, pace.q) != (p[k], q[k]):
            _change_pace(state, state.units[unit], pace, p[k], q[k])
    return [drawn + stirred for drawn, stirred in zip(draws, stirring, strict=True)]


def stir(state: State, uses: tuple[Use, ...], change: int) -> None:
    """Draw what is set aside for the agitation of a tank from now on (`change` 1), or no more (-1)."""
    if uses:
        supply = supply_of(state)
        supply.changed = True
        for use in uses:
            supply.loops[use.utility].stirring += change * use.rate


def _change_pace(state: State, unit: UnitState, pace: Pace, p: int, q: int) -> None:
    """Let a running stretch go on at p / q of full speed, and end when its work is done."""
    work.wear(state, unit)
    pace.left, pace.since = pace.left_at(state.now), state.now
    pace.p, pace.q = p, q
    time = time_at_speed(pace.left, p, q)
    unit.phase_began, unit.phase_ends = state.now, state.now + time
    unit.version += 1
    unit.remaining = pace.left
    for paces in state.hooks.paces[unit.operation]:
        paces(state, unit)
    work.schedule_end(state, unit, time)


def _go_on(state: State, loop: Loop, drawn: int) -> None:
    """Draw and store at new rates; what changes is written, in millionths of the SI unit (per hour)."""
    utility, recorder = loop.utility, state.recorder
    gain = storage_gain(utility.volume, loop.level, utility.generation, drawn)
    if drawn != loop.drawn:
        loop.drawn = drawn
        recorder.levels.append((loop.rate_entity, state.now, drawn * utility.size))
    if utility.volume and (gain != loop.gain or loop.due == 0):
        content = loop.level * utility.size // HOUR
        entity = recorder.entity(f"utility/{utility.name}/level")
        recorder.changing_level(entity, state.now, content, gain * utility.size * (NANO / HOUR))
    loop.gain = gain


def _look_ahead(state: State, loop: Loop) -> None:
    """Have the utility looked at when its storage is full or empty, or has what work waits for."""
    goals = (0, loop.utility.volume, loop.wanted)
    time = min(time_to_level(loop.level, goal, loop.gain) for goal in goals if goal != NEVER)
    due = min(state.now + time, NEVER)
    if due == loop.due:
        return
    loop.due = due
    loop.version += 1
    if due < NEVER:
        number = supply_of(state).loops.index(loop)
        schedule(state, time, (LEVEL_REACHED, number, NULL, loop.version))


def level_reached(state: State, entry: Entry) -> None:
    """Effect: a storage is full or empty, or holds what work waits for."""
    supply = supply_of(state)
    loop = supply.loops[entry[1]]
    if entry[3] == loop.version:
        loop.wanted = NEVER
        supply.changed = True
        look_again(state)
