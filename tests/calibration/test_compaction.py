"""Compaction fitted to batches: known constants come back; a press held to its hardness teaches nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from twin.calibration.compaction import (
    TRUE_DENSITY,
    Cores,
    Judgement,
    explained,
    fit_compaction,
    halves,
    judge,
    read_cores,
)
from twin.calibration.compaction_report import main, page
from twin.physics.solid_dose.tablet_compression import (
    diametral_crushing_force,
    flat_tablet_thickness,
    heckel_solid_fraction,
    ryshkewitch_duckworth_tensile_strength,
)

DIAMETER, MASS = 8e-3, 230e-6


def pressed(pressure: np.ndarray, noise: float = 0.0) -> Cores:
    """Cores of a powder with K = 8e-9 /Pa, A = 0.6, TS0 = 9 MPa and k = 7, pressed as told."""
    draws = np.random.default_rng(3)
    solid_fraction = heckel_solid_fraction(pressure, 8e-9, 0.6)
    strength = ryshkewitch_duckworth_tensile_strength(solid_fraction, 9e6, 7.0)
    strength = strength * np.exp(noise * draws.standard_normal(len(pressure)))
    thickness = flat_tablet_thickness(MASS, DIAMETER, TRUE_DENSITY * solid_fraction)
    return Cores(
        batch=np.arange(len(pressure), dtype=float),
        force=pressure * np.pi * DIAMETER**2 / 4,
        mass=np.full(len(pressure), MASS),
        diameter=np.full(len(pressure), DIAMETER),
        thickness=thickness,
        hardness=diametral_crushing_force(strength, DIAMETER, thickness),
        tensile_strength=strength,
    )


def pressures(batches: int = 80) -> np.ndarray:
    return np.random.default_rng(1).uniform(80e6, 220e6, batches)


def test_the_constants_of_a_powder_come_back_from_its_batches() -> None:
    fit = fit_compaction(pressed(pressures()))
    assert fit.at_a_bound == ()
    assert fit.heckel_slope == pytest.approx(8e-9, rel=1e-9)
    assert fit.heckel_intercept == pytest.approx(0.6, rel=1e-9)
    assert fit.strength_without_pores == pytest.approx(9e6, rel=1e-9)
    assert fit.bonding_capacity == pytest.approx(7.0, rel=1e-9)


def test_where_pressure_was_varied_force_explains_what_noise_leaves() -> None:
    cores = pressed(pressures(400), noise=0.05)
    judged = judge("varied", cores)
    strength = halves(cores)[1].tensile_strength
    left = 0.05**2 / np.var(np.log(strength))
    assert judged.strength_from_force.share == pytest.approx(1 - left, abs=0.02)
    assert judged.hardness_from_force.low > 0.8


def test_where_strength_has_nothing_to_do_with_force_nothing_is_explained() -> None:
    cores = pressed(pressures(400))
    shuffled = np.random.default_rng(5).permutation(cores.tensile_strength)
    judged = judge("held", replace(cores, tensile_strength=shuffled))
    assert judged.strength_from_force.share < 0.0
    assert abs(judged.strength_by_a_line.share) < 0.03


def test_a_law_that_the_batches_contradict_is_held_at_the_end_of_its_range() -> None:
    cores = pressed(pressures())
    fit = fit_compaction(replace(cores, force=np.sort(cores.force), thickness=np.sort(cores.thickness)))
    assert fit.at_a_bound[0] == "heckel_slope"
    assert fit.heckel_slope == 1e-10


def test_batches_pressed_harder_than_the_model_holds_for_are_left_out() -> None:
    judged = judge("hard", pressed(np.linspace(60e6, 360e6, 61)))
    assert (judged.fitted, judged.judged, judged.out_of_range) == (25, 24, 12)


def test_the_share_explained_is_one_for_the_truth_and_nothing_for_the_mean() -> None:
    observed = np.array([1.0, 2.0, 3.0, 4.0])
    assert explained(observed, observed, 2.5).share == 1.0
    assert explained(observed, np.full(4, 2.5), 2.5).share == 0.0
    assert explained(observed, np.full(4, 2.0), 2.5).share == pytest.approx(1 - 6 / 5)


def test_batches_are_read_in_si_and_those_without_a_value_left_out(tmp_path: Path) -> None:
    (tmp_path / "laboratory.csv").write_text(
        "batch;strength;tbl_min_weight;tbl_max_weight;tbl_min_thickness;tbl_max_thickness;tbl_max_diameter;"
        "tbl_av_hardness;tbl_tensile\n"
        "2;20M;226;234;4;4.2;8;60;1.2\n1;5MG;108;112;3.3;3.4;6;50;1.6\n3;5MG; ;112;3.3;3.4;6;50;1.6\n"
    )
    (tmp_path / "process.csv").write_text("batch;main_CompForce mean\n1;4.5\n2;6.5\n3;4.4\n")
    cores, without_values = read_cores(tmp_path)
    assert (list(cores), without_values) == (["5MG", "20M"], 1)
    assert cores["20M"].force.tolist() == [6500.0]
    assert cores["20M"].mass == pytest.approx([230e-6])
    assert cores["20M"].thickness == pytest.approx([4.1e-3])
    assert cores["5MG"].batch.tolist() == [1.0]
    assert cores["5MG"].tensile_strength == pytest.approx([1.6e6])


def test_a_table_without_a_column_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "laboratory.csv").write_text("batch;strength\n1;5MG\n")
    with pytest.raises(ValueError, match=r"laboratory\.csv: columns tbl_min_.*tbl_tensile are missing"):
        read_cores(tmp_path)


@pytest.fixture(scope="module")
def judgements(real_data: Path) -> dict[str, Judgement]:
    return {strength: judge(strength, cores) for strength, cores in read_cores(real_data)[0].items()}


def test_the_real_press_is_held_to_its_hardness(judgements: dict[str, Judgement]) -> None:
    assert sum(j.fitted + j.judged + j.out_of_range for j in judgements.values()) == 790
    assert all(j.strength_from_force.share < 0.1 for j in judgements.values())
    assert all(j.strength_by_a_line.share < 0.1 for j in judgements.values())


def test_the_page_and_its_figure_are_what_the_data_give(real_data: Path, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    main([str(real_data), "--out", str(tmp_path)])
    committed = Path(__file__).resolve().parents[2] / "docs" / "compaction.md"
    assert (tmp_path / "compaction.md").read_text("utf-8") == committed.read_text("utf-8")
    assert (tmp_path / "validation" / "compaction.svg").stat().st_size > 10_000


def test_the_page_says_so_where_force_does_explain() -> None:
    told = page([judge("varied", pressed(pressures(400), noise=0.05))], 0)
    assert "next to nothing" not in told
    assert "held at the end" not in told
