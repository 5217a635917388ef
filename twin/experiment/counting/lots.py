"""Sums over whole lots: those that left, their times and quantities, and how they ended. Pure."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from twin.experiment.arrays import NEVER, Integers, Mask, Windows, counts, exact_sums, real_sums
from twin.experiment.lots import DONE, EXPIRED, LOST, REJECTED, SCRAPPED, Visits
from twin.experiment.sums import NONE, PERCENT

Counted = dict[str, NDArray[Any]]

FINAL = (DONE, SCRAPPED, REJECTED, EXPIRED)  # outcomes with which lots that were let in leave


def wide(totals: list[int]) -> NDArray[Any]:
    """Python's integers as an array that keeps them.

    >>> wide([10**30]).tolist() == [10**30]
    True
    """
    found = np.empty(len(totals), dtype=object)
    found[:] = totals
    return found


def count_lots(visits: Visits, windows: Windows) -> Counted:
    """What is counted by lot, arrays of shape (r,)."""
    n = len(windows.replications)
    place, out = visits.place[visits.first], visits.left[visits.last]
    outcome = visits.outcome[visits.last]
    inside = (out != NEVER) & windows.holds(place, out)
    good = inside & (outcome == DONE)
    gone = inside & (outcome != LOST)
    last = np.zeros(n, dtype=np.int64)
    np.maximum.at(last, place[inside], out[inside])
    times = np.add.reduceat(visits.left - visits.arrived, visits.first)[gone]
    return {
        "finished": counts(place[good], n),
        "last_left": last,
        "inside": wide(exact_sums(place[gone], times, n)),
        **_output(visits, good, place, n),
        **_lead_times(visits, good, place, n),
        **_delivery(visits, windows, good, place, n),
        **_quality(visits, windows, inside & np.isin(outcome, FINAL), place, n),
    }


def _output(visits: Visits, good: Mask, place: Integers, n: int) -> Counted:
    """Good quantity of the lots that left, and how many lots are counted in which unit."""
    final = visits.last
    in_pieces = visits.in_pieces[final]
    found: Counted = {}
    for unit, kind in (("mg", ~in_pieces), ("pieces", in_pieces)):
        found[f"lots_in_{unit}"] = counts(place[kind], n)
        keep = good & kind
        found[f"good_{unit}"] = np.array(exact_sums(place[keep], visits.good[final][keep], n), np.int64)
    return found


def _lead_times(visits: Visits, good: Mask, place: Integers, n: int) -> Counted:
    """Sum and quantiles of the time from release to leaving, and the waiting, over the good lots that
    left.
    """
    where, finished = place[good], counts(place[good], n)
    lead = (visits.left[visits.last] - visits.arrived[visits.first])[good]
    order = np.lexsort((lead, where))
    first = np.concatenate([[0], np.cumsum(finished)[:-1]])
    quantiles = np.full((n, len(PERCENT)), NONE)
    some = finished > 0
    for k, percent in enumerate(PERCENT):
        rank = np.maximum(-(-finished * percent // 100) - 1, 0)  # the ⌈qn⌉-th smallest, from 0
        quantiles[some, k] = lead[order][(first + rank)[some]]
    mine = np.repeat(good, visits.last - visits.first + 1) & (visits.started != NEVER)
    waiting = exact_sums(visits.place[mine], (visits.started - visits.arrived)[mine], n)
    return {
        "lead_time": wide(exact_sums(where, lead, n)),
        "lead_quantiles": quantiles,
        "waiting": wide(waiting),
    }


def _delivery(visits: Visits, windows: Windows, good: Mask, place: Integers, n: int) -> Counted:
    """Lots with due dates, those due in the window, and how they were delivered."""
    due, out = visits.due[visits.first], visits.left[visits.last]
    dated = due != NEVER
    asked = dated & windows.holds(place, due)
    on_time = asked & (out <= due) & (visits.outcome[visits.last] == DONE)
    delivered = good & dated
    late = np.maximum(out - due, 0)[delivered]
    return {
        "dated": counts(place[dated], n),
        "asked": counts(place[asked], n),
        "on_time": counts(place[on_time], n),
        "delivered": counts(place[delivered], n),
        "late": wide(exact_sums(place[delivered], late, n)),
    }


def _quality(visits: Visits, windows: Windows, left: Mask, place: Integers, n: int) -> Counted:
    """Lots released and lost, lots that left, and what of them was good; visits that went back."""
    first, last = visits.first, visits.last
    outcome = visits.outcome[last]
    released = windows.holds(place, visits.arrived[first])
    lost = released & (outcome == LOST)
    weighed = left & (visits.in_pieces[first] == visits.in_pieces[last]) & (visits.quantity_in[first] > 0)
    share = visits.good[last] / np.maximum(visits.quantity_in[first], 1)
    clean = left & (outcome == DONE) & ~visits.reworked()
    return {
        "released": counts(place[released], n),
        "lost": counts(place[lost], n),
        "left": counts(place[left], n),
        "clean": counts(place[clean], n),
        "weighed": counts(place[weighed], n),
        "yields": real_sums(place[weighed], share[weighed], n),
    }
