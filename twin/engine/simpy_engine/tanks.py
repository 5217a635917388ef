"""Tanks: processing fills them and draws from them evenly, and what they hold is a mixture of lots.

A visit is promised all that it will draw, and expected with all that it will fill, when it starts: a tank
gives only what it holds above its heel and has not promised, counting on no inflow, and takes only what it
has room for, counting on no outflow. So no level is ever below the heel or above the volume, whatever
stops. Work that is interrupted keeps what it was promised. At each change of a flow all flows of the tank are
brought up to date: what came in is mixed in, and then what went out is taken from the mixture in proportion.
"""

from __future__ import annotations

from twin.engine.codes import BLOCKED, HELD_TOO_LONG, STARVED, TANK_REACHED
from twin.engine.program import NONE, PROCESSING
from twin.engine.record import SECOND
from twin.engine.recorder import NULL
from twin.engine.rules.calendars import NEVER
from twin.engine.rules.tanks import may_draw, may_fill, moved, take_from_mixture, time_to_move
from twin.engine.simpy_engine import supply
from twin.engine.simpy_engine.agenda import schedule
from twin.engine.simpy_engine.hooks import Reason
from twin.engine.simpy_engine.people import look_again
from twin.engine.simpy_engine.state import Entry, LotState, State, UnitState
from twin.engine.tanks import Tank

NAME = "tanks"
Flows = tuple[tuple[int, int], ...]  # tank, mg into it; negative: out of it


class Flow:
    """What one visit still fills into a tank or draws from it."""

    __slots__ = ("amount", "done", "duration", "left", "lot", "operation", "out", "since", "taken", "whole")

    def __init__(self, lot: int, operation: int, amount: int) -> None:
        self.lot, self.operation = lot, operation
        self.out = amount < 0
        self.whole = self.left = abs(amount)  # mg, in all; `left` are promised or expected
        self.amount = 0  # mg that the stretch under way moves; 0: none is under way
        self.done = 0  # of them
        self.since = self.duration = 0  # ns, of that stretch
        self.taken: dict[int, int] = {}  # mg by the lot that it was; `NULL`: what was there at the start


class Content:
    """One tank at run time."""

    __slots__ = (
        "discarded",
        "due",
        "expired",
        "filled",
        "flows",
        "held_since",
        "level",
        "parts",
        "stirs",
        "version",
        "violations",
    )

    def __init__(self, tank: Tank) -> None:
        self.level = tank.start
        self.parts: dict[int, int] = {NULL: tank.start} if tank.start else {}  # mg by lot
        self.flows: dict[int, Flow] = {}  # by unit; one visit fills or draws a tank, not both
        self.held_since = NONE  # ns; above the heel
        self.expired = False
        self.stirs = False
        self.discarded = self.violations = 0
        self.version = 0  # of its flows
        self.due = NEVER  # ns; when waiting work finds what it lacks
        self.filled: dict[int, int] = {}  # mg, by the unit whose row is to say it


def install(state: State) -> None:
    """Concern the operations that fill and draw tanks."""
    if not state.program.tanks:
        return
    contents = [Content(tank) for tank in state.program.tanks]
    state.rules[NAME] = contents
    hooks = state.hooks
    for number, operation in enumerate(state.operations):
        if operation.tanks or operation.transfer_to != NONE:
            hooks.refusals[number].append(_cannot_start)
            hooks.claims[number].append(_promise)
            hooks.runs[number].append(_flows)
            hooks.paces[number].append(_flows)
            hooks.halts[number].append(_halts)
            hooks.finishes[number].append(_finish)
            hooks.rows[number].append(_write)
    hooks.effects[TANK_REACHED] = _reached
    hooks.effects[HELD_TOO_LONG] = _held_too_long
    for number in range(len(contents)):
        if state.program.tanks[number].hold != NEVER:
            _count(state, number, "hold_violations", 0)
        _count(state, number, "volume", state.program.tanks[number].volume)
        _count(state, number, "heel", state.program.tanks[number].heel)
        _changed(state, number)


def _contents(state: State) -> list[Content]:
    contents = state.rules[NAME]
    assert isinstance(contents, list)
    return contents


def _wanted(state: State, lot: LotState) -> Flows:
    """All that a visit of the lot will fill and draw."""
    operation = state.operations[lot.operation]
    flows = operation.tanks
    if operation.transfer_to != NONE:
        flows = (*flows, (operation.transfer_to, lot.quantity))
    return flows


def _cannot_start(state: State, unit: UnitState, lot: LotState) -> Reason | None:
    """The first tank that has not enough, or no room."""
    for number, amount in _wanted(state, lot):
        tank, content = state.program.tanks[number], _contents(state)[number]
        flows = list(content.flows.values())
        into, out = ([f for f in flows if f.out == direction] for direction in (False, True))
        cause = state.recorder.cause(tank.name)
        if amount < 0:
            level = content.level + sum(_moved(state, flow) - flow.done for flow in into)
            promised = sum(flow.left for flow in out)
            if content.expired or not may_draw(level, tank.heel, promised, -amount):
                _look_for(state, number, into, tank.heel + promised - amount - level)
                return STARVED, cause
        else:
            level = content.level - sum(_moved(state, flow) - flow.done for flow in out)
            expected = sum(flow.left for flow in into)
            if content.expired or not may_fill(level, tank.volume, expected, amount):
                _look_for(state, number, out, level + expected + amount - tank.volume)
                return BLOCKED, cause
    return None


def _look_for(state: State, number: int, flows: list[Flow], missing: int) -> None:
    """Have waiting work looked at again when `flows` have moved what it lacks."""
    content = _contents(state)[number]
    running = [flow for flow in flows if flow.amount]
    amounts, durations = [flow.amount for flow in running], [flow.duration for flow in running]
    time = time_to_move(amounts, [state.now - flow.since for flow in running], durations, missing)
    if missing > 0 and state.now + time < content.due:
        content.due = state.now + time
        schedule(state, time, (TANK_REACHED, number, NULL, content.version))


def _reached(state: State, entry: Entry) -> None:
    """Effect: a tank holds, or has room for, what waiting work lacked."""
    content = _contents(state)[entry[1]]
    if content.version == entry[3]:
        content.due = NEVER
        look_again(state)


def _promise(state: State, unit: UnitState, lot: LotState) -> None:
    for number, amount in _wanted(state, lot):
        _contents(state)[number].flows[unit.index] = Flow(lot.number, lot.operation, amount)


def has_held(state: State, number: int, held: int) -> None:
    """A run begins with a tank that has held what it holds for `held` ns; no limit passes before now."""
    tank, content = state.program.tanks[number], _contents(state)[number]
    if content.held_since != NONE:
        left = max(0, tank.hold - held)
        content.held_since = state.now + left - tank.hold
        schedule(state, left, (HELD_TOO_LONG, number, NULL, 0))


def is_amid(state: State, unit: UnitState) -> None:
    """A run begins with a visit that has been at work: it moves its share of the time left, if it can."""
    contents = state.rules.get(NAME)
    if not isinstance(contents, list):
        return
    still = unit.remaining + sum(unit.durations[unit.phase + 1 : unit.unload])
    whole = max(still, sum(unit.durations[PROCESSING : unit.unload]))
    for number, flow in _mine(state, unit):
        tank, content = state.program.tanks[number], contents[number]
        others = sum(f.left for f in content.flows.values() if f.out == flow.out and f is not flow)
        possible = (content.level - tank.heel if flow.out else tank.volume - content.level) - others
        flow.left = min(moved(flow.whole, still, whole), max(0, possible))


def _mine(state: State, unit: UnitState) -> list[tuple[int, Flow]]:
    """The flows of the visit in hand, by tank."""
    index = unit.index
    return [(n, content.flows[index]) for n, content in enumerate(_contents(state)) if index in content.flows]


def _flows(state: State, unit: UnitState) -> None:
    """A stretch runs until `phase_ends`: let flow its share of what is left for processing."""
    if not unit.processes:
        return
    for number, flow in _mine(state, unit):
        _bring_up_to_date(state, _contents(state)[number])
        # What is left is shared among the rest of this stretch and the phases to come, at full speed.
        still = sum(unit.durations[unit.phase + 1 : unit.unload])
        flow.amount = moved(flow.left, unit.remaining, unit.remaining + still)
        flow.done, flow.since = 0, state.now
        flow.duration = unit.phase_ends - state.now
        _changed(state, number)


def _halts(state: State, unit: UnitState) -> None:
    """A stretch is done or halted: what has not flowed is still promised."""
    for number, flow in _mine(state, unit):
        _bring_up_to_date(state, _contents(state)[number])
        flow.amount = flow.done = 0
        _changed(state, number)


def _bring_up_to_date(state: State, content: Content) -> None:
    """Let flow what has flowed until now: in first, then out of the mixture."""
    for flow in content.flows.values():
        if flow.amount and not flow.out:
            gained = _progress(state, flow)
            content.level += gained
            if gained:
                content.parts[flow.lot] = content.parts.get(flow.lot, 0) + gained
    for flow in content.flows.values():
        if flow.amount and flow.out:
            lost = _progress(state, flow)
            content.level -= lost
            _take(content, lost, flow.taken)


def _moved(state: State, flow: Flow) -> int:
    """What the stretch under way has moved until now, in mg."""
    return moved(flow.amount, state.now - flow.since, flow.duration) if flow.amount else 0


def _progress(state: State, flow: Flow) -> int:
    total = _moved(state, flow)
    step = total - flow.done
    flow.done = total
    flow.left -= step
    return step


def _take(content: Content, amount: int, into: dict[int, int]) -> None:
    """Take an amount out of the mixture."""
    if not amount:
        return
    lots = list(content.parts)
    shares = [0] * len(lots)
    take_from_mixture([content.parts[lot] for lot in lots], amount, shares)
    for lot, share in zip(lots, shares, strict=True):
        if share:
            into[lot] = into.get(lot, 0) + share
            content.parts[lot] -= share
            if not content.parts[lot]:
                del content.parts[lot]


def _finish(state: State, unit: UnitState, lot: LotState) -> None:
    """Take what the visit has filled into tanks off the lot."""
    filled = _end_flows(state, unit)
    if state.operations[unit.operation].transfer_to != NONE:
        unit.scrapped = 0  # all of the lot is in the tank
    elif filled:
        unit.scrapped = min(unit.scrapped, lot.quantity - filled) + filled
        _contents(state)[0].filled[unit.index] = filled


def _write(state: State, unit: UnitState, lot: LotState) -> None:
    """Say what a visit that is over has filled into tanks; one that a failure ends keeps no promise."""
    if unit.finished != NONE:
        filled = _contents(state)[0].filled.pop(unit.index, 0) or _end_flows(state, unit)
        if filled:
            state.recorder.sinks["tanks"][len(state.recorder.lots)] = filled


def _end_flows(state: State, unit: UnitState) -> int:
    """End the flows of a visit, and note whose material it has drawn; returns mg filled into tanks."""
    filled = 0
    for number, flow in _mine(state, unit):
        content = _contents(state)[number]
        _bring_up_to_date(state, content)
        del content.flows[unit.index]
        if not flow.out:
            filled += flow.whole - flow.left
        material = state.program.tanks[number].material
        for parent, amount in flow.taken.items():
            state.recorder.genealogy.append(
                (state.now, flow.operation, material, NULL, parent, flow.lot, amount)
            )
        _changed(state, number)
    return filled


def _changed(state: State, number: int) -> None:
    """A flow of a tank, or what it holds, has changed: write it, and see to what follows."""
    tank, content = state.program.tanks[number], _contents(state)[number]
    filling = any(flow.amount and not flow.out for flow in content.flows.values())
    if content.level <= tank.heel and not filling:
        content.held_since = NONE
    elif content.held_since == NONE:
        content.held_since = state.now
        if tank.hold != NEVER:
            schedule(state, tank.hold, (HELD_TOO_LONG, number, NULL, 0))
    if content.expired and not content.flows:
        _discard(state, number)
    stirs = content.level > 0 or filling
    if stirs != content.stirs:
        content.stirs = stirs
        supply.stir(state, tank.agitation, 1 if stirs else -1)
    content.version += 1
    content.due = NEVER
    rate = sum(
        (-flow.amount if flow.out else flow.amount) / flow.duration * SECOND
        for flow in content.flows.values()
        if flow.amount and flow.duration
    )
    entity = state.recorder.entity(f"tank/{tank.name}")
    state.recorder.changing_level(entity, state.now, content.level, rate)
    look_again(state)


def _held_too_long(state: State, entry: Entry) -> None:
    """Effect: a tank may have held its content for too long."""
    number = entry[1]
    tank, content = state.program.tanks[number], _contents(state)[number]
    if content.held_since == NONE or state.now - content.held_since != tank.hold:
        return  # it has been emptied since
    content.violations += 1
    _count(state, number, "hold_violations", content.violations)
    if tank.discards:
        content.expired = True
        _bring_up_to_date(state, content)
        _changed(state, number)


def _discard(state: State, number: int) -> None:
    """Throw everything away, the heel too."""
    content = _contents(state)[number]
    content.discarded += content.level
    content.level = 0
    content.parts.clear()
    content.expired = False
    content.held_since = NONE
    _count(state, number, "discarded", content.discarded)


def _count(state: State, number: int, what: str, count: int) -> None:
    entity = state.recorder.entity(f"tank/{state.program.tanks[number].name}/{what}")
    state.recorder.levels.append((entity, state.now, count))
