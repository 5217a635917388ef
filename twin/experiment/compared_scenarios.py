"""The scenarios that a scenario names in `compare`: run alike, and kept in mind beside the result.

Each is the plant as its own files change it, without their sweep, run like what is compared with it: over the
same horizon, from the same start, with the same seed and replications, so that replications of equal number
share their random numbers.
Which runs that were is written into the result's folder (`compared.json`), from where reports take it. The
differences are `compare_with_each`'s. Called by `twin run`, `twin sweep` and `twin report`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from twin.experiment import files
from twin.experiment.catalogue import HEADLINES
from twin.experiment.compare import Comparison, compare_with_each
from twin.experiment.prepare import Prepared, prepare
from twin.experiment.results import Result, open_result
from twin.plant.errors import InputError
from twin.plant.scenario import Run
from twin.plant.units import show

FILE = "compared.json"
FIRST = ("throughput", "lead_time_mean", "wip_mean")
"""Measures of a sweep's points that are compared, where it keeps them; else the first headlines."""
MOST_POINTS = 200
"""Points of a sweep that are compared; the differences of more are no longer told apart from luck."""


@dataclass(frozen=True)
class ComparedRun:
    """A scenario to be compared with: what it is called, and its run."""

    scenario: str
    run: str


def prepare_compared(
    sources: Sequence[str],
    run: Run,
    *,
    engine: str = "auto",
    device: str = "auto",
    workspace: str | Path | None = None,
) -> tuple[Prepared, ...]:
    """The scenarios at `sources`, ready to be run like something that is run as `run` says.

    Args:
        sources: paths or `twin:NAME`.
        run: seed, replications, level, horizon, kind, start and warm-up of what they are compared with; a
            precision is left out.
        engine: as in `prepare`.
        device: as in `prepare`.
        workspace: as in `prepare`.

    Raises:
        InputError: one of the scenarios is wrong.
    """
    alike = {
        "run.seed": run.seed,
        "run.replications": run.replications,
        "run.level": run.level,
        "run.precision": None,
        "run.horizon": _time(run.horizon),
        "run.kind": run.kind,
        "run.start": f"{run.start:%Y-%m-%d %H:%M:%S}",
        "run.warm_up": _time(run.warm_up),
        "sweep": None,
        "optimise": None,
    }
    return tuple(
        prepare(source, alike, engine=engine, device=device, workspace=workspace) for source in sources
    )


def _time(seconds: float | None) -> str | None:
    return None if seconds is None else show(seconds, "s")


def keep(folder: Path, compared: Sequence[ComparedRun]) -> None:
    """Write beside a result with which runs it was compared."""
    rows = [{"scenario": each.scenario, "run": each.run} for each in compared]
    if kept(folder) != tuple(compared):
        text = json.dumps({"compared": rows}, indent=2, ensure_ascii=False) + "\n"
        files.write_text(folder / FILE, text)


def kept(folder: Path) -> tuple[ComparedRun, ...]:
    """With which runs the result of a folder was compared; none where nobody asked, or nobody can say."""
    try:
        rows = json.loads((folder / FILE).read_text(encoding="utf-8"))["compared"]
        return tuple(ComparedRun(str(row["scenario"]), str(row["run"])) for row in rows)
    except (OSError, ValueError, KeyError, TypeError):
        return ()


def open_compared(
    compared: Sequence[ComparedRun], workspace: str | Path | None = None
) -> tuple[list[Result], list[ComparedRun]]:
    """Those of the runs that are there and can be read, and those that are not."""
    found: list[Result] = []
    missing: list[ComparedRun] = []
    for each in compared:
        try:
            found.append(open_result(each.run, workspace))
        except InputError:
            missing.append(each)
    return found, missing


def compare_points(baselines: Sequence[Result], points: Sequence[Result]) -> tuple[Comparison, ...]:
    """The points of a sweep with each baseline, in the few measures that are looked at first."""
    common = {name for one in baselines for name in one.values} & {n for p in points for n in p.values}
    first = [name for name in FIRST if name in common]
    more = [name for name in HEADLINES if name in common and name not in first]
    return compare_with_each(baselines, points, [*first, *more][: len(FIRST)])
