"""A synthetic press log, and the real one where it lies beside the project."""

from __future__ import annotations

from pathlib import Path

import pytest
from press_log_writer import LogWriter

from twin.calibration.press_log import PressLog, read_press_log

REAL = Path(__file__).resolve().parents[3] / "shared" / "data" / "tablet_press"


@pytest.fixture(scope="session")
def real_data() -> Path:
    if not REAL.is_dir():
        pytest.skip("the tablet press's data lie only beside the project's own working tree (../shared/data)")
    return REAL


@pytest.fixture(scope="session")
def product_3(real_data: Path) -> PressLog:
    return read_press_log(real_data / "press_product_3.csv.gz")


@pytest.fixture(scope="session")
def product_5(real_data: Path) -> PressLog:
    return read_press_log(real_data / "press_product_5.csv.gz")


@pytest.fixture
def monday_log() -> LogWriter:
    return LogWriter("2026-01-05 06:00:00")
