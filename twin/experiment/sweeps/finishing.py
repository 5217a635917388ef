"""The end of a sweep, whole or interrupted: its files are made, its manifest written, the audit trail told.

The manifest says what was asked, which files there are, which points failed and why,
how many are unfinished; and apart from that how it was made.
"""

from __future__ import annotations

import json
import shutil
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from twin.engine.broker import Counts
from twin.engine.choice import Choice
from twin.experiment import audit, files, index
from twin.experiment.charges import charges_of
from twin.experiment.identity import digest
from twin.experiment.made import made_of
from twin.experiment.prepare import attribute_units
from twin.experiment.ranges import as_ranges
from twin.experiment.results import unit_of
from twin.experiment.store import Workspace
from twin.experiment.sweeps.assembly import Outcome, assemble
from twin.experiment.sweeps.folder import FOLDER, MANIFEST, RESULTS, SweepFolder
from twin.experiment.sweeps.plan import SweepPlan
from twin.experiment.sweeps.shelf import Shelf
from twin.experiment.sweeps.slices import FOLDER as SLICES
from twin.plant.axes import numbers_of
from twin.plant.schema import Plant


@dataclass(frozen=True)
class Made:
    """How a sweep was made: by whom and why, in how many seconds, and what was asked of physics."""

    who: str | None
    why: str
    seconds: float
    physics: Counts


def finish(
    plan: SweepPlan,
    folder: SweepFolder,
    place: Workspace,
    shelf: Shelf,
    outcomes: Mapping[int, Outcome],
    made: Made,
) -> None:
    """Make the files of what there is; slices go when nothing is missing. Raises OSError."""
    shelf.look()
    settled = [_settled(outcomes.get(point.number, Outcome(point)), shelf) for point in plan.points]
    written, names = assemble(folder, settled, shelf, plan.study.scenario.outputs.measures)
    entry = audit.record(
        place.path, "sweep", before=plan.id, after=digest(written), why=made.why, who=made.who
    )
    manifest = {
        **_asked(plan),
        "engines": _engines(settled),
        "rows": sum(outcome.replications for outcome in settled),
        "failed": [
            {"point": o.point.number, "label": o.point.label, "error": o.error} for o in settled if o.error
        ],
        "unfinished": sum(1 for o in settled if not o.replications and not o.error),
        "damaged": [path.name for path in shelf.damaged],
        "units": _units(plan, names),
        "files": written,
        "made": made_of(made.seconds, entry, made.physics),
    }
    files.write_text(folder.path / MANIFEST, json.dumps(manifest, indent=1, ensure_ascii=False, default=str))
    _remove_what_is_left(folder, written)
    if folder.path.parent == place.path / FOLDER and not plan.study.scenario.outputs.measures:
        index.note_evaluations(place, folder.path, [o.key for o in settled if o.key and o.replications])
    if manifest["unfinished"] == 0:
        shutil.rmtree(folder.path / SLICES, ignore_errors=True)


def _settled(outcome: Outcome, shelf: Shelf) -> Outcome:
    """The outcome with as many replications as are there from the first on, or none of a point that is not
    complete.
    """
    if outcome.error or outcome.key is None:
        return replace(outcome, replications=0)
    there = shelf.there(outcome.key)
    whole = all(number in there for number in range(1, outcome.replications + 1))
    return outcome if whole else replace(outcome, replications=0)


def _asked(plan: SweepPlan) -> dict[str, Any]:
    study, sweep = plan.study, plan.study.scenario.sweep
    assert sweep is not None, "a plan has a sweep"
    axes = {name: [point.changes[name] for point in plan.points] for name in sweep.axes}
    units = {name: found[1] for name, values in axes.items() if (found := numbers_of(values))}
    return {
        "sweep": plan.id,
        "scenario": study.name,
        "source": study.source,
        "given": study.changes,
        "title": study.scenario.scenario,
        "question": study.scenario.question,
        "assumptions": list(study.scenario.assumptions),
        "plant": study.base.name,
        "changes": {**study.scenario.set, **study.changes},
        "method": sweep.method,
        "design": sweep.model_dump(mode="json", by_alias=True, exclude_none=True),
        "axis_units": units,
        "seed": study.scenario.run.seed,
        "level": study.scenario.run.level,
        "replications": study.scenario.run.replications,
        "start": study.scenario.run.start.isoformat(),
        "engine": plan.variants.engine,
        "device": plan.variants.device,
        "points": len(plan.points),
        "measures": list(study.scenario.outputs.measures),
    }


def _engines(outcomes: Sequence[Outcome]) -> list[dict[str, Any]]:
    """Which engine runs which points, and why: ranges of their numbers."""
    points: defaultdict[Choice, list[int]] = defaultdict(list)
    for outcome in outcomes:
        if outcome.choice is not None:
            points[outcome.choice].append(outcome.point.number)
    return [{**asdict(choice), "points": as_ranges(numbers)} for choice, numbers in points.items()]


def _units(plan: SweepPlan, names: Sequence[str]) -> dict[str, str]:
    plant: Plant = plan.study.base.plant
    attributes, charges = attribute_units(plant), charges_of(plant)
    return {name: unit_of(name, attributes, charges) for name in names}


def _remove_what_is_left(folder: SweepFolder, written: Mapping[str, str]) -> None:
    """Files of results that an earlier attempt has left and this one does not have."""
    for path in (folder.path / RESULTS).glob("*.parquet"):
        if f"{RESULTS}/{path.name}" not in written:
            path.unlink()
