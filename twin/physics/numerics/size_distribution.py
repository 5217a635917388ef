"""Distributions of volume over sections of size: what a powder starts with, and what a sieve would find.

Within a section volume lies evenly over the logarithm of size. Called by granulation and milling.
"""

from __future__ import annotations

import math
from typing import Any

from twin.physics.backend import namespace
from twin.physics.numerics.population_balance import OUTGROWN_VOLUME, Sections, column
from twin.physics.numerics.special import normal_below


def sphere_volume(diameter: Any) -> Any:
    """Return the volume in m3 of spheres of a `diameter` in m.

    >>> round(sphere_volume(2.0), 6)
    4.18879
    """
    return math.pi / 6.0 * diameter**3


def lognormal_below(volumes: Any, median: Any, spread: Any) -> Any:
    """Return the share of volume in particles below `volumes`, (m, 1), where volume is lognormal over size.

    `median` diameter in m and `spread`, the standard deviation of the diameter's logarithm, (n,) or numbers.

    >>> import numpy as np
    >>> volumes = sphere_volume(np.asarray([[60e-6], [100e-6]]))
    >>> np.round(lognormal_below(volumes, np.asarray([60e-6]), np.asarray([0.5])), 6)
    array([[0.5     ],
           [0.846527]])
    """
    xp = namespace(volumes)
    return normal_below((xp.log(volumes / sphere_volume(median))) / (3.0 * spread))


def sectioned(below: Any) -> Any:
    """Return each section's share, (m, n), of what lies `below` the sections' edges, (m + 1, n).

    The lowest and the highest section take what lies beyond them.
    """
    xp = namespace(below)
    inner = below[1:-1, ...]
    zero = xp.zeros_like(below[:1, ...])
    return xp.concat([inner, zero + 1.0], axis=0) - xp.concat([zero, inner], axis=0)


def volume_shares(sections: Sections, state: Any) -> Any:
    """Return the share of volume in each section, and of what outgrew them, (m + 1, n)."""
    xp = namespace(state)
    m = sections.count
    inside = state[:m, ...] * column(xp, sections.pivots, state)
    volumes = xp.concat([inside, state[m + OUTGROWN_VOLUME, ...][None, ...]], axis=0)
    return volumes / _up_to(volumes)[-1]


def volume_at(sections: Sections, shares: Any, fraction: float) -> Any:
    """Return the volume of a particle, (n,), below which lies `fraction` of all volume.

    `shares` as `volume_shares` gives them. It lies within the sections, wherever the rest outgrew them.

    >>> import numpy as np
    >>> grid = Sections(lowest=1.0, ratio=4.0, count=2)
    >>> volume_at(grid, np.asarray([[0.5], [0.5], [0.0]]), 0.75)
    array([8.])
    """
    xp = namespace(shares)
    below = _up_to(shares)
    m, width = sections.count, 0.0 * below[0]
    passed = xp.clip((fraction - xp.stack(below[:m])) / (shares[:m, ...] + 1e-300), 0.0, 1.0)
    for i in range(m):
        width = width + passed[i, ...]
    return sections.lowest * xp.exp(math.log(sections.ratio) * width)


def share_below(sections: Sections, shares: Any, volume: Any) -> Any:
    """Return the share of volume, (n,), in particles smaller than `volume`, (n,); `shares` as in `volume_at`.

    >>> import numpy as np
    >>> grid = Sections(lowest=1.0, ratio=4.0, count=2)
    >>> share_below(grid, np.asarray([[0.5], [0.5], [0.0]]), np.asarray([8.0]))
    array([0.75])
    """
    xp = namespace(shares)
    place = xp.log(volume / sections.lowest) / math.log(sections.ratio)
    m, below = sections.count, 0.0 * place
    passed = shares[:m, ...] * xp.clip(place - column(xp, tuple(range(m)), place), 0.0, 1.0)
    for i in range(m):
        below = below + passed[i, ...]
    return xp.clip(below, 0.0, 1.0)  # the sum may round to just above 1


def share_above(sections: Sections, shares: Any, volume: Any) -> Any:
    """Return the share of volume, (n,), in particles larger than `volume`, and outgrown, as `share_below`.

    >>> import numpy as np
    >>> grid = Sections(lowest=1.0, ratio=4.0, count=2)
    >>> share_above(grid, np.asarray([[0.5], [0.4], [0.1]]), np.asarray([8.0]))
    array([0.3])
    """
    xp = namespace(shares)
    place = xp.log(volume / sections.lowest) / math.log(sections.ratio)
    m, above = sections.count, 0.0 * place + shares[sections.count, ...]
    beyond = shares[:m, ...] * xp.clip(column(xp, tuple(range(1, m + 1)), place) - place, 0.0, 1.0)
    for i in range(m - 1, -1, -1):
        above = above + beyond[i, ...]
    return xp.clip(above, 0.0, 1.0)


def _up_to(shares: Any) -> list[Any]:
    """Return the sums of none of the shares, of the first, of the first two and so on, in that order."""
    sums = [0.0 * shares[0, ...]]
    for i in range(shares.shape[0]):
        sums.append(sums[-1] + shares[i, ...])
    return sums
