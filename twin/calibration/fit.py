"""From the batches of a press log to the numbers of a press in the plant language, with their uncertainty.

Start-up is a thing apart from stops in production. Running time is not fitted from recorded durations: it
follows from the batch size and the set speed; what is fitted is how far a lot's running strays from that
(`running`, near 1), which the plant file carries as the lot's tablet mass. `fragment.py` writes the result as
YAML, `validate.py` sends it through the engine.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twin.calibration.frailty import LotRunning, fit_stops, lot_running
from twin.calibration.likelihood import FittedDistribution, fit_kind
from twin.calibration.press_log import PressBatch

Floats = NDArray[np.float64]
ROW = 10.0  # s between rows of the log: what a length is known to
ONE_TABLET = 1.0


@dataclass(frozen=True)
class PressFit:
    """A press's behaviour, fitted: distributions in SI (s, tablets), and where they come from."""

    batches: tuple[int, ...]
    campaigns: tuple[int, ...]
    start_up_time: FittedDistribution  # s stopped in start-up; its ten running minutes count as production
    start_up_waste: FittedDistribution  # tablets
    start_up_stops: FittedDistribution
    between_stops: FittedDistribution  # s of running, at the rate of an average lot
    rate_between_lots: FittedDistribution  # factor on the rate, mean 1
    repair: FittedDistribution  # s
    stop_waste: FittedDistribution  # tablets, from a stop in production to the next
    running: FittedDistribution  # running time over batch size / set speed
    speed: Mapping[int, float]  # tablets/s, set speed by batch

    def distributions(self) -> dict[str, FittedDistribution]:
        """The fitted distributions by name, in the order of the report."""
        return {
            "start_up_time": self.start_up_time,
            "start_up_waste": self.start_up_waste,
            "start_up_stops": self.start_up_stops,
            "between_stops": self.between_stops,
            "rate_between_lots": self.rate_between_lots,
            "repair": self.repair,
            "stop_waste": self.stop_waste,
            "running": self.running,
        }


def fit_press(batches: Sequence[PressBatch], batch_size: Mapping[int, float]) -> PressFit:
    """Fit the press by maximum likelihood from `batches`; `batch_size` gives tablets by product code.

    Calendar stops are left out. Raises `ValueError` where there are too few batches or stops to fit.
    """
    seen = samples(batches, batch_size)
    stops = fit_stops(lots_running(batches), ROW)
    return PressFit(
        batches=tuple(batch.batch for batch in batches),
        campaigns=tuple(dict.fromkeys(batch.campaign for batch in batches)),
        start_up_time=fit_kind("lognormal", seen["start_up_time"], "s", ROW),
        start_up_waste=fit_kind("gamma", seen["start_up_waste"], "pieces"),
        start_up_stops=fit_kind("poisson", seen["start_up_stops"], "1"),
        between_stops=stops.between,
        rate_between_lots=stops.rate_between_lots,
        repair=fit_kind("lognormal", seen["repair"], "s", ROW),
        stop_waste=fit_kind("lognormal", seen["stop_waste"], "pieces", ONE_TABLET),
        running=fit_kind("normal", seen["running"], "1"),
        speed={batch.batch: batch.planned_speed for batch in batches},
    )


def samples(batches: Sequence[PressBatch], batch_size: Mapping[int, float]) -> dict[str, Floats]:
    """The values that each independent distribution is fitted to, by name, each of shape (n,).

    Stops without a waste reading (counter stuck) and calendar stops are not among them.
    """
    production = [stop for batch in batches for stop in batch.of_kind("production")]
    values = {
        "start_up_time": [batch.stopped("start_up") for batch in batches],
        "start_up_waste": [batch.start_up_waste for batch in batches],
        "start_up_stops": [len(batch.of_kind("start_up")) for batch in batches],
        "repair": [stop.length for stop in production],
        "stop_waste": [stop.waste for stop in production if not np.isnan(stop.waste)],
        "running": [running_ratio(batch, batch_size[batch.product]) for batch in batches],
    }
    return {name: np.asarray(sample, dtype=np.float64) for name, sample in values.items()}


def running_ratio(batch: PressBatch, size: float) -> float:
    """Recorded running time over the time that `size` tablets take at the set speed."""
    return batch.running_time / (size / batch.planned_speed)


def lots_running(batches: Sequence[PressBatch]) -> tuple[LotRunning, ...]:
    """The stops in production of each batch on its running clock.

    As in the engine, the ten running minutes of start-up count on the clock of these stops, and the stops
    within them do not.
    """
    return tuple(
        lot_running(batch.running_time, [stop.running_before for stop in batch.of_kind("production")])
        for batch in batches
    )
