"""Writes small synthetic press logs."""

from __future__ import annotations

from pathlib import Path

import pandas as pd


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
