"""Raw material fitted to a laboratory's table: known powders come back, and the real one is what it is."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from twin.calibration.raw_material import (
    MATERIALS,
    SHARES,
    below,
    correlations,
    entry,
    fit_raw_material,
    fit_strength,
    fitted,
    lots,
    main,
    mixtures,
    powder_size,
    pressure_of,
    read_table,
    strength_left,
    water_of,
)
from twin.plant.load import load_plant

ONE_ABOVE = 0.8413447460685429  # of a normal distribution below one standard deviation


def sieved(median: float, spread: float) -> dict[str, float]:
    """Per cent of a lognormal powder below the laboratory's three sieves, in um."""
    points = [(median * np.exp(-spread), 1 - ONE_ABOVE), (median * np.exp(spread), ONE_ABOVE)]
    sieves = {"lactose_sieve0045": 45.0, "lactose_sieve015": 150.0, "lactose_sieve025": 250.0}
    return {name: 100.0 * below(size, points) for name, size in sieves.items()}


def deciles(material: str, median: float, spread: float) -> dict[str, float]:
    factors = {
        "01": np.exp(-1.2815515655446004 * spread),
        "05": 1.0,
        "09": np.exp(1.2815515655446004 * spread),
    }
    return {f"{material}_ps{name}": median * factor for name, factor in factors.items()}


def row(**changed: float) -> dict[str, float]:
    """A product batch whose drug, lactose and cellulose are one lognormal powder of 100 um and spread .6."""
    plain = {
        "code": 1, "tbl_tensile": 1.2, "tbl_max_diameter": 8.1, "api_code": 3,
        "api_batch": 1, "lactose_batch": 1, "smcc_batch": 1, "starch_batch": 1,
        "api_water": 2.0, "api_content": 94.0, "lactose_water": 0.5, "smcc_water": 5.0, "starch_water": 10.0,
        "smcc_td": 0.45, "smcc_bd": 0.33, "starch_ph": 4.5,
        **deciles("api", 100.0, 0.6), **deciles("smcc", 100.0, 0.6), **sieved(100.0, 0.6),
    }  # fmt: skip
    return plain | changed


def table(tmp_path: Path, rows: list[dict[str, float]]) -> pd.DataFrame:
    pd.DataFrame(rows).to_csv(tmp_path / "laboratory.csv", sep=";", index=False)
    return read_table(tmp_path)


def test_a_powder_of_equal_lognormal_parts_is_that_lognormal_powder() -> None:
    batch = row()
    assert powder_size(batch, 0.5) == pytest.approx(100.0, rel=1e-5)
    assert powder_size(batch, ONE_ABOVE) == pytest.approx(100.0 * np.exp(0.6), rel=1e-5)
    assert powder_size(batch, 0.1) == pytest.approx(batch["api_ps01"], rel=1e-5)


def test_a_coarser_part_makes_the_mixture_coarser_by_its_share() -> None:
    batch = row(**deciles("smcc", 200.0, 0.6))
    size = powder_size(batch, 0.5)
    parts = [(SHARES["api"] + SHARES["lactose"], 100.0), (SHARES["smcc"], 200.0)]
    share = sum(
        weight * below(size, [(median * np.exp(-0.6), 1 - ONE_ABOVE), (median * np.exp(0.6), ONE_ABOVE)])
        for weight, median in parts
    )
    assert share / sum(weight for weight, _ in parts) == pytest.approx(0.5, abs=1e-6)
    assert 100.0 < size < 200.0


def test_water_of_the_powder_is_that_of_its_parts_over_dry_mass(tmp_path: Path) -> None:
    water = water_of(table(tmp_path, [row()]))
    dry = 0.09 * 2 / 98 + 0.60 * 0.5 / 99.5 + 0.20 * 5 / 95 + 0.10 * 10 / 90
    assert water == pytest.approx([dry / 0.99])


def test_a_lot_counts_once_however_many_batches_take_it(tmp_path: Path) -> None:
    rows = [row(api_batch=1, api_ps05=100.0), row(api_batch=1, api_ps05=104.0), row(api_batch=2)]
    drug = lots(table(tmp_path, rows), "api")
    assert drug["api_ps05"].tolist() == [102.0, 100.0]
    assert len(mixtures(table(tmp_path, rows))) == 2


def test_a_size_of_zero_was_not_recorded(tmp_path: Path) -> None:
    found = table(tmp_path, [row(), row(api_batch=2, api_ps01=0.0)])
    assert lots(found, "api").index.tolist() == [1]


def test_the_distribution_that_lots_were_drawn_from_comes_back() -> None:
    values = np.random.default_rng(3).normal(46.0, 5.5, 400)
    fit = fitted("drug_d50", "api_ps05", values, " um", repeats=50)
    assert fit.distribution.kind in ("normal", "lognormal", "gamma")
    mean = fit.distribution.estimates["mean"]
    assert mean.low < 46.0 < mean.high
    assert fit.goodness.anderson_darling_p > 0.05
    skewed = np.random.default_rng(3).lognormal(np.log(10.0), 0.8, 400)
    assert fitted("x", "y", skewed, "", repeats=2).distribution.kind == "lognormal"


def test_columns_that_go_together_are_named(tmp_path: Path) -> None:
    draws = np.random.default_rng(1)
    sizes = draws.normal(100.0, 10.0, 30)
    rows = [
        row(api_batch=k, api_ps05=size, api_ps09=2 * size, api_ps01=20.0 + draws.normal())
        for k, size in enumerate(sizes)
    ]
    found = [c for c in correlations(table(tmp_path, rows)) if c.first.startswith("api")]
    assert [(c.first, c.second, c.value, c.lots) for c in found] == [("api_ps05", "api_ps09", 1.0, 30)]


def test_what_compression_and_lubrication_leave_is_taken_off_the_cores(tmp_path: Path) -> None:
    rows = [row(api_batch=k, tbl_tensile=t) for k, t in enumerate((1.0, 1.1, 1.2, 1.3, 1.4))]
    left = strength_left(119e6, 0.5)
    fit = fit_strength(table(tmp_path, rows), 1, 119e6, 0.5, repeats=2)
    assert np.mean(fit.values) * left == pytest.approx(1.2)
    assert strength_left(181e6, 0.5) > left > strength_left(119e6, 0.4)


def test_a_table_without_a_column_and_a_grade_without_lots_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"The drug's grade 2 has 0 lots"):
        fit_raw_material(table(tmp_path, [row()]), grade=2)
    batch = row()
    del batch["starch_water"]
    with pytest.raises(ValueError, match=r"laboratory.csv: columns starch_water are missing"):
        table(tmp_path, [batch])


def test_an_entry_is_one_that_a_recipe_takes() -> None:
    values = np.random.default_rng(1).normal(46.0, 5.5, 40)
    line = entry(fitted("drug_d50", "api_ps05", values, " um", repeats=2))
    name, value = line.partition("  #")[0].split(": ", 1)
    changes = {
        f"recipes.tablet_20mg.material.{name}": value,
        "recipes.tablet_20mg.operations.dissolve": "{after: coat, on: [qc_bench], physics: dissolution}",
    }
    root = Path(__file__).resolve().parents[2]
    plant = load_plant(root / "plant_models" / "solid_dose.yaml", changes).plant
    assert plant.recipes["tablet_20mg"].material["drug_d50"].mean == pytest.approx(46e-6, rel=0.05)


# The real table


def test_the_recorded_lots_of_the_drug(real_data: Path) -> None:
    rows = read_table(real_data)
    assert len(rows) == 800
    assert {m: rows[f"{m}_batch"].nunique() for m in MATERIALS} == {
        "api": 178, "lactose": 18, "smcc": 15, "starch": 14,
    }  # fmt: skip
    by_name = {fit.name: fit for fit in fit_raw_material(rows, grade=3, repeats=20)}
    median = by_name["drug_d50"].distribution
    assert (median.kind, median.n) == ("normal", 83)
    assert median.estimates["mean"].value == pytest.approx(46.364, abs=1e-3)
    assert median.estimates["sd"].value == pytest.approx(5.5878, abs=1e-3)
    assert by_name["drug_d50"].goodness.kolmogorov_smirnov == pytest.approx(0.064, abs=1e-3)
    assay = by_name["assay"].distribution
    assert assay.estimates["sd"].value == pytest.approx(0.003372, abs=1e-6)
    water = by_name["moisture"].distribution
    assert (water.kind, water.n) == ("lognormal", 257)
    assert water.estimates["mean"].value == pytest.approx(1.411, abs=1e-3)
    assert water.estimates["cv"].value == pytest.approx(0.0574, abs=1e-4)
    size = by_name["primary_d50"].distribution
    assert size.estimates["mean"].value == pytest.approx(123.5, abs=0.05)
    assert size.estimates["cv"].value == pytest.approx(0.03336, abs=1e-4)


def test_few_lots_of_excipients_make_no_smooth_distribution(real_data: Path) -> None:
    """Fourteen lots of starch decide most of the water: chance rarely leaves such gaps."""
    fits = {fit.name: fit for fit in fit_raw_material(read_table(real_data), grade=3, repeats=99)}
    assert fits["moisture"].goodness.anderson_darling_p < 0.05
    assert fits["drug_d50"].goodness.anderson_darling_p > 0.2


def test_recorded_columns_that_independent_draws_would_tear_apart(real_data: Path) -> None:
    found = {(c.first, c.second): round(c.value, 2) for c in correlations(read_table(real_data))}
    assert found["api_ps05", "api_ps09"] == 0.87
    assert found["api_ps01", "api_ps05"] == 0.82
    assert found["api_water", "api_content"] == -0.85
    assert found["smcc_ps05", "smcc_ps09"] == 0.79
    assert len(found) == 10


@pytest.mark.parametrize(
    ("code", "pressure", "mean", "spread"),
    [(3, 119.1e6, 1.018, 0.0717), (13, 181.2e6, 1.597, 0.1101), (4, 126.0e6, 1.076, 0.0547)],
)
def test_the_recorded_strength_of_cores(
    real_data: Path, code: int, pressure: float, mean: float, spread: float
) -> None:
    rows = read_table(real_data)
    assert pressure_of(rows, real_data, code) == pytest.approx(pressure, rel=0.01)
    fit = fit_strength(rows, code, pressure, 0.53, repeats=2)
    assert np.mean(fit.values) * strength_left(pressure, 0.53) == pytest.approx(mean, abs=1e-3)
    numbers = {name: e.value for name, e in fit.distribution.estimates.items()}
    assert numbers.get("cv", numbers.get("sd", 0.0) / numbers["mean"]) == pytest.approx(spread, abs=1e-4)


def test_the_command_prints_what_the_scenario_says(
    real_data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main([str(real_data), "--repeats", "9"])
    printed = capsys.readouterr().out
    scenario = Path(__file__).resolve().parents[2] / "scenarios" / "solid_dose_physics.yaml"
    said = scenario.read_text(encoding="utf-8")
    lines = [line.strip("# ").partition("  # ")[0] for line in printed.splitlines()]
    entries = [line for line in lines if re.match(r"[a-z_0-9]+: ", line)]
    assert len(entries) == 10
    code_4 = entries.pop()  # the scenario's has another lubrication, of a fuller bin
    assert code_4.startswith("strength_without_pores")
    assert [entry for entry in entries if f"    {entry}" not in said] == []
