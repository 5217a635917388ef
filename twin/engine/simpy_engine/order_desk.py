"""The order desk: lots that have come in wait there until their release rule lets them in.

When a lot has come in or has left, the desk decides in the next round of the same instant, so that all that
came and went at once is judged together. A hot lot is let in at once, and counts where lots are counted.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Sequence
from functools import partial

from twin.engine.codes import LET_IN
from twin.engine.order_book import CAMPAIGN, CONWIP, DUE, DUE_DATE, KANBAN, LEAST_CHANGEOVER, ReleaseRule
from twin.engine.program import NONE
from twin.engine.recorder import NULL
from twin.engine.rules.dispatching import is_hot
from twin.engine.rules.parts import released_as
from twin.engine.rules.releases import campaign_lots, comes_next, lots_to_let_in, time_until_release
from twin.engine.simpy_engine import releases
from twin.engine.simpy_engine.agenda import schedule
from twin.engine.simpy_engine.dispatching import nominal_changeover
from twin.engine.simpy_engine.state import Entry, LotState, State, UnitState

NAME = "order_desk"


class Desk:
    """The lots of one release rule: those that wait, in their order, and those inside that it counts.

    A lot that was split counts as one until all its parts have gone.
    """

    __slots__ = ("inside", "number", "parts", "pending", "rule", "waiting")

    def __init__(self, number: int, rule: ReleaseRule) -> None:
        self.number, self.rule = number, rule
        self.waiting: list[LotState] = []
        self.inside: set[int] = set()  # lots and parts of lots
        self.parts: dict[int, int] = {}  # how many of each lot that was let in are inside
        self.pending = False  # it will decide at this instant


def install(state: State) -> None:
    """Set up a desk for each release rule that order lines name."""
    desks = [Desk(number, rule) for number, rule in enumerate(state.program.releases)]
    if not desks:
        return
    state.rules[NAME] = desks
    hooks = state.hooks
    hooks.effects[LET_IN] = _decides
    for desk in desks:
        rule = desk.rule
        for line in rule.lines:
            hooks.arrivals[line].append(partial(_comes_in, desk))
        _count(state, desk)
        if rule.rule == DUE_DATE:
            continue
        hooks.exits.append(partial(_has_gone, desk))
        hooks.becomes.append(partial(_becomes, desk))
        for operation in rule.until:
            if rule.rule == KANBAN:
                hooks.claims[operation].append(partial(_is_taken, desk))
            else:
                hooks.leaves[operation].append(partial(_has_left, desk))


def _comes_in(desk: Desk, state: State, lot: LotState) -> bool:
    """Keep a lot that has come in, unless it is hot."""
    if is_hot(lot.priority):
        if desk.rule.rule in (CONWIP, KANBAN):
            _enters(desk, lot)
        kept = False
    else:
        lot.ready = state.now
        insort(desk.waiting, lot, key=partial(_turn, desk.rule))
        state.orders_open += 1
        _count(state, desk)
        kept = True
    if desk.rule.rule == DUE_DATE:
        if kept:
            delay = time_until_release(state.now, lot.due, desk.rule.before)
            _schedule(state, desk, delay, lot.number)
    else:
        _look(state, desk)
    return kept


def _turn(rule: ReleaseRule, lot: LotState) -> tuple[int, int, int]:
    """The order in which waiting lots are let in; where each has a time of its own, the order of numbers."""
    if rule.rule == DUE_DATE:
        return 0, 0, lot.number
    return lot.priority, lot.due if rule.sequence == DUE else lot.ready, lot.number


def _enters(desk: Desk, lot: LotState) -> None:
    whole = released_as(lot.number)
    desk.inside.add(lot.number)
    desk.parts[whole] = desk.parts.get(whole, 0) + 1


def is_inside(state: State, lot: LotState) -> None:
    """A run begins with a lot inside: rules that count lots count it."""
    desks = state.rules.get(NAME)
    for desk in desks if isinstance(desks, list) else ():
        if lot.order in desk.rule.lines and desk.rule.rule != DUE_DATE:
            last = [n for n in desk.rule.until if _recipe(state, n) == _recipe(state, lot.operation)]
            if not last or lot.operation <= last[0]:
                _enters(desk, lot)


def _recipe(state: State, operation: int) -> int:
    return state.operations[operation].recipe


def _has_gone(desk: Desk, state: State, lot: LotState) -> None:
    if lot.number not in desk.inside:
        return
    desk.inside.remove(lot.number)
    whole = released_as(lot.number)
    desk.parts[whole] -= 1
    if not desk.parts[whole]:
        del desk.parts[whole]
        _look(state, desk)


def _has_left(desk: Desk, state: State, unit: UnitState, lot: LotState) -> None:
    _has_gone(desk, state, lot)


def _is_taken(desk: Desk, state: State, unit: UnitState, lot: LotState) -> None:
    """The unit has taken a lot; parts have merged before, because `assembly` is asked before this rule."""
    _has_gone(desk, state, lot)


def _becomes(desk: Desk, state: State, gone: Sequence[LotState], come: Sequence[LotState]) -> None:
    """Count the parts of a lot in its place, or the merged lot in that of its parts."""
    if any(lot.number in desk.inside for lot in gone):
        for lot in come:
            if lot not in gone:
                _enters(desk, lot)
        for lot in gone:
            if lot not in come:
                _has_gone(desk, state, lot)


def _look(state: State, desk: Desk) -> None:
    """Have the desk decide in the next round of this instant."""
    if not desk.pending:
        desk.pending = True
        _schedule(state, desk, 0, NULL)


def _schedule(state: State, desk: Desk, delay: int, lot: int) -> None:
    state.in_hand += 1
    schedule(state, delay, (LET_IN, desk.number, lot, 0))


def _decides(state: State, entry: Entry) -> None:
    """Effect: the desk lets in what it may."""
    desks = state.rules[NAME]
    assert isinstance(desks, list)
    desk: Desk = desks[entry[1]]
    state.in_hand -= 1
    desk.pending = False
    if desk.rule.rule == DUE_DATE:
        lots = [desk.waiting.pop(bisect_left(desk.waiting, entry[2], key=_number))]
    elif desk.rule.rule == CAMPAIGN:
        lots = _campaign(state, desk)
        numbers = {lot.number for lot in lots}
        desk.waiting = [lot for lot in desk.waiting if lot.number not in numbers]
    else:
        count = lots_to_let_in(len(desk.waiting), len(desk.parts), desk.rule.limit)
        lots, desk.waiting[:count] = desk.waiting[:count], []
    if lots:
        for lot in lots:
            _enters(desk, lot)
        state.orders_open -= len(lots)
        _count(state, desk)
        releases.let_in(state, lots)


def _number(lot: LotState) -> int:
    return lot.number


def _campaign(state: State, desk: Desk) -> list[LotState]:
    """The lots of the next campaign, none while the last one is under way."""
    if desk.parts:
        return []
    by_product: dict[int, list[LotState]] = {}
    for lot in desk.waiting:
        by_product.setdefault(_product(state, lot), []).append(lot)
    more = any(_will_release(state, line) for line in desk.rule.lines)
    best: list[LotState] = []
    best_value = 0
    for lots in by_product.values():
        count = campaign_lots(len(lots), desk.rule.size, desk.rule.minimum, more)
        if not count:
            continue
        first = lots[0]
        value = _sequence_value(state, desk.rule, first)
        if not best or comes_next(
            first.priority, value, first.number, best[0].priority, best_value, best[0].number
        ):
            best, best_value = lots[:count], value
    return best


def _will_release(state: State, number: int) -> bool:
    times = state.program.orders[number].times
    return times < 0 or state.releases[number] < times


def _sequence_value(state: State, rule: ReleaseRule, lot: LotState) -> int:
    if rule.sequence != LEAST_CHANGEOVER:
        return _turn(rule, lot)[1]
    total, number = 0, lot.operation
    while number != NONE:
        units = state.operations[number].units
        total += sum(nominal_changeover(state, state.units[index], lot) for index in units)
        number = state.operations[number].next
    return total


def _product(state: State, lot: LotState) -> int:
    return state.program.recipes[state.program.orders[lot.order].recipe].product


def _count(state: State, desk: Desk) -> None:
    entity = state.recorder.entity(f"orders/{desk.rule.name}/waiting")
    state.recorder.levels.append((entity, state.now, len(desk.waiting)))
