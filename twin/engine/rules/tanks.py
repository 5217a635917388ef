"""Tanks: what flows at a constant rate, who may draw and fill, and whose material is taken from a mixture.

Amounts are whole mg and times whole ns. An amount that flows evenly for a time has moved by its share of
that time, rounded down, so that nothing is lost or gained on the way and all of it is there at the end.
"""

from __future__ import annotations

from collections.abc import MutableSequence, Sequence

from twin.engine.rules.calendars import NEVER


def moved(amount: int, elapsed: int, duration: int) -> int:
    """`amount` · `elapsed` / `duration`, rounded down, elapsed ≤ duration; all of it where that is 0.

    By long division in base two, because the product may not fit into 64 bits.
    """
    if elapsed >= duration:
        return amount
    whole, rest = 0, 0
    for bit in range(62, -1, -1):
        whole *= 2
        rest *= 2
        if rest >= duration:
            rest -= duration
            whole += 1
        if (amount >> bit) & 1:
            rest += elapsed
            if rest >= duration:
                rest -= duration
                whole += 1
    return whole


def may_draw(level: int, heel: int, promised: int, amount: int) -> bool:
    """Whether a tank can give `amount` besides what is promised, counting on nothing that is to come."""
    return level - promised - amount >= heel


def may_fill(level: int, volume: int, expected: int, amount: int) -> bool:
    """Whether a tank has room for `amount` besides what is expected, counting on nothing that is to go."""
    return level + expected + amount <= volume


def time_to_move(
    amounts: Sequence[int], elapsed: Sequence[int], durations: Sequence[int], missing: int
) -> int:
    """Time in ns until flows that have gone on for `elapsed` have together moved `missing` more.

    `NEVER` where the first of them ends before: then is the time to look again.
    """
    if len(amounts) == 0:
        return NEVER
    before = 0
    longest = NEVER
    for i in range(len(amounts)):
        before += moved(amounts[i], elapsed[i], durations[i])
        longest = min(longest, durations[i] - elapsed[i])
    low, high = 0, longest
    while low < high:
        middle = (low + high) // 2
        after = 0
        for i in range(len(amounts)):
            after += moved(amounts[i], elapsed[i] + middle, durations[i])
        if after - before >= missing:
            high = middle
        else:
            low = middle + 1
    return low if low < longest else NEVER


def take_from_mixture(parts: Sequence[int], taken: int, shares: MutableSequence[int]) -> None:
    """Write into `shares` how much of each of the `parts` is in `taken`, in proportion and exact in sum."""
    total = 0
    for part in parts:
        total += part
    before = 0
    cumulated = 0
    for i in range(len(parts)):
        cumulated += parts[i]
        until = taken if cumulated == total else moved(taken, cumulated, total)
        shares[i] = until - before
        before = until
