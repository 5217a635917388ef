"""Transfer by portions: what is done of a lot goes on while the rest of it is worked on.

The visit stays one: one set-up, one draw, one row. Whenever its processing has come to the end of a portion,
that becomes a part of the lot and wants its place; while it finds none, the unit is blocked by it. What is
left at the end of the visit is the last portion, which `splitting` makes a part like any other.
"""

from __future__ import annotations

from twin.engine.codes import BLOCKED, PORTION_DONE
from twin.engine.program import PROCESSING
from twin.engine.recorder import NULL
from twin.engine.rules.parts import left_of, part, parts_of, portion_end
from twin.engine.rules.tanks import moved
from twin.engine.simpy_engine import broker, endings, people, releases, work
from twin.engine.simpy_engine.agenda import schedule
from twin.engine.simpy_engine.assembly import Family, families_of, lose_one
from twin.engine.simpy_engine.hooks import Reason
from twin.engine.simpy_engine.moves import count_work_in_process, rest
from twin.engine.simpy_engine.state import Entry, LotState, State, UnitState

NAME = "portions"


class Portions:
    """What has gone on of the lots in hand, by unit: so many portions, so much of the lot."""

    __slots__ = ("amount", "count", "waiting")

    def __init__(self, units: int) -> None:
        self.count = [0] * units
        self.amount = [0] * units  # mg or pieces
        self.waiting: dict[int, LotState] = {}  # portions that have found no place


def install(state: State) -> None:
    """Concern the operations that hand on portions."""
    hooks = state.hooks
    for number, operation in enumerate(state.operations):
        if operation.portions or operation.portion_each:
            hooks.claims[number].append(_begin)
            hooks.runs[number].append(_runs)
            hooks.paces[number].append(_runs)
            hooks.lacks[number].append(_lacks)
            hooks.rows[number].append(_write)
            hooks.leaves[number].append(_left)
            state.rules[NAME] = Portions(len(state.units))
    if NAME in state.rules:
        hooks.effects[PORTION_DONE] = _done
        hooks.ends.append(_look_for_places)
        hooks.exits.append(_rest_has_gone)


def _kept(state: State) -> Portions:
    kept = state.rules[NAME]
    assert isinstance(kept, Portions)
    return kept


def _begin(state: State, unit: UnitState, lot: LotState) -> None:
    kept = _kept(state)
    kept.count[unit.index] = kept.amount[unit.index] = 0


def _runs(state: State, unit: UnitState) -> None:
    if unit.processes:
        _look_ahead(state, unit, unit.durations[PROCESSING] - unit.remaining)


def _look_ahead(state: State, unit: UnitState, worked: int) -> None:
    """Have the next portion but the last fall due, after `worked` ns of processing at full speed."""
    due = _due(state, unit)
    if due is None:
        return
    whole = unit.durations[PROCESSING]
    time = moved(unit.phase_ends - state.now, max(0, due - worked), whole - worked)
    schedule(state, time, (PORTION_DONE, unit.index, unit.version, 0))


def _due(state: State, unit: UnitState) -> int | None:
    """The processing in ns after which the portion in hand is done; none of the last one."""
    operation, lot = state.operations[unit.operation], unit.lot
    assert lot is not None
    into, each = operation.portions, operation.portion_each
    number = _kept(state).count[unit.index]
    if number + 1 >= parts_of(lot.quantity, into, each):
        return None
    return moved(unit.durations[PROCESSING], portion_end(lot.quantity, into, each, number), lot.quantity)


def _done(state: State, entry: Entry) -> None:
    """Effect: a portion is done, unless the work was halted since."""
    unit = state.units[entry[1]]
    if unit.version != entry[2] or not unit.running:
        return
    due = _due(state, unit)
    assert due is not None
    _hand_on(state, unit)
    _look_ahead(state, unit, due)


def _hand_on(state: State, unit: UnitState) -> None:
    """Make what is done a part of the lot, and let it want its place."""
    kept, lot, operation = _kept(state), unit.lot, state.operations[unit.operation]
    assert lot is not None
    end = portion_end(lot.quantity, operation.portions, operation.portion_each, kept.count[unit.index])
    good = left_of(end, unit.waste, endings.good_fraction(state, unit, lot, operation))
    child = _part(unit, lot, operation.next, max(0, good - kept.amount[unit.index]))
    child.place = unit.index
    kept.count[unit.index] += 1
    kept.amount[unit.index] += child.quantity
    family = families_of(state).setdefault(lot.number, Family(lot))
    family.alive = max(family.alive, 1) + 1  # what is still in hand is one as well
    count_work_in_process(state, 1)
    state.recorder.genealogy.append(
        (state.now, operation.next, NULL, NULL, lot.number, child.number, child.quantity)
    )
    for becomes in state.hooks.becomes:
        becomes(state, [lot], [lot, child])
    releases.come(state, child)
    if state.operations[operation.next].storage < 0:
        rest(state, child)
    else:
        kept.waiting[unit.index] = child


def _part(unit: UnitState, lot: LotState, operation: int, quantity: int) -> LotState:
    child = LotState(part(lot.number, lot.born), lot.order, lot.priority, operation, quantity)
    lot.born += 1
    child.attributes, child.due = lot.attributes, lot.due
    if unit.physics is not None:
        broker.hand_over(unit, child)
    return child


def _look_for_places(state: State) -> None:
    """Halt the units whose portions have found no place; let those go on whose portions have."""
    kept = _kept(state)
    for index, child in list(kept.waiting.items()):
        unit = state.units[index]
        if child not in state.queues[state.operations[child.operation].storage]:
            del kept.waiting[index]
            if not unit.running:
                state.touched.add(index)
        elif unit.running:
            work.halt(state, unit)
            people.hold(state, unit, ())
            state.touched.add(index)


def _lacks(state: State, unit: UnitState) -> Reason | None:
    child = _kept(state).waiting.get(unit.index)
    if child is None:
        return None
    storage = state.operations[child.operation].storage
    return BLOCKED, state.recorder.cause(state.program.storages[storage].name)


def _write(state: State, unit: UnitState, lot: LotState) -> None:
    """What has gone on is not lost with the rest."""
    unit.scrapped = min(unit.scrapped, lot.quantity - _kept(state).amount[unit.index])


def _left(state: State, unit: UnitState, lot: LotState) -> None:
    lot.quantity -= _kept(state).amount[unit.index]


def arriving(state: State, lot: LotState) -> int:
    """What of a lot will come where it goes: that on its unit without scrap and what has gone on."""
    unit = lot.holder
    if unit is None:
        return lot.quantity
    operation = state.operations[unit.operation]
    gone = 0
    if operation.portions or operation.portion_each:
        gone = _kept(state).amount[unit.index]
    return max(0, lot.quantity - gone - unit.scrapped)


def _rest_has_gone(state: State, lot: LotState) -> None:
    """The rest of a lot leaves the plant: its portions no longer wait for it."""
    lose_one(state, lot.number)
