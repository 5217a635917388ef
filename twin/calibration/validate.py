"""One command that validates the tablet press: `python -m twin.calibration.validate DATA_DIR --out docs/`.

Reads the press logs, leaves one campaign of product 3 out at a time, predicts it and product 5 through the
engine, and writes `validation.md` with its figures. Computing is done elsewhere; this is the edge that reads
and writes. Figures need Matplotlib, the extra `docs`.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from twin.calibration.evidence import LEVEL, Chance, Floats, Validation
from twin.calibration.fit import ROW, fit_press, lots_running, samples
from twin.calibration.frailty import fit_simpler
from twin.calibration.goodness import dispersion, goodness
from twin.calibration.likelihood import FitKind
from twin.calibration.plots import Bar, Spread, interval_plot, spread_plot
from twin.calibration.prediction import (
    Prediction,
    Products,
    Quantity,
    distance_and_chance,
    leave_one_campaign_out,
    predict,
    recorded,
    score,
    simulated,
)
from twin.calibration.press_log import PressBatch, read_press_log
from twin.calibration.press_model import PressPlace, SimulatedBatches, simulate_batches
from twin.calibration.report import NAMES, report

FITTED, PREDICTED = 3, 5  # product codes
JUDGED: dict[str, FitKind] = {
    "start_up_time": "lognormal",
    "start_up_waste": "gamma",
    "repair": "lognormal",
    "stop_waste": "lognormal",
    "running": "normal",
}
MILLIGRAM = 1e-6  # kg


def read_products(folder: Path) -> Products:
    """Batch sizes and core masses by product code, from `normalization.csv` and `laboratory.csv`.

    A core's mass is the middle between the mean lowest and the mean highest weight of the product's batches.
    """
    sizes = pd.read_csv(folder / "normalization.csv", sep=";")
    tests = pd.read_csv(folder / "laboratory.csv", sep=";")
    masses = {}
    for code in sizes["Product code"].tolist():
        weights = tests.loc[tests["code"] == code, ["tbl_min_weight", "tbl_max_weight"]].to_numpy(np.float64)
        masses[int(code)] = float(np.round(np.mean(weights))) * MILLIGRAM
    return Products(
        batch_size=dict(
            zip(masses, sizes["Batch Size (tablets)"].to_numpy(np.float64).tolist(), strict=True)
        ),
        tablet_mass=masses,
    )


def validate(folder: Path, place: PressPlace, runs: int, bootstraps: int, seed: int) -> Validation:
    """Fit, leave out, predict: everything that the report tells, from the data in `folder`."""
    products = read_products(folder)
    log = read_press_log(folder / f"press_product_{FITTED}.csv.gz")
    other = read_press_log(folder / f"press_product_{PREDICTED}.csv.gz")
    fit = fit_press(log.batches, products.batch_size)
    seen = samples(log.batches, products.batch_size)
    fitted = fit.distributions()
    whole = simulate_batches(fit, products.campaign(log.batches[0]), place, runs, seed)
    return Validation(
        command="python -m twin.calibration.validate DATA_DIR --out docs/",
        runs=runs,
        seed=seed,
        products=products,
        log=log,
        other=other,
        fit=fit,
        simpler=fit_simpler(lots_running(log.batches), ROW),
        stop_log_likelihood=fit.between_stops.log_likelihood,
        goodness={
            name: goodness(kind, fitted[name], seen[name], bootstraps, seed) for name, kind in JUDGED.items()
        },
        dispersion=dispersion(seen["start_up_stops"]),
        chances=tuple(_chance(name, log.batches, whole) for name in SPREADS),
        whole=whole,
        between=tuple(lot.between for lot in lots_running(log.batches)),
        left_out=leave_one_campaign_out(log.batches, products, place, runs, seed),
        predicted=predict(fit, other.batches, products, place, runs, seed),
    )


SPREADS: dict[str, tuple[str, float, bool]] = {  # name: axis, divisor, logarithmic
    "Stop length": ("min", 60.0, True),
    "Running time between stops": ("min", 60.0, True),
    "Stops per batch": ("stops", 1.0, False),
    "Waste per batch": ("thousand tablets", 1000.0, False),
}


def _spread(name: str, batches: Sequence[PressBatch], whole: SimulatedBatches) -> tuple[Floats, list[Floats]]:
    """Recorded values of one spread, and the simulated ones by lot."""
    if name == "Stop length":
        lengths = [stop.length for batch in batches for stop in batch.of_kind("production")]
        return np.array(lengths), list(whole.stop_lengths)
    if name == "Running time between stops":
        between = [lot.between for lot in lots_running(batches)]
        return np.concatenate(between), list(whole.between)
    quantity: Quantity = "stops" if name == "Stops per batch" else "waste"
    values = np.array([recorded(batch, quantity) for batch in batches])
    return values[~np.isnan(values)], list(simulated(whole, quantity).reshape(-1, 1))


def _chance(name: str, batches: Sequence[PressBatch], whole: SimulatedBatches) -> Chance:
    values, lots = _spread(name, batches, whole)
    distance, p = distance_and_chance(values, lots, len(batches))
    return Chance(name, len(values), distance, p)


def _bars(predictions: Sequence[Prediction], quantity: Quantity, divisor: float) -> list[Bar]:
    scored = [(p.batch.batch, score(p, quantity, LEVEL)) for p in predictions]
    return [
        Bar(str(batch), s.recorded / divisor, s.mean / divisor, s.low / divisor, s.high / divisor)
        for batch, s in scored
    ]


def draw(validation: Validation, folder: Path) -> None:
    """Draw the report's figures into `folder`."""
    panels = [
        (f"product {FITTED}, each campaign left out", validation.left_out),
        (f"product {PREDICTED}", validation.predicted),
    ]
    for quantity in ("batch_time", "stops", "waste"):
        title, unit, divisor, _ = NAMES[quantity]
        axis = f"{title}, {unit}" if unit else title
        groups = [(name, _bars(predictions, quantity, divisor)) for name, predictions in panels]
        interval_plot(groups, axis, folder / f"{quantity}.svg")
    spreads = []
    for name, (axis, divisor, logarithmic) in SPREADS.items():
        values, lots = _spread(name, validation.log.batches, validation.whole)
        spreads.append(Spread(name, axis, values / divisor, np.concatenate(lots) / divisor, logarithmic))
    spread_plot(spreads, folder / "spreads.svg")


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the validation report and its figures."""
    parser = argparse.ArgumentParser(prog="python -m twin.calibration.validate", description=main.__doc__)
    parser.add_argument("data", type=Path, help="folder with press_product_3.csv.gz and the files beside it")
    parser.add_argument("--out", type=Path, default=Path("docs"), help="folder for validation.md")
    parser.add_argument("--plant", default="twin:tablet_line", help="plant file with the press")
    parser.add_argument("--runs", type=int, default=10_000, help="simulated batches for each prediction")
    parser.add_argument("--bootstraps", type=int, default=199, help="samples behind each p-value of a fit")
    parser.add_argument("--seed", type=int, default=20181118)
    given = parser.parse_args(arguments)
    validation = validate(
        given.data, PressPlace(source=given.plant), given.runs, given.bootstraps, given.seed
    )
    draw(validation, given.out / "validation")
    (given.out / "validation.md").write_text(report(validation), encoding="utf-8")


if __name__ == "__main__":
    main()
