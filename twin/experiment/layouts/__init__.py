"""Layout optimisation: units moved on the floor so that lots travel less, within the rules of the floor.

What is made smaller is transport work, trips times metres along the aisles: `flow.py` counts the trips in a
run's record, `floor.py` measures ways as the plant does, `rules.py` says where units may stand. Units that
exchange places are a quadratic assignment (`exchange.py`), units that go to any free place are annealed
(`annealing.py`). `improve` does either; whether the plant makes more of it, only a simulation says:
`words.py` writes the scenario that is then compared with the present layout.
"""

from __future__ import annotations

from collections.abc import Mapping

from twin.experiment.layouts.annealing import annealed
from twin.experiment.layouts.arrangement import Arrangement, Improved, arrangement_of
from twin.experiment.layouts.exchange import exchanged
from twin.experiment.layouts.flow import trips
from twin.experiment.layouts.rules import Rules
from twin.plant.schema import Plant

__all__ = ["METHODS", "Arrangement", "Improved", "Rules", "improve", "trips"]

METHODS = ("exchange", "free")


def improve(
    plant: Plant, flow: Mapping[tuple[str, str], float], rules: Rules, *, method: str = "free", seed: int = 1
) -> Improved:
    """The plant's units where lots travel least, as far as a search finds it.

    Args:
        plant: with places for the units that may move.
        flow: trips between places, as `trips` counts them.
        rules: which units may move, and where to.
        method: `exchange`, only to each other's places, or `free`.
        seed: of the search.

    Raises:
        ValueError: no unit may move, or the method is none.
    """
    if method not in METHODS:
        raise ValueError(f"There is no method `{method}`: choose {' or '.join(METHODS)}.")
    problem = arrangement_of(plant, flow, rules, exchange=method == "exchange")
    return exchanged(problem, seed) if method == "exchange" else annealed(problem, seed)
