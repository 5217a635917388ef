"""Raw-material variability from a laboratory's table: `python -m twin.calibration.raw_material DATA_DIR`.

The table has one row per product batch, with what the laboratory found of the drug and of three excipients
that went into it. A raw-material lot goes into many product batches, so that values are fitted lot by lot
and not row by row; what several materials decide together (the powder's moisture and size) is computed with
the shares of an assumed recipe for every combination of lots. Prints entries for a recipe's `material`, how
well they fit, what columns have to do with one another and which columns no model takes. Nothing here knows a
plant; nothing here writes a file.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special, stats

from twin.calibration.fragment import short_form
from twin.calibration.goodness import Goodness, goodness
from twin.calibration.likelihood import FitKind, FittedDistribution, fit_kind
from twin.calibration.report import table
from twin.physics.solid_dose.tablet_compression import (
    TABLET_COMPRESSION,
    heckel_solid_fraction,
    ryshkewitch_duckworth_tensile_strength,
)

Floats = NDArray[np.float64]

MATERIALS: Mapping[str, tuple[str, ...]] = {
    "api": ("api_water", "api_content", "api_ps01", "api_ps05", "api_ps09"),
    "lactose": ("lactose_water", "lactose_sieve0045", "lactose_sieve015", "lactose_sieve025"),
    "smcc": ("smcc_water", "smcc_td", "smcc_bd", "smcc_ps01", "smcc_ps05", "smcc_ps09"),
    "starch": ("starch_ph", "starch_water"),
}
_COLUMNS = [column for columns in MATERIALS.values() for column in columns]
_LOTS = [f"{material}_batch" for material in MATERIALS]
TABLETS = ("code", "tbl_tensile", "tbl_max_diameter")
# Mass over mass of core: the drug by dose over weight (20 mg in 225 mg, and as much in the other strengths),
# the others assumed, for the table has no formula. What is missing to 1 is lubricant.
SHARES: Mapping[str, float] = {"api": 0.09, "lactose": 0.60, "smcc": 0.20, "starch": 0.10}
SIZES: Mapping[str, tuple[tuple[str, float | None], ...]] = {  # shares below a size: column, or size in um
    "api": (("api_ps01", None), ("api_ps05", None), ("api_ps09", None)),
    "lactose": (("lactose_sieve0045", 45.0), ("lactose_sieve015", 150.0), ("lactose_sieve025", 250.0)),
    "smcc": (("smcc_ps01", None), ("smcc_ps05", None), ("smcc_ps09", None)),
}
DECILES = (0.1, 0.5, 0.9)
NOT_RECORDED = ("api_ps01", "api_ps05", "api_ps09", "api_water")  # 0 stands for no value
UNUSED: Mapping[str, str] = {
    "smcc_td, smcc_bd": "of one excipient, where granulation takes the whole powder's bulk density",
    "starch_ph": "no model has a pH",
    "api_total_impurities, api_l_impurity": "no model has impurities of the drug",
    "residual solvent, impurities of the tablet": "found at the end, not brought in",
}
STRONG = 0.5  # a rank correlation from which on independent draws mislead
KINDS: tuple[FitKind, ...] = ("normal", "lognormal", "gamma")


@dataclass(frozen=True)
class Fitted:
    """One input of a model: what was fitted to which values, and how well that describes them."""

    name: str  # of the model's input
    origin: str  # the columns
    values: Floats  # shape (n,), in `unit`
    unit: str  # as a plant file writes it; "" for none
    distribution: FittedDistribution
    goodness: Goodness


@dataclass(frozen=True)
class Correlation:
    """Two columns of one material: their rank correlation (Spearman) over its lots."""

    first: str
    second: str
    value: float
    lots: int


def read_table(folder: Path) -> pd.DataFrame:
    """Return the rows of `laboratory.csv` with the columns used here as numbers, NaN where there is none.

    Raises `OSError` where the file cannot be read and `ValueError` where a column is missing.
    """
    path = folder / "laboratory.csv"
    frame = pd.read_csv(path, sep=";", skipinitialspace=True)
    wanted = [*TABLETS, "api_code", *_LOTS, *_COLUMNS]
    missing = [name for name in wanted if name not in frame.columns]
    if missing:
        raise ValueError(f"{path}: columns {', '.join(missing)} are missing.")
    numbers: pd.DataFrame = frame[wanted].apply(pd.to_numeric, errors="coerce")
    held = numbers[list(NOT_RECORDED)]
    numbers[list(NOT_RECORDED)] = held.where(held > 0.0)
    return numbers


def lots(rows: pd.DataFrame, material: str) -> pd.DataFrame:
    """Return the lots of a material, one row each: means over the product batches that name the lot first.

    A product batch takes more than one lot now and then, and its row then has their mean.
    """
    means: pd.DataFrame = rows.groupby(f"{material}_batch")[list(MATERIALS[material])].mean()
    return means.dropna()


def correlations(rows: pd.DataFrame) -> list[Correlation]:
    """Return the rank correlations of `STRONG` or more between columns of one material, over its lots."""
    found = []
    for material, every in MATERIALS.items():
        of = lots(rows, material)
        columns = tuple(column for column in every if of[column].nunique() > 1)
        for i, first in enumerate(columns):
            for second in columns[i + 1 :]:
                value = float(stats.spearmanr(of[first], of[second]).statistic)
                if abs(value) >= STRONG:
                    found.append(Correlation(first, second, value, len(of)))
    return found


def water_of(rows: pd.DataFrame) -> Floats:
    """Return the water of each row's powder over its dry mass, shape (rows,), by the recipe's `SHARES`.

    A material of w % of water by mass has w/(100 - w) over its dry mass.
    """
    dry = sum(SHARES.values())
    wet = sum(share * rows[f"{m}_water"] / (100.0 - rows[f"{m}_water"]) for m, share in SHARES.items())
    return np.asarray(wet / dry, dtype=np.float64)


def below(size: float, points: Sequence[tuple[float, float]]) -> float:
    """Return the share of a powder below `size`, from `points` of size and share in rising order.

    Between and beyond the points the share's normal score is straight over the logarithm of size, so that
    a lognormal powder comes back as it is.

    >>> round(below(100.0, [(50.0, 0.158655), (200.0, 0.841345)]), 4)
    0.5
    """
    at = [math.log(place) for place, _ in points]
    score = [float(special.ndtri(share)) for _, share in points]
    x = math.log(size)
    k = min(max(sum(place < x for place in at) - 1, 0), len(at) - 2)
    slope = (score[k + 1] - score[k]) / (at[k + 1] - at[k])
    return float(special.ndtr(score[k] + slope * (x - at[k])))


def powder_size(row: Mapping[str, float], share: float) -> float:
    """Return the size in um that `share` of a row's powder lies below: a mixture by the recipe's `SHARES`.

    Materials of one true density; starch, whose size the table does not have, is left out. NaN where a size
    is not recorded. To .01 um, by halving.
    """
    parts = [(SHARES[m], _points(row, columns)) for m, columns in SIZES.items()]
    if any(math.isnan(size) or not 0.0 < part < 1.0 for _, points in parts for size, part in points):
        return math.nan
    whole = sum(weight for weight, _ in parts)
    low, high = 0.0, math.log(1e4)
    while high - low > 1e-6:
        middle = 0.5 * (low + high)
        found = sum(weight * below(math.exp(middle), points) for weight, points in parts) / whole
        low, high = (middle, high) if found < share else (low, middle)
    return math.exp(0.5 * (low + high))


def _points(
    row: Mapping[str, float], columns: Sequence[tuple[str, float | None]]
) -> list[tuple[float, float]]:
    """Sizes in um and shares below: a size for each decile, or per cent below a sieve."""
    return [
        (row[column], decile) if sieve is None else (sieve, row[column] / 100.0)
        for (column, sieve), decile in zip(columns, DECILES, strict=True)
    ]


def mixtures(rows: pd.DataFrame) -> pd.DataFrame:
    """Return what differs in the powders that were made: `moisture`, `median` and `upper` size in um.

    One row for each combination of raw-material lots, the mean of its product batches. `upper` is below which
    84.1 % lie: one standard deviation above the median of a lognormal powder.
    """
    powders = rows.groupby(_LOTS)[_COLUMNS].mean().dropna().reset_index(drop=True)
    records = [{name: float(row[name]) for name in _COLUMNS} for _, row in powders.iterrows()]
    one_above = float(special.ndtr(1.0))
    return pd.DataFrame(
        {
            "moisture": water_of(powders),
            "median": [powder_size(row, 0.5) for row in records],
            "upper": [powder_size(row, one_above) for row in records],
        }
    )


def strength_left(pressure: float, lubrication_factor: float) -> float:
    """Return what a core pressed with `pressure` in Pa has of its strength without pores.

    By `tablet_compression` with its defaults, times what lubrication left.

    >>> round(strength_left(119e6, 0.55), 4)
    0.1258
    """
    default = {q.name: q.default for q in TABLET_COMPRESSION.material if q.default is not None}
    solid = heckel_solid_fraction(pressure, default["heckel_slope"], default["heckel_intercept"])
    of_one = ryshkewitch_duckworth_tensile_strength(solid, 1.0, default["bonding_capacity"])
    return lubrication_factor * float(of_one)


def fitted(name: str, origin: str, values: Floats, unit: str, repeats: int) -> Fitted:
    """Fit each of `KINDS` to independent `values`, shape (n,), and keep the one of the highest likelihood."""
    best = max((fit_kind(kind, values, "1") for kind in KINDS), key=lambda fit: fit.log_likelihood)
    kind = next(k for k in KINDS if k == best.kind)
    return Fitted(name, origin, values, unit, best, goodness(kind, best, values, repeats, seed=1))


def fit_raw_material(rows: pd.DataFrame, grade: int, repeats: int = 200) -> list[Fitted]:
    """Fit what granulation, compression and dissolution take of raw material; the drug of one `grade`.

    Goodness of fit is judged by `repeats` bootstrap samples. Raises `ValueError` for a grade of fewer than
    three lots.
    """
    drug = lots(rows[rows["api_code"] == grade], "api")
    if len(drug) < 3:
        raise ValueError(f"The drug's grade {grade} has {len(drug)} lots; a fit needs three or more.")
    powders = mixtures(rows)
    size = powders["median"].dropna().to_numpy(np.float64)
    content = drug["api_content"].to_numpy(np.float64)
    water = 100.0 * powders["moisture"].to_numpy(np.float64)
    waters = ", ".join(f"{m}_water" for m in MATERIALS)
    median = drug["api_ps05"].to_numpy(np.float64)
    return [
        fitted("moisture", waters, water, " %", repeats),
        fitted("primary_d50", ", ".join(c for m in SIZES.values() for c, _ in m), size, " um", repeats),
        fitted("drug_d50", "api_ps05", median, " um", repeats),
        fitted("assay", "api_content over its mean", content / np.mean(content), "", repeats),
    ]


def fit_strength(
    rows: pd.DataFrame, code: int, pressure: float, lubrication_factor: float, repeats: int = 200
) -> Fitted:
    """Fit the strength without pores of a product `code`'s cores, in MPa, from their tensile strength."""
    tensile = rows.loc[rows["code"] == code, "tbl_tensile"].dropna().to_numpy(np.float64)
    values = tensile / strength_left(pressure, lubrication_factor)
    return fitted("strength_without_pores", f"tbl_tensile of code {code}", values, " MPa", repeats)


def pressure_of(rows: pd.DataFrame, folder: Path, code: int) -> float:
    """Return the mean pressure in Pa on the cores of a `code`: force over the punch.

    Force from `process.csv`, whose rows are those of the laboratory's table; the punch has the whole
    millimetres of the median diameter, because tablets come out a tenth larger than the die.
    """
    process = pd.read_csv(folder / "process.csv", sep=";", skipinitialspace=True)
    force = pd.to_numeric(process.loc[process["code"] == code, "main_CompForce mean"], errors="coerce")
    punch = math.floor(float(rows.loc[rows["code"] == code, "tbl_max_diameter"].median())) * 1e-3
    return float(force.mean()) * 1e3 / (0.25 * math.pi * punch**2)


def entry(fit: Fitted) -> str:
    """One line of a recipe's `material`, and where it comes from."""
    text = short_form(fit.distribution)
    for name in ("mean", "sd"):
        shown = text.partition(f"{name}=")[2].partition(",")[0].partition(")")[0]
        text = text.replace(f"{name}={shown}", f"{name}={shown}{fit.unit}") if shown else text
    return f"{fit.name}: {text}  # {fit.origin}; n = {len(fit.values)}"


def shape_of(drug: pd.DataFrame) -> list[str]:
    """The drug's `drug_d10` and `drug_d90`, which stand still beside a drawn median.

    The lognormal powder that has the median and the mean recorded upper decile: below the median the recorded
    drug is finer than that.
    """
    median, upper = float(drug["api_ps05"].mean()), float(drug["api_ps09"].mean())
    recorded = float(drug["api_ps01"].mean())
    return [
        f"drug_d10: {median**2 / upper:.3g} um  # of a lognormal powder; recorded: {recorded:.3g} um",
        f"drug_d90: {upper:.4g} um  # api_ps09, mean; n = {len(drug)}",
    ]


def report(
    folder: Path, grade: int, codes: Sequence[int], lubrication_factor: float, repeats: int = 200
) -> str:
    """All that the command prints."""
    rows = read_table(folder)
    fits = fit_raw_material(rows, grade, repeats)
    powders = mixtures(rows)
    spread = float(np.mean(np.log(powders["upper"] / powders["median"])))
    drug = lots(rows[rows["api_code"] == grade], "api")
    strengths = [
        fit_strength(rows, code, pressure_of(rows, folder, code), lubrication_factor, repeats)
        for code in codes
    ]
    lines = [
        f"# {len(rows)} product batches, drug of grade {grade}; n lots, combinations of lots, or batches.",
        "material:",
        *(f"  {entry(fit)}" for fit in fits),
        f"  primary_spread: {spread:.3g}  # ln of the size below which 84.1 % lie over the median, mean",
        *(f"  {line}" for line in shape_of(drug)),
        *(f"  # {entry(fit)}" for fit in strengths),
    ]
    tables = (lines, _fits(fits + strengths), _related(rows), _lots_used(rows), _unused())
    return "\n\n".join("\n".join(part) for part in tables)


def _fits(fits: Sequence[Fitted]) -> list[str]:
    rows = [
        (
            f.name, f.origin, str(f.goodness.n), f.distribution.kind, f"{f.goodness.kolmogorov_smirnov:.3f}",
            f"{f.goodness.kolmogorov_smirnov_p:.3f}", f"{f.goodness.anderson_darling:.2f}",
            f"{f.goodness.anderson_darling_p:.3f}",
        )
        for f in fits
    ]  # fmt: skip
    return table(("input", "columns", "n", "fitted", "D", "p of D", "A²", "p of A²"), rows)


def _related(rows: pd.DataFrame) -> list[str]:
    found = [(c.first, c.second, f"{c.value:+.2f}", str(c.lots)) for c in correlations(rows)]
    return table(("column", "goes with", "rank correlation", "lots"), found)


def _lots_used(rows: pd.DataFrame) -> list[str]:
    counted = [(m, rows[f"{m}_batch"].nunique()) for m in MATERIALS]
    return table(
        ("material", "lots", "product batches a lot"),
        [(m, str(n), f"{len(rows) / n:.1f}") for m, n in counted],
    )


def _unused() -> list[str]:
    return table(("columns that no input takes", "why"), list(UNUSED.items()))


def main(arguments: Sequence[str] | None = None) -> None:
    """Print entries for a recipe's `material`, fitted to a laboratory's table, and how well they fit."""
    parser = argparse.ArgumentParser(prog="python -m twin.calibration.raw_material", description=main.__doc__)
    parser.add_argument("data", type=Path, help="folder with laboratory.csv and process.csv")
    parser.add_argument("--grade", type=int, default=3, help="api_code of the drug")
    parser.add_argument("--code", type=int, nargs="*", default=[3, 13, 4], help="product codes of cores")
    parser.add_argument(
        "--lubrication-factor", type=float, default=0.53, help="what lubrication leaves of strength"
    )
    parser.add_argument("--repeats", type=int, default=200, help="bootstrap samples for goodness of fit")
    given = parser.parse_args(arguments)
    print(report(given.data, given.grade, given.code, given.lubrication_factor, given.repeats))


if __name__ == "__main__":
    main()
