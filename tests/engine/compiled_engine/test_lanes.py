"""The network kernel in the lanes of a GPU gives the record of the CPU: here in Numba's CUDA simulator."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def test_a_small_plant_runs_alike_in_simulated_lanes():
    simulator = {**os.environ, "NUMBA_ENABLE_CUDASIM": "1", "NUMBA_DISABLE_JIT": "1"}
    command = [sys.executable, "-m", "tests.engine.compiled_engine.in_lanes"]
    ran = subprocess.run(command, cwd=ROOT, env=simulator, check=True, capture_output=True, text=True)
    assert ran.stdout == "compared\n"
