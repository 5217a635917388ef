"""Optimisation: the settings that serve a goal best, found in noise and confirmed with fresh replications.

`Search` says what is asked for, `optimise` answers it through an `Evaluate`; `words.py` reads a scenario's
`optimise`. The order of work: points are tried with few replications each (`search.py`); those that may be
the best get more until they part (`contenders.py`); what is left is evaluated with replications that the
search never saw (`confirm.py`), and only those speak. Optuna, which proposes the points, comes with the extra
`opt`.
"""

from __future__ import annotations

from twin.experiment.optimisation.asking import Goal, Search
from twin.experiment.optimisation.confirm import Confirmed, Optimised
from twin.experiment.optimisation.constraints import Constraint
from twin.experiment.optimisation.run import Progress, optimise
from twin.experiment.optimisation.space import Setting, setting_of

__all__ = [
    "Confirmed",
    "Constraint",
    "Goal",
    "Optimised",
    "Progress",
    "Search",
    "Setting",
    "optimise",
    "setting_of",
]
