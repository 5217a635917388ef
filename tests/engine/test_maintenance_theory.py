"""Age replacement against renewal theory.

A unit that is new after every repair and every maintenance, and maintained at age T, produces in the long run
for the share ∫₀ᵀ R dt / (∫₀ᵀ R dt + F(T)·(mean repair) + R(T)·(mean maintenance)) of its time, R the survival
function of its lifetimes and F = 1 − R: Barlow and Proschan, Mathematical Theory of Reliability (1965),
chapter 4.2. Maintenance waits for the end of a lot of 1 h, so that it comes up to 1 h late.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.engine.plants import HOUR, operation, plant, run

AGE, SCALE, REPAIR, TAKES = 60.0, 100.0, 20.0, 4.0  # h
HORIZON, REPLICATIONS = 12_000.0, 8  # h


def share_producing(shape: float, age: float) -> float:
    """The long-run share by renewal theory."""
    times = np.linspace(0.0, age, 20_001)
    survival = np.exp(-((times / SCALE) ** shape))
    up = float(np.trapezoid(survival, times))
    return up / (up + (1 - survival[-1]) * REPAIR + survival[-1] * TAKES)


def simulated(shape: float) -> list[float]:
    """The share of its time that the unit produces, by replication."""
    jam = {
        "name": "jam",
        "clock": "running",
        "between": f"weibull(shape={shape}, scale={SCALE} h)",
        "repair": f"exponential(mean={REPAIR} h)",
    }
    maintenance = {
        "takes": f"uniform(low=0 h, high={2 * TAKES} h)",
        "running": f"{AGE} h",
        "renews": ["jam"],
        "with_repair_of": ["jam"],
    }
    what = plant(
        {"press": {"failures": [jam], "maintenance": maintenance}},
        operation("press", "press", "1 h"),
        lots=int(HORIZON),
    )
    shares = []
    for replication in range(REPLICATIONS):
        states = run(what, horizon=HORIZON * 3600, replication=replication).states
        length = states.column("end").to_numpy() - states.column("start").to_numpy()
        producing = np.array(states.column("state").to_pylist()) == "producing"
        shares.append(length[producing].sum() / HOUR / HORIZON)
    return shares


@pytest.mark.parametrize("shape", [1.0, 3.0])
def test_age_replacement_has_the_availability_of_renewal_theory(shape):
    shares = simulated(shape)
    half_width = 2.365 * np.std(shares, ddof=1) / math.sqrt(REPLICATIONS)  # Student, 7 degrees, 95 %
    bounds = sorted(share_producing(shape, age) for age in (AGE, AGE + 1))
    assert bounds[0] - half_width < np.mean(shares) < bounds[1] + half_width
    assert half_width < 0.02
