"""The prediction of an emulator for one lot, and the tables that it reads.

`one` is plain scalar code over two rows of shared tables, the lot's inputs, outputs and scratch, so that
Numba compiles it for CPU threads and for a GPU's lanes alike. It knows nothing of other lots, and adds in
one order: a lot's answer is the same to the bit in any batch. `fitting` fills the tables, `emulator` calls
`predict`.
"""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from twin.physics.emulation.polynomials import Terms
from twin.physics.emulation.space import Space
from twin.physics.kernels import launch
from twin.physics.kernels.compiled import compiled

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

HEAD = 8  # numbers at the front of `sizes`
LOTS_A_TASK = 2048
TILE = 64  # points of a process that are taken at once


@dataclass(frozen=True)
class Tables:
    """What the kernel reads. m inputs, of which the first d make the space; k outputs, the last of which is
    the score that tells whether a lot is far enough from where the model does not hold.

    `least`, `most` (m,) of inputs; `coefficients` (terms, k); `logs` (k,) where the logarithm was fitted;
    `floor`, `ceiling` (k,) of outputs, the last `floor` being the score from which on a lot is emulated.
    `processes` are the outputs, (g,), with a Gaussian process of `lengths` (g, d) and `weights` (g, n) at
    `points` (d, n). Lots nearer to a point of `apart`, (f, d), than its `distances`, (f,), are not emulated.
    """

    space: Space
    least: Floats
    most: Floats
    terms: Terms
    coefficients: Floats
    logs: npt.NDArray[np.bool_]
    floor: Floats
    ceiling: Floats
    processes: Integers
    lengths: Floats
    weights: Floats
    points: Floats
    apart: Floats
    distances: Floats

    def packed(self) -> tuple[Integers, Floats]:
        """Return the two rows in which `one` finds everything."""
        space, terms = self.space, self.terms
        head = [
            self.least.size,
            len(space.names),
            terms.parent.size,
            self.logs.size,
            max(1, int(terms.degree.max())),
            self.processes.size,
            self.points.shape[1],
            self.distances.size,
        ]
        sizes = np.concatenate([head, terms.parent, terms.coordinate, terms.degree, self.processes])
        parts = (
            self.least,
            self.most,
            space.logs,
            space.centre,
            space.scale,
            space.mixing,
            space.low,
            space.high,
            self.logs,
            self.floor,
            self.ceiling,
            self.coefficients,
            1.0 / self.lengths,
            self.points,
            self.weights,
            self.apart,
            self.distances,
        )
        numbers = np.concatenate([np.asarray(part, dtype=np.float64).ravel() for part in parts])
        return sizes.astype(np.int64), numbers


def work_of(sizes: Integers) -> int:
    """Return how many numbers of scratch a lot needs."""
    return int(sizes[1] * (1 + max(1, sizes[4])) + max(TILE, sizes[2]))


def predict(sizes: Integers, numbers: Floats, inputs: Floats, threads: int | None = None) -> Floats:
    """Return the outputs, (n, k), for inputs, (n, m): the last is 1 where the lot may be emulated, else 0.

    Threads as `launch.workers` says; the answer is the same for any number of them.
    """
    lots = inputs.shape[0]
    outputs = np.empty((lots, int(sizes[3])))

    def some(first: int) -> None:
        last = min(first + LOTS_A_TASK, lots)
        several(sizes, numbers, inputs, outputs, np.empty(work_of(sizes)), first, last)

    starts = range(0, lots, LOTS_A_TASK)
    workers = launch.workers(len(starts), threads)
    if workers > 1:
        with ThreadPoolExecutor(workers) as pool:
            list(pool.map(some, starts))
    else:
        for first in starts:
            some(first)
    return outputs


@compiled
def one(sizes: Integers, numbers: Floats, inputs: Floats, outputs: Floats, work: Floats) -> None:
    """Predict one lot: a row of inputs, (m,), a row of outputs to fill, (k,), and scratch."""
    m, d, count, k, degrees = sizes[0], sizes[1], sizes[2], sizes[3], sizes[4]
    processes, points, apart = sizes[5], sizes[6], sizes[7]
    a = 2 * m  # where the space begins
    b = a + 5 * d + d * d  # outputs' scales
    c = b + 3 * k  # coefficients
    e = c + count * k  # lengths, points and weights of the processes
    f = e + processes * (d + points) + points * d  # points apart and their distances
    for o in range(k):
        outputs[o] = 0.0
    for i in range(m):
        if not (numbers[i] <= inputs[i] <= numbers[m + i]):
            return
    # Coordinates t, scaled inputs in the scratch behind them.
    for i in range(d):
        plain = math.log(inputs[i]) if numbers[a + i] > 0.5 else inputs[i]
        work[d + i] = (plain - numbers[a + d + i]) / numbers[a + 2 * d + i]
        along = 0.0
        for j in range(i + 1):
            along += numbers[a + 3 * d + i * d + j] * work[d + j]
        low, high = numbers[a + 3 * d + d * d + i], numbers[a + 4 * d + d * d + i]
        work[i] = 2.0 * (along - low) / (high - low) - 1.0
        if not (-1.0 <= work[i] <= 1.0):
            return
    for i in range(apart):
        square = 0.0
        for j in range(d):
            away = work[j] - numbers[f + i * d + j]
            square += away * away
        if math.sqrt(square) <= numbers[f + apart * d + i]:
            return
    # Legendre polynomials of degree 1 and more of each coordinate, over the scaled inputs.
    for i in range(d):
        before, now = 1.0, work[i]
        for p in range(1, degrees + 1):
            work[d + i * degrees + p - 1] = now
            before, now = now, ((2 * p + 1) * work[i] * now - p * before) / (p + 1)
    # Terms, and their share of every output.
    s = d + d * degrees
    for i in range(count):
        if i == 0:
            value = 1.0
        else:
            where = sizes[HEAD + count + i] * degrees + sizes[HEAD + 2 * count + i] - 1
            value = work[s + sizes[HEAD + i]] * work[d + where]
        work[s + i] = value
        weights = numbers[c + i * k : c + i * k + k]
        for o in range(k):
            outputs[o] += weights[o] * value
    # Gaussian processes on what the polynomials leave over.
    for g in range(processes):
        total = 0.0
        for first in range(0, points, TILE):
            several = min(TILE, points - first)
            away = work[s : s + several]
            for i in range(several):
                away[i] = 1.0
            for j in range(d):
                row = e + processes * d + j * points + first
                here, inverse, there = work[j], numbers[e + g * d + j], numbers[row : row + several]
                for i in range(several):
                    step = (here - there[i]) * inverse
                    away[i] += step * step
            row = e + processes * d + (d + g) * points + first
            weights = numbers[row : row + several]
            for i in range(several):
                away[i] = weights[i] / away[i]
            for i in range(several):
                total += away[i]
        outputs[sizes[HEAD + 3 * count + g]] += total
    last = k - 1
    outputs[last] = 1.0 if outputs[last] >= numbers[b + k + last] else 0.0
    for o in range(last):
        value = math.exp(outputs[o]) if numbers[b + o] > 0.5 else outputs[o]
        outputs[o] = min(max(value, numbers[b + k + o]), numbers[b + 2 * k + o])


@compiled
def several(
    sizes: Integers, numbers: Floats, inputs: Floats, outputs: Floats, work: Floats, first: int, last: int
) -> None:
    """Predict lots `first` to `last` - 1, rows of inputs and outputs."""
    for lot in range(first, last):
        one(sizes, numbers, inputs[lot], outputs[lot], work)
