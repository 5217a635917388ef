"""Materials: stock that operations use up, that deliveries and finished lots fill, and that expires."""

from __future__ import annotations

from twin.engine.codes import DELIVERED, STARVED, STOCK_EXPIRES
from twin.engine.program import NONE
from twin.engine.recorder import NULL
from twin.engine.rules.calendars import NEVER
from twin.engine.rules.materials import lots_to_order, next_to_use
from twin.engine.rules.outcomes import DONE
from twin.engine.simpy_engine.agenda import schedule
from twin.engine.simpy_engine.hooks import Reason
from twin.engine.simpy_engine.people import look_again
from twin.engine.simpy_engine.state import Entry, LotState, State, UnitState

BY_CLOCK, BY_STOCK = 0, 1  # what brought a delivery


class Stock:
    """The lots of one material, side by side: what is left of each, when it came and when it expires."""

    __slots__ = (
        "arrived",
        "came",
        "coming",
        "delivered",
        "deliveries",
        "expires",
        "left",
        "made",
        "on_order",
        "orders",
    )

    def __init__(self) -> None:
        self.delivered: list[int] = []  # number of the delivered lot, or null
        self.made: list[int] = []  # number of the lot that became stock, or null
        self.left: list[int] = []
        self.arrived: list[int] = []
        self.expires: list[int] = []
        self.deliveries = 0  # lots delivered so far
        self.orders = 0  # deliveries by the stock so far
        self.on_order = 0  # mg or pieces
        self.coming = 0  # deliveries under way that are counted in `State.in_hand`
        self.came = 0  # deliveries so far

    @property
    def total(self) -> int:
        """What is in stock."""
        return sum(self.left)


def install(state: State) -> None:
    """Fill the stocks, begin the deliveries, and concern the operations that use up or make a material."""
    if not state.program.materials:
        return
    stocks = [Stock() for _ in state.program.materials]
    state.rules["materials"] = stocks
    state.hooks.effects |= {DELIVERED: _delivered, STOCK_EXPIRES: _expires}
    for number, operation in enumerate(state.operations):
        if operation.bill:
            state.hooks.obstacles[number].append(_lacks)
            state.hooks.claims[number].append(_take)
        if operation.recipe != NONE and state.program.recipes[operation.recipe].makes != NONE:
            state.hooks.leaves[number].append(_becomes_stock)
    for number, material in enumerate(state.program.materials):
        for _ in range(material.stock):
            _put(state, number, material.lot, NULL)
        if material.opening:
            _put(state, number, material.opening, NULL)
        _count(state, number)
        first = material.every if material.first is None else material.first
        if first is not None:
            _expect(state, number, not _endless(state, number))
            schedule(state, state.streams.of(first).nanoseconds(0), (DELIVERED, number, BY_CLOCK, 0))
        _reorder(state, number)


def has_aged(state: State, number: int, age: int) -> None:
    """A run begins with stock that is `age` ns old; what is too old is thrown away at once."""
    stock = _stocks(state)[number]
    stock.arrived = [arrived - age for arrived in stock.arrived]
    stock.expires = [max(state.now, expires - age) for expires in stock.expires]
    for i, expires in enumerate(stock.expires):
        schedule(state, expires - state.now, (STOCK_EXPIRES, number, i + 1, 0))


def _stocks(state: State) -> list[Stock]:
    stocks = state.rules["materials"]
    assert isinstance(stocks, list)
    return stocks


def _put(state: State, number: int, quantity: int, made: int) -> None:
    """Lay a lot down; `made` is the lot that it was, or null for a delivered one."""
    material, stock = state.program.materials[number], _stocks(state)[number]
    stock.delivered.append(stock.deliveries if made == NULL else NULL)
    stock.deliveries += made == NULL
    stock.made.append(made)
    stock.left.append(quantity)
    stock.arrived.append(state.now)
    expires = NEVER if material.shelf_life == NEVER else state.now + material.shelf_life
    stock.expires.append(expires)
    if expires != NEVER:
        schedule(state, material.shelf_life, (STOCK_EXPIRES, number, len(stock.left), 0))


def _count(state: State, number: int) -> None:
    recorder = state.recorder
    entity = recorder.entity(f"material/{state.program.materials[number].name}")
    recorder.levels.append((entity, state.now, _stocks(state)[number].total))


def _lacks(state: State, unit: UnitState, operation: int) -> Reason | None:
    """The first material of the bill of which there is not enough."""
    stocks = _stocks(state)
    for number, amount in state.operations[operation].bill:
        if stocks[number].total < amount:
            return STARVED, state.recorder.cause(state.program.materials[number].name)
    return None


def _take(state: State, unit: UnitState, lot: LotState) -> None:
    """Use up what the bill says, lot by lot, and note from where it came."""
    for number, amount in state.operations[unit.operation].bill:
        stock = _stocks(state)[number]
        while amount:
            i = next_to_use(stock.expires, stock.arrived)
            taken = min(amount, stock.left[i])
            state.recorder.genealogy.append(
                (
                    state.now,
                    unit.operation,
                    number,
                    stock.delivered[i],
                    stock.made[i],
                    lot.number,
                    taken,
                )
            )
            amount -= taken
            stock.left[i] -= taken
            if not stock.left[i]:
                _remove(stock, i)
        _count(state, number)
        _reorder(state, number)


def _remove(stock: Stock, i: int) -> None:
    for column in (stock.delivered, stock.made, stock.left, stock.arrived, stock.expires):
        del column[i]


def _becomes_stock(state: State, unit: UnitState, lot: LotState) -> None:
    """A finished lot that has left its last operation becomes stock."""
    if lot.operation == NONE and unit.outcome == DONE and lot.quantity:
        number = state.program.recipes[state.program.orders[lot.order].recipe].makes
        _put(state, number, lot.quantity, lot.number)
        _count(state, number)
        look_again(state)


def _delivered(state: State, entry: Entry) -> None:
    """Effect: lots are delivered."""
    _, number, reason, count = entry
    _expect(state, number, -(reason != BY_CLOCK or not _endless(state, number)))
    material, stock = state.program.materials[number], _stocks(state)[number]
    if reason == BY_CLOCK:
        _deliver_again(state, number, count + 1)
    else:
        stock.on_order -= count * material.lot
    for _ in range(material.lots if reason == BY_CLOCK else count):
        _put(state, number, material.lot, NULL)
    stock.came += 1
    _count(state, number)
    look_again(state)


def _expect(state: State, number: int, deliveries: int) -> None:
    """So many more deliveries are under way."""
    state.in_hand += deliveries
    _stocks(state)[number].coming += deliveries


def deliveries(state: State) -> tuple[int, int]:
    """How many deliveries have come so far, and how many of what is in hand are still to come."""
    stocks = _stocks(state)
    return sum(stock.came for stock in stocks), sum(stock.coming for stock in stocks)


def _endless(state: State, number: int) -> bool:
    """Whether deliveries by the clock go on for ever: something is always under way, whoever waits for it."""
    material = state.program.materials[number]
    return material.every is not None and material.times in (None, NONE)


def are_awaited(state: State) -> bool:
    """Whether lots wait for a material of which there is too little, and which is delivered for ever."""
    if not state.program.materials:
        return False
    stocks = _stocks(state)
    return any(
        stocks[number].total < amount and _endless(state, number)
        for operation, line in zip(state.operations, state.lines, strict=True)
        if line.lots
        for number, amount in operation.bill
    )


def _deliver_again(state: State, number: int, so_far: int) -> None:
    """Schedule the next delivery by the clock; a given first one leaves all draws of `every` to the rest."""
    material = state.program.materials[number]
    if material.every is None or so_far == material.times:
        return
    used = so_far if material.first is None else so_far - 1
    _expect(state, number, not _endless(state, number))
    delay = state.streams.of(material.every).nanoseconds(used)
    schedule(state, delay, (DELIVERED, number, BY_CLOCK, so_far))


def _reorder(state: State, number: int) -> None:
    """Order more where stock and orders have fallen below the mark."""
    material, stock = state.program.materials[number], _stocks(state)[number]
    lots = lots_to_order(stock.total, stock.on_order, material.below, material.ordered_lots, material.lot)
    if not lots or material.lead_time is None:
        return
    stock.on_order += lots * material.lot
    delay = state.streams.of(material.lead_time).nanoseconds(stock.orders)
    stock.orders += 1
    _expect(state, number, 1)
    schedule(state, delay, (DELIVERED, number, BY_STOCK, lots))


def _expires(state: State, entry: Entry) -> None:
    """Effect: what has reached the end of its shelf life is thrown away."""
    number = entry[1]
    stock = _stocks(state)[number]
    old = [i for i, expires in enumerate(stock.expires) if expires <= state.now]
    for i in reversed(old):
        _remove(stock, i)
    if old:
        _count(state, number)
        _reorder(state, number)
