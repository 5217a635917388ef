"""Units that go to any free place: simulated annealing, then descent.

A move takes one piece of equipment to another of its places, or has two exchange theirs; it must keep all
rules, so every arrangement on the way could be built. Worse ones are accepted as Metropolis does, at a
temperature that falls from the size of a typical change to a thousandth of it. At the end each piece of
equipment goes to its best place in turn until none gains, and what moved for nothing goes back. The numbers
of chance are addressed: equal seeds give equal layouts. Source: S. Kirkpatrick, C. D. Gelatt, M. P. Vecchi,
Science 220 (1983) 671. Pure.
"""

from __future__ import annotations

import math

import numpy as np

from twin.experiment.chance import uniforms
from twin.experiment.layouts.arrangement import Arrangement, Improved, Problem

RESTARTS = 2
MOVES_EACH = 1500  # moves for each piece of equipment and restart
MOST_MOVES = 30_000
COLD = 1e-3  # of the first temperature


def annealed(problem: Problem, seed: int) -> Improved:
    """The best arrangement that is found; the present one where none is better."""
    arrangement = problem.arrangement
    present = [0] * len(arrangement.items)
    before = arrangement.work(present)
    best, least, tried = present, before, 0
    for restart in range(RESTARTS):
        choice, moves = _cooled(problem, seed, restart)
        choice, more = _descended(problem, choice)
        choice = _settled(problem, choice)
        tried += moves + more
        work = arrangement.work(choice)
        if work < least - 1e-9 * abs(least):
            best, least = choice, work
    moved = {
        item.name: item.places[place]
        for item, place in zip(arrangement.items, best, strict=True)
        if place != 0
    }
    return Improved(before, least, moved, tried, False, "free")


def _cooled(problem: Problem, seed: int, restart: int) -> tuple[list[int], int]:
    """One annealing from the present layout: the best arrangement on its way, and how many moves it tried."""
    arrangement = problem.arrangement
    count = len(arrangement.items)
    moves = min(MOVES_EACH * count, MOST_MOVES)
    chances = uniforms(seed, "experiment/layout/annealing", 4 * moves, part=restart).reshape(moves, 4)
    choice = [0] * count
    work = least = arrangement.work(choice)
    best = list(choice)
    warm = _typical_change(arrangement, chances)
    for step, (which, how, where, accept) in enumerate(chances.tolist()):
        changed = _moved(arrangement, choice, which, how, where)
        if changed is None:
            continue
        temperature = warm * COLD ** (step / moves)
        change = _change(arrangement, choice, changed)
        if change > 0 and accept >= math.exp(-change / temperature):
            continue
        if _keeps(problem, changed, choice):
            choice, work = changed, work + change
            if work < least:
                best, least = list(choice), work
    return best, moves


def _change(arrangement: Arrangement, choice: list[int], changed: list[int]) -> float:
    """By how much a move changes the work: alone, what one item has a share in; else all of it."""
    moved = [k for k, (a, b) in enumerate(zip(changed, choice, strict=True)) if a != b]
    if len(moved) > 1:
        return arrangement.work(changed) - arrangement.work(choice)
    where = arrangement.points(choice)
    now = arrangement.work_of(moved[0], choice[moved[0]], where)
    return arrangement.work_of(moved[0], changed[moved[0]], where) - now


def _settled(problem: Problem, choice: list[int]) -> list[int]:
    """Each item back in its present place, where that costs nothing and keeps all rules."""
    arrangement = problem.arrangement
    for number in range(len(choice)):
        back = [*choice[:number], 0, *choice[number + 1 :]]
        gained = arrangement.work(choice) - arrangement.work(back)
        if back != choice and gained >= 0 and _keeps(problem, back, choice):
            choice = back
    return choice


def _moved(
    arrangement: Arrangement, choice: list[int], which: float, how: float, where: float
) -> list[int] | None:
    """The arrangement after a move of chance; None where the move leads nowhere."""
    count = len(arrangement.items)
    first = int(which * count)
    item = arrangement.items[first]
    changed = list(choice)
    if how < 0.25 and count > 1:  # exchange
        second = (first + 1 + int(where * (count - 1))) % count
        other = arrangement.items[second]
        mine, theirs = item.places[choice[first]], other.places[choice[second]]
        if theirs not in item.places or mine not in other.places:
            return None
        changed[first], changed[second] = item.places.index(theirs), other.places.index(mine)
        return changed
    changed[first] = int(where * len(item.places))
    return changed if changed[first] != choice[first] else None


def _keeps(problem: Problem, changed: list[int], choice: list[int]) -> bool:
    """Whether what has moved keeps all rules."""
    arrangement = problem.arrangement
    moved = [k for k, (a, b) in enumerate(zip(changed, choice, strict=True)) if a != b]
    return all(arrangement.clear(k, changed[k], changed) for k in moved) and arrangement.near_enough(
        changed, problem.table
    )


def _typical_change(arrangement: Arrangement, chances: np.ndarray) -> float:
    """The mean size of the change of work that a move of chance makes from the present layout, above 0."""
    choice = [0] * len(arrangement.items)
    work = arrangement.work(choice)
    sizes = []
    for which, how, where, _ in chances[:200].tolist():
        changed = _moved(arrangement, choice, which, how, where)
        if changed is not None:
            sizes.append(abs(arrangement.work(changed) - work))
    return max(float(np.mean(sizes)) if sizes else 0.0, 1e-9)


def _descended(problem: Problem, choice: list[int]) -> tuple[list[int], int]:
    """Each item in its best place while the others stand, in turn, until none gains; and how many were
    tried.
    """
    arrangement = problem.arrangement
    tried, gained = 0, True
    while gained:
        gained = False
        for number, item in enumerate(arrangement.items):
            where = arrangement.points(choice)
            works = [arrangement.work_of(number, place, where) for place in range(len(item.places))]
            tried += len(works)
            for place in np.argsort(works, kind="stable").tolist():
                if works[place] >= works[choice[number]] - 1e-9 * abs(works[choice[number]]):
                    break
                changed = [*choice[:number], place, *choice[number + 1 :]]
                if _keeps(problem, changed, choice):
                    choice, gained = changed, True
                    break
    return choice, tried
