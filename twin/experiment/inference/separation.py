"""How many replications would tell two runs apart, if they differ by what is seen. Pure.

The answer leans on the difference and the variance seen so far and is as uncertain as they are: a plan, not a
promise. It is for a stated probability, since with as many replications as make the half-width equal to the
difference an interval without 0 comes out only every second time.
"""

from __future__ import annotations

import math

from twin.experiment.statistics import Difference, least, student_quantile

POWER = 0.9  # probability with which the difference is then shown
MOST = 10_000_000


def replications_to_separate(difference: Difference, level: float, power: float = POWER) -> int | None:
    """Replications of each run, in total, at which an interval at `level` leaves 0 out with probability
    `power`.

    The least n with (t(ν, level) + t(ν, 2·power − 1))·s/√n ≤ |difference|, ν growing with n; of unpaired
    samples of unequal size n is the smaller one and both grow in proportion. None where no difference is
    seen, or more than ten million would be needed.

    >>> d = Difference(1.0, 0.5, 15, 0.06, 16, True)
    >>> replications_to_separate(d, 0.95)
    45
    """
    if difference.difference == 0:
        return None
    spread = difference.standard_error * math.sqrt(difference.n)
    freedom_each = difference.degrees_of_freedom / difference.n

    def enough(n: int) -> bool:
        freedom = float(n - 1) if difference.paired else max(freedom_each * n, 1.0)
        reach = student_quantile(freedom, level) + student_quantile(freedom, 2 * power - 1)
        return reach * spread / math.sqrt(n) <= abs(difference.difference) or n > MOST

    found = least(enough)
    return None if found > MOST else found
