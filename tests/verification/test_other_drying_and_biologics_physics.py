"""Other numbers than the published ones, of drying, biologics and cleaning, against other code.

Each reference is written from the equations alone, with SciPy's quadrature, root finding, special functions
and integrators at tight tolerance, and judged at parameters that nobody printed.
"""

import itertools
import math

import numpy as np
import pytest
from scipy import integrate, optimize, stats

from twin.physics import models
from twin.physics.contract import OK
from twin.physics.fill_finish.cleaning_in_place import left_in_system, rinsed

pytestmark = pytest.mark.verification

HOUR = 3600.0


def vapour(celsius):
    return 611.21 * math.exp((18.678 - celsius / 234.5) * celsius / (257.14 + celsius))


@pytest.mark.parametrize(
    ("inlet", "humidity", "air", "mass", "moisture", "end", "critical", "efficiency"),
    [
        (75.0, 0.012, 0.6, 60.0, 0.42, 0.03, 0.15, 1.0),
        (45.0, 0.004, 2.2, 300.0, 0.25, 0.04, 0.08, 0.8),
        (90.0, 0.002, 1.1, 120.0, 0.12, 0.025, 0.20, 0.9),
        (60.0, 0.008, 1.0, 100.0, 0.30, 0.15, 0.10, 1.0),
    ],
)
def test_fluid_bed_drying_in_other_air(inlet, humidity, air, mass, moisture, end, critical, efficiency):
    def saturated(t):
        return 0.62198 * vapour(t) / (101325 - vapour(t))

    def heat(t, y):
        return 1006 * t + y * (2.501e6 + 1860 * t)

    wet = optimize.brentq(
        lambda t: heat(t, saturated(t)) - heat(inlet, humidity) - (saturated(t) - humidity) * 4186 * t,
        0.0,
        inlet,
        xtol=1e-12,
    )
    rate = efficiency * air * (saturated(wet) - humidity)
    wetness = 0.7 * humidity * 101325 / (0.62198 + humidity) / vapour(inlet)
    equilibrium = 0.025 * 14 * wetness / ((1 - wetness) * (1 - wetness + 14 * wetness))
    corners = [critical] if end < critical < moisture else None
    seconds = integrate.quad(
        lambda x: mass / rate / min(1.0, (x - equilibrium) / (critical - equilibrium)),
        end,
        moisture,
        points=corners,
        epsrel=1e-12,
    )[0]
    capacity = mass * (1100 + 4186 * moisture)
    brought = air * (1006 + 1860 * humidity)
    warming = capacity / brought * math.log((inlet - 10) / (inlet - wet)) if wet > 10 else 0.0
    outcome = models()["fluid_bed_drying"].evaluate(
        {
            "batch_mass": mass,
            "moisture": moisture,
            "critical_moisture": critical,
            "gab_monolayer": 0.025,
            "gab_guggenheim": 14.0,
            "gab_multilayer": 0.7,
            "solid_heat": 1100.0,
        },
        {
            "inlet_temperature": np.asarray([inlet + 273.15]),
            "air_humidity": humidity,
            "air_flow": air,
            "end_moisture": end,
            "start_temperature": 283.15,
        },
        {"contact_efficiency": efficiency},
    )
    assert list(outcome.status) == [OK]
    assert outcome.attributes["wet_bulb_temperature"] - 273.15 == pytest.approx([wet], abs=1e-8)
    assert outcome.attributes["equilibrium_moisture"] == pytest.approx([equilibrium], rel=1e-9)
    assert outcome.duration == pytest.approx([warming + seconds], rel=1e-9)


@pytest.mark.parametrize(
    ("rate", "half", "start", "yield_"), [(0.025, 2.0, 6.0, 0.4), (0.06, 0.2, 20.0, 0.7)]
)
def test_growth_on_one_substrate_with_other_constants(rate, half, start, yield_):
    def hours(cells):
        def pace(x):
            food = start - (x - 0.1) / yield_
            return 1 / (rate * x * food / (half + food))

        return integrate.quad(pace, 0.1, cells, epsrel=1e-12)[0]

    most = 0.1 + yield_ * start
    densities = np.asarray([0.3, 0.6, 0.9]) * most
    outcome = models()["fed_batch_culture"].evaluate(
        {
            "batch_mass": 1000.0,
            "inoculation_density": 0.1e12,
            "inoculum_viability": 1.0,
            "start_glucose": start,
            "start_glutamine": 50.0,
            "growth_rate": rate / HOUR,
            "death_rate": 0.0,
            "glucose_half": half,
            "glutamine_half": 0.0,
            "cells_per_glucose": yield_ * 1e12,
            "cells_per_glutamine": 1e18,
            "lactate_per_glucose": 0.0,
            "ammonia_per_glutamine": 0.0,
            "glucose_maintenance": 0.0,
            "glutamine_maintenance": 0.0,
            "oxygen_uptake": 0.0,
        },
        {
            "culture_duration": np.asarray([hours(density) for density in densities]) * HOUR,
            "sampling_interval": 6 * HOUR,
            "feed_start": 1e6,
        },
        {},
    )
    assert list(outcome.status) == [OK] * 3
    assert outcome.attributes["cell_density"] / 1e12 == pytest.approx(densities, rel=1e-6)
    food = start - (densities - 0.1) / yield_
    assert outcome.attributes["glucose"] == pytest.approx(food, rel=1e-5)


@pytest.mark.parametrize(
    ("coefficient", "gel", "first", "resistance", "pressure", "sieving"),
    [
        (18.0, 180.0, 0.0, 0.0, 1e6, 0.0),
        (40.0, 320.0, 0.0, 0.0, 1e6, 0.05),
        (30.0, 400.0, 20.0, 4e12, 1.0e5, 0.0),
        (25.0, 260.0, 60.0, 1e13, 8e4, 0.02),
    ],
)
def test_ultrafiltration_at_other_gels_and_pressures(coefficient, gel, first, resistance, pressure, sieving):
    transfer, area, start, fed, middle, volumes, final = (
        coefficient * 1e-3 / HOUR,
        6.0,
        0.4,
        8.0,
        35.0,
        6.0,
        90.0,
    )
    second, third = 0.2 * first / 20, 0.004 * first / 20

    def flux(c):
        most = transfer * math.log(gel / c)

        def spare(j):
            wall = c * math.exp(j / transfer)
            return pressure - 1e-3 * resistance * j - wall * (first + wall * (second + wall * third))

        return most if spare(most) >= 0 else optimize.brentq(spare, 0.0, most, xtol=1e-20, rtol=1e-14)

    def shrinking(volume, c, until):
        end = volume * (c / until) ** (1 / (1 - sieving))

        def slowness(v):
            return 1 / (area * flux(c * (volume / v) ** (1 - sieving)))

        return integrate.quad(slowness, end, volume, epsrel=1e-11, limit=200)[0], end

    once, exchanged = shrinking(start, fed, middle)
    washing = integrate.quad(
        lambda n: exchanged / (area * flux(middle * math.exp(-sieving * n))), 0.0, volumes, epsrel=1e-11
    )[0]
    twice, retentate = shrinking(exchanged, middle * math.exp(-sieving * volumes), final)
    outcome = models()["ultrafiltration_diafiltration"].evaluate(
        {
            "pool_volume": np.asarray([start]),
            "titre": fed,
            "osmotic_first": first,
            "osmotic_second": second,
            "osmotic_third": third,
        },
        {
            "diafiltration_concentration": middle,
            "diafiltration_volumes": volumes,
            "final_concentration": final,
            "transmembrane_pressure": pressure,
            "flush_volume": 0.0,
        },
        {
            "area": area,
            "mass_transfer": transfer,
            "gel_concentration": gel,
            "membrane_resistance": resistance,
            "sieving": sieving,
            "hold_up": 1e-6,
        },
    )
    assert list(outcome.status) == [OK]
    assert outcome.duration == pytest.approx([once + washing + twice], rel=1e-6)
    lost = 1 - retentate * final / (start * fed)
    assert outcome.attributes["lost_through_membrane"] == pytest.approx([lost], rel=1e-9, abs=1e-12)


@pytest.mark.parametrize(
    ("steam", "hold", "start", "end", "cooling", "z", "capacity", "transfer"),
    [
        (126.0, 122.0, 30.0, 90.0, 1.0, 10.0, 9e5, 1200.0),
        (124.0, 123.5, 80.0, 40.0, 0.4, 8.0, 4e5, 3000.0),
        (135.0, 134.0, 20.0, 60.0, 5.0, 12.0, 2e6, 2500.0),
    ],
)
def test_sterilisation_with_other_ramps(steam, hold, start, end, cooling, z, capacity, transfer):
    def lethal(celsius):
        return 10 ** ((celsius - 121.1) / z)

    tau = capacity / transfer
    heating = tau * math.log((steam - start) / (steam - hold))
    warm = integrate.quad(
        lambda t: lethal(steam - (steam - start) * math.exp(-t / tau)), 0, heating, epsrel=1e-11, limit=400
    )[0]
    falling = (hold - end) * 60 / cooling
    cold = integrate.quad(lambda t: lethal(hold - cooling / 60 * t), 0, falling, limit=400)[0]
    outcome = models()["steam_sterilisation"].evaluate(
        {"z_value": z},
        {
            "steam_temperature": np.asarray([steam + 273.15]),
            "hold_temperature": hold + 273.15,
            "hold_time": 700.0,
            "start_temperature": start + 273.15,
            "end_temperature": end + 273.15,
            "cooling_rate": cooling / 60,
        },
        {"metal_mass": capacity / 500, "metal_heat": 500.0, "heat_transfer": transfer},
    )
    assert list(outcome.status) == [OK]
    assert outcome.attributes["f0"] == pytest.approx([warm + 700 * lethal(hold) + cold], rel=5e-6)
    assert outcome.duration == pytest.approx([heating + 700 + falling], rel=1e-12)


@pytest.mark.parametrize(("tanks", "volumes"), [(1, 2.5), (2, 4.0), (5, 1.5), (9, 3.0)])
def test_rinsing_of_other_tanks_in_series(tanks, volumes):
    rates = tanks * (np.eye(tanks, k=-1) - np.eye(tanks))
    answer = integrate.solve_ivp(
        lambda _, y: rates @ y, (0, volumes), np.ones(tanks), method="DOP853", rtol=1e-12, atol=1e-15
    ).y[:, -1]
    assert rinsed(volumes, float(tanks)) == pytest.approx(answer[-1], rel=1e-8)
    assert left_in_system(volumes, float(tanks)) == pytest.approx(answer.mean(), rel=1e-8)


def test_what_a_disc_stack_lets_over_is_the_integral_over_sizes():
    given = {"batch_mass": 2000.0, "cell_size": 9e-6, "cell_spread": 0.35, "debris_fraction": 0.0}
    outcome = models()["disc_stack_centrifugation"].evaluate(
        {**given, "solids_fraction": np.asarray([0.05])},
        {"feed_flow": 8e-4, "bowl_speed": 110.0},
        {
            "discs": 60.0,
            "outer_radius": 0.09,
            "inner_radius": 0.04,
            "disc_angle": 0.75,
            "shear_breakage": 0.0,
        },
    )
    turning = 2 * math.pi * 110
    sigma = 2 * math.pi * 60 * turning**2 * (0.09**3 - 0.04**3) / (3 * 9.80665 * math.tan(0.75))
    speed = 50 * 9.80665 / (18 * 1e-3) * 0.95**4.65  # of settling, over the size squared

    def over(size):
        return max(1 - speed * size**2 * 0.5 * sigma / 8e-4, 0.0)

    sizes = stats.lognorm(0.35, scale=9e-6)
    cut = math.sqrt(8e-4 / (speed * 0.5 * sigma))
    left = integrate.quad(lambda d: over(d) * sizes.pdf(d), 0, cut, epsrel=1e-11, points=[cut / 2])[0]
    assert outcome.attributes["sigma"] == pytest.approx([sigma], rel=1e-12)
    assert outcome.attributes["solids_removed"] == pytest.approx([1 - left], rel=1e-9)


@pytest.mark.parametrize(("flux", "pressure"), [(5e-5, 1e5), (1e-4, 4e4), (1.0, 8e4), (2e-5, 1e7)])
def test_the_time_of_a_depth_filter_is_the_integral_over_its_throughput(flux, pressure):
    outcome = models()["depth_filtration"].evaluate(
        {"batch_mass": np.asarray([1000.0]), "turbidity": 80.0},
        {
            "flux": flux,
            "greatest_pressure": pressure,
            "lowest_flux": 1e-8,
            "rinse_throughput": 0.0,
            "flush_throughput": 0.0,
        },
        {"area": 8.0, "complete_blocking": 2.0, "intermediate_blocking": 4.0, "cake_blocking": 30.0},
    )

    def slowness(v):
        resistance = math.exp(4 * 0.8 * v) / (1 - 2 * 0.8 * v) + 30 * 0.8 * v
        return max(1 / flux, 1e-3 * 3e11 * resistance / pressure)

    parts = np.linspace(0, 0.125, 65)
    seconds = sum(
        integrate.quad(slowness, a, b, epsrel=1e-10, limit=200)[0] for a, b in itertools.pairwise(parts)
    )
    assert list(outcome.status) == [OK]
    assert outcome.duration == pytest.approx([seconds], rel=1e-7)


def test_closed_forms_of_solid_dose_at_other_numbers():
    outcome = models()["tablet_compression"].evaluate(
        {
            "batch_mass": 90.0,
            "heckel_slope": 0.006e-6,
            "heckel_intercept": 0.8,
            "true_density": 1420.0,
            "strength_without_pores": 6e6,
            "bonding_capacity": 11.0,
            "lubrication_factor": 0.7,
        },
        {"tablet_mass": np.asarray([450e-6]), "tablet_rate": 40.0, "compression_pressure": 220e6},
        {"punch_diameter": 11e-3},
    )
    solid = 1 - math.exp(-(0.006 * 220 + 0.8))
    strength = 0.7 * 6e6 * math.exp(-11 * (1 - solid))
    thickness = 450e-6 / (1420 * solid * math.pi * 5.5e-3**2)
    assert outcome.attributes["hardness"] == pytest.approx(
        [strength * math.pi * 11e-3 * thickness / 2], rel=1e-12
    )
    blend = models()["blending"].evaluate(
        {"batch_mass": 120.0, "bulk_density": 450.0, "lubricant_sensitivity": 0.35, "lubrication_rate": 0.08},
        {"lubrication_revolutions": np.asarray([90.0])},
        {"blender_volume": 0.5},
    )
    extent = 0.5 ** (1 / 3) * (1 - 120 / (450 * 0.5)) * 90
    assert blend.attributes["lubrication_factor"] == pytest.approx(
        [0.65 + 0.35 * math.exp(-0.08 * extent)], rel=1e-12
    )


def test_low_ph_of_another_day_is_arrhenius_and_a_decade_law():
    outcome = models()["viral_inactivation"].evaluate(
        {"pool_volume": np.asarray([0.1]), "inactivation_rate": 0.05 / 60, "inactivation_energy": 7e4},
        {"hold_duration": 5400.0, "hold_ph": 3.8, "hold_temperature": 298.15},
        {},
    )
    rate = 0.05 * 10 ** (-1.5 * 0.2) * math.exp(7e4 / 8.31446261815324 * (1 / 293.15 - 1 / 298.15))
    assert outcome.attributes["log_reduction"] == pytest.approx([rate * 90 / math.log(10)], rel=1e-12)
