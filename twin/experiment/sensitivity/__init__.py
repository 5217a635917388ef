"""Which settings matter, and how much: screening by Morris, variances by Sobol, a metamodel with its error.

Pure functions of a design on the unit cube and of the values that came out, one for each point and
replication. Designs are made in `twin.experiment.designs`, read back from a sweep by `of_sweep`; figures
stand in `twin.experiment.figures.sensitivity`. Nothing here runs a plant.
"""

from __future__ import annotations

from twin.experiment.sensitivity.metamodel import LEAST_Q2, Metamodel, fit_metamodel
from twin.experiment.sensitivity.metamodel_indices import metamodel_indices
from twin.experiment.sensitivity.morris import Screened, Screening, screen
from twin.experiment.sensitivity.sobol import Index, Indices, sobol_indices

__all__ = [
    "LEAST_Q2",
    "Index",
    "Indices",
    "Metamodel",
    "Screened",
    "Screening",
    "fit_metamodel",
    "metamodel_indices",
    "screen",
    "sobol_indices",
]
