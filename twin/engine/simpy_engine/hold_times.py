"""Hold times and shelf life: a lot that waits too long goes out, back, or on and is counted.

The limit passes at its very instant, before any start. What is in work then is finished first; a lot on its
way to a storage arrives first.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from twin.engine.codes import EXPIRES
from twin.engine.program import NONE
from twin.engine.quality import FLAG_LATE, REWORK_LATE, HoldLimit
from twin.engine.rules.outcomes import DONE, EXPIRED, REWORK
from twin.engine.rules.quality import too_late
from twin.engine.simpy_engine import departures
from twin.engine.simpy_engine.agenda import schedule
from twin.engine.simpy_engine.state import Entry, LotState, State, UnitState

NAME = "hold_times"

Key = tuple[int, int]  # hold limit, lot


class HoldTimes:
    """Since when each lot is held, and the lots whose limit passed in work or on their way."""

    __slots__ = ("late", "lots", "since")

    def __init__(self) -> None:
        self.since: dict[Key, int] = {}  # ns
        self.lots: dict[Key, LotState] = {}
        self.late: dict[Key, int] = {}  # ns; when the limit passed


def install(state: State) -> None:
    """Watch the lots of every operation that a hold time or shelf life concerns."""
    holds = state.program.quality.holds
    if not holds:
        return
    state.rules[NAME] = HoldTimes()
    hooks = state.hooks
    for number, hold in enumerate(holds):
        if hold.after == NONE:
            hooks.waits[hold.until].append(partial(_begin, number))
            hooks.withdraws[hold.until].append(partial(_end, number))
        else:
            hooks.finishes[hold.after].append(partial(_finished, number))
        for between in range(hold.after + 1 if hold.after != NONE else hold.until, hold.until + 1):
            hooks.arrives[between].append(partial(_arrived, number))
            if between < hold.until:
                hooks.outcomes[between].append(partial(_outcome, number))
        hooks.claims[hold.until].append(partial(_claimed, number))
    hooks.becomes.append(_becomes)
    hooks.exits.append(_exit)
    hooks.effects[EXPIRES] = _expires


def _kept(state: State) -> HoldTimes:
    kept = state.rules[NAME]
    assert isinstance(kept, HoldTimes)
    return kept


def _hold(state: State, number: int) -> HoldLimit:
    return state.program.quality.holds[number]


def _ends(hold: HoldLimit) -> bool:
    """Whether a limit ends the waiting of a lot for good; one that is sent back may be so for ever."""
    return hold.late not in (FLAG_LATE, REWORK_LATE)


def _begin(number: int, state: State, lot: LotState) -> None:
    """Start the clock, or start it anew."""
    _count_from(number, state, lot, state.now)


def _count_from(number: int, state: State, lot: LotState, since: int) -> None:
    hold, kept, key = _hold(state, number), _kept(state), (number, lot.number)
    kept.late.pop(key, None)
    if hold.late != FLAG_LATE:
        state.in_hand += _ends(hold) and key not in kept.since
        schedule(state, since + hold.longest - state.now, (EXPIRES, number, lot.number, 0))
    kept.since[key], kept.lots[key] = since, lot


def _end(number: int, state: State, lot: LotState) -> None:
    """Stop the clock."""
    kept, key = _kept(state), (number, lot.number)
    kept.late.pop(key, None)
    if kept.since.pop(key, None) is not None:
        del kept.lots[key]
        state.in_hand -= _ends(_hold(state, number))


def has_waited(state: State, lot: LotState, waited: int, ended: dict[int, int]) -> None:
    """A run begins with a lot that has been held for some time; a limit passes no earlier than now.

    It came to want its operation `waited` ns ago, where it waits for one; operations before ended as long
    ago as `ended` says, and else then.
    """
    kept = state.rules.get(NAME)
    if not isinstance(kept, HoldTimes):
        return
    for number, hold in enumerate(state.program.quality.holds):
        if hold.after != NONE and hold.after < lot.operation <= hold.until and not _is_over(state, lot, hold):
            held = ended.get(hold.after, waited)
        elif (number, lot.number) in kept.since:
            held = waited
        else:
            continue
        passed_before = 0 if hold.late == FLAG_LATE else max(0, held - hold.longest)
        _count_from(number, state, lot, state.now - held + passed_before)


def _is_over(state: State, lot: LotState, hold: HoldLimit) -> bool:
    """Whether a lot is in work at the operation whose start ends the clock."""
    return lot.operation == hold.until and departures.whereabouts(state, lot) == departures.IN_WORK


def _finished(number: int, state: State, unit: UnitState, lot: LotState) -> None:
    if unit.outcome == DONE:
        _begin(number, state, lot)


def _claimed(number: int, state: State, unit: UnitState, lot: LotState) -> None:
    hold, since = _hold(state, number), _kept(state).since.get((number, lot.number))
    if since is not None and hold.late == FLAG_LATE and too_late(since, state.now, hold.longest):
        cause = state.recorder.cause(hold.cause)
        state.recorder.remark(unit.index, cause, state.now - since - hold.longest)
    _end(number, state, lot)


def _becomes(state: State, gone: Sequence[LotState], come: Sequence[LotState]) -> None:
    """Parts go on by the clocks of the lot that they were, and a lot by the earliest of its parts."""
    kept = _kept(state)
    for number in range(len(state.program.quality.holds)):
        keys = [(number, lot.number) for lot in gone]
        since = [kept.since[key] for key in keys if key in kept.since]
        late = [kept.late[key] for key in keys if key in kept.late]
        for lot in gone:
            _end(number, state, lot)
        for lot in come:
            if since:
                _count_from(number, state, lot, min(since))
            if late:
                kept.late[number, lot.number] = min(late)


def _exit(state: State, lot: LotState) -> None:
    for number in range(len(state.program.quality.holds)):
        _end(number, state, lot)


def _expires(state: State, entry: Entry) -> None:
    """Effect: a limit passes, unless its clock was stopped or started anew."""
    _, number, lot_number, _ = entry
    kept, hold, key = _kept(state), _hold(state, number), (number, lot_number)
    since = kept.since.get(key)
    if since is None or since + hold.longest != state.now:
        return
    lot = kept.lots[key]
    _end(number, state, lot)
    if not _concerned(hold, lot.operation):
        return
    if departures.whereabouts(state, lot) in (departures.IN_LINE, departures.ON_UNIT):
        _send(state, hold, lot, state.now)
    else:
        kept.late[key] = state.now


def _concerned(hold: HoldLimit, operation: int) -> bool:
    """Whether a lot at an operation, or waiting for it, is still held; one sent back before is not."""
    first = hold.until if hold.after == NONE else hold.after + 1
    return first <= operation <= hold.until


def _send(state: State, hold: HoldLimit, lot: LotState, passed: int) -> None:
    outcome = REWORK if hold.late == REWORK_LATE else EXPIRED
    cause = state.recorder.cause(hold.cause)
    departures.send_away(state, lot, outcome, hold.to, cause, state.now - passed)


def _arrived(number: int, state: State, lot: LotState) -> bool:
    passed = _kept(state).late.pop((number, lot.number), None)
    if passed is not None:
        _send(state, _hold(state, number), lot, passed)
    return passed is not None


def _outcome(number: int, state: State, unit: UnitState, lot: LotState, outcome: int) -> int:
    passed = _kept(state).late.pop((number, lot.number), None)
    if passed is None or outcome not in (DONE, REWORK):
        return outcome
    hold = _hold(state, number)
    state.recorder.remark(unit.index, state.recorder.cause(hold.cause), state.now - passed)
    if hold.late == REWORK_LATE:
        unit.rework_to = hold.to
        return REWORK
    return EXPIRED
