"""Quantities over time, in bins: lots in the plant and lots leaving, one row for each replication. Pure."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from twin.experiment.arrays import NEVER, Integers, Reals, Windows, codes, integers, level_steps, ordering

_DONE = ("done",)


def lots_in_plant(levels: pa.Table, horizons: Mapping[int, int], edges: Integers) -> Reals:
    """Time-weighted mean of the lots in the plant in each bin.

    Args:
        levels: the record's `levels`.
        horizons: replication → end in ns; those of `levels` must be among them.
        edges: edges of the bins in ns, shape (b + 1,).

    Returns:
        Shape (r, b), one row for each replication of `levels`, in ascending order; 0 after a replication's
        end.
    """
    present = _present(levels, horizons)
    windows = Windows.of({r: (0, horizons[r]) for r in present}) if present else None
    result = np.zeros((len(present), len(edges) - 1))
    if windows is None:
        return result
    row, level, start, end = level_steps(levels, windows, ("wip",))
    end = np.minimum(end, windows.end[row])
    bounds = np.searchsorted(row, np.arange(len(present) + 1))
    # The integral of the level up to each edge is piecewise linear in between: interpolate at the edges.
    for r in range(len(present)):
        mine = slice(bounds[r], bounds[r + 1])
        times = np.concatenate([[0], start[mine], end[mine][-1:]])
        area = np.concatenate([[0.0], np.cumsum(np.concatenate([[0.0], (end - start)[mine] * level[mine]]))])
        result[r] = np.diff(np.interp(edges, times, area[: len(times)])) / np.diff(edges)
    return result


def lots_leaving(lots: pa.Table, horizons: Mapping[int, int], edges: Integers) -> Reals:
    """Good lots that left in each bin, in lots per s; shapes as in `lots_in_plant`.

    A good lot leaves with its last visit: one that is done and that no later visit of the lot follows.
    """
    present = _present(lots, horizons)
    result = np.zeros((len(present), len(edges) - 1))
    if not present:
        return result
    windows = Windows.of({r: (0, horizons[r]) for r in present})
    place, lot = windows.place(lots), integers(lots, "lot")
    left, arrived = integers(lots, "left"), integers(lots, "arrived")
    order = ordering(place, lot, arrived, left)
    place, lot, left = place[order], lot[order], left[order]
    final = np.append((place[1:] != place[:-1]) | (lot[1:] != lot[:-1]), [True] * bool(len(lot))).astype(bool)
    good = final & (left != NEVER) & (codes(lots, "outcome", _DONE)[order] == 0)
    bins = np.searchsorted(edges, left[good], side="left") - 1
    inside = (bins < len(edges) - 1) & (bins >= 0)
    np.add.at(result, (place[good][inside], bins[inside]), 1.0)
    return result / (np.diff(edges) / 1e9)


def _present(table: pa.Table, horizons: Mapping[int, int]) -> list[int]:
    """Replications of a table, in ascending order."""
    return sorted(r for r in table.column("replication").unique().to_pylist() if r in horizons)
