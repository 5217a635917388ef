"""Units that exchange places: a quadratic assignment.

Up to eight pieces of equipment every permutation is looked at, and the best is the best. With more, SciPy's
fast approximate algorithm (J. T. Vogelstein and others, PLoS ONE 10 (2015) e0121002) proposes arrangements
that are bettered by exchanging two and two until none helps, from several starts and, from what
is found, after kicks that exchange four at once, within the rules of the floor.
That finds good arrangements and proves nothing; the problem is NP-hard. Pure.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from twin.experiment.chance import shuffled
from twin.experiment.layouts.arrangement import Arrangement, Improved, Problem
from twin.experiment.layouts.floor import Array

ALL_UP_TO = 8  # pieces of equipment: 40,320 permutations
STARTS = 10
KICKS = 30  # after each start
_KICKED = 4  # things that change places in a kick

Choice = tuple[int, ...]


def exchanged(problem: Problem, seed: int) -> Improved:
    """The best exchange of places that is found."""
    arrangement = problem.arrangement
    present = tuple(0 for _ in arrangement.items)
    if len(present) <= ALL_UP_TO:
        best, tried = _every(problem)
    else:
        best, tried = _searched(problem, seed)
    moved = {
        item.name: item.places[place]
        for item, place in zip(arrangement.items, best, strict=True)
        if item.places[place] != item.places[0]
    }
    before, after = arrangement.work(present), arrangement.work(best)
    return Improved(before, after, moved, tried, len(present) <= ALL_UP_TO, "exchange")


def assign(flow: Array, metres: Array, seed: int, starts: int = STARTS) -> NDArray[np.int64]:
    """The place of each of n things, the least Σ flow[i, j] · metres[place[i], place[j]] that is found.

    Args:
        flow: (n, n).
        metres: (n, n).
        seed: of the starts.
        starts: how many; the first is that of SciPy's algorithm.

    >>> line = abs(np.subtract.outer(np.arange(3.0), np.arange(3.0)))
    >>> wanted = np.array([[0, 9, 1], [9, 0, 9], [1, 9, 0.0]])
    >>> int(assign(wanted[[1, 0, 2]][:, [1, 0, 2]], line, 1)[0])  # the busiest in the middle
    1
    """
    first = _fast_approximate(flow, metres)
    guesses = [first, *(shuffled(seed, f"experiment/assign/{k}", len(flow)) for k in range(1, starts))]

    def cost(places: Choice) -> float:
        return float((flow * metres[np.ix_(places, places)]).sum())

    found = [
        kicked(tuple(int(p) for p in guess), cost, lambda _: True, seed, k) for k, guess in enumerate(guesses)
    ]
    return np.array(min(found, key=lambda each: each[1])[0], dtype=np.int64)


def kicked(
    start: Choice, cost: Callable[[Choice], float], allowed: Callable[[Choice], bool], seed: int, number: int
) -> tuple[Choice, float, int]:
    """`by_pairs`, then again after kicks of the best that was found; the `number` tells starts apart."""
    best, least, tried = by_pairs(start, cost, allowed)
    size = min(_KICKED, len(start))
    for k in range(KICKS):
        which = shuffled(seed, f"experiment/kick/{number}/{k}", len(start))[:size].tolist()
        other = list(best)
        for a, b in zip(which, which[1:] + which[:1], strict=True):
            other[a] = best[b]
        if not allowed(tuple(other)):
            continue
        found, work, more = by_pairs(tuple(other), cost, allowed)
        tried += more
        if work < least:
            best, least = found, work
    return best, least, tried


def by_pairs(
    start: Choice, cost: Callable[[Choice], float], allowed: Callable[[Choice], bool]
) -> tuple[Choice, float, int]:
    """Exchange two and two as long as one exchange helps, the first that helps at once; what is found, its
    cost and how many were tried.
    """
    best, least, tried = start, cost(start), 0
    improved = True
    while improved:
        improved = False
        for i, j in itertools.combinations(range(len(start)), 2):
            swapped = list(best)
            swapped[i], swapped[j] = swapped[j], swapped[i]
            tried += 1
            now = cost(tuple(swapped))
            if now < least - 1e-9 * abs(least) and allowed(tuple(swapped)):
                best, least, improved = tuple(swapped), now, True
    return best, least, tried


def _slots(problem: Problem) -> list[list[int]]:
    """For each item the number, among its places, of each item's present place; −1 where it does not fit."""
    items = problem.arrangement.items
    return [
        [item.places.index(other.places[0]) if other.places[0] in item.places else -1 for other in items]
        for item in items
    ]


def _allowed(problem: Problem, choice: Sequence[int]) -> bool:
    """Whether all places fit, and all gaps and rules of nearness are kept."""
    arrangement = problem.arrangement
    return (
        min(choice) >= 0
        and all(arrangement.clear(k, place, choice) for k, place in enumerate(choice))
        and arrangement.near_enough(choice, problem.table)
    )


def _every(problem: Problem) -> tuple[Choice, int]:
    slots, arrangement = _slots(problem), problem.arrangement
    count = len(slots)
    best = tuple(0 for _ in slots)
    least, tried = arrangement.work(best), 1
    for order in itertools.permutations(range(count)):
        choice = tuple(slots[k][slot] for k, slot in enumerate(order))
        if min(choice) < 0:
            continue
        tried += 1
        work = arrangement.work(choice)
        if work < least - 1e-9 * abs(least) and _allowed(problem, choice):
            best, least = choice, work
    return best, tried


def _searched(problem: Problem, seed: int) -> tuple[Choice, int]:
    slots, arrangement = _slots(problem), problem.arrangement
    count = len(slots)

    def choice(order: Choice) -> Choice:
        return tuple(slots[k][slot] for k, slot in enumerate(order))

    def cost(order: Choice) -> float:
        chosen = choice(order)
        return arrangement.work(chosen) if min(chosen) >= 0 else float("inf")

    def allowed(order: Choice) -> bool:
        return _allowed(problem, choice(order))

    proposals = [tuple(range(count)), _proposal(arrangement, seed)]
    proposals += [
        tuple(int(k) for k in shuffled(seed, f"experiment/exchange/{n}", count)) for n in range(STARTS)
    ]
    able = [order for order in proposals if allowed(order)]
    found = [kicked(order, cost, allowed, seed, k) for k, order in enumerate(able)]
    best = min(found, key=lambda each: each[1])
    return choice(best[0]), sum(each[2] for each in found)


def _proposal(arrangement: Arrangement, seed: int) -> Choice:
    """SciPy's assignment of first units to present places; what stays where it is, is matched to itself."""
    movers = [int(item.rows[0]) for item in arrangement.items]
    stay = np.flatnonzero(arrangement.fixed >= 0)
    rows = np.concatenate([movers, stay]).astype(np.int64)
    where = np.concatenate([[item.points[0, 0] for item in arrangement.items], arrangement.fixed[stay]])
    matched = np.stack([np.arange(len(movers), len(rows))] * 2, axis=1)
    found = _fast_approximate(
        arrangement.flow[np.ix_(rows, rows)],
        arrangement.metres[np.ix_(where.astype(np.int64), where.astype(np.int64))],
        matched,
    )
    return tuple(int(slot) for slot in found[: len(movers)])


def _fast_approximate(
    flow: Array, metres: Array, matched: NDArray[np.int64] | None = None
) -> NDArray[np.int64]:
    """SciPy's assignment by its algorithm FAQ: the place of each, (n,).

    Without a generator SciPy complains where another program has seeded NumPy's; begun at the barycentre, the
    algorithm draws nothing from it.
    """
    from scipy.optimize import quadratic_assignment

    never_drawn_from = np.random.default_rng(0)
    found = quadratic_assignment(
        flow, metres, method="faq", options={"rng": never_drawn_from, "partial_match": matched}
    )
    return np.asarray(found.col_ind, dtype=np.int64)
