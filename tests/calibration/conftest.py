"""Synthetic press logs, and the real one where it lies beside the project."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

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


class LogWriter:
    """Writes a press series row by row: minutes at 120 thousand tablets an hour and minutes at rest."""

    def __init__(self, start: str, product: int = 3) -> None:
        self.now = pd.Timestamp(start)
        self.product = product
        self.rows: list[dict[str, object]] = []
        self.batch = 1
        self.made = 0.0  # thousand tablets
        self.wasted = 0

    def run(self, minutes: float, speed: float = 120.0, waste_a_row: int = 0) -> LogWriter:
        for _ in range(round(minutes * 6)):
            self.made += speed / 360
            self.wasted += waste_a_row
            self._row(speed)
        return self

    def rest(self, minutes: float) -> LogWriter:
        for _ in range(round(minutes * 6)):
            self._row(0.0)
        return self

    def next_batch(self) -> LogWriter:
        self.batch += 1
        self.made, self.wasted = 0.0, 0
        return self

    def _row(self, speed: float) -> None:
        self.rows.append(
            {
                "timestamp": self.now,
                "campaign": 1,
                "batch": self.batch,
                "code": self.product,
                "tbl_speed": speed,
                "fom": 30.0,
                "tbl_fill": 4.5,
                "produced": int(self.made + 1e-6),
                "waste": self.wasted,
            }
        )
        self.now += pd.Timedelta(seconds=10)

    def frame(self) -> pd.DataFrame:
        return pd.DataFrame(self.rows)

    def write(self, folder: Path, frame: pd.DataFrame | None = None) -> Path:
        path = folder / "press.csv.gz"
        (self.frame() if frame is None else frame).to_csv(path, sep=";", index=False)
        return path


@pytest.fixture
def monday_log() -> LogWriter:
    return LogWriter("2026-01-05 06:00:00")
