"""Thomas' solution for a column that binds one solute by kinetic Langmuir, without dispersion.

Written from the equations alone, with SciPy's Bessel function and quadrature, to judge the scheme by: H. C.
Thomas, "Heterogeneous ion exchange in a flowing system", Journal of the American Chemical Society 66 (1944)
1664-1666, with the integral that chemical engineers call J(x, y).
"""

import math

from scipy import integrate, optimize, special


def bound_part(x, y):
    """1 - J(x, y), the integral from 0 to x of exp(-y - s) I0(2 sqrt(y s)) ds."""

    def density(s):
        return math.exp(-((math.sqrt(y) - math.sqrt(s)) ** 2)) * special.i0e(2.0 * math.sqrt(y * s))

    places = sorted({p for p in (y, y - 8 * math.sqrt(2 * y), y + 8 * math.sqrt(2 * y)) if 0.0 < p < x})
    return integrate.quad(density, 0.0, x, points=places or None, limit=400, epsabs=1e-14, epsrel=1e-12)[0]


def effluent(units, separation, relaxations):
    """Concentration over the feed's that leaves a column of so many transfer units.

    `separation` is 1 / (1 + K c), `relaxations` the time since the first liquid left, times ka c + kd.
    """
    through = 1.0 - bound_part(separation * units, relaxations)
    rest = bound_part(units, separation * relaxations)
    return through / (through + rest * math.exp((1.0 - separation) * (units - relaxations)))


def breakthrough_time(level, adsorption_rate, desorption_rate, capacity, exchange_time, feed):
    """When the effluent reaches `level` of the feed, after the first liquid has left, in s."""
    pace = adsorption_rate * feed + desorption_rate
    units = adsorption_rate * capacity * exchange_time

    def above(relaxations):
        return effluent(units, desorption_rate / pace, relaxations) - level

    return optimize.brentq(above, 1e-9, 4.0 * units + 40.0, xtol=1e-9) / pace
