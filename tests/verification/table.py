"""Writes `docs/verification.md`: every stochastic case, run until its 99 % half-width is at most 1 %.

    python -m tests.verification.table

It runs the tests of this folder with `TWIN_FULL_VERIFICATION` set, so that the table and the everyday suite
are the same cases with the same seed; only the number of replications differs. It takes a quarter of an hour.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from scipy import stats

from tests.verification.systems import SEED

PAGE = Path(__file__).resolve().parents[2] / "docs" / "verification.md"

HEAD = """# Verification

Lines and queues with known answers, run by the SimPy engine until the half-width of the 99 % interval is at
most 1 % of the mean. A case passes when estimate and reference differ by at most 3.5 standard errors of both.
The references and their sources stand in `tests/verification/`; the everyday suite runs the same cases with
fewer replications and the same seed, in the compiled engine, whose records are the same. Cases share draws
where their parts have the same names, so that their differences go together: those of L1 to L5 are nearly
one. Process physics against published numbers and other programs is on
[a page of its own](verification_physics.md).

Made by `python -m tests.verification.table` on {date}, seed {seed}, Python {python}, in {minutes:.0f} min.

| case | reference | twin | 99 % half-width | difference, standard errors | replications |
| --- | ---: | ---: | ---: | ---: | ---: |
"""


def main() -> int:
    """Run the cases and write the page; the exit status is that of the tests."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        rows = Path(folder) / "rows.jsonl"
        rows.touch()
        tests = [
            sys.executable,
            "-m",
            "pytest",
            str(Path(__file__).parent),
            "-n",
            "2",
            "-p",
            "no:cacheprovider",
        ]
        status = subprocess.run(tests, env=os.environ | {"TWIN_FULL_VERIFICATION": str(rows)}, check=False)
        lines = [json.loads(line) for line in rows.read_text(encoding="utf-8").splitlines()]
    minutes = (time.monotonic() - began) / 60
    date = datetime.now(UTC).date().isoformat()
    page = HEAD.format(date=date, seed=SEED, python=platform.python_version(), minutes=minutes)
    for line in sorted(lines, key=lambda row: (row["test"], row["reference"])):
        page += _row(line)
    PAGE.write_text(page, encoding="utf-8")
    return status.returncode


def _row(row: dict[str, float | str]) -> str:
    n, width = int(row["n"]), float(row["width"])
    error = width / float(stats.t.ppf(0.995, n - 1))
    both = (error**2 + float(row["reference_se"]) ** 2) ** 0.5
    away = (float(row["mean"]) - float(row["reference"])) / both
    case = str(row["test"]).removeprefix("test_").replace("_", " ")
    return f"| {case} | {row['reference']} | {row['mean']:.5f} | {width:.5f} | {away:+.1f} | {n} |\n"


if __name__ == "__main__":
    sys.exit(main())
