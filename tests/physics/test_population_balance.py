"""Population balances on cell-average sections: nothing is lost, and closed forms are approached."""

import array_api_strict
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special
from scipy.integrate import solve_ivp

from twin.physics.kernels.balance_inputs import inputs_of, sizes_of
from twin.physics.kernels.launch import run
from twin.physics.kernels.population_balance import balance_kernel
from twin.physics.numerics.population_balance import (
    FINER,
    OUTGROWN_NUMBER,
    OUTGROWN_VOLUME,
    Breakage,
    Sections,
    fragments,
    integrate,
    moment,
    number,
    spanning,
    state_of,
    volume,
)


def exponential(grid, lots=1):
    """Particles of number density exp(-v), the tiniest with the lowest section."""
    edges = np.array(grid.edges)
    edges[0] = 0.0
    numbers, volumes = -np.diff(np.exp(-edges)), -np.diff((1 + edges) * np.exp(-edges))
    return state_of(grid, np.repeat(numbers[:, None], lots, 1), np.repeat(volumes[:, None], lots, 1))


def unbroken(grid):
    nothing = np.zeros((grid.count, grid.count, 1))
    return Breakage(np.zeros((grid.count, 1)), nothing, nothing)


def in_two(grid, rates):
    """Two fragments, any division of the parent as likely as another."""
    return Breakage(rates, *fragments(grid, lambda z: z * z, lambda z: 2 * (1 - z), rates))


def meeting(grid, rate):
    pivots = np.array(grid.pivots)
    return rate(pivots[:, None], pivots[None, :])[..., None] + np.zeros((grid.count, grid.count, 1))


def after(grid, duration, meetings, breakage, steps=400, state=None):
    """The state by the kernel."""
    state = exponential(grid) if state is None else state
    inputs = inputs_of(grid, state, np.asarray([duration]), meetings, breakage)
    return run(balance_kernel(grid.count), sizes_of(grid, steps), inputs)


def distance(grid, state, density_below):
    """The summed distance of the sections' numbers from those of an exact number of particles below v."""
    edges = np.array(grid.edges)
    edges[0] = 0.0
    exact = np.diff(density_below(edges))
    return np.abs(state[: grid.count, 0] - exact).sum() / exact.sum()


def observed_order(errors):
    return np.log2(np.array(errors[:-1]) / np.array(errors[1:]))


def none(v, w):
    return 0.0 * (v + w)


def test_sections_are_refused_that_do_not_widen_or_do_not_span_a_factor_of_two():
    with pytest.raises(ValueError, match="each is wider"):
        Sections(1.0, 1.0, 8)
    with pytest.raises(ValueError, match="do not span a factor of two"):
        Sections(1.0, 1.01, 8)


@pytest.mark.parametrize("ratio", [1.1, 1.3, 1.5, 1.7, 2.0, 2.5, 4.0])
def test_two_pivots_add_up_to_where_offsets_and_gaps_say(ratio):
    grid = Sections(1.0, ratio, 12)
    edges, pivots = np.array(grid.edges), np.array(grid.pivots)
    for i in range(12):
        for d in range(i + 1):
            together = pivots[i] + pivots[i - d]
            above = i + grid.offsets[d]
            pivot = pivots[0] * ratio**above
            assert edges[0] * ratio**above <= together * (1 + 1e-12) < edges[0] * ratio ** (above + 1)
            assert together - pivot == pytest.approx(grid.gaps[d] * pivots[i], abs=1e-12 * together)


def test_constant_aggregation_keeps_number_and_volume_and_nears_the_exact_sizes_at_order_two():
    errors = []
    for count in (24, 48, 96):
        grid = spanning(1e-5, 200.0, count)
        state = after(grid, 10.0, meeting(grid, lambda v, w: 1.0 + none(v, w)), unbroken(grid), 200)
        assert number(state) == pytest.approx([1 / 6], abs=2e-10)
        assert volume(grid, state) == pytest.approx([1.0], abs=1e-12)
        errors.append(distance(grid, state, lambda v: -np.exp(-v / 6) / 6))
    assert np.all(observed_order(errors) > 1.7)
    assert errors[-1] < 5e-3


def test_steps_are_of_order_four():
    grid = spanning(1e-4, 1e3, 24)
    everywhere = meeting(grid, lambda v, w: 1.0 + none(v, w))
    errors = [
        abs(number(after(grid, 10.0, everywhere, unbroken(grid), steps))[0] - 1 / 6) for steps in (20, 40, 80)
    ]
    assert observed_order(errors) == pytest.approx([4.0, 4.0], abs=0.3)


def test_sum_kernel_comes_to_golovins_solution():
    # N = exp(-t), M2 = 2 exp(2 t), n = (1 - T) exp(-(1 + T) v) I1(2 v sqrt T) / (v sqrt T), T = 1 - exp(-t)
    errors, duration = [], 1.0
    done = 1 - np.exp(-duration)
    fine = np.logspace(-9, 3, 200_001)
    density = (
        (1 - done)
        * np.exp(-((1 - np.sqrt(done)) ** 2) * fine)
        * special.ive(1, 2 * fine * np.sqrt(done))
        / (fine * np.sqrt(done))
    )
    up_to = np.concatenate([[0.0], np.cumsum(0.5 * (density[1:] + density[:-1]) * np.diff(fine))])
    for count in (24, 48, 96):
        grid = spanning(1e-5, 1e3, count)
        state = after(grid, duration, meeting(grid, lambda v, w: v + w), unbroken(grid), 200)
        assert number(state) == pytest.approx([np.exp(-duration)], abs=1e-8)
        assert volume(grid, state) == pytest.approx([1.0], abs=1e-12)
        errors.append(distance(grid, state, lambda v: np.interp(v, fine, up_to)))
    assert np.all(observed_order(errors) > 1.6)
    assert moment(grid, state, 2) == pytest.approx([2 * np.exp(2 * duration)], rel=0.02)


def more_than_at_rate_of_volume(v, t):
    return (1 + t) * np.exp(-(1 + t) * v)


def more_than_at_rate_of_volume_squared(v, t):
    root = np.sqrt(t)
    return np.exp(-v - t * v * v) * (1 + root * np.sqrt(np.pi) * special.erfcx(root * v + 0.5 / root))


@pytest.mark.parametrize(
    ("power", "duration", "more_than"),
    [(1, 5.0, more_than_at_rate_of_volume), (2, 2.0, more_than_at_rate_of_volume_squared)],
)
def test_breakage_in_two_comes_to_ziff_and_mcgradys_solutions(power, duration, more_than):
    # S = v: n = (1 + t)**2 exp(-(1 + t) v); S = v**2: n = (1 + 2 t (1 + v)) exp(-v - t v**2)
    errors = []
    for count in (24, 48, 96):
        grid = spanning(1e-5, 50.0, count)
        rates = np.minimum(np.array(grid.pivots)[:, None] ** power, 100.0)  # larger ones are not there
        state = after(grid, duration, meeting(grid, none), in_two(grid, rates), 400)
        assert volume(grid, state) == pytest.approx([1.0], abs=1e-12)
        errors.append(distance(grid, state, lambda v: -more_than(v, duration)))
    assert np.all(observed_order(errors) > 1.6)
    assert errors[-1] < 5e-3


def test_breakage_in_proportion_to_volume_gains_number_at_the_rate_of_volume():
    grid = spanning(1e-5, 50.0, 24)
    state = after(grid, 5.0, meeting(grid, none), in_two(grid, np.array(grid.pivots)[:, None]))
    assert number(state) == pytest.approx([6.0], abs=1e-10)


def test_aggregation_against_breakage_settles_where_they_balance():
    # dN/dt = 1 - N**2 / 2 for a constant kernel of 1, S = v and volume 1: N = sqrt 2 tanh(t / sqrt 2 + c)
    grid = spanning(1e-5, 200.0, 24)
    everywhere = meeting(grid, lambda v, w: 1.0 + none(v, w))
    state = after(grid, 3.0, everywhere, in_two(grid, np.array(grid.pivots)[:, None]), 800)
    exact = np.sqrt(2) * np.tanh(3 / np.sqrt(2) + np.arctanh(np.sqrt(0.5)))
    assert number(state) == pytest.approx([exact], abs=1e-9)
    assert volume(grid, state) == pytest.approx([1.0], abs=1e-12)


def by_hand(grid, meetings, breakage):
    """The cell-average rates of one lot, pair by pair, as they stand in the paper."""
    m = grid.count
    pivots, edges = np.array([*grid.pivots]), np.array(grid.edges)
    beyond = pivots[-1] * grid.ratio

    def slope(_, state):
        numbers, change = state[:m], np.zeros(m + 3)
        born, volumes = np.zeros(m), np.zeros(m)
        for i in range(m):
            for j in range(i + 1):
                rate = meetings[i, j, 0] * numbers[i] * numbers[j] * (0.5 if i == j else 1.0)
                change[i] -= rate
                change[j] -= rate
                into = np.searchsorted(edges, pivots[i] + pivots[j], side="right") - 1
                if into < m:
                    born[into] += rate
                    volumes[into] += rate * (pivots[i] + pivots[j])
                else:
                    change[m + OUTGROWN_NUMBER] += rate
                    change[m + OUTGROWN_VOLUME] += rate * (pivots[i] + pivots[j])
            change[m + FINER] -= meetings[0, i, 0] * numbers[i] * state[m + FINER]
        change[m + FINER] -= 0.5 * meetings[0, 0, 0] * state[m + FINER] ** 2
        for k in range(m):
            rate = breakage.rates[k, 0] * numbers[k]
            change[k] -= rate
            born += rate * breakage.numbers[k, :, 0]
            volumes += rate * (breakage.numbers[k, :, 0] * pivots + breakage.excess[k, :, 0])
        for i in range(m):
            mean = volumes[i] / born[i] if born[i] else pivots[i]
            near = i + 1 if mean >= pivots[i] else i - 1
            other = {-1: 0.0, m: beyond}.get(near, pivots[near % m])
            share = (mean - pivots[i]) / (other - pivots[i])
            change[i] += born[i] * (1 - share)
            if near == m:
                change[m + OUTGROWN_NUMBER] += born[i] * share
                change[m + OUTGROWN_VOLUME] += born[i] * share * beyond
            else:
                change[near if near >= 0 else m + FINER] += born[i] * share
        return change

    return slope


def test_any_kernel_and_breakage_at_once_agree_with_scipy_on_the_rates_of_the_paper():
    draws = np.random.default_rng(3)
    grid = spanning(0.01, 8.0, 10)
    meetings = draws.uniform(0.2, 2.0, (10, 10, 1))
    meetings = meetings + np.swapaxes(meetings, 0, 1)
    breakage = in_two(grid, draws.uniform(0.0, 1.0, (10, 1)))
    start = exponential(grid)
    reference = solve_ivp(
        by_hand(grid, meetings, breakage), (0, 1.5), start[:, 0], method="DOP853", rtol=1e-11, atol=1e-13
    )
    state = after(grid, 1.5, meetings, breakage, 600)
    assert state[grid.count + OUTGROWN_VOLUME, 0] > 1e-3
    # Averages that change sides leave kinks in time, which fixed steps cross at order two.
    np.testing.assert_allclose(state[:, 0], reference.y[:, -1], rtol=1e-6, atol=1e-9)


@settings(max_examples=30)
@given(
    rate=st.floats(0, 3),
    power=st.floats(0, 1),
    breaks=st.floats(0, 3),
    ratio=st.floats(1.2, 3.0),
    fines=st.sampled_from([0.25, 0.5, 2.0, 3.0]),
)
def test_volume_is_kept_to_rounding_whatever_joins_breaks_or_outgrows_the_grid(
    rate, power, breaks, ratio, fines
):
    grid = Sections(0.05, ratio, 8)
    pivots = np.array(grid.pivots)[:, None]
    many = fines / (fines - 1)

    def above(z):
        with np.errstate(divide="ignore"):  # of the tiniest there may be endlessly many
            return many * (1 - z ** (fines - 1))

    law = fragments(grid, lambda z: z**fines, above, pivots)
    start = exponential(grid)
    meetings = meeting(grid, lambda v, w: rate * (v * w) ** power)
    state = after(grid, 1.0, meetings, Breakage(breaks * pivots**power, *law), 50, start)
    assert volume(grid, state) == pytest.approx(volume(grid, start), rel=1e-12)


def test_what_outgrows_the_grid_is_told():
    grid = spanning(1e-3, 4.0, 16)
    start = exponential(grid)
    state = after(grid, 5.0, meeting(grid, lambda v, w: 1.0 + none(v, w)), unbroken(grid), state=start)
    assert state[grid.count + OUTGROWN_VOLUME, 0] > 0.3
    assert volume(grid, state) == pytest.approx(volume(grid, start), rel=1e-13)
    assert state[grid.count + OUTGROWN_NUMBER, 0] * 4.0 <= state[grid.count + OUTGROWN_VOLUME, 0]


def lots_that_differ(lots, seed=9):
    draws = np.random.default_rng(seed)
    grid = spanning(0.01, 20.0, 12)
    state = exponential(grid, lots) * draws.uniform(0.5, 1.5, (15, lots))
    meetings = draws.uniform(0.0, 1.0, (12, 12, lots))
    meetings = meetings + np.swapaxes(meetings, 0, 1)
    breakage = in_two(grid, draws.uniform(0.0, 1.0, (12, lots)))
    return grid, state, draws.uniform(0.5, 2.0, lots), meetings, breakage


def test_kernel_and_array_form_agree_lot_by_lot_to_rounding():
    grid, state, duration, meetings, breakage = lots_that_differ(7)
    by_arrays = integrate(grid, state, duration, 40, meetings, breakage)
    by_kernel = run(
        balance_kernel(12), sizes_of(grid, 40), inputs_of(grid, state, duration, meetings, breakage)
    )
    # They add in different orders: some hundred additions a step.
    np.testing.assert_allclose(by_kernel, by_arrays, rtol=1e-11, atol=1e-15)


def test_array_form_keeps_lots_apart_bit_for_bit_and_runs_on_any_array_library():
    grid, state, duration, meetings, breakage = lots_that_differ(6)
    whole = integrate(grid, state, duration, 10, meetings, breakage)
    some = [5, 2]
    parts = Breakage(breakage.rates[:, some], breakage.numbers, breakage.excess)
    part = integrate(grid, state[:, some], duration[some], 10, meetings[..., some], parts)
    assert part.tobytes() == whole[:, some].tobytes()
    strict = [array_api_strict.asarray(a) for a in (state, duration, meetings, breakage.rates)]
    law = fragments(grid, lambda z: z * z, lambda z: 2 * (1 - z), strict[3])
    given = integrate(grid, strict[0], strict[1], 10, strict[2], Breakage(strict[3], *law))
    np.testing.assert_allclose(np.asarray(given), whole, rtol=1e-14)
