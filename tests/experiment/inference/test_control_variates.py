"""Control variates: exact where the answer is known, honest coverage, and a plant whose makespan is its
draws.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

import twin
from twin.experiment.control_draws import controlled, run_controls
from twin.experiment.inference.control_variates import (
    chosen_controls,
    controlled_mean,
    regression_estimate,
)

ONE_MACHINE = """\
twin: 1
plant: One machine that works off what is there
equipment:
  press: {}
recipes:
  tablet:
    batch: 100 pieces
    operations:
      - press: {on: [press], takes: exponential(mean=10 min)}
orders:
  - {recipe: tablet, batches: 12}
"""


def experiments(
    explained: float, controls: int, n: int, count: int, seed: int
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Normal values of mean 0, a share of whose variance two of the controls explain."""
    generator = np.random.default_rng(seed)
    found = []
    for _ in range(count):
        c = generator.normal(size=(n, controls))
        noise = generator.normal(size=n)
        signal = (c[:, 0] + c[:, 1]) / math.sqrt(2)
        found.append((math.sqrt(explained) * signal + math.sqrt(1 - explained) * noise, c))
    return found


@pytest.mark.parametrize(("explained", "controls"), [(0.0, 5), (0.0, 30), (0.3, 30), (0.7, 5), (0.9, 30)])
def test_the_interval_covers_at_its_level_whatever_the_controls_are_worth(
    explained: float, controls: int
) -> None:
    count, level = 1000, 0.95
    found = [controlled_mean(y, c, level) for y, c in experiments(explained, controls, 40, count, 41)]
    hits = sum(f.interval.low <= 0 <= f.interval.high for f in found)
    assert hits / count > level - 3.5 * math.sqrt(level * (1 - level) / count)
    ratio = np.mean([f.interval.half_width for f in found]) / np.mean([f.plain.half_width for f in found])
    expected = math.sqrt(1 - explained)
    assert ratio < min(1.02, 1.6 * expected)


def test_controls_that_tell_nothing_are_left_alone() -> None:
    found = [controlled_mean(y, c, 0.95) for y, c in experiments(0.0, 10, 60, 200, 42)]
    unused = [f for f in found if f.controls == ((), ())]
    assert len(unused) > 150
    assert all(f.interval == f.plain and f.narrower == 1 for f in unused)


def test_the_regression_is_that_of_the_book_for_one_control() -> None:
    # ȳ − β(c̄ − μ), s²·(1/n + (c̄ − μ)²/Σ(c − c̄)²), n − 2 degrees of freedom.
    generator = np.random.default_rng(43)
    c = generator.normal(0.3, 1, 25)
    y = 5 + 2 * c + generator.normal(size=25)
    slope = np.cov(c, y)[0, 1] / c.var(ddof=1)
    residuals = y - y.mean() - slope * (c - c.mean())
    scale = (residuals**2).sum() / 23
    found = regression_estimate(y, c[:, None])
    assert found.mean == pytest.approx(y.mean() - slope * c.mean())
    assert found.variance == pytest.approx(scale * (1 / 25 + c.mean() ** 2 / ((c - c.mean()) ** 2).sum()))
    assert found.degrees_of_freedom == 23
    plain = regression_estimate(y, np.empty((25, 0)))
    assert (plain.mean, plain.variance) == (pytest.approx(y.mean()), pytest.approx(y.var(ddof=1) / 25))
    with pytest.raises(ValueError, match="too few"):
        regression_estimate(y[:2], c[:2, None])


def test_the_controls_that_explain_are_chosen_first() -> None:
    y, c = experiments(0.8, 12, 200, 1, 44)[0]
    assert set(chosen_controls(y, c)) == {0, 1}
    assert chosen_controls(np.ones(30), c[:30]) == ()


def test_few_replications_or_no_controls_leave_the_plain_mean() -> None:
    y, c = experiments(0.9, 3, 39, 1, 45)[0]
    found = controlled_mean(y, c, 0.95)
    assert found.interval == found.plain
    assert controlled_mean(y, np.empty((39, 0)), 0.95).narrower == 1


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the plant."""
    (tmp_path / "one.yaml").write_text(ONE_MACHINE, encoding="utf-8")
    return tmp_path


def test_a_machine_that_is_never_idle_takes_the_mean_of_its_draws(folder: Path) -> None:
    run = twin.run(folder / "one.yaml", replications=40, engine="simpy", workers=1, workspace=folder)
    found, controls = controlled(run, "makespan")
    assert [control.name for control in controls] == ["processing time of tablet.press"]
    assert controls[0].draws == 12
    # The makespan is the sum of twelve draws, so the control tells all: 120 min, but for whole nanoseconds.
    assert found.interval.mean == pytest.approx(7200, abs=1e-6)
    assert found.interval.half_width == pytest.approx(0, abs=1e-6)
    assert found.narrower < 1e-9
    assert found.plain.half_width is not None
    assert found.plain.half_width > 100


def test_controls_come_from_processing_releases_failures_and_repairs(folder: Path) -> None:
    failing = ONE_MACHINE.replace(
        "press: {}",
        "press: {failures: [{name: jam, clock: calendar, between: exponential(mean=2 h), "
        "repair: uniform(low=5 min, high=15 min)}]}",
        1,
    ).replace("batches: 12}", "every: exponential(mean=20 min)}")
    (folder / "failing.yaml").write_text(failing, encoding="utf-8")
    run = twin.run(
        folder / "failing.yaml",
        set={"run.horizon": "10 d", "run.warm_up": "1 d"},
        replications=2,
        workspace=folder,
    )
    draws = {control.name: control.draws for control in run_controls(run)}
    assert draws == {
        "processing time of tablet.press": 721,
        "time between releases of order 1": 720,
        "time between failures of press (jam)": 111,
        "repair time of press (jam)": 111,
    }
