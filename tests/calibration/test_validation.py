"""The validation of the real press: what was asked for is reached, and the report says what is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from twin.calibration.evidence import Validation
from twin.calibration.fragment import short_form
from twin.calibration.plots import Bar, interval_plot
from twin.calibration.prediction import QUANTITIES, coverage, error_of_the_mean, score
from twin.calibration.press_model import PressPlace
from twin.calibration.report import report
from twin.calibration.validate import draw, main, read_products, validate

PLANT = Path(__file__).resolve().parents[2] / "plant_models" / "tablet_line.yaml"


@pytest.fixture(scope="module")
def validation(real_data: Path) -> Validation:
    return validate(real_data, PressPlace(source=PLANT), runs=1000, bootstraps=4, seed=20181118)


def test_thirteen_of_sixteen_batches_lie_in_their_intervals(validation: Validation) -> None:
    inside, of = coverage(validation.left_out, "batch_time", 0.9)
    assert of == 16
    assert inside >= 13


def test_the_intervals_are_not_wide_enough_to_hold_anything(validation: Validation) -> None:
    scores = [score(p, "batch_time", 0.9) for p in validation.left_out]
    assert max(s.high - s.low for s in scores) < 2.5 * 3600
    assert 5 <= coverage(validation.left_out, "batch_time", 0.5)[0] <= 11


def test_the_mean_is_off_by_less_than_a_tenth(validation: Validation) -> None:
    assert abs(error_of_the_mean(validation.left_out, "batch_time")) < 0.1


def test_a_batch_is_predicted_by_a_fit_that_has_not_seen_its_campaign(validation: Validation) -> None:
    for prediction in validation.left_out:
        assert prediction.batch.campaign not in prediction.fit.campaigns
    assert len({prediction.fit.batches for prediction in validation.left_out}) == 5


def test_product_5_is_predicted_without_having_been_seen(validation: Validation) -> None:
    inside = {p.batch.batch: score(p, "batch_time", 0.9).inside for p in validation.predicted}
    assert inside[364]
    assert inside[365]
    assert all(p.fit.batches == validation.fit.batches for p in validation.predicted)
    assert all(p.batch.product == 5 for p in validation.predicted)


def test_waste_is_not_scored_where_its_counter_stuck(validation: Validation) -> None:
    assert coverage(validation.left_out, "waste", 0.9)[1] == 15
    assert all(coverage(validation.left_out, quantity, 0.9)[1] >= 15 for quantity in QUANTITIES)


def test_the_plant_file_holds_the_fitted_numbers(validation: Validation) -> None:
    text = PLANT.read_text(encoding="utf-8")
    for name, fitted in validation.fit.distributions().items():
        if name != "running":
            assert short_form(fitted) in text
    ratio = validation.fit.running.estimates
    mass, spread = 225 / ratio["mean"].value, 225 * ratio["sd"].value / ratio["mean"].value ** 2
    assert f"tablet_mass: normal(mean={mass:.2f} mg, sd={spread:.2f} mg)" in text


def test_products_are_known_by_size_and_core_mass(real_data: Path) -> None:
    products = read_products(real_data)
    assert (products.batch_size[3], products.batch_size[5]) == (960_000, 2_400_000)
    assert products.tablet_mass[3] == pytest.approx(225e-6)


def test_the_report_names_what_it_reaches_and_what_it_misses(validation: Validation, tmp_path: Path) -> None:
    text = report(validation)
    assert "14 of 16" in text
    assert "less than 10%: reached." in text
    assert "inside are 364, 365; outside is 117." in text
    assert "Outside their intervals: 60 (10.26 h), 164 (10.72 h)." in text
    draw(validation, tmp_path)
    drawn = {path.stem for path in tmp_path.glob("*.svg")}
    assert drawn == {"batch_time", "stops", "waste", "spreads"}
    assert all(f"validation/{name}.svg" in text for name in drawn)


def test_equal_values_give_an_equal_figure(tmp_path: Path) -> None:
    bars = [Bar("1", 2.0, 1.5, 1.0, 3.0), Bar("2", 4.0, 1.5, 1.0, 3.0)]
    interval_plot([("a", bars)], "h", tmp_path / "first.svg")
    interval_plot([("a", bars)], "h", tmp_path / "second.svg")
    assert (tmp_path / "first.svg").read_bytes() == (tmp_path / "second.svg").read_bytes()


def test_the_command_wants_a_folder(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([])
    assert ended.value.code == 2
    assert "data" in capsys.readouterr().err
