"""In-process control: checks that fall due by time at work or amount, and the adjustment after a bad one.

A check waits for its people. It halts the unit, or the unit runs on; a bad result halts it to be adjusted.
One check at a time: what falls due meanwhile is done with it.
"""

from __future__ import annotations

from functools import partial

from twin.engine.codes import CHECK_DUE, CHECKED, SETTING_UP, WAITING_QUALITY
from twin.engine.program import PROCESSING
from twin.engine.quality import InProcess
from twin.engine.rules.quality import is_bad, worked_at_check
from twin.engine.rules.tanks import moved
from twin.engine.simpy_engine import people, work
from twin.engine.simpy_engine.agenda import schedule
from twin.engine.simpy_engine.hooks import Reason
from twin.engine.simpy_engine.staff import Claim
from twin.engine.simpy_engine.state import Entry, LotState, State, UnitState

NAME = "in_process"
NOTHING, WAITS, UNDER_WAY, ADJUSTING = range(4)


class Control:
    """The check of one unit."""

    __slots__ = ("crew", "dues", "number", "serial", "since", "stage", "worked")

    def __init__(self) -> None:
        self.stage = NOTHING
        self.number = 0  # of the check, within the visit
        self.worked = 0  # ns at work since a check fell due, until `since`
        self.since = 0  # ns; when work went on, or a check fell due
        self.dues = 0  # checks that have fallen due in the visit, where they go by amount
        self.serial = 0  # of what is scheduled; older entries are void
        self.crew: tuple[Claim, ...] = ()


def install(state: State) -> None:
    """Check the visits of every operation with in-process control."""
    checks = state.program.quality.checks
    if not checks:
        return
    state.rules[NAME] = [Control() for _ in state.units]
    hooks = state.hooks
    hooks.effects[CHECK_DUE] = _falls_due
    hooks.effects[CHECKED] = _checked
    hooks.ends.append(_find_people)
    for check in checks:
        hooks.claims[check.operation].append(_begin)
        hooks.runs[check.operation].append(partial(_runs, check))
        hooks.paces[check.operation].append(partial(_goes_on, check))
        hooks.halts[check.operation].append(_halts)
        hooks.lacks[check.operation].append(partial(_lacks, check))
        hooks.finishes[check.operation].append(_over)
        hooks.leaves[check.operation].append(_over)


def _controls(state: State) -> list[Control]:
    kept = state.rules[NAME]
    assert isinstance(kept, list)
    return kept


def _check(state: State, unit: UnitState) -> InProcess:
    return next(c for c in state.program.quality.checks if c.operation == unit.operation)


def _begin(state: State, unit: UnitState, lot: LotState) -> None:
    mine = _controls(state)[unit.index]
    mine.number = mine.worked = mine.dues = 0


def _runs(check: InProcess, state: State, unit: UnitState) -> None:
    """Work goes on: have the next check fall due, unless the stretch is over by then."""
    if unit.processes:
        _controls(state)[unit.index].since = state.now
        _look_ahead(state, unit, check, _worked(unit))


def _goes_on(check: InProcess, state: State, unit: UnitState) -> None:
    """Work goes on at another speed."""
    _halts(state, unit)
    _runs(check, state, unit)


def _halts(state: State, unit: UnitState) -> None:
    mine = _controls(state)[unit.index]
    if unit.processes:
        mine.worked += state.now - mine.since


def _worked(unit: UnitState) -> int:
    """Processing done in ns at full speed, as of when the stretch in hand began or went on."""
    return sum(unit.durations[PROCESSING : unit.phase + 1]) - unit.remaining


def _look_ahead(state: State, unit: UnitState, check: InProcess, worked: int) -> None:
    """Have the next check fall due, where that is before the end of the stretch."""
    mine, left = _controls(state)[unit.index], unit.phase_ends - state.now
    by_time = check.every - mine.worked
    time = _time_to_amount(unit, check, mine, worked, left) if check.amount else by_time
    if time < left:
        schedule(state, time, (CHECK_DUE, unit.index, unit.version, 0))


def _time_to_amount(unit: UnitState, check: InProcess, mine: Control, worked: int, left: int) -> int:
    """The time in ns until the next amount is through; `left` where that is after the stretch.

    The lot goes through evenly over all of processing; work that is repeated is checked again.
    """
    lot = unit.lot
    assert lot is not None
    whole = sum(unit.durations[PROCESSING : unit.unload])
    while mine.dues and worked_at_check(whole, lot.quantity, check.amount, mine.dues) > worked:
        mine.dues -= 1
    due = worked_at_check(whole, lot.quantity, check.amount, mine.dues + 1)
    end = sum(unit.durations[PROCESSING : unit.phase + 1])
    return left if due >= end else moved(left, due - worked, end - worked)


def _falls_due(state: State, entry: Entry) -> None:
    """Effect: a check falls due, unless the work was halted since."""
    _, index, version, _ = entry
    unit = state.units[index]
    if unit.version != version or not unit.running:
        return
    check, mine = _check(state, unit), _controls(state)[index]
    mine.dues += 1
    if mine.stage == NOTHING:
        mine.stage = WAITS
        if check.stops:
            _stop(state, unit)
    mine.worked, mine.since = 0, state.now
    if unit.running:
        lot = unit.lot
        assert lot is not None
        whole = sum(unit.durations[PROCESSING : unit.unload])
        done = worked_at_check(whole, lot.quantity, check.amount, mine.dues) if check.amount else 0
        _look_ahead(state, unit, check, done)


def _stop(state: State, unit: UnitState) -> None:
    """Halt the unit, whose people are free meanwhile."""
    work.halt(state, unit)
    people.hold(state, unit, ())
    state.touched.add(unit.index)


def _lacks(check: InProcess, state: State, unit: UnitState) -> Reason | None:
    """A unit that is checked at a halt, or adjusted, does not go on."""
    mine = _controls(state)[unit.index]
    if mine.stage == ADJUSTING:
        return SETTING_UP, state.recorder.cause(NAME)
    if mine.stage == NOTHING or not check.stops:
        return None
    _try(state, unit, mine)
    return WAITING_QUALITY, state.recorder.cause(NAME)


def _find_people(state: State) -> None:
    """Let the checks begin for which there are people now."""
    for unit, mine in zip(state.units, _controls(state), strict=True):
        if mine.stage == WAITS:
            _try(state, unit, mine)


def _try(state: State, unit: UnitState, mine: Control) -> None:
    check = _check(state, unit)
    if mine.stage == WAITS and people.lacking(state, check.needs.people) == people.ENOUGH:
        mine.crew = people.claim(state, check.needs.people)
        mine.stage = UNDER_WAY
        lot = unit.lot
        assert lot is not None
        takes = state.streams.of(check.takes).nanoseconds(lot.number, unit.visit, mine.number)
        _schedule(state, unit, mine, takes)


def _schedule(state: State, unit: UnitState, mine: Control, time: int) -> None:
    mine.serial += 1
    state.in_hand += 1
    schedule(state, time, (CHECKED, unit.index, mine.serial, 0))


def _checked(state: State, entry: Entry) -> None:
    """Effect: a check or an adjustment is done."""
    _, index, serial, _ = entry
    state.in_hand -= 1
    unit, mine = state.units[index], _controls(state)[index]
    if mine.stage in (NOTHING, WAITS) or mine.serial != serial:
        return
    if mine.stage == UNDER_WAY and _is_bad(state, unit, mine):
        _adjust(state, unit, mine)
        return
    mine.number += 1
    _let_go(state, mine)
    state.touched.add(index)


def _is_bad(state: State, unit: UnitState, mine: Control) -> bool:
    check, lot = _check(state, unit), unit.lot
    assert lot is not None
    if check.adjusting is None:
        return False
    draw = state.streams.uniform(f"{check.address}/fails", lot.number, unit.visit, mine.number)
    return is_bad(draw, check.fails)


def _adjust(state: State, unit: UnitState, mine: Control) -> None:
    """The unit is stopped and adjusted by those who have checked it; what it made meanwhile may be waste."""
    check, lot = _check(state, unit), unit.lot
    assert lot is not None
    assert check.adjusting is not None
    mine.stage = ADJUSTING
    if check.waste is not None:
        lost = state.streams.of(check.waste).value(lot.number, unit.visit, mine.number)
        unit.waste += work.quantity(state, state.operations[unit.operation], lost, check.waste_in_pieces)
    if unit.running:
        _stop(state, unit)
    else:
        state.touched.add(unit.index)
    time = state.streams.of(check.adjusting).nanoseconds(lot.number, unit.visit, mine.number)
    _schedule(state, unit, mine, time)


def _over(state: State, unit: UnitState, lot: LotState) -> None:
    """The visit is over: a check that waits or is under way is broken off."""
    _let_go(state, _controls(state)[unit.index])


def _let_go(state: State, mine: Control) -> None:
    crew, mine.crew, mine.stage = mine.crew, (), NOTHING
    people.release(state, crew)
