"""One-dimensional population balances, aggregation and breakage, on cell-average sections over many lots.

A size is a volume, anything that adds up when particles join: of solids, say. It is divided into sections
that widen geometrically; all particles of a section stand on its pivot. What is born into a section, from
all processes together, is averaged and shared between the two pivots around the average, so that number and
volume come out exactly and little is smeared: J. Kumar, M. Peglow, G. Warnecke, S. Heinrich, L. Mörl,
"Improved accuracy and convergence of discretized population balance for aggregation: the cell average
technique", Chemical Engineering Science 61 (2006) 3327-3342; aggregation and breakage at once as in J. Kumar,
M. Peglow, G. Warnecke, S. Heinrich, Powder Technology 182 (2008) 81-104.

Nothing is lost at the ends. Particles finer than the lowest pivot leave their volume to the lowest section
and are counted as `finer`, of no volume; they do not break, and join others at the rate of the lowest
section. What outgrows the highest section is kept apart, number and volume, and reacts no more: a caller
must look at it.

This is the array form, for any array library; `kernels.population_balance` is the same for one lot, which
the operations use on NumPy and CuPy. Left out: nucleation and growth by deposition from a solution, which
none of twin's operations has, and sections of other than geometric widths.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

import array_api_compat
import numpy as np

from twin.physics.backend import namespace
from twin.physics.numerics import runge_kutta

FINER = 0  # rows of the state after the sections' numbers
OUTGROWN_NUMBER = 1
OUTGROWN_VOLUME = 2
ACCOUNTS = 3


@dataclass(frozen=True)
class Sections:
    """Sections of volume from `lowest` on, each `ratio` times as wide as the one below, `count` of them.

    >>> grid = Sections(lowest=1.0, ratio=2.0, count=3)
    >>> grid.edges, grid.pivots
    ((1.0, 2.0, 4.0, 8.0), (1.5, 3.0, 6.0))
    """

    lowest: float
    ratio: float
    count: int

    def __post_init__(self) -> None:
        """Raise `ValueError` where the sections do not widen, or are too narrow for so few."""
        if not (self.lowest > 0.0 and self.ratio > 1.0 and self.count > 1):
            raise ValueError("Sections start above 0, each is wider than the one below, and there are two.")
        if self.offsets[0] > self.count:
            raise ValueError(f"{self.count} sections do not span a factor of two.")

    @cached_property
    def edges(self) -> tuple[float, ...]:
        """The `count` + 1 edges."""
        return tuple(self.lowest * self.ratio**i for i in range(self.count + 1))

    @cached_property
    def pivots(self) -> tuple[float, ...]:
        """The sections' middles."""
        return tuple(0.5 * (low + high) for low, high in zip(self.edges, self.edges[1:], strict=False))

    @cached_property
    def offsets(self) -> tuple[int, ...]:
        """How many sections above section i the pivots of i and of i - d add up to, by d."""
        middle = 0.5 * (1.0 + self.ratio)
        return tuple(
            math.floor(math.log(middle * (1.0 + self.ratio**-d)) / math.log(self.ratio) + 1e-12)
            for d in range(self.count)
        )

    @cached_property
    def gaps(self) -> tuple[float, ...]:
        """The sum of the pivots i and i - d less the pivot of the section that it lies in, over pivot i."""
        return tuple(1.0 + self.ratio**-d - self.ratio**s for d, s in enumerate(self.offsets))


def spanning(lowest: float, highest: float, count: int) -> Sections:
    """Return `count` sections from `lowest` to `highest`.

    >>> spanning(1.0, 8.0, 3).ratio
    2.0
    """
    return Sections(lowest, (highest / lowest) ** (1.0 / count), count)


@dataclass(frozen=True)
class Breakage:
    """How particles break: rates by section, (m, n) in 1/s, and what they break into, (m, m, n) each.

    `numbers` of fragments born into section i (second axis) when one particle of section k (first) breaks,
    and their `excess` volume over that of as many particles on pivot i: `fragments` gives both. Lots may
    share one array with a last axis of 1.
    """

    rates: Any
    numbers: Any
    excess: Any


def state_of(sections: Sections, numbers: Any, volumes: Any) -> Any:
    """Return a state, (m + 3, n), of particles of which `numbers` with `volumes` in all lie in each section.

    Both have shape (m, n). What lies below the lowest section belongs to its row.
    """
    xp = namespace(numbers, volumes)
    tables = tables_of(sections, numbers)
    nothing = xp.zeros_like(numbers)
    births = xp.concat([numbers, nothing], axis=0)
    return _shared(tables, births, xp.concat([volumes - tables.pivots * numbers, nothing], axis=0))


def number(state: Any) -> Any:
    """Return the number of all particles, (n,): in sections, finer and outgrown."""
    return sum_of(state[: state.shape[0] - 1, ...])


def volume(sections: Sections, state: Any) -> Any:
    """Return the volume of all particles, (n,): in sections and outgrown."""
    return moment(sections, state, 1) + state[sections.count + OUTGROWN_VOLUME, ...]


def moment(sections: Sections, state: Any, order: float) -> Any:
    """Return the sum of the sections' numbers times the pivots to the power `order`, (n,)."""
    powers = tuple(pivot**order for pivot in sections.pivots)
    numbers = state[: sections.count, ...]
    return sum_of(column(namespace(state), powers, state) * numbers)


def integrate(
    sections: Sections, state: Any, duration: Any, steps: int, meetings: Any, breakage: Breakage
) -> Any:
    """Return the state, (m + 3, n), after `duration`, (n,), in `steps` steps of the Runge–Kutta method of
    order 4.

    `meetings` is the aggregation kernel as a symmetric matrix over sections, (m, m, n), in 1/s per number in
    the state's measure; zeros for none. Steps are fine enough where no section loses more than about its
    number in a step; volume and the balance of numbers hold to rounding for any.
    """
    ordered, tables = by_distance(meetings), tables_of(sections, state)

    def rhs(_: Any, at: Any) -> Any:
        return rates(tables, joining(tables, at, ordered), breaking(at, breakage))

    return runge_kutta.rk4(rhs, state, duration, steps)


Births = tuple[Any, Any, Any]  # numbers born and their excess volume, (2 m, n), and numbers lost, (m + 1, n)


class Tables(NamedTuple):
    """What slopes need of sections, as arrays; `tables_of` gives it.

    `pivots`, `gaps`, distances `to_upper` and `to_lower` pivot, and `halves`, 1/2 for a section with itself:
    of shape (m, 1). Flat, by distance d and section i: the section `lighter` by d, and the pair of which i is
    the lighter; by section, the pair `with_lowest`.
    """

    sections: Sections
    pivots: Any
    gaps: Any
    to_upper: Any
    to_lower: Any
    halves: Any
    lighter: Any
    heavier: Any
    with_lowest: Any


def tables_of(sections: Sections, like: Any) -> Tables:
    """Return the tables of sections, on the device of `like`; places past the end stand for no such pair."""
    xp, m = namespace(like), sections.count
    upper = tuple((sections.ratio - 1.0) * pivot for pivot in sections.pivots)
    lighter, heavier, with_lowest, _ = _indices(m)
    return Tables(
        sections,
        column(xp, sections.pivots, like),
        column(xp, sections.gaps, like),
        column(xp, upper, like),
        column(xp, (sections.pivots[0], *upper[:-1]), like),
        column(xp, (0.5,) + (1.0,) * (m - 1), like),
        *(xp.asarray(each, device=array_api_compat.device(like)) for each in (lighter, heavier, with_lowest)),
    )


@lru_cache(maxsize=16)
def _indices(m: int) -> tuple[Any, Any, Any, Any]:
    """Of `m` sections, which nobody may change: `lighter`, `heavier` and `with_lowest` as in `Tables`, and
    where a matrix over sections has what `by_distance` gives.
    """
    distance, section = (each.ravel() for each in np.indices((m, m)))
    found = (
        np.where(section >= distance, section - distance, m),
        np.where(section + distance < m, distance * m + section + distance, m * m),
        np.arange(m) * (m + 1),
        section * m + np.maximum(section - distance, 0),
    )
    for each in found:
        each.flags.writeable = False
    return found


def by_distance(meetings: Any) -> Any:
    """Return a symmetric matrix over sections, (m, m, n), by distance d (first axis) and section i: its value
    for i and i - d, and anything where i < d.
    """
    xp = namespace(meetings)
    place = xp.asarray(_indices(meetings.shape[0])[-1], device=array_api_compat.device(meetings))
    return xp.reshape(xp.take(_flat(meetings), place, axis=0), meetings.shape)


def joining(tables: Tables, state: Any, meetings: Any) -> Births:
    """Return births and losses by aggregation, with `meetings` by distance, as `by_distance` gives them."""
    xp = namespace(state)
    m = tables.sections.count
    numbers, finer = state[:m, ...], state[m + FINER, ...]
    nothing = xp.zeros_like(numbers[:1, ...])
    lighter = xp.take(xp.concat([numbers, nothing], axis=0), tables.lighter, axis=0)
    met = tables.halves[:, None, :] * meetings * numbers[None, ...] * xp.reshape(lighter, (m, *numbers.shape))
    heavier = xp.take(xp.concat([_flat(met), nothing], axis=0), tables.heavier, axis=0)
    lost = sum_of(met) + sum_of(xp.reshape(heavier, met.shape))
    lowest = xp.take(_flat(meetings), tables.with_lowest, axis=0)
    finer_lost = finer * (sum_of(lowest * numbers) + 0.5 * lowest[0, ...] * finer)
    return *born(tables, met), xp.concat([lost, finer_lost[None, ...]], axis=0)


def born(tables: Tables, met: Any) -> tuple[Any, Any]:
    """Return what is born, numbers and excess volumes of shape (2 m, n), where `met` pairs join.

    `met`, (m, m, n), is the rate at which particles of section i (second axis) join those of i - d, by d
    (first axis), and zero where i < d.
    """
    xp = namespace(met)
    offsets = tables.sections.offsets
    nothing = xp.zeros_like(met[0, ...])
    numbers, excess = xp.concat([nothing, nothing], axis=0), xp.concat([nothing, nothing], axis=0)
    for offset in sorted(set(offsets)):
        first = offsets.index(offset)
        last = first + offsets.count(offset)
        here = met[first:last, ...]
        beyond = tables.pivots * sum_of(here * tables.gaps[first:last, None, :])
        below, above = nothing[:offset, ...], nothing[offset:, ...]
        numbers = numbers + xp.concat([below, sum_of(here), above], axis=0)
        excess = excess + xp.concat([below, beyond, above], axis=0)
    return numbers, excess


def breaking(state: Any, breakage: Breakage) -> Births:
    """Return births and losses by breakage."""
    xp = namespace(state)
    broken = breakage.rates * state[: breakage.rates.shape[0], ...]
    nothing = xp.zeros_like(broken)
    numbers = sum_of(breakage.numbers * broken[:, None, ...])
    excess = sum_of(breakage.excess * broken[:, None, ...])
    lost = xp.concat([broken, nothing[:1, ...]], axis=0)
    return xp.concat([numbers, nothing], axis=0), xp.concat([excess, nothing], axis=0), lost


def rates(tables: Tables, *processes: Births) -> Any:
    """Return the state's rate of change, (m + 3, n), by processes at once."""
    births, excess, lost = processes[0]
    for more in processes[1:]:
        births, excess, lost = births + more[0], excess + more[1], lost + more[2]
    xp = namespace(births)
    outgrown = xp.zeros_like(births[: ACCOUNTS - 1, ...])  # what has outgrown the grid stays
    return _shared(tables, births, excess) - xp.concat([lost, outgrown], axis=0)


def sum_of(terms: Any) -> Any:
    """Return the sum over the first axis, in pairs: an order that depends on its length alone.

    Few large additions, where `sums.ordered_sum` has many small ones.
    """
    while terms.shape[0] > 1:
        half, odd = divmod(terms.shape[0], 2)
        paired = terms[:half, ...] + terms[half : 2 * half, ...]
        terms = namespace(terms).concat([paired, terms[2 * half :, ...]], axis=0) if odd else paired
    return terms[0, ...]


def fragments(sections: Sections, below: Callable[[Any], Any], above: Callable[[Any], Any], like: Any) -> Any:
    """Return `Breakage.numbers` and `Breakage.excess`, (m, m, n), of fragments that are alike at all sizes.

    For a fragment's volume z relative to its parent's, from 0 to 1: `below(z)` is the volume of the fragments
    up to z relative to the parent's, 1 at z = 1, and `above(z)` the number of those above z. They take z of
    shape (m, 1) and give (m, n) or (m, 1). Where `above(0)` is not finite, the fragments of the lowest
    section are as many as their volume makes on its pivot. Arrays are of the library, and on the device, of
    `like`.
    """
    xp = namespace(like)
    m, ratio = sections.count, sections.ratio
    low = column(xp, tuple(2.0 / (1.0 + ratio) * ratio**-d for d in range(m)), like)
    volumes, many = below(low), above(low)
    upper_volumes = xp.concat([xp.ones_like(volumes[:1, ...]), volumes[:-1, ...]], axis=0)
    upper_many = xp.concat([xp.zeros_like(many[:1, ...]), many[:-1, ...]], axis=0)
    nothing = xp.zeros_like(volumes[:1, ...])
    indices = [k - i if i <= k else m for k in range(m) for i in range(m)]
    place = xp.asarray(indices, device=array_api_compat.device(like))

    def matrix(by_distance: Any, lowest: Any) -> Any:
        taken = xp.take(xp.concat([by_distance, nothing], axis=0), place, axis=0)
        spread = xp.reshape(taken, (m, m, by_distance.shape[1]))
        return xp.concat([lowest[:, None, ...], spread[:, 1:, ...]], axis=1)

    pivots = column(xp, sections.pivots, like)
    all_of_them = above(xp.zeros_like(low))
    as_volume = upper_volumes * pivots / sections.pivots[0]
    lowest_many = xp.where(xp.isfinite(all_of_them), all_of_them - upper_many, as_volume)
    numbers = matrix(many - upper_many, lowest_many)
    shares = matrix(upper_volumes - volumes, upper_volumes)
    return numbers, pivots[:, None, ...] * shares - numbers * pivots[None, ...]


def _shared(tables: Tables, births: Any, excess: Any) -> Any:
    """Return the state, or its rate, that births into the sections make: shared between pivots around their
    average.

    `births` and their `excess` volume over the pivots have shape (2 m, n), sections beyond the grid included.
    """
    xp = namespace(births)
    m = tables.sections.count
    nothing = xp.zeros_like(births[:1, ...])
    up = xp.maximum(excess[:m, ...], nothing) / tables.to_upper
    down = xp.maximum(-excess[:m, ...], nothing) / tables.to_lower
    numbers = births[:m, ...] - up - down
    numbers = numbers + xp.concat([nothing, up[:-1, ...]], axis=0)
    numbers = numbers + xp.concat([down[1:, ...], nothing], axis=0)
    beyond = tables.sections.ratio**m * tables.pivots
    outgrown = up[m - 1, ...] + sum_of(births[m:, ...])
    outgrown_volume = beyond[0, ...] * up[m - 1, ...] + sum_of(births[m:, ...] * beyond + excess[m:, ...])
    accounts = xp.stack([down[0, ...], outgrown, outgrown_volume])
    return xp.concat([numbers, accounts], axis=0)


def _flat(matrix: Any) -> Any:
    return namespace(matrix).reshape(matrix, (matrix.shape[0] ** 2, matrix.shape[-1]))


def column(xp: Any, values: tuple[float, ...], like: Any) -> Any:
    """Return numbers as an array of shape (k, 1) of the library `xp`, on the device of `like`."""
    return xp.asarray([[value] for value in values], dtype=xp.float64, device=array_api_compat.device(like))
