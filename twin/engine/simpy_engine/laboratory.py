"""The laboratory: samples and reviews are jobs that go their own way; a lot waits for the results it needs.

A bad result rejects the lot as soon as it waits for an operation that needs the result.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from twin.engine.codes import WAITING_QUALITY
from twin.engine.program import NONE
from twin.engine.quality import BY_CHANCE, ON_HOLD
from twin.engine.rules.outcomes import DONE, REJECTED
from twin.engine.rules.quality import is_sampled
from twin.engine.simpy_engine import departures, endings
from twin.engine.simpy_engine.hooks import Reason
from twin.engine.simpy_engine.moves import join_line
from twin.engine.simpy_engine.state import LotState, State, UnitState

NAME = "laboratory"

Key = tuple[int, int]  # inquiry, lot
Test = tuple[int, int, int]  # inquiry, lot that was asked about, how often before


class Laboratory:
    """What was asked about each lot, what is not yet answered, and what the answers were."""

    __slots__ = ("asked", "bad", "finished", "needed", "pending", "sampled", "waiting")

    def __init__(self, state: State) -> None:
        quality = state.program.quality
        self.asked: dict[Key, int] = {}  # how often
        self.pending: dict[Key, set[Test]] = {}
        self.waiting: dict[Test, list[LotState]] = {}  # who waits for each result
        self.bad: dict[Key, int] = {}  # inquiries with a bad result
        self.finished = [0] * len(quality.inquiries)  # lots that the sampling plan has seen
        self.sampled: dict[int, int] = {}  # mg or pieces taken from the lot on each unit
        self.needed: dict[int, tuple[int, ...]] = dict(quality.needed)  # inquiries by operation
        for number, inquiry in enumerate(quality.inquiries):
            if inquiry.chosen == ON_HOLD:
                following = state.operations[inquiry.operation].next
                self.needed[following] = (*self.needed.get(following, ()), number)


def install(state: State) -> None:
    """Take samples, test them, and keep lots from operations that need their results."""
    inquiries = state.program.quality.inquiries
    if not inquiries:
        return
    kept = Laboratory(state)
    state.rules[NAME] = kept
    hooks = state.hooks
    for needing in kept.needed:
        hooks.refusals[needing].append(_waits_for_result)
        hooks.arrives[needing].append(_reject_waiting)
        for number, operation in enumerate(state.operations):
            if operation.recipe == state.operations[needing].recipe:
                hooks.finishes[number].append(partial(_reject_finished, needing))
    for number, inquiry in enumerate(inquiries):
        hooks.jobs[inquiry.test].append(partial(_tested, number))
        if inquiry.chosen != ON_HOLD:
            hooks.finishes[inquiry.operation].append(partial(_sample, number))
    for weighed in dict.fromkeys(i.operation for i in inquiries if i.quantity):
        hooks.rows[weighed].append(_write)
    hooks.becomes.append(_becomes)
    hooks.exits.append(_exit)


def _kept(state: State) -> Laboratory:
    kept = state.rules[NAME]
    assert isinstance(kept, Laboratory)
    return kept


def _sample(number: int, state: State, unit: UnitState, lot: LotState) -> None:
    """Take a sample of a lot that goes on, where the plan says so."""
    if unit.outcome != DONE:
        return
    inquiry, kept = state.program.quality.inquiries[number], _kept(state)
    chance = 1.0
    if inquiry.chosen == BY_CHANCE:
        chance = state.streams.uniform(f"{inquiry.address}/fraction", lot.number, unit.visit)
    kept.finished[number] += 1
    if not is_sampled(kept.finished[number] - 1, inquiry.every, chance, inquiry.fraction):
        return
    taken = min(inquiry.quantity, lot.quantity - unit.scrapped)
    if taken:
        unit.scrapped += taken
        kept.sampled[unit.index] = kept.sampled.get(unit.index, 0) + taken
    ask(state, number, lot)


def ask(state: State, number: int, lot: LotState, waited: int = 0) -> LotState:
    """Bring a sample of a lot to the laboratory; its draws are the lot's own. Returns the job.

    It has `waited` there for so many ns already.
    """
    kept, key = _kept(state), (number, lot.number)
    test = state.program.quality.inquiries[number].test
    job = LotState(-lot.number - 2, NONE, lot.priority, test, 0)
    times = kept.asked.get(key, 0)
    if times:
        job.visits = {test: times}
    kept.asked[key] = times + 1
    kept.pending.setdefault(key, set()).add((*key, times))
    kept.waiting[*key, times] = [lot]
    job.ready = job.arrived = state.now - waited
    join_line(state, job)
    return job


def _tested(number: int, state: State, unit: UnitState, job: LotState) -> None:
    """A result is there; it may be the one that a lot waits for."""
    kept, inquiry = _kept(state), state.program.quality.inquiries[number]
    asked_about = -job.number - 2
    test = (number, asked_about, job.visit)
    is_bad = state.streams.uniform(f"{inquiry.address}/fails", asked_about, job.visit) < inquiry.fails
    for lot in kept.waiting.pop(test):
        key = (number, lot.number)
        if key not in kept.pending:
            continue  # the lot has left
        kept.pending[key].remove(test)
        if not kept.pending[key]:
            del kept.pending[key]
        if is_bad:
            kept.bad[key] = 1
        if lot.operation in kept.needed:
            state.touched.update(state.operations[lot.operation].units)
            if departures.whereabouts(state, lot) in (departures.IN_LINE, departures.ON_UNIT):
                _reject_waiting(state, lot)


def _becomes(state: State, gone: Sequence[LotState], come: Sequence[LotState]) -> None:
    """Results of a lot are those of its parts; a lot has the results of all its parts."""
    kept = _kept(state)
    for test, lots in kept.waiting.items():
        if any(lot in gone and test in kept.pending.get((test[0], lot.number), ()) for lot in lots):
            kept.waiting[test] = [lot for lot in lots if lot not in gone] + list(come)
            for lot in come:
                kept.pending.setdefault((test[0], lot.number), set()).add(test)
    for number in range(len(kept.finished)):
        is_bad = any((number, lot.number) in kept.bad for lot in gone)
        for lot in [lot for lot in gone if lot not in come]:
            kept.pending.pop((number, lot.number), None)
            kept.bad.pop((number, lot.number), None)
        if is_bad:
            kept.bad.update(((number, lot.number), 1) for lot in come)


def _bad(state: State, operation: int, lot: LotState) -> int:
    """The first inquiry with a bad result that an operation needs, or none."""
    kept = _kept(state)
    return next((i for i in kept.needed.get(operation, ()) if (i, lot.number) in kept.bad), NONE)


def _waits_for_result(state: State, unit: UnitState, lot: LotState) -> Reason | None:
    kept = _kept(state)
    for number in kept.needed[lot.operation]:
        if (number, lot.number) in kept.pending:
            return WAITING_QUALITY, state.recorder.cause(state.program.quality.inquiries[number].name)
    return None


def _reject_waiting(state: State, lot: LotState) -> bool:
    """Send a lot out that waits for an operation with a bad result; whether it did."""
    bad = _bad(state, lot.operation, lot)
    if bad != NONE:
        cause = state.recorder.cause(state.program.quality.inquiries[bad].name)
        departures.send_away(state, lot, REJECTED, NONE, cause)
    return bad != NONE


def _reject_finished(needing: int, state: State, unit: UnitState, lot: LotState) -> None:
    """Reject a lot that comes from its unit to want an operation."""
    bad = _bad(state, needing, lot) if lot.operation == needing else NONE
    if bad != NONE:
        state.recorder.remark(
            unit.index, state.recorder.cause(state.program.quality.inquiries[bad].name), NONE
        )
        unit.outcome = REJECTED
        unit.scrapped = lot.quantity
        endings.route(state, unit, lot, state.operations[unit.operation])


def _write(state: State, unit: UnitState, lot: LotState) -> None:
    taken = _kept(state).sampled.pop(unit.index, 0)
    if taken:
        state.recorder.sinks["sampled"][len(state.recorder.lots)] = taken


def _exit(state: State, lot: LotState) -> None:
    kept = _kept(state)
    for number in range(len(kept.finished)):
        for table in (kept.asked, kept.pending, kept.bad):
            table.pop((number, lot.number), None)
