"""Batch operations: a unit takes several lots at once, which share one visit and its duration.

The lot of the lowest number is the unit's lot, by which everything is drawn; the others go with it as mates.
When the work is done each has an outcome of its own, and they leave one after the other in the order of their
numbers: one that finds no place keeps those behind it.
"""

from __future__ import annotations

from twin.engine.codes import STARVED, TIME_OUT
from twin.engine.program import NONE, TRANSPORT
from twin.engine.rules.batching import lots_at_once
from twin.engine.rules.outcomes import SCRAPPED
from twin.engine.simpy_engine import containers, dispatching, endings, moves, starts
from twin.engine.simpy_engine.agenda import schedule
from twin.engine.simpy_engine.batches import NAME, Mate, Together, batches_of
from twin.engine.simpy_engine.hooks import Reason
from twin.engine.simpy_engine.state import Entry, LotState, State, UnitState

CAUSE = "together"


def install(state: State) -> None:
    """Concern the batch operations."""
    hooks = state.hooks
    for number, operation in enumerate(state.operations):
        if operation.batch[1] > 1:
            state.rules.setdefault(NAME, Together())
            hooks.effects[TIME_OUT] = _time_out
            hooks.refusals[number].append(_waits_for_more)
            hooks.claims[number].append(_take_mates)
            hooks.prepares[number].append(_come_from_everywhere)
            hooks.finishes[number].append(_conclude)
            hooks.leaves[number].append(_next_leaves)


def _ready(state: State, unit: UnitState, number: int) -> list[LotState]:
    """The waiting lots that could start, in turn, as far as there are containers for them."""
    operation = state.operations[number]
    others = [refusal for refusal in state.hooks.refusals[number] if refusal is not _waits_for_more]
    clean = state.clean[operation.take] if operation.take != NONE else 0
    found = []
    for lot in dispatching.in_turn(state, unit, number):
        if lot.holder is not None and not moves.may_leave(lot.holder):
            continue
        if any(refusal(state, unit, lot) is not None for refusal in others):
            continue
        if operation.take != NONE and lot.container == NONE:
            if not clean:
                continue
            clean -= 1
        found.append(lot)
    return found


def _waits_for_more(state: State, unit: UnitState, lot: LotState) -> Reason | None:
    """Whether the unit waits for more lots; it looks again when the one that waits longest has waited."""
    number = lot.operation
    least, most, patience = state.operations[number].batch
    ready = _ready(state, unit, number)
    if not ready:
        return STARVED, state.recorder.cause(CAUSE)
    since = min(one.ready for one in ready)
    if lots_at_once(len(ready), least, most, state.now - since, patience):
        return None
    deadlines = batches_of(state).deadlines
    if len(ready) >= least and deadlines.get(number) != since + patience:
        deadlines[number] = since + patience
        state.in_hand += 1
        schedule(state, since + patience - state.now, (TIME_OUT, number, NONE, 0))
    return STARVED, state.recorder.cause(CAUSE)


def _time_out(state: State, entry: Entry) -> None:
    """Effect: lots have waited long enough for others."""
    state.in_hand -= 1
    state.touched.update(state.operations[entry[1]].units)


def _take_mates(state: State, unit: UnitState, lot: LotState) -> None:
    """Take the other lots of the batch as well; the one of the lowest number is the unit's."""
    mates = batches_of(state).mates
    if unit.index in mates:
        return  # a claim for one of them
    number = unit.operation
    operation = state.operations[number]
    most = operation.batch[1]
    lots = [lot, *_ready(state, unit, number)[: most - 1]]
    mates[unit.index] = []
    for mate in lots[1:]:
        starts.fetch(state, mate)
        if operation.take != NONE and mate.container == NONE:
            containers.take(state, mate, operation.take)
        for claim in state.hooks.claims[number]:
            claim(state, unit, mate)
    lots.sort(key=lambda one: one.number)
    unit.lot, unit.visit = lots[0], lots[0].visit
    mates[unit.index] = [Mate(one) for one in lots[1:]]


def begins(state: State, unit: UnitState) -> None:
    """A run begins with a batch in hand: the unit takes no lots but those that `joins` adds."""
    if state.operations[unit.operation].batch[1] > 1:
        batches_of(state).mates[unit.index] = []


def joins(state: State, unit: UnitState, lot: LotState) -> None:
    """A run begins with a lot that is in a unit's batch with others of lower numbers."""
    for claim in state.hooks.claims[unit.operation]:
        claim(state, unit, lot)
    batches_of(state).mates[unit.index].append(Mate(lot))


def _come_from_everywhere(state: State, unit: UnitState, lot: LotState) -> None:
    """The way to the unit is that of the lot which comes from farthest."""
    if state.travel is not None:
        lots = [lot, *(mate.lot for mate in batches_of(state).mates[unit.index])]
        ways = [state.travel[one.place][unit.index] for one in lots if one.place != NONE]
        unit.durations[TRANSPORT] = max(ways, default=0)


def _conclude(state: State, unit: UnitState, lot: LotState) -> None:
    """The unit's lot is done: decide what becomes of the others."""
    mates = batches_of(state).mates[unit.index]
    if any(mate.lot is lot for mate in mates):
        return  # it is one of them
    own = lot, unit.visit, unit.outcome, unit.scrapped, unit.waste
    unit.waste = max(0, unit.waste - lot.quantity)  # what one lot cannot lose, the next one does
    for mate in mates:
        unit.lot, unit.visit = mate.lot, mate.visit
        quantity = mate.lot.quantity
        endings.conclude(state, unit)
        unit.waste = max(0, unit.waste - quantity)
        mate.finished, mate.outcome, mate.scrapped = unit.finished, unit.outcome, unit.scrapped
    unit.lot, unit.visit, unit.outcome, unit.scrapped, unit.waste = own


def _next_leaves(state: State, unit: UnitState, lot: LotState) -> None:
    """One lot has left the unit: the next one is up. If the first was scrapped in hand, so are the rest."""
    mates = batches_of(state).mates.get(unit.index)
    if not mates:
        batches_of(state).mates.pop(unit.index, None)
        return
    mate = mates.pop(0)
    unit.lot, unit.visit, unit.operation = mate.lot, mate.visit, mate.operation
    if mate.finished == NONE:
        mate.lot.place = unit.index
        unit.outcome, unit.scrapped, unit.finished = SCRAPPED, mate.lot.quantity, state.now
        endings.route(state, unit, mate.lot, state.operations[unit.operation])
        moves.leave_plant(state, unit, mate.lot)
    else:
        unit.outcome, unit.scrapped, unit.finished = mate.outcome, mate.scrapped, mate.finished
        moves.show_idle(state, unit)
        state.just_finished.append(unit)


def write_rows(state: State) -> None:
    """Write the rows of the lots that are on units with others when the run ends."""
    rule = state.rules.get(NAME)
    if not isinstance(rule, Together):
        return
    for index, mates in rule.mates.items():
        unit = state.units[index]
        for mate in mates:
            unit.lot, unit.visit, unit.finished = mate.lot, mate.visit, mate.finished
            unit.outcome, unit.scrapped = mate.outcome, mate.scrapped
            endings.write_row(state, unit, left=NONE)
