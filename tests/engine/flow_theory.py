"""Two stations with exponential failures and a finite buffer: the exact output of the continuous line.

The model is that of Y. Dallery and S. B. Gershwin, "Manufacturing flow line systems: a review of models and
analytical results", Queueing Systems 12 (1992) 3-94, section on continuous models; a general solution is
in B. Tan, S. B. Gershwin, "Analysis of a general Markovian two-stage continuous-flow production system with
a finite buffer", International Journal of Production Economics 120 (2009) 327-339, doi
10.1016/j.ijpe.2008.05.022. Station i runs at speed u, fails at rate p while it runs at that speed, less in
proportion where it is slowed, and is repaired at rate r. Derived here from the balance of probability, states
(1 up, 2 up) with densities f over the level x and masses P at the ends:

    (u1 - u2) f11' = -(p1 + p2) f11 + r1 f01 + r2 f10
           u1 f10' = -(p1 + r2) f10 + p2 f11 + r1 f00
          -u2 f01' = -(p2 + r1) f01 + p1 f11 + r2 f00
                 0 = -(r1 + r2) f00 + p1 f10 + p2 f01

A station that is starved or blocked does not fail.
"""

from __future__ import annotations

import math

import numpy as np
from scipy.linalg import expm

Machine = tuple[float, float, float]  # speed, failure rate, repair rate


def rate_at_equal_speed(first: Machine, second: Machine, room: float) -> float:
    """Output of two stations of the same speed; in closed form.

    There f10 = f01 = f, which is exponential in x, f11 and f00 are multiples of it, and at the ends
    P11(0) = u f(0)/p2, P01(0) = (p1 + p2) u f(0)/(p2 r1), and likewise at the top.
    """
    (u, p1, r1), (_, p2, r2) = first, second
    growth = (-(p1 + r2) + p2 * (r1 + r2) / (p1 + p2) + r1 * (p1 + p2) / (r1 + r2)) / u
    inside = room if growth == 0 else math.expm1(growth * room) / growth  # ∫ f with f(0) = 1
    top = math.exp(growth * room)
    both_up, both_down = (r1 + r2) / (p1 + p2), (p1 + p2) / (r1 + r2)
    empty_up, empty = u / p2, (p1 + p2) * u / (p2 * r1)
    full_up, full = top * u / p1, (p1 + p2) * top * u / (p1 * r2)
    whole = inside * (2 + both_up + both_down) + empty_up + empty + full_up + full
    return u * (inside * (1 + both_up) + empty_up + full_up) / whole


def rate_behind_a_faster_station(first: Machine, second: Machine, room: float) -> float:
    """Output where the first station is the faster one: the linear equations over x, solved.

    At 0 both up means the level rises at once, so only P01(0) = u2 f01(0)/r1 has mass, f10(0) = 0 and
    (u1 - u2) f11(0) = u2 f01(0). At the top the first station runs at u2 and fails at p1 u2/u1, so that
    P11 = u1 f01/p1 and P10 = (p2 P11 + u1 f10)/r2.
    """
    (u1, p1, r1), (u2, p2, r2) = first, second
    assert u1 > u2
    down = np.array([0.0, p1, p2]) / (r1 + r2)  # f00 of (f11, f10, f01)
    change = np.array(
        [
            np.array([-(p1 + p2), r2, r1]) / (u1 - u2),
            (np.array([p2, -(p1 + r2), 0.0]) + r1 * down) / u1,
            -(np.array([p1, 0.0, -(p2 + r1)]) + r2 * down) / u2,
        ]
    )
    start = np.array([u2 / (u1 - u2), 0.0, 1.0])
    both = expm(np.block([[change, np.zeros((3, 3))], [np.eye(3), np.zeros((3, 3))]]) * room)
    _, f10, f01 = both[:3, :3] @ start
    inside = both[3:, :3] @ start
    empty = u2 * 1.0 / r1
    full_up = u1 * f01 / p1
    full = (p2 * full_up + u1 * f10) / r2
    whole = inside.sum() + down @ inside + empty + full_up + full
    return float(u2 * (inside[0] + inside[2] + full_up) / whole)


def rate_without_room(*machines: Machine) -> float:
    """Output without any buffer at equal speeds (J. A. Buzacott, 1967): u / (1 + Σ p/r)."""
    return machines[0][0] / (1 + sum(p / r for _, p, r in machines))


def rate_alone(machine: Machine) -> float:
    """Output of a station by itself."""
    u, p, r = machine
    return u * r / (p + r)
