"""How long it takes to find and sum up 100,000 small results, and how much memory.

    python benchmarks/results/run.py [--points 100000] [--folder DIR]

Makes two workspaces in a temporary folder: one whose sweep has so many points of 10 replications and 20
measures, and one with so many runs in folders of their own. Each command of `twin results` then runs in a
fresh process, three times after a first one; what counts is the fastest, from start to exit, the processor
time it took, and the peak of its resident memory. The table goes to docs/performance.md between its markers.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

PAGE = Path(__file__).resolve().parents[2] / "docs" / "performance.md"
BEGIN = "<!-- begin: benchmarks/results/run.py -->"
END = "<!-- end: benchmarks/results/run.py -->"
REPLICATIONS = 10
MEASURES = ("throughput", "lead_time_mean", "wip_mean", *(f"unit.press_{k}.utilisation" for k in range(17)))
ROWS = 20_000  # of a file of results
SPEEDS, PEOPLE = (0.8, 0.9, 1.0, 1.1, 1.2), (4, 5, 6, 7, 8, 9, 10, 11)
SWEEP = "5" * 16
TIMES = 3


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--points", type=int, default=100_000)
    parser.add_argument("--folder", type=Path)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = chosen.folder or Path(temporary)
        if not (folder / "sweep").is_dir():
            make_sweep(folder / "sweep", chosen.points)
        if not (folder / "runs").is_dir():
            make_runs(folder / "runs", chosen.points)
        write(table(folder, chosen.points))


def make_sweep(workspace: Path, points: int) -> None:
    """A sweep whose points lie on a grid of speeds and people, and else at random."""
    place = workspace / "sweeps" / SWEEP
    (place / "results").mkdir(parents=True)
    draws = np.random.default_rng(20261121)
    number = np.arange(1, points + 1, dtype=np.int32)
    speed, people = np.resize(SPEEDS, points), np.resize(np.repeat(PEOPLE, len(SPEEDS)), points)
    takes = draws.uniform(120, 600, points)
    columns = {
        "point": pa.array(number),
        "label": [
            f"speed={s}, count={p}, takes={t:.1f} s" for s, p, t in zip(speed, people, takes, strict=True)
        ],
        "run": [hashlib.sha256(b"%d" % n).hexdigest()[:16] for n in number],
        "equipment.press.speed": speed,
        "people.operator.count": people,
        "recipes.tablet.operations.blend.takes": takes,
    }
    table = pa.table({**columns, "changes": ["{}"] * points})
    files = {"points.parquet": _put(place / "points.parquet", table)}
    level = np.repeat(speed * people / takes, REPLICATIONS)
    for k, begin in enumerate(range(0, points * REPLICATIONS, ROWS), start=1):
        part = level[begin : begin + ROWS]
        rows = np.arange(begin, begin + len(part))
        tasks = [columns["run"][n] for n in rows // REPLICATIONS]
        noise = {name: part * draws.normal(1, 0.05, len(part)) for name in MEASURES}
        data = {
            "point": pa.array(rows // REPLICATIONS + 1, pa.int32()),
            "task": pa.array(tasks).dictionary_encode(),
            "replication": pa.array(rows % REPLICATIONS + 1, pa.int32()),
            **noise,
        }
        files[f"results/{k:05d}.parquet"] = _put(place / "results" / f"{k:05d}.parquet", pa.table(data))
    manifest = {
        "sweep": SWEEP,
        "plant": "made_up",
        "scenario": "made_up",
        "level": 0.95,
        "replications": REPLICATIONS,
        "points": points,
        "files": files,
        "made": {"at": "2026-11-21T12:00:00.000+00:00"},
    }
    (place / "sweep.json").write_text(json.dumps(manifest), encoding="utf-8")


def make_runs(workspace: Path, runs: int) -> None:
    """Runs of which only what a listing looks at is there: the manifests."""
    for number in range(runs):
        name = hashlib.sha256(b"%d" % number).hexdigest()[:16]
        place = workspace / "runs" / name
        place.mkdir(parents=True)
        manifest = {
            "run": name,
            "plant": f"plant_{number % 7}",
            "scenario": None if number % 3 else "made_up",
            "replications": REPLICATIONS,
            "made": {"at": f"2026-{number % 12 + 1:02d}-{number % 28 + 1:02d}T12:00:00.000+00:00"},
        }
        (place / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


def table(folder: Path, points: int) -> list[str]:
    """A line for each command."""
    size = sum(file.stat().st_size for file in (folder / "sweep").rglob("*.parquet")) / 1e6
    sweep = ("list", SWEEP, "--limit", "20")
    asked = {
        f"list {points:,} points, the 20 of largest throughput": ("sweep", (*sweep, "--sort=-throughput")),
        "list those of them that meet two conditions": (
            "sweep",
            (*sweep, "--where", "throughput > 0.04", "--where", "people.operator.count <= 6"),
        ),
        "summary by an axis of 5 values": ("sweep", ("summary", SWEEP, "--by", "equipment.press.speed")),
        "summary by two axes together": (
            "sweep",
            ("summary", SWEEP, "--by", "equipment.press.speed", "--by", "people.operator.count"),
        ),
        f"summary by an axis of {points:,} values, in 10 groups": (
            "sweep",
            ("summary", SWEEP, "--by", "recipes.tablet.operations.blend.takes"),
        ),
        f"list {points:,} runs in folders of their own": ("runs", ("list",)),
        "list those of them of a plant, by date": ("runs", ("list", "--plant", "plant_3", "--sort", "at")),
    }
    rows = [
        f"| {what} | {seconds:.1f} | {busy:.1f} | {memory / 1e6:.0f} |"
        for what, (where, arguments) in asked.items()
        for seconds, busy, memory in [measure(folder / where, arguments)]
    ]
    about = (
        f"{points:,} points × {REPLICATIONS} replications × {len(MEASURES)} measures in {size:.0f} MB, "
        "every file checked by SHA-256 before it is read; a fresh process each, from start to exit."
    )
    return [
        about,
        "",
        "| asked | s by the clock | s of processor | MB |",
        "| --- | ---: | ---: | ---: |",
        *rows,
    ]


def measure(workspace: Path, arguments: Sequence[str]) -> tuple[float, float, int]:
    """Least seconds and processor time, most memory in bytes; the first time fills the index."""
    found = [once(workspace, arguments) for _ in range(TIMES + 1)][1:]
    times, busy, memory = zip(*found, strict=True)
    return min(times), min(busy), max(memory)


def once(workspace: Path, arguments: Sequence[str]) -> tuple[float, float, int]:
    command = [sys.executable, "-m", "twin.cli", "results", *arguments, "--workspace", str(workspace)]
    began = time.perf_counter()
    process = os.posix_spawn(
        command[0], command, os.environ, file_actions=[(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    )
    _, status, used = os.wait4(process, 0)
    if status != 0:
        raise RuntimeError(f"{' '.join(command)} ended with {status}.")
    return time.perf_counter() - began, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024


def write(lines: Sequence[str]) -> None:
    """Put the table between its markers."""
    text = PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text("\n".join([before + BEGIN, *lines, END + after]), encoding="utf-8")
    print("\n".join(lines))


def _put(path: Path, table: pa.Table) -> str:
    pq.write_table(table, path, compression="zstd", compression_level=3)
    return hashlib.sha256(path.read_bytes()).hexdigest()


if __name__ == "__main__":
    main()
