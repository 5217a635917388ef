"""What is compiled is compiled once, however many processes want it at the same time."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = """\
import sys
from twin.engine.compiled_engine.compiling import entry

@entry
def twice(number):
    return 2 * number

print("ready", flush=True)
input()
print(twice(21), int("numba" in sys.modules))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no lock that is waited for")
def test_of_two_processes_one_compiles_and_the_other_takes_what_it_kept(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM, encoding="utf-8")
    home = os.environ | {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path), "PYTHONPATH": str(ROOT)}
    running = [
        subprocess.Popen([sys.executable, program], env=home, text=True, stdin=-1, stdout=-1)
        for _ in range(2)
    ]
    for process in running:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in running:
        assert process.stdin is not None
        process.stdin.write("now\n")
        process.stdin.flush()
    said = sorted(process.communicate()[0] for process in running)
    assert said == ["42 0\n", "42 1\n"]
