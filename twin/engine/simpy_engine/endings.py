"""The end of a visit: what becomes of its lot, what is lost of it, and the row that says so.

`work` calls this when the last stretch is done or a failure scraps what is in hand; rules that send lots out
or back use the same parts. How a lot then leaves its unit is in `moves`.
"""

from __future__ import annotations

from twin.engine.program import NONE, Operation
from twin.engine.rules.outcomes import DONE, EXPIRED, REJECTED, REWORK, SCRAPPED, outcome
from twin.engine.rules.parts import left_of
from twin.engine.simpy_engine import broker, containers, moves, people
from twin.engine.simpy_engine.state import LotState, State, UnitState

OUT = (SCRAPPED, REJECTED, EXPIRED)  # outcomes with which a lot is lost whole
OPEN = 4  # of record.OUTCOMES


def conclude(state: State, unit: UnitState) -> None:
    """Decide what becomes of the lot on a unit that is done with it."""
    lot, operation = unit.lot, state.operations[unit.operation]
    assert lot is not None
    lot.place = unit.index
    unit.finished = state.now
    if state.certain[unit.operation]:
        unit.outcome = DONE
        lot.operation = operation.next
    else:
        unit.outcome = decide(state, lot, operation, unit.visit)
        unit.rework_to = operation.rework_to
        for hook in state.hooks.outcomes[unit.operation]:
            unit.outcome = hook(state, unit, lot, unit.outcome)
        route(state, unit, lot, operation)
    weigh(state, unit, lot, operation)
    if unit.physics is not None:
        broker.hand_over(unit, lot)
    if operation.give_back != NONE and unit.outcome != REWORK and lot.container != NONE:
        containers.give_back(state, lot, operation.give_back_dirty)
    for finishes in state.hooks.finishes[unit.operation]:
        finishes(state, unit, lot)
    if lot.operation != NONE:
        for waits in state.hooks.waits[lot.operation]:
            waits(state, lot)


def decide(state: State, lot: LotState, operation: Operation, visit: int) -> int:
    """Outcome of a visit; its draws are addressed, so it can be asked before the visit is over."""
    streams = state.streams
    return outcome(
        streams.uniform(f"{operation.name}/scrap", lot.number, visit),
        operation.scrap,
        streams.uniform(f"{operation.name}/rework", lot.number, visit),
        operation.rework,
        visit,
        operation.rework_limit,
    )


def weigh(state: State, unit: UnitState, lot: LotState, operation: Operation) -> None:
    """What is lost of the lot: waste of start-up and stops, then the yield of physics and recipe."""
    if unit.outcome in OUT:
        unit.scrapped = lot.quantity
        return
    good = 1.0
    if unit.physics is not None or operation.yields is not None:
        good = good_fraction(state, unit, lot, operation)
    unit.scrapped = lot.quantity - left_of(lot.quantity, unit.waste, good)


def good_fraction(state: State, unit: UnitState, lot: LotState, operation: Operation) -> float:
    """The part that physics and recipe leave of the lot in hand, beside waste."""
    good = 1.0 if unit.physics is None else unit.physics[broker.YIELD]
    if operation.yields is not None:
        good *= min(1.0, max(0.0, state.streams.of(operation.yields).value(lot.number, unit.visit)))
    return good


def route(state: State, unit: UnitState, lot: LotState, operation: Operation) -> None:
    """Where the lot goes next; a scrapped, rejected or expired lot goes out."""
    if unit.outcome in OUT:
        lot.operation = NONE
        if lot.container != NONE:
            containers.give_back(state, lot, dirty=True)
    elif unit.outcome == REWORK:
        send_back(lot, unit.operation, unit.rework_to)
    else:
        lot.operation = operation.next


def send_back(lot: LotState, last: int, to: int) -> None:
    """Let a lot go back to `to`: each operation from there up to `last` is visited once more."""
    if lot.visits is None:
        lot.visits = {}
    for again in range(to, last + 1):
        lot.visits[again] = lot.visits.get(again, 0) + 1
    lot.operation = to


def scrap_in_hand(state: State, unit: UnitState) -> None:
    """A failure scraps the lot in hand, which leaves the plant at once."""
    lot = unit.lot
    assert lot is not None
    people.hold(state, unit, ())
    unit.finished = state.now
    unit.outcome = SCRAPPED
    unit.scrapped = lot.quantity
    unit.physics = None
    if unit.section is not None and lot.number >= 0:
        unit.section.lose_lot(state)
    if unit in state.requests:
        state.requests.remove(unit)
    lot.place = unit.index
    if lot.number < 0:  # a container is not scrapped: it is cleaned anew
        lot.ready = state.now
        state.lines[unit.operation].join(lot)
        unit.lot, unit.at_task = None, False
        unit.operation = unit.finished = NONE
        moves.free(state, unit)
        return
    if unit.reserved != NONE:
        state.kept[unit.reserved] -= 1
        state.places.add(unit.reserved)
        people.look_again(state)
        unit.reserved = NONE
    route(state, unit, lot, state.operations[unit.operation])
    moves.leave_plant(state, unit, lot)


def write_row(state: State, unit: UnitState, left: int) -> None:
    """Write the row of the visit in hand; `left` is none where the horizon cuts it."""
    lot = unit.lot
    assert lot is not None
    recorder = state.recorder
    if recorder.attributes:
        write_attributes(state, unit, lot)
    for row in state.hooks.rows[unit.operation]:
        row(state, unit, lot)
    if recorder.remarks:
        recorder.write_remark(unit.index)
    finished = unit.finished
    if finished == NONE:
        outcome, scrapped = OPEN, 0
    else:
        outcome, scrapped = unit.outcome, unit.scrapped
    recorder.lots.append(
        (
            lot.number,
            unit.operation,
            unit.visit,
            unit.index,
            lot.arrived,
            unit.started,
            finished,
            left,
            outcome,
            lot.quantity,
            scrapped,
        )
    )
    lot.quantity -= scrapped


def write_attributes(state: State, unit: UnitState, lot: LotState) -> None:
    """Write what physics and the stops say of the visit."""
    attributes = state.recorder.attributes
    row = len(state.recorder.lots)
    if unit.program.failures or (unit.section is not None and unit.section.fails):
        attributes["stops"][row] = float(unit.stops)
    operation = state.operations[unit.operation]
    starts = [operation.start_up.get(unit.index)]
    if unit.section is not None:
        starts += operation.flows[unit.index].start_up
    stops = [start.stops for start in starts if start is not None and start.stops is not None]
    if stops:
        count = 0.0
        for source in stops:
            count += state.streams.of(source).value(lot.number, unit.visit)
        attributes["start_up_stops"][row] = count
    if unit.physics is not None and unit.finished != NONE:
        for name, value in unit.physics.items():
            if name in attributes:
                attributes[name][row] = value
