"""Utilities: who may draw, how what is short is shared, and when a storage is full, empty or full enough.

Rates are whole counts; contents are counts times ns. A speed is a fraction `p / q` of full speed, both below
2**31, so that a time of work can be multiplied by it in 64 bits.
"""

from __future__ import annotations

from collections.abc import MutableSequence, Sequence

from twin.engine.rules.calendars import NEVER

MOST = 2**31 - 1
IMPOSSIBLE = -1


def rate_for_amount(amount: float, duration: int, per_second: float) -> int:
    """The rate in counts that amounts to `amount` in SI over `duration` ns, rounded; 0 over no time.

    `per_second` counts are one SI unit per s.
    """
    if duration <= 0:
        return 0
    return round(amount / (duration * 1e-9) * per_second)


def at_speed(number: int, p: int, q: int) -> int:
    """`number` · p / q, rounded down; p ≤ q, both below 2**31."""
    return number // q * p + number % q * p // q


def time_at_speed(work: int, p: int, q: int) -> int:
    """Time in ns that `work` ns of full speed take at p / q of it, rounded up; `NEVER` where too long."""
    whole = work // p
    if whole > 0 and q > NEVER // (whole + 1):
        return NEVER
    return whole * q + (work % p * q + p - 1) // p


def share_out(
    users: Sequence[int],
    utilities: Sequence[int],
    rates: Sequence[int],
    limits: Sequence[int],
    p: MutableSequence[int],
    q: MutableSequence[int],
    draws: MutableSequence[int],
) -> None:
    """Share what is short: write the speed p / q of each user, and the rate drawn of each utility.

    User `users[i]` draws `utilities[i]` at `rates[i]` at full speed. Among the users of a utility that is
    short all have the same speed, save those that another utility slows more: what these leave is for the
    others (max-min fairness by progressive filling: D. Bertsekas, R. Gallager, "Data Networks", 2nd ed.,
    section 6.5.2). A utility that is short is drawn at exactly its limit.
    """
    for u in range(len(p)):
        p[u] = 0
        q[u] = 1
    for j in range(len(limits)):
        draws[j] = 0  # of users whose speed is known
    short = [False] * len(limits)
    while True:
        best, best_speed, best_demand = -1, 1.0, 0
        for j in range(len(limits)):
            if short[j]:
                continue
            demand = 0
            for i in range(len(users)):
                if utilities[i] == j and p[users[i]] == 0:
                    demand += rates[i]
            if demand > 0 and draws[j] + demand > limits[j]:
                speed = max(limits[j] - draws[j], 0) / demand
                if best < 0 or speed < best_speed:
                    best, best_speed, best_demand = j, speed, demand
        if best < 0:
            break
        above, below = max(limits[best] - draws[best], 1), best_demand
        while below > MOST:
            above, below = max(above // 2, 1), below // 2
        a, b = above, below
        while b:
            a, b = b, a % b
        short[best] = True
        for i in range(len(users)):
            if utilities[i] == best and p[users[i]] == 0:
                p[users[i]] = -(above // a)  # negative until all of its draws are counted
                q[users[i]] = below // a
        for i in range(len(users)):
            u = users[i]
            if p[u] < 0:
                draws[utilities[i]] += at_speed(rates[i], -p[u], q[u])
        for u in range(len(p)):
            p[u] = abs(p[u])
        draws[best] = limits[best]
    for i in range(len(users)):
        u = users[i]
        if p[u] == 0:
            draws[utilities[i]] += rates[i]
    for u in range(len(p)):
        if p[u] == 0:
            p[u] = 1


def draw_limit(capacity: int, volume: int, level: int, generation: int) -> int:
    """The most that can be drawn now: with an empty storage, no more than is generated."""
    return generation if volume > 0 and level <= 0 and generation < capacity else capacity


def storage_gain(volume: int, level: int, generation: int, drawn: int) -> int:
    """The rate at which the content of a storage changes; a full one is filled no further."""
    if volume <= 0 or (level >= volume and generation > drawn):
        return 0
    return generation - drawn


def time_to_level(level: int, goal: int, change: int) -> int:
    """Time in ns until `level`, changing at the rate `change`, has come to `goal`, rounded up; or `NEVER`."""
    missing = goal - level
    if missing > 0 and change > 0:
        return (missing + change - 1) // change
    if missing < 0 and change < 0:
        return -(missing // -change)
    return NEVER


def level_after(level: int, volume: int, change: int, elapsed: int) -> int:
    """The content after `elapsed` ns, at most `time_to_level` of its bounds; never outside them."""
    now = level + change * elapsed
    return min(max(now, 0), volume)


def needed_level(volume: int, generation: int, rates: Sequence[int], left: Sequence[int]) -> int:
    """What a storage must hold now for users to draw at `rates` for `left` ns each without emptying it.

    `IMPOSSIBLE` where even a full one would run empty. From the last end backwards: before each end the
    storage must hold what it must hold after it, and what is drawn in between beyond what is generated.
    """
    needed = 0
    end = 0
    for time in left:
        end = max(end, time)
    while end > 0:
        start = 0
        drawn = 0
        for i in range(len(left)):
            if left[i] >= end:
                drawn += rates[i]
            elif left[i] > start:
                start = left[i]
        lost = drawn - generation
        if lost > 0 and end - start > (volume - needed) // lost:
            return IMPOSSIBLE
        if lost < 0 and end - start > needed // -lost:
            needed = 0
        else:
            needed += lost * (end - start)
        end = start
    return needed
