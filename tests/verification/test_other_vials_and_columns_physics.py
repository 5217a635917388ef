"""Other numbers than the published ones, of vials, columns and populations, against other code.

Each reference is written from the equations alone, with SciPy's quadrature, root finding, special functions
and integrators at tight tolerance, and judged at parameters that nobody printed.
"""

import math

import numpy as np
import pytest
from scipy import integrate, optimize, stats

from twin.physics import models
from twin.physics.biologics.protein_a_chromatography import breakthrough
from twin.physics.contract import OK
from twin.physics.fill_finish.freezing import freezing
from twin.physics.fill_finish.primary_drying import fixed_front_duration, primary_drying
from twin.physics.kernels.balance_inputs import inputs_of, sizes_of
from twin.physics.kernels.launch import run
from twin.physics.kernels.population_balance import balance_kernel
from twin.physics.numerics.population_balance import (
    Breakage,
    fragments,
    moment,
    number,
    spanning,
    state_of,
    volume,
)

pytestmark = pytest.mark.verification

HOUR = 3600.0
TORR = 101325.0 / 760.0
# Of a vial, as the field prints it: C, K/min, Torr, mL, g/mL, cm2, cm2 h Torr/g, cal/(s K cm2).
VIALS = {
    "a low pressure and a gentle shelf": (
        -40,
        -18,
        0.5,
        0.05,
        3.0,
        0.08,
        4.71,
        3.80,
        1.1,
        9.0,
        0.0,
        2.0e-4,
        8e-4,
        0.3,
    ),
    "a resistance that levels off": (
        -45,
        -5,
        1.0,
        0.08,
        2.0,
        0.05,
        3.80,
        3.14,
        0.9,
        20.0,
        2.5,
        2.75e-4,
        8.93e-4,
        0.46,
    ),
    "a thick cake": (-50, 0, 0.2, 0.2, 12.0, 0.10, 7.0, 5.7, 2.0, 6.0, 1.0, 3.0e-4, 7e-4, 0.5),
    "a thin cake that dries on the ramp": (
        -35,
        25,
        0.1,
        0.3,
        0.3,
        0.02,
        3.80,
        3.14,
        0.4,
        2.0,
        0.0,
        4e-4,
        9e-4,
        0.4,
    ),
    "no resistance that grows": (-30, 10, 2.0, 0.4, 1.0, 0.2, 2.5, 2.2, 5.0, 0.0, 0.0, 1.5e-4, 5e-4, 0.46),
    "a slow ramp": (-42, -25, 0.05, 0.03, 2.5, 0.15, 4.0, 3.4, 3.0, 30.0, 0.5, 2.5e-4, 9e-4, 0.6),
}


def drying_hours(start, hold, rate, chamber, fill, solute, outer, inner, r0, a1, a2, contact, gas, half):
    """Hours to the last ice, front at the end in C, by LSODA over time; all in the field's units."""
    layer = fill * (1 - solute / 1.5) / 0.918 / inner + fill * solute / 1.5 / inner
    density = fill * (1 - solute / 1.5) / inner / layer
    heat = contact + gas * chamber / (1 + half * chamber)

    def pressure(front):
        return 2.698e10 * math.exp(-6144.96 / front)

    def front_of(dried, shelf):
        resistance = r0 + a1 * dried / (1 + a2 * dried)

        def lacking(front):
            flux = (pressure(front) - chamber) / resistance  # g/(cm2 h)
            bottom = shelf - 678 * flux / 3600 * inner / (heat * outer)
            return bottom - front - 678 * flux / 3600 * (layer - dried) / 0.0059

        balance = 6144.96 / math.log(2.698e10 / chamber)
        if shelf <= balance:
            return balance
        return optimize.brentq(lacking, balance, shelf, xtol=1e-12, rtol=1e-15)

    def growth(hours, state):
        dried = min(max(state[0], 0.0), layer)
        shelf = 273.15 + min(start + rate * 60 * hours, hold)
        resistance = r0 + a1 * dried / (1 + a2 * dried)
        return [(pressure(front_of(dried, shelf)) - chamber) / resistance / density]

    def dry(_, state):
        return state[0] - layer

    dry.terminal = True
    ramp = (hold - start) / rate / 60
    begin = max((6144.96 / math.log(2.698e10 / chamber) - 273.15 - start) / rate / 60, 0.0)
    tight = {"method": "Radau", "rtol": 1e-11, "atol": 1e-13, "events": dry}
    first = integrate.solve_ivp(growth, (begin, ramp), [0.0], **tight)
    end, last = (first.t_events[0], first) if first.t_events[0].size else (None, first)
    if end is None:
        last = integrate.solve_ivp(growth, (ramp, ramp + 1000.0), first.y[:, -1], **tight)
        end = last.t_events[0]
    return float(end[0]), front_of(layer, 273.15 + min(start + rate * 60 * end[0], hold)) - 273.15


@pytest.mark.parametrize("name", VIALS)
def test_primary_drying_of_other_vials(name):
    start, hold, rate, chamber, fill, solute, outer, inner, r0, a1, a2, contact, gas, half = VIALS[name]
    resistance = 1e-4 * HOUR * TORR / 1e-3
    dried = primary_drying(
        {
            "shelf_start": start + 273.15,
            "shelf_hold": hold + 273.15,
            "ramp_rate": rate / 60,
            "chamber_pressure": chamber * TORR,
            "fill_volume": fill * 1e-6,
            "solute_concentration": solute * 1e3,
            "solute_density": 1500.0,
            "vial_area": outer * 1e-4,
            "product_area": inner * 1e-4,
            "resistance_start": r0 * resistance,
            "resistance_slope": a1 * resistance * 100,
            "resistance_bend": a2 * 100,
            "heat_contact": contact * 4.184e4,
            "heat_gas": gas * 4.184e4 / TORR,
            "heat_saturation": half / TORR,
        }
    )
    hours, front = drying_hours(*VIALS[name])
    assert dried.duration / HOUR == pytest.approx([hours], abs=1e-5)
    assert dried.sublimation_temperature - 273.15 == pytest.approx([front], abs=1e-5)


@pytest.mark.parametrize(("front", "chamber"), [(-28.0, 0.08), (-40.0, 0.03), (-20.0, 0.2)])
def test_a_front_held_at_other_temperatures(front, chamber):
    layer, density, r0, a1 = 0.9, 0.87, 2.2, 11.0
    vapour = 2.698e10 * math.exp(-6144.96 / (front + 273.15))
    hours = integrate.quad(lambda x: density * (r0 + a1 * x) / (vapour - chamber), 0, layer)[0]
    resistance = 1e-4 * HOUR * TORR / 1e-3
    given = fixed_front_duration(
        layer * 0.01, density * 1e3, r0 * resistance, a1 * resistance * 100, front + 273.15, chamber * TORR
    )
    assert given / HOUR == pytest.approx(hours, rel=1e-12)


@pytest.mark.parametrize(
    ("rate", "final", "nucleation", "fill"), [(0.5, -45, -8, 2.0), (5.0, -50, -15, 4.0), (0.1, -30, -5, 1.0)]
)
def test_freezing_of_a_lumped_vial(rate, final, nucleation, fill):
    mass, water, conductance = fill * 1e-3, 0.95 * fill * 1e-3, 38 * 3.8e-4
    start, equilibrium = 5.0, -0.5

    def shelf(time):
        return max(start - rate / 60 * time, final)

    def until(temperature, begin, wanted, capacity):
        def there(_, state):
            return state[0] - wanted

        there.terminal, there.direction = True, -1
        answer = integrate.solve_ivp(
            lambda t, y: [conductance * (shelf(t) - y[0]) / (mass * capacity)],
            (begin, begin + 1e6),
            [temperature],
            events=there,
            rtol=1e-10,
            atol=1e-12,
            max_step=30.0,
        )
        return float(answer.t_events[0][0])

    iced = until(start, 0.0, nucleation, 4000.0)
    heat = 333.5e3 * water - mass * 4000 * (equilibrium - nucleation)

    def drawn(time):
        corner = min(max((start - final) / (rate / 60), iced), time)
        early = integrate.quad(lambda t: equilibrium - shelf(t), iced, corner)[0]
        return conductance * (early + (time - corner) * (equilibrium - final)) - heat

    solid = optimize.brentq(drawn, iced, iced + 1e6, xtol=1e-9)
    given = freezing(
        loading_temperature=np.asarray([start + 273.15]),
        shelf_final=final + 273.15,
        cooling_rate=rate / 60,
        nucleation_temperature=nucleation + 273.15,
        freezing_temperature=equilibrium + 273.15,
        solution_mass=mass,
        water_mass=water,
        conductance=conductance,
        liquid_heat_capacity=4000.0,
        frozen_heat_capacity=2000.0,
        closeness=2.0,
    )
    assert given.nucleation == pytest.approx([iced], rel=1e-7)
    assert given.frozen == pytest.approx([solid], rel=1e-7)
    assert given.duration == pytest.approx([until(equilibrium, solid, final + 2.0, 2000.0)], rel=1e-7)


def thomas_time(level, adsorption, desorption, capacity, exchange, feed):
    """Thomas' time after the first liquid, with J(x, y) as the tail of a non-central chi-squared law."""
    units, pace = adsorption * capacity * exchange, adsorption * feed + desorption
    part = desorption / pace

    def beyond(relaxations):
        through = stats.ncx2.sf(2 * part * units, 2, 2 * relaxations)
        rest = stats.ncx2.cdf(2 * units, 2, 2 * part * relaxations)
        odds = rest / through * math.exp((1 - part) * (units - relaxations))
        return 1 / (1 + odds) - level

    return optimize.brentq(beyond, 0.2 * units, 3 * units + 30, xtol=1e-10) / pace


@pytest.mark.parametrize(
    ("adsorption", "desorption", "capacity", "feed"),
    [
        (1.5e-3, 1e-4, 60.0, 1.0),
        (1.5e-3, 1e-4, 60.0, 3.0),
        (8e-4, 4e-5, 90.0, 0.5),
        (3e-3, 6e-4, 45.0, 1.5),
        (4e-4, 2e-5, 120.0, 2.0),
        (2e-3, 2e-2, 30.0, 1.0),
    ],
)
def test_thomas_with_other_kinetics_and_isotherms(adsorption, desorption, capacity, feed):
    dead, exchange, levels = 500.0, 500.0 * 0.4 / 0.6, (0.01, 0.1, 0.5, 0.9)
    expected = np.asarray(
        [thomas_time(level, adsorption, desorption, capacity, exchange, feed) for level in levels]
    )
    given = [adsorption, capacity, exchange, 0.0, desorption, feed, 1.3 * expected[-1], *levels]
    times = breakthrough(np.asarray([given]).T, 200, 800)[:4, 0]
    assert times + dead == pytest.approx(expected + dead, rel=5e-4)


def test_the_capacity_of_a_protein_a_column_is_that_of_thomas():
    titre, adsorption, desorption, capacity = 2.5, 6e-4, 3e-5, 130.0
    velocity, height, porosity = 250e-2 / 3600, 0.2, 0.6
    outcome = models()["protein_a_chromatography"].evaluate(
        {"batch_mass": 400.0, "titre": np.asarray([titre])},
        {"load_velocity": velocity},
        {
            "bed_height": height,
            "porosity": porosity,
            "dispersivity": 0.0,
            "capacity": capacity,
            "adsorption_rate": adsorption,
            "desorption_rate": desorption,
            "wash_desorption_rate": desorption,
        },
    )
    time = thomas_time(0.1, adsorption, desorption, capacity, (1 - porosity) * height / velocity, titre)
    assert list(outcome.status) == [OK]
    assert outcome.attributes["dynamic_binding_capacity"] == pytest.approx(
        [time * velocity / height * titre], rel=1e-3
    )


def exponential(grid):
    edges = np.array(grid.edges)
    edges[0] = 0.0
    return state_of(grid, -np.diff(np.exp(-edges))[:, None], -np.diff((1 + edges) * np.exp(-edges))[:, None])


def balanced(grid, duration, kernel=None, breakage=None):
    nothing = np.zeros((grid.count, grid.count, 1))
    meetings = nothing if kernel is None else kernel
    broken = breakage or Breakage(nothing[0], nothing, nothing)
    inputs = inputs_of(grid, exponential(grid), np.asarray([duration]), meetings, broken)
    return run(balance_kernel(grid.count), sizes_of(grid, 800), inputs)


@pytest.mark.parametrize("tau", [0.5, 3.0, 25.0, 60.0])
def test_aggregation_by_a_constant_kernel_for_other_times(tau):
    grid = spanning(1e-4, 1e4, 48)
    state = balanced(grid, tau, np.ones((grid.count, grid.count, 1)))
    assert number(state) == pytest.approx([2 / (2 + tau)], rel=1e-9)
    assert volume(grid, state) == pytest.approx([1.0], abs=1e-10)
    assert moment(grid, state, 2) == pytest.approx([2 + tau], rel=0.02)


@pytest.mark.parametrize("time", [0.3, 1.0])
def test_aggregation_by_the_sum_of_volumes(time):
    grid = spanning(1e-4, 1e4, 60)
    pivots = np.array(grid.pivots)
    state = balanced(grid, time, (pivots[:, None] + pivots[None, :])[..., None])
    assert number(state) == pytest.approx([math.exp(-time)], rel=0.005)
    assert volume(grid, state) == pytest.approx([1.0], abs=1e-10)
    assert moment(grid, state, 2) == pytest.approx([2 * math.exp(2 * time)], rel=0.05)


@pytest.mark.parametrize("time", [0.7, 2.0, 12.0])
def test_breakage_in_proportion_to_volume_for_other_times(time):
    grid = spanning(1e-5, 50.0, 48)
    rates = np.array(grid.pivots)[:, None]
    law = fragments(grid, lambda z: z * z, lambda z: 2 * (1 - z), rates)
    state = balanced(grid, time, breakage=Breakage(rates, *law))
    assert number(state) == pytest.approx([1 + time], rel=1e-6)
    assert volume(grid, state) == pytest.approx([1.0], abs=1e-10)
    assert moment(grid, state, 2) == pytest.approx([2 / (1 + time)], rel=0.02)
