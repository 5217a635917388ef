"""Secondary drying of vials: bound water leaves the cake by desorption of first order, faster when warm.

    dw/dt = -k(T) (w - w_e),    k = k_25 exp(-E/R (1/T - 1/298.15 K))

with w the water a mass of dry solids. The cake has the shelf's temperature, which rises steadily and then
stays. Left out: the heat of desorption, desorption above the front while ice still sublimes, diffusion in the
solid, and the glass transition, which a shelf that rises too fast overtakes. `lyophilisation` calls this.

The form is that of P. Srisuma, G. Chen, R. D. Braatz, "Mechanistic modeling and analysis of transport
phenomena for continuous lyophilization", arXiv 2409.06251; k_25 and E are a product's own, fitted on its
moisture over time.
"""

from __future__ import annotations

from typing import Any

from twin.physics.backend import namespace
from twin.physics.fill_finish.lyophilisation_data import GAS_CONSTANT
from twin.physics.kernels.lyophilisation import GAUSS_POINTS, GAUSS_WEIGHTS

REFERENCE = 298.15  # K, at which the desorption rate is given


def desorption_rate(rate: Any, energy: Any, temperature: Any) -> Any:
    """Return k(T) in 1/s: `rate` at 25 C in 1/s, activation `energy` in J/mol, `temperature` in K.

    >>> round(float(desorption_rate(1e-4, 40e3, 298.15)), 12)
    0.0001
    """
    xp = namespace(rate, energy, temperature)
    return rate * xp.exp(-energy / GAS_CONSTANT * (1.0 / xp.asarray(temperature) - 1.0 / REFERENCE))


def ramp_desorption(rate: Any, energy: Any, start: Any, end: Any, ramp_rate: Any) -> Any:
    """Return the integral of k over a ramp from `start` to `end` in K at `ramp_rate` in K/s, no unit.

    By Gauss and Legendre's eight points: 1e-9 of it for 60 K and 80 kJ/mol. Other arguments as
    `desorption_rate`.

    >>> round(float(ramp_desorption(1e-4, 0.0, 258.15, 298.15, 0.01)), 12)
    0.4
    """
    total = 0.0 * start
    for node, weight in zip(GAUSS_POINTS, GAUSS_WEIGHTS, strict=True):
        total = total + weight * desorption_rate(rate, energy, start + (end - start) * node)
    return total * (end - start) / ramp_rate


def residual_moisture(initial: Any, equilibrium: Any, desorbed: Any) -> Any:
    """Return the water left in kg a kg of dry solids after the integral `desorbed` of k over time.

    `initial` when the ice has gone and `equilibrium` in the same unit; shape (n,) or numbers.

    >>> round(float(residual_moisture(0.2, 0.0, 0.0)), 12)
    0.2
    """
    xp = namespace(initial, equilibrium, desorbed)
    return equilibrium + (initial - equilibrium) * xp.exp(-xp.asarray(desorbed))
