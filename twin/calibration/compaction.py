"""Tablet compression as `twin.physics` has it, fitted to a press's batches and judged on others.

One row is one batch: the mean compression force of the press, and hardness, weight and size of its cores
from the laboratory. Force gives pressure, Heckel's equation solid fraction, Ryshkewitch and Duckworth's
tensile strength, and strength with the tablet's size hardness. Half of the batches of a strength fit the
four constants; the other half say how much of the variance the model explains. Reads tables and computes;
`compaction_report` writes the page.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from twin.physics.solid_dose.tablet_compression import (
    TABLET_COMPRESSION,
    diametral_crushing_force,
    heckel_solid_fraction,
    ryshkewitch_duckworth_tensile_strength,
)

Floats = NDArray[np.float64]

TRUE_DENSITY = 1540.0  # kg/m3, lactose monohydrate's, most of the core: assumed, for the data have none
LABORATORY = (
    "batch", "strength", "tbl_min_weight", "tbl_max_weight", "tbl_min_thickness", "tbl_max_thickness",
    "tbl_max_diameter", "tbl_av_hardness", "tbl_tensile",
)  # fmt: skip
PROCESS = ("batch", "main_CompForce mean")


@dataclass(frozen=True)
class Cores:
    """Tablet cores of some batches, in order of batch; arrays of shape (batches,), SI."""

    batch: Floats
    force: Floats  # N, mean main compression force
    mass: Floats  # kg, middle between lowest and highest weight
    diameter: Floats  # m
    thickness: Floats  # m, middle between lowest and highest
    hardness: Floats  # N, mean crushing force
    tensile_strength: Floats  # Pa, as the laboratory computed it

    @property
    def pressure(self) -> Floats:
        """Force over the area of a flat punch, Pa."""
        return np.asarray(self.force / (0.25 * math.pi * self.diameter**2))

    @property
    def solid_fraction(self) -> Floats:
        """Mass over volume of a flat cylinder and the true density."""
        volume = 0.25 * math.pi * self.diameter**2 * self.thickness
        return np.asarray(self.mass / (volume * TRUE_DENSITY))

    def __len__(self) -> int:
        return len(self.batch)

    def pick(self, rows: NDArray[np.intp] | slice) -> Cores:
        """These rows."""
        return Cores(**{field.name: getattr(self, field.name)[rows] for field in fields(self)})


@dataclass(frozen=True)
class Compaction:
    """The four constants of a powder, and which of them the data left at the end of their range."""

    heckel_slope: float  # 1/Pa
    heckel_intercept: float
    strength_without_pores: float  # Pa
    bonding_capacity: float
    at_a_bound: tuple[str, ...]

    def solid_fraction(self, cores: Cores) -> Floats:
        """Solid fraction by pressure."""
        return np.asarray(heckel_solid_fraction(cores.pressure, self.heckel_slope, self.heckel_intercept))

    def tensile_strength(self, solid_fraction: Floats) -> Floats:
        """Tensile strength by solid fraction, Pa."""
        return np.asarray(
            ryshkewitch_duckworth_tensile_strength(
                solid_fraction, self.strength_without_pores, self.bonding_capacity
            )
        )


@dataclass(frozen=True)
class Explained:
    """The share of a variance that a prediction explains on batches it has not seen, 95 % interval.

    1 less the sum of squared errors over that of the mean of the batches that were fitted: 0 is what the
    mean knows, 1 everything, below 0 worse than the mean.
    """

    share: float
    low: float
    high: float


@dataclass(frozen=True)
class Judgement:
    """One strength: what was fitted on `fitted` batches and what it explains of `judged` others."""

    strength: str
    out_of_range: int  # batches pressed harder or softer than the model holds for: neither fitted nor judged
    fitted: int
    judged: int
    spread: float  # relative standard deviation of the judged tensile strengths
    pressures: tuple[float, float]  # Pa, 5 and 95 % quantile of the batches in range
    compaction: Compaction
    strength_from_force: Explained
    hardness_from_force: Explained
    strength_from_solid_fraction: Explained  # measured: Ryshkewitch and Duckworth's law alone
    strength_by_a_line: Explained  # a straight line on force, which knows no physics


def read_cores(folder: Path) -> tuple[dict[str, Cores], int]:
    """Return the cores by strength from `laboratory.csv` and `process.csv`, and how many lack a value.

    Raises `OSError` where a file cannot be read and `ValueError` where a column is missing.
    """
    laboratory = _table(folder / "laboratory.csv", LABORATORY)
    both = laboratory.merge(_table(folder / "process.csv", PROCESS), on="batch").sort_values("batch")
    numbers = both.drop(columns="strength").apply(pd.to_numeric, errors="coerce")
    whole = np.asarray(numbers.notna().all(axis=1))
    strengths = both["strength"].astype(str).str.strip().to_numpy()
    cores = {}
    for strength in sorted(set(strengths), key=lambda text: int("".join(c for c in text if c.isdigit()))):
        of = numbers[whole & (strengths == strength)]
        cores[str(strength)] = Cores(
            batch=of["batch"].to_numpy(np.float64),
            force=of["main_CompForce mean"].to_numpy(np.float64) * 1e3,
            mass=(of["tbl_min_weight"] + of["tbl_max_weight"]).to_numpy(np.float64) * 0.5e-6,
            diameter=of["tbl_max_diameter"].to_numpy(np.float64) * 1e-3,
            thickness=(of["tbl_min_thickness"] + of["tbl_max_thickness"]).to_numpy(np.float64) * 0.5e-3,
            hardness=of["tbl_av_hardness"].to_numpy(np.float64),
            tensile_strength=of["tbl_tensile"].to_numpy(np.float64) * 1e6,
        )
    return cores, int(np.sum(~whole))


def _table(path: Path, columns: tuple[str, ...]) -> pd.DataFrame:
    frame = pd.read_csv(path, sep=";", skipinitialspace=True)
    missing = [name for name in columns if name not in frame.columns]
    if missing:
        raise ValueError(f"{path}: columns {', '.join(missing)} are missing.")
    return frame[list(columns)]


def within_range(cores: Cores) -> Cores:
    """Those batches whose pressure lies where `tablet_compression` holds."""
    field = next(q for q in TABLET_COMPRESSION.settings if q.name == "compression_pressure")
    return cores.pick(np.flatnonzero((cores.pressure >= field.low) & (cores.pressure <= field.high)))


def halves(cores: Cores) -> tuple[Cores, Cores]:
    """Every other batch in order of time, from the first on and from the second on.

    Neighbours share raw material and settings, so that both halves see the same years.
    """
    return cores.pick(slice(0, None, 2)), cores.pick(slice(1, None, 2))


def fit_compaction(cores: Cores) -> Compaction:
    """Fit each law to what it is about, by least squares where it is straight.

    Heckel: ln(1/(1 - D)) over pressure; Ryshkewitch and Duckworth: ln TS over porosity. A slope that leaves
    the range of `tablet_compression` is set to its end, and the intercept to what the means then ask for.
    """
    densification = -np.log1p(-cores.solid_fraction)
    slope, slope_held = _slope(cores.pressure, densification, "heckel_slope")
    strength = np.log(cores.tensile_strength)
    porosity = 1.0 - cores.solid_fraction
    weakening, bonding_held = _slope(porosity, -strength, "bonding_capacity")
    held = zip(("heckel_slope", "bonding_capacity"), (slope_held, bonding_held), strict=True)
    return Compaction(
        heckel_slope=slope,
        heckel_intercept=float(np.mean(densification) - slope * np.mean(cores.pressure)),
        strength_without_pores=math.exp(float(np.mean(strength) + weakening * np.mean(porosity))),
        bonding_capacity=weakening,
        at_a_bound=tuple(name for name, is_held in held if is_held),
    )


def _slope(over: Floats, of: Floats, constant: str) -> tuple[float, bool]:
    """The least-squares slope, held inside the constant's range, and whether it had to be."""
    field = next(q for q in TABLET_COMPRESSION.material if q.name == constant)
    slope = float(stats.linregress(over, of).slope)
    held = min(max(slope, field.low), field.high)
    return held, held != slope


def explained(observed: Floats, predicted: Floats, mean_fitted: float) -> Explained:
    """The share of variance explained, with a 95 % interval by the jackknife over the judged batches."""
    errors, spread = (observed - predicted) ** 2, (observed - mean_fitted) ** 2
    share = 1.0 - np.sum(errors) / np.sum(spread)
    left_out = 1.0 - (np.sum(errors) - errors) / (np.sum(spread) - spread)
    n = len(observed)
    error = math.sqrt((n - 1) / n * float(np.sum((left_out - np.mean(left_out)) ** 2)))
    reach = float(stats.t.ppf(0.975, n - 1)) * error
    return Explained(float(share), float(share - reach), float(share + reach))


def judge(strength: str, cores: Cores) -> Judgement:
    """Fit one half of a strength's batches and judge on the other."""
    held = within_range(cores)
    fitted, judged = halves(held)
    compaction = fit_compaction(fitted)
    from_force = compaction.tensile_strength(compaction.solid_fraction(judged))
    line = stats.linregress(fitted.force, fitted.tensile_strength)
    mean_strength = float(np.mean(fitted.tensile_strength))

    def of_strength(predicted: Floats) -> Explained:
        return explained(judged.tensile_strength, predicted, mean_strength)

    hardness = np.asarray(diametral_crushing_force(from_force, judged.diameter, judged.thickness))
    low, high = np.quantile(held.pressure, (0.05, 0.95))
    return Judgement(
        strength=strength,
        out_of_range=len(cores) - len(held),
        fitted=len(fitted),
        judged=len(judged),
        spread=float(np.std(judged.tensile_strength, ddof=1) / np.mean(judged.tensile_strength)),
        pressures=(float(low), float(high)),
        compaction=compaction,
        strength_from_force=of_strength(from_force),
        hardness_from_force=explained(judged.hardness, hardness, float(np.mean(fitted.hardness))),
        strength_from_solid_fraction=of_strength(compaction.tensile_strength(judged.solid_fraction)),
        strength_by_a_line=of_strength(np.asarray(line.intercept + line.slope * judged.force)),
    )
