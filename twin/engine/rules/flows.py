"""Flow sections: rates of stations in series with finite buffers, and when the next of them changes.

A lot flows through stations 0, 1, … as a fluid. Between events every rate is constant and every level is
linear; a rate changes only where a buffer fills or runs empty, the lot's last piece leaves a station, or a
station stops or starts. These are the usual semantics of continuous transfer lines: a station behind an
empty buffer runs at most at the rate of the one before it, a station before a full buffer at most at the
rate of the one after it (Y. Dallery, S. B. Gershwin, "Manufacturing flow line systems: a review of models and
analytical results", Queueing Systems 12, 3-94, 1992).

All amounts are whole quanta of the lot as it enters the section, so that nothing is lost on the way and
rejects only scale rates and capacities; rates are whole quanta per ns. `passed[i]` is what station i has
processed of the lot so far, so buffer i, between stations i and i + 1, holds `passed[i] - passed[i + 1]`. An
event falls on the next whole ns, where `advance` holds levels to their bounds: no level is ever outside
them, nothing is summed in floating point, and an event costs a station at most one ns of its time. Plain
loops over sequences, so that a compiled engine can call them.
"""

from __future__ import annotations

from collections.abc import MutableSequence, Sequence

from twin.engine.rules.calendars import NEVER

RUNS, STARVED, BLOCKED = 0, 1, 2  # what a station that could work does

QUANTA_PER_PIECE = 3.6e18  # over the quantum

_MICROS_PER_HOUR = 3.6e9  # millionths per hour, of one per second


def whole_rate(rate: float) -> int:
    """A rate per s in whole millionths per hour: what people write per s, per min or per h is exact."""
    return round(rate * _MICROS_PER_HOUR)


def quantum(rates: Sequence[int], quantity: int) -> int:
    """The greatest common measure of `rates` (millionths per hour) that lets a lot of `quantity` be counted.

    Returns how many millionths per hour one quantum per ns is: never less than `quantity`, so that the lot
    has at most 3.6e18 quanta. Rates without so large a common measure are rounded by `in_quanta`, at most
    half a millionth for each hour that the lot takes.
    """
    common = 0
    for rate in rates:
        a, b = rate, common
        while b:
            a, b = b, a % b
        common = a
    return common if common >= quantity else max(quantity, 1)


def in_quanta(rate: int, unit: int) -> int:
    """A rate in millionths per hour as whole quanta per ns, rounded half up, at least 1."""
    return max(1, (2 * rate + unit) // (2 * unit))


def lot_quanta(quantity: int, unit: int) -> int:
    """A quantity in whole quanta, rounded down: one quantum is `unit` / 3.6e18 of a piece or mg.

    By long division, because the product would not fit into 64 bits.
    """
    quanta = quantity * 36 // unit
    rest = quantity * 36 % unit
    for _ in range(17):
        rest *= 10
        quanta = 10 * quanta + rest // unit
        rest %= unit
    return quanta


def rate_over(quantity: int, duration: int) -> float:
    """The rate per s at which a quantity takes `duration` ns; 0 where it takes no time."""
    return float(quantity) * 1e9 / float(duration) if duration else 0.0


def buffer_quanta(held: float, unit: int, total: int) -> int:
    """What a buffer holds in whole quanta, at most a whole lot of `total`; `held` in pieces or mg."""
    return round(min(held * (QUANTA_PER_PIECE / unit), float(total)))


def pieces(level: int, unit: int, good: float) -> int:
    """Quanta as whole pieces or mg, of which the fraction `good` is still there."""
    return round(float(level) * float(unit) / QUANTA_PER_PIECE * good)


def level_rate(gain: int, unit: int, good: float) -> float:
    """Quanta per ns as good pieces or mg per s."""
    return float(gain) * float(unit) / (QUANTA_PER_PIECE / 1e9) * good


def set_rates(
    nominal: Sequence[int],
    up: Sequence[int],
    capacities: Sequence[int],
    total: int,
    passed: Sequence[int],
    rates: MutableSequence[int],
) -> None:
    """Write into `rates` at what rate each station works: `nominal` where it is up and nothing limits it.

    `capacities[i]` is that of the buffer after station i (one less than there are stations). Before the first
    station lies what is left of the lot's `total`, behind the last one there is always room.
    """
    last = len(nominal) - 1
    for i in range(last + 1):
        rate = nominal[i] if up[i] else 0
        if i == 0:
            if passed[0] >= total:
                rate = 0
        elif passed[i - 1] <= passed[i] and rates[i - 1] < rate:
            rate = rates[i - 1]
        rates[i] = rate
    for i in range(last - 1, -1, -1):
        if passed[i] - passed[i + 1] >= capacities[i] and rates[i + 1] < rates[i]:
            rates[i] = rates[i + 1]


def waits_because(
    station: int, up: Sequence[int], total: int, passed: Sequence[int], rates: Sequence[int]
) -> int:
    """What a station that is up does: it runs, or starves behind a stop, or is blocked before one.

    Where it could be either, as between two stops without a buffer, it starves.
    """
    if rates[station] > 0:
        return RUNS
    i = station
    while i > 0 and passed[i - 1] <= passed[i]:
        i -= 1
        if not up[i]:
            return STARVED
    return STARVED if i == 0 and passed[0] >= total else BLOCKED


def failure_rate(rate: float, working: int, nominal: int) -> float:
    """The rate at which a running clock of failures counts at a station that works at `working` of `nominal`.

    A slowed station ages with its pieces, as the parts of a line of units do: at half its rate, half as fast.
    """
    return rate if working == nominal else rate * working / nominal


def time_to_change(capacities: Sequence[int], total: int, passed: Sequence[int], rates: Sequence[int]) -> int:
    """Time until a buffer is full or empty, or the lot's last piece has entered; `NEVER` where none will be.

    In ns, rounded up.
    """
    soonest = NEVER
    if rates[0] > 0:
        soonest = -((passed[0] - total) // rates[0])
    for i in range(len(rates) - 1):
        gain = rates[i] - rates[i + 1]
        level = passed[i] - passed[i + 1]
        time = soonest
        if gain > 0:
            time = -((level - capacities[i]) // gain)
        elif gain < 0:
            time = -(level // gain)
        if time < soonest:
            soonest = time
    return soonest


def advance(
    capacities: Sequence[int],
    total: int,
    rates: Sequence[int],
    elapsed: int,
    passed: MutableSequence[int],
) -> None:
    """Let the lot flow at constant `rates` for `elapsed` ns, at most `time_to_change`, within all bounds."""
    last = len(rates) - 1
    most = total
    for i in range(last + 1):
        now = passed[i] + rates[i] * elapsed
        most = now if now < most else most
        passed[i] = most
    for i in range(last - 1, -1, -1):
        most = passed[i + 1] + capacities[i]
        if passed[i] > most:
            passed[i] = most
