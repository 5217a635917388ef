"""Whether whole runs and sweeps are still what was written, and computing anew what is not.

A run's manifest names its chunks' files with their hashes; the digest of these (`content`) stands in the
audit trail; the run's id is the hash of what was asked, in which the plant stands by its own hash. So a
change is found wherever it was made, short of one in all of these. `twin results verify` calls it. A run is
computed anew from its own folder; only twin of the same code can, as other code might give other numbers.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from twin.engine.fingerprint import code_fingerprint
from twin.experiment import audit
from twin.experiment.identity import digest, plant_data, run_id
from twin.experiment.integrity import A_MANIFEST, MISSING, UNREADABLE, Damage, DamagedError, damage_of
from twin.experiment.prepare import Prepared
from twin.experiment.query.stored import FOLDER, StoredSweep, find_sweep, stored_sweeps
from twin.experiment.results import MEASURES, MEASURES_HASH, Result, open_result
from twin.experiment.run import Progress, stream
from twin.experiment.store import CHUNK, MANIFEST, RunFolder, Workspace, workspace_at
from twin.experiment.sweeps.plan import plan_sweep
from twin.experiment.sweeps.running import SweepProgress, stream_sweep
from twin.plant.document import read_document
from twin.plant.errors import InputError, Problem
from twin.plant.scenario import Run
from twin.plant.schema import Plant
from twin.plant.shipped import PREFIX

WHY = "twin results verify"
_AGAIN = "Run the scenario again: what is undamaged in the workspace is used."
_OF_A_BATCH = ("plant", "horizon", "start", "seed", "physics", "arithmetic", "code", "from")


@dataclass(frozen=True)
class Verified:
    """A run or a sweep that was looked at, and every damage found in it."""

    kind: str
    id: str
    path: Path
    damages: tuple[Damage, ...]


def verify(reference: str | None, workspace: str | Path | None = None) -> Iterator[Verified]:
    """Look at a run or a sweep, or without a name at all of the workspace, one after the other.

    Raises:
        InputError: there is no such run or sweep.
    """
    place = workspace_at(workspace)
    if reference is None:
        for folder in place.run_folders():
            yield verify_run(folder, place)
        for sweep in stored_sweeps(place):
            yield verify_sweep(sweep)
        return
    found = find_sweep(reference, workspace)
    yield verify_sweep(found) if found else verify_run(open_result(reference, workspace).folder, place)


def verify_run(folder: RunFolder, workspace: Workspace) -> Verified:
    """Look at a run: manifest, inputs, chunks, measures."""
    place = folder.path / MANIFEST
    try:
        manifest = folder.manifest()
        damages = [
            *_of_manifest(place, manifest, workspace),
            *_of_inputs(folder.path / "inputs", manifest["identity"]),
            *(damage for entry in manifest["chunks"] for damage in _of_chunk(folder, entry)),
        ]
    except (OSError, ValueError, KeyError, TypeError):
        return Verified("run", folder.path.name, folder.path, (Damage(place, A_MANIFEST, UNREADABLE),))
    measures = Result(folder).measures_damage()
    return Verified("run", folder.path.name, folder.path, (*damages, *([measures] if measures else [])))


def verify_sweep(sweep: StoredSweep) -> Verified:
    """Look at a sweep: its manifest and the files that it names."""
    try:
        damages = sweep.damages()
    except DamagedError as error:
        damages = list(error.damages)
    return Verified("sweep", sweep.path.name, sweep.path, tuple(damages))


def repair_run(
    found: Verified, workspace: str | Path | None = None, workers: int | None = None
) -> Iterator[Progress]:
    """Remove what is damaged and compute it anew, with progress.

    Raises:
        InputError: the manifest or the inputs are damaged, or other code made the run.
    """
    folder = RunFolder(found.path)
    lost = [damage.file for damage in found.damages]
    if any(file.parent == folder.path / "inputs" or file.name == MANIFEST for file in lost):
        message = "What the run is made from is damaged, so it cannot be computed anew from its folder."
        raise InputError([Problem(str(found.path), 0, 0, message, _AGAIN)])
    prepared = prepared_from(folder)
    chunks = {file.parent for file in lost if file.parent.parent == folder.path / "chunks"}
    for chunk in chunks:
        shutil.rmtree(chunk, ignore_errors=True)
    if folder.path / MEASURES in lost:
        for name in (MEASURES, MEASURES_HASH):
            (folder.path / name).unlink(missing_ok=True)
    place = workspace_at(workspace)
    audit.record(place.path, "repair", before=found.id, after=" ".join(file.name for file in lost))
    if not chunks:
        Result(folder).keep_measures()
        return
    out = None if folder.path == place.run_folder(found.id).path else folder.path
    yield from stream(prepared, workspace=workspace, out=out, workers=workers, why=WHY)


def repair_sweep(
    found: Verified, workspace: str | Path | None = None, workers: int | None = None
) -> Iterator[SweepProgress]:
    """Compute what is damaged of a sweep anew, with progress; what is undamaged is used.

    Raises:
        InputError: the manifest or the inputs are damaged, or this twin would compute another sweep.
    """
    manifest = StoredSweep(found.path).manifest
    place = workspace_at(workspace)
    with tempfile.TemporaryDirectory(prefix="twin-repair-") as folder:
        scenario = _scenario_in(Path(folder), found.path / "inputs", str(manifest["scenario"]))
        changes = json.loads((found.path / "inputs" / "changes.json").read_text(encoding="utf-8"))
        plan = plan_sweep(scenario, changes, engine=manifest["engine"], device=manifest["device"])
        if plan.id != manifest["sweep"]:
            message = "This version of twin, or these inputs, would compute another sweep than this one."
            raise InputError([Problem(str(found.path), 0, 0, message, _AGAIN)])
        audit.record(
            place.path, "repair", before=found.id, after=" ".join(d.file.name for d in found.damages)
        )
        out = None if found.path == place.path / FOLDER / found.id else found.path
        yield from stream_sweep(plan, workspace=workspace, out=out, resume=True, workers=workers, why=WHY)


def _scenario_in(folder: Path, inputs: Path, name: str) -> Path:
    """The scenario as it was written, with its plant where it looks for it; raises InputError where that
    cannot be.
    """
    scenario = folder / f"{name}.yaml"
    scenario.write_bytes((inputs / "scenario.yaml").read_bytes())
    base = str(read_document(scenario, scenario.name).data.get("base"))
    if not base.startswith(PREFIX):
        plant = (folder / base).resolve()
        if not plant.is_relative_to(folder.resolve()):
            message = f"The sweep's plant lies outside its scenario's folder: `{base}`."
            raise InputError([Problem(str(inputs), 0, 0, message, _AGAIN)])
        plant.parent.mkdir(parents=True, exist_ok=True)
        plant.write_bytes((inputs / "plant.yaml").read_bytes())
        for book in inputs.glob("*.csv"):
            shutil.copy(book, plant.parent / book.name)
    return scenario


def prepared_from(folder: RunFolder) -> Prepared:
    """A finished run as it was prepared, from its own folder.

    Raises:
        InputError: twin's code is not that which made the run.
    """
    manifest = folder.manifest()
    identity = manifest["identity"]
    if identity["code"] != code_fingerprint():
        message = "Another version of twin made this run: this one might compute other numbers."
        hint = "Take that version, or run the scenario again with this one, which gives a run of its own."
        raise InputError([Problem(str(folder.path), 0, 0, message, hint)])
    inputs = folder.path / "inputs"
    texts = {file.name: file.read_text(encoding="utf-8") for file in sorted(inputs.iterdir())}
    horizon = manifest["horizon_s"]
    return Prepared(
        plant=Plant.model_validate_json(texts["plant.json"]),
        run=Run.model_validate_json(texts["run.json"]),
        plant_name=manifest["plant"],
        scenario_name=manifest["scenario"],
        question=manifest["question"],
        assumptions=tuple(manifest["assumptions"]),
        changes=manifest["changes"],
        inputs=texts,
        engine=manifest["engine"],
        engine_note=manifest["engine_note"],
        device=manifest["device"],
        kind=manifest["kind"],
        sweep=False,
        horizon=None if horizon is None else round(horizon * 1e9),
        planned=manifest["planned_s"],
        attribute_units=manifest["attribute_units"],
        physics=manifest["physics"],
        batch={name: identity[name] for name in _OF_A_BATCH if name in identity},
        identity=identity,
        id=manifest["run"],
        start=texts.get("from.json"),
        start_note=manifest["start_note"],
    )


def _of_manifest(place: Path, manifest: dict[str, Any], workspace: Workspace) -> Iterator[Damage]:
    """What does not fit in a manifest: its id, the digest of its chunks, the audit trail's entry."""
    own = run_id(manifest["identity"])
    if own != manifest["run"]:
        yield Damage(place, f"the id {manifest['run']}", f"the identity of {own}")
    content = digest([entry["sha256"] for entry in manifest["chunks"]])
    if content != manifest["content"]:
        yield Damage(place, manifest["content"], content)
    number, head = manifest["made"]["audit_entry"], manifest["made"]["audit_head"]
    for entry in audit.entries(workspace.path):
        if entry.number == number and entry.hash == head and entry.after != manifest["content"]:
            yield Damage(place, entry.after, manifest["content"])


def _of_inputs(inputs: Path, identity: dict[str, Any]) -> Iterator[Damage]:
    """What does not fit in the inputs: the plant as it was run."""
    file = inputs / "plant.json"
    try:
        found = digest(plant_data(Plant.model_validate_json(file.read_text(encoding="utf-8"))))
    except FileNotFoundError:
        found = MISSING
    except (OSError, ValueError):
        found = UNREADABLE
    if found != identity["plant"]:
        yield Damage(file, identity["plant"], found)


def _of_chunk(folder: RunFolder, entry: dict[str, Any]) -> Iterator[Damage]:
    """What does not fit in a chunk: what it says of itself, or its files."""
    place = folder.chunk_folder(entry["first"], entry["last"])
    try:
        said = json.loads((place / CHUNK).read_text(encoding="utf-8"))
        found = "" if said["sha256"] == entry["sha256"] else "other checksums"
        found = found if said["identity"] == entry["identity"] else str(said["identity"])
    except FileNotFoundError:
        found = MISSING
    except (OSError, ValueError, KeyError, TypeError):
        found = UNREADABLE
    if found:
        yield Damage(place / CHUNK, entry["identity"], found)
        return
    for name, sha in entry["sha256"].items():
        damage = damage_of(place / f"{name}.parquet", sha)
        if damage is not None:
            yield damage
