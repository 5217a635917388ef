"""An optimisation from beginning to end, with progress. Called by `twin optimise` and by whoever has an
`Evaluate`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from twin.experiment.evaluation import Evaluate
from twin.experiment.optimisation.asking import Search
from twin.experiment.optimisation.confirm import Confirmed, Optimised, announced, confirmed
from twin.experiment.optimisation.contenders import contenders
from twin.experiment.optimisation.search import tried
from twin.experiment.optimisation.space import size_of

ROUNDS = 4  # of contenders, each after none of the last was shown to keep the constraints


@dataclass(frozen=True)
class Progress:
    """Where it is: `done` of `total` points tried; or how many contenders get more, or fresh,
    replications.
    """

    stage: Literal["search", "contenders", "fresh"]
    done: int
    total: int


def optimise(
    search: Search, evaluate: Evaluate, tell: Callable[[Progress], None] = lambda _: None
) -> Optimised:
    """Search, refine and confirm.

    Equal searches over evaluations with equal answers give equal results, however often they were
    interrupted.

    Raises:
        InputError: the space is too large to be tried whole, and Optuna is not installed.
    """
    size = size_of(search.settings)
    total = min(search.trials, size)
    found = tried(search, evaluate, lambda done: tell(Progress("search", done, total)))
    judged: list[Confirmed] = []
    winners: list[Confirmed] = []
    for _ in range(ROUNDS):
        known = {each.candidate.number for each in judged}
        others = [each for each in found if each.number not in known]
        left = contenders(search, evaluate, others, lambda n: tell(Progress("contenders", n, n)))
        tell(Progress("fresh", 0, len(left)))
        fresh, present = confirmed(search, evaluate, left)
        judged += fresh
        winners, judged = announced(search, judged)
        if winners or not left:
            break
    return Optimised(search, tuple(found), size <= search.trials, tuple(winners), tuple(judged), present)
