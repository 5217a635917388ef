"""What a validation of the press rests on: log, fits, predictions and how well they go together.

Plain data that `validate.py` gathers, and that `report.py` and `shortcomings.py` put into words.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twin.calibration.fit import PressFit
from twin.calibration.frailty import Simpler
from twin.calibration.goodness import Goodness
from twin.calibration.prediction import Prediction, Products
from twin.calibration.press_log import PressLog
from twin.calibration.press_model import SimulatedBatches

Floats = NDArray[np.float64]
LEVEL = 0.9  # of prediction intervals
HOUR, MINUTE = 3600.0, 60.0  # s


@dataclass(frozen=True)
class Chance:
    """A recorded spread against the simulated one: distance, and how often chance exceeds it."""

    name: str
    n: int
    distance: float
    p: float


@dataclass(frozen=True)
class Validation:
    """Everything that the report tells."""

    command: str
    runs: int  # simulated batches for each prediction
    seed: int
    products: Products
    log: PressLog  # of the product that is fitted
    other: PressLog  # of the product that is only predicted
    fit: PressFit  # to all batches of `log`
    simpler: Simpler
    stop_log_likelihood: float
    goodness: dict[str, Goodness]
    dispersion: float  # of the stops in start-up
    chances: tuple[Chance, ...]
    whole: SimulatedBatches  # with the fit to all batches
    between: tuple[Floats, ...]  # recorded running times between stops, s, an array a batch
    left_out: tuple[Prediction, ...]
    predicted: tuple[Prediction, ...]
