"""The coordinates of an emulator: inputs as numbers from -1 to 1 that are as good as independent.

An input that spans more than a factor is taken by its logarithm. Inputs with ranges of their own are scaled
each by itself. Those that come from earlier operations depend on each other (d10, d50 and d90 of one lot),
so that the box of their ranges is mostly empty and partly absurd: each is taken less what a straight line
says of it from those before it, and the box is laid around that. `design` makes spaces, `kernel` has the
same way from inputs to coordinates for one lot.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

WIDE = 2.0  # highest over lowest from which on an input is taken by its logarithm
MARGIN = 0.15  # of the width of a sample, by which the box is wider at either end
NARROWEST = 1e-6  # width of a box, in standard deviations of its input


@dataclass(frozen=True)
class Space:
    """Inputs x by `names` to coordinates: z = (x or log x - `centre`)/`scale`, r = `mixing` z, -1 to 1
    between `low` and `high`. Arrays of shape (d,), `mixing` (d, d) lower triangular with ones on its
    diagonal.
    """

    names: tuple[str, ...]
    logs: npt.NDArray[np.bool_]
    centre: Floats
    scale: Floats
    mixing: Floats
    low: Floats
    high: Floats

    def coordinates(self, inputs: Floats) -> Floats:
        """Return the coordinates, (d, n), of inputs, (d, n); one that has none is NaN."""
        with np.errstate(all="ignore"):
            plain = np.where(self.logs[:, None], np.log(inputs), inputs)
        scaled = (plain - self.centre[:, None]) / self.scale[:, None]
        along = _times(self.mixing, scaled)
        return 2.0 * (along - self.low[:, None]) / (self.high - self.low)[:, None] - 1.0

    def inputs(self, coordinates: Floats) -> Floats:
        """Return the inputs, (d, n), at coordinates, (d, n): `coordinates` inverted."""
        along = 0.5 * (coordinates + 1.0) * (self.high - self.low)[:, None] + self.low[:, None]
        scaled = along.copy()
        for i in range(len(self.names)):
            for k in range(i):
                scaled[i] -= self.mixing[i, k] * scaled[k]
        plain = scaled * self.scale[:, None] + self.centre[:, None]
        return np.where(self.logs[:, None], np.exp(np.where(self.logs[:, None], plain, 0.0)), plain)


def space_of(ranges: Mapping[str, tuple[float, float]], sample: Mapping[str, Floats]) -> Space:
    """Return the space of inputs that vary independently in `ranges`, and of those that `sample` has of lots.

    Raises `ValueError` where an input has no width.
    """
    own, linked = _of_ranges(ranges), _of_sample(sample)
    first, count = len(ranges), len(ranges) + len(sample)
    mixing = np.eye(count)
    mixing[first:, first:] = linked.mixing
    whole = [np.concatenate([getattr(own, f), getattr(linked, f)]) for f in ("logs", "centre", "scale")]
    low, high = (np.concatenate([getattr(own, f), getattr(linked, f)]) for f in ("low", "high"))
    return Space((*ranges, *sample), whole[0].astype(bool), whole[1], whole[2], mixing, low, high)


def _of_ranges(ranges: Mapping[str, tuple[float, float]]) -> Space:
    ends = np.array(list(ranges.values())).reshape(len(ranges), 2)
    for name, (least, most) in ranges.items():
        if not least < most:
            raise ValueError(f"The range of {name} is from {least} to {most}, and has no width.")
    logs = (ends[:, 0] > 0) & (ends[:, 1] > WIDE * ends[:, 0])
    ends[logs] = np.log(ends[logs])
    ones = np.ones(len(ranges))
    centre, scale = 0.5 * (ends[:, 0] + ends[:, 1]), 0.5 * (ends[:, 1] - ends[:, 0])
    return Space(tuple(ranges), logs, centre, scale, np.eye(len(ranges)), -ones, ones)


def _of_sample(sample: Mapping[str, Floats]) -> Space:
    """Each input less its regression on those before it, by Gram and Schmidt."""
    count = len(sample)
    logs = np.array([bool(v.min() > 0 and v.max() > WIDE * v.min()) for v in sample.values()], dtype=bool)
    plain = [np.log(v) if log else v for v, log in zip(sample.values(), logs, strict=True)]
    centre = np.array([float(np.mean(v)) for v in plain])
    scale = np.array([float(np.std(v)) for v in plain])
    for name, width in zip(sample, scale, strict=True):
        if not width > 0:
            raise ValueError(f"All lots have the same {name}: it has no width.")
    scaled = [(v - m) / s for v, m, s in zip(plain, centre, scale, strict=True)]
    mixing = np.eye(count)
    along: list[Floats] = []
    for i, each in enumerate(scaled):
        rest = each.copy()
        for k, before in enumerate(along):
            power = float(np.sum(before * before))
            slope = float(np.sum(rest * before)) / power if power > 1e-12 * each.size else 0.0
            rest -= slope * before
            mixing[i] -= slope * mixing[k]
        along.append(rest)
    low, high = (np.array([float(pick(r)) for r in along]) for pick in (np.min, np.max))
    wider = np.maximum(MARGIN * (high - low), NARROWEST)
    return Space(tuple(sample), logs, centre, scale, mixing, low - wider, high + wider)


def _times(matrix: Floats, columns: Floats) -> Floats:
    """A lower triangular matrix times columns, summed in a written order."""
    product = np.empty_like(columns)
    for i in range(matrix.shape[0]):
        total = matrix[i, 0] * columns[0]
        for k in range(1, i + 1):
            total = total + matrix[i, k] * columns[k]
        product[i] = total
    return product
