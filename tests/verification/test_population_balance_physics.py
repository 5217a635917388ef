"""The published answers of population balances: cases with an exponential start and closed forms."""

import numpy as np
import pytest

from twin.physics.kernels.balance_inputs import inputs_of, sizes_of
from twin.physics.kernels.launch import run
from twin.physics.kernels.population_balance import balance_kernel
from twin.physics.numerics.population_balance import (
    Breakage,
    Sections,
    fragments,
    moment,
    number,
    spanning,
    state_of,
    volume,
)

pytestmark = pytest.mark.verification

STEPS = 800


def exponential(grid):
    edges = np.array(grid.edges)
    edges[0] = 0.0
    return state_of(grid, -np.diff(np.exp(-edges))[:, None], -np.diff((1 + edges) * np.exp(-edges))[:, None])


def solved(grid, duration, meetings, breakage):
    inputs = inputs_of(grid, exponential(grid), np.asarray([duration]), meetings, breakage)
    return run(balance_kernel(grid.count), sizes_of(grid, STEPS), inputs)


def aggregated(grid):
    """Case P1: constant kernel, tau = 10."""
    nothing = np.zeros((grid.count, grid.count, 1))
    return solved(grid, 10.0, nothing + 1.0, Breakage(nothing[0], nothing, nothing))


def broken(grid):
    """Case P3: S = v, b = 2/v', t = 5."""
    rates = np.array(grid.pivots)[:, None]
    law = fragments(grid, lambda z: z * z, lambda z: 2 * (1 - z), rates)
    return solved(grid, 5.0, np.zeros((grid.count, grid.count, 1)), Breakage(rates, *law))


def with_a_pivot_at_one(per_decade, below, above):
    """Sections with a pivot at 1: so many decades below and above."""
    ratio = 10.0 ** (1 / per_decade)
    return Sections(2 / (1 + ratio) * ratio ** (-below * per_decade), ratio, (below + above) * per_decade + 1)


def density_at_one(grid, state):
    at = int(np.argmin(np.abs(np.array(grid.pivots) - 1.0)))
    assert grid.pivots[at] == pytest.approx(1.0, rel=1e-9)
    return state[at, 0] / (grid.edges[at + 1] - grid.edges[at])


def fixed_pivot_second_moment(grid, duration, steps):
    """Kumar and Ramkrishna's fixed pivots, for comparison: each pair's particle is shared for itself."""
    pivots = np.array([*grid.pivots, grid.pivots[-1] * grid.ratio])
    together = (pivots[:-1, None] + pivots[None, :-1]).ravel()
    below = np.searchsorted(pivots, together, side="right") - 1
    inside = below < grid.count
    below, together = below[inside], together[inside]
    upper = (together - pivots[below]) / (pivots[below + 1] - pivots[below])

    def slope(numbers):
        met = 0.5 * np.outer(numbers, numbers).ravel()[inside]
        born = np.bincount(below, met * (1 - upper), grid.count + 1)
        born += np.bincount(below + 1, met * upper, grid.count + 1)
        return born[: grid.count] - numbers * numbers.sum()

    numbers, step = exponential(grid)[: grid.count, 0], duration / steps
    for _ in range(steps):
        first = slope(numbers)
        second = slope(numbers + step / 2 * first)
        numbers = numbers + step * slope(numbers + step / 2 * second)
    return (numbers * pivots[:-1] ** 2).sum()


def test_p1_number_volume_and_second_moment_at_24_sections():
    grid = spanning(1e-4, 1e3, 24)
    state = aggregated(grid)
    assert number(state) == pytest.approx([1 / 6], abs=1e-10)
    assert volume(grid, state) == pytest.approx([1.0], abs=1e-10)
    assert moment(grid, state, 2) == pytest.approx([12.0], rel=0.01)


def test_p1_fixed_pivots_are_a_fifth_off_on_the_same_sections():
    second = fixed_pivot_second_moment(spanning(1e-4, 1e3, 24), 10.0, 200)
    assert second / 12 - 1 == pytest.approx(0.21, abs=0.005)


@pytest.mark.parametrize("per_decade", [12, 24, 48])
@pytest.mark.parametrize(
    ("case", "decades", "exact", "factor"),
    [(aggregated, (5, 3), 0.0235133812, 0.1), (broken, (4, 2), 0.0892350784, 0.5)],
)
def test_density_at_one_is_off_by_the_square_of_the_sections_width(case, decades, exact, factor, per_decade):
    grid = with_a_pivot_at_one(per_decade, *decades)
    error = density_at_one(grid, case(grid)) / exact - 1
    assert abs(error) < factor * (grid.ratio - 1) ** 2


def test_the_exact_densities_at_one():
    assert 4 / 12**2 * np.exp(-2 / 12) == pytest.approx(0.0235133812, abs=5e-11)
    assert 36 * np.exp(-6) == pytest.approx(0.0892350784, abs=5e-11)


def test_p3_number_and_volume():
    grid = spanning(1e-5, 50.0, 24)
    state = broken(grid)
    assert number(state) == pytest.approx([6.0], abs=1e-10)
    assert volume(grid, state) == pytest.approx([1.0], abs=1e-10)
