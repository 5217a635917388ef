"""Sources of draws made from the words of a plant, the same one again for the same words. Called by the
compiler.
"""

from __future__ import annotations

from twin.engine.draws import compile_distribution, mean
from twin.engine.program import Source
from twin.plant.remembered import remembered
from twin.plant.shorthand import Distribution


@remembered(most=10_000)
def source(name: str, distribution: Distribution) -> Source:
    """A source of draws from `distribution`, addressed by `name`."""
    kind, p0, p1, p2, table = compile_distribution(distribution)
    return Source(name, kind, p0, p1, p2, table, mean(kind, p0, p1, p2, table))
