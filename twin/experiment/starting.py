"""Runs from a state: the snapshot that a run starts from is read here, and the one that it keeps is written.

`prepare` reads and checks the file before anything runs; `run.stream` has the snapshot written when the
chunks are there, by running the first replication once more until its instant.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from twin.engine.compile import compile_program
from twin.engine.program import Program
from twin.engine.record import SECOND
from twin.engine.simpy_engine import simulate, simulate_and_keep
from twin.engine.situation import OPENING, Situation
from twin.engine.snapshot import Snapshot, SnapshotError
from twin.experiment import files
from twin.experiment.store import workspace_at
from twin.physics.backend import Device
from twin.plant.checking import checked
from twin.plant.document import Document
from twin.plant.errors import Complaint, InputError, Problem
from twin.plant.load import LoadedScenario
from twin.plant.scenario import Run
from twin.plant.schema import Plant
from twin.plant.shipped import PREFIX

SNAPSHOT = "snapshot.json"
LARGEST = 200_000_000  # bytes of a file that is read
FIRST = 1  # the replication of which a run keeps a snapshot


def read_start(study: LoadedScenario, program: Program) -> str | None:
    """The text of the snapshot or situation that a run starts from; None where it starts empty.

    Raises InputError where the file is not there, lies outside the folders that may be read, or does not fit.
    """
    written = study.scenario.run.from_
    if written is None:
        return None
    if not program.terminating:
        raise _wrong(study, "from", "A steady run starts from nothing, and this one from a snapshot.")
    try:
        text = _find(study, written).read_text(encoding="utf-8")
        if Path(written).suffix in (".yaml", ".yml"):
            text = _by_hand(study, program, text, written).to_json()
        snapshot = parsed(text)
        snapshot.complain_unless_it_fits(program)
        simulate(replace(program, horizon=snapshot.at), 0, start=snapshot)  # goes no further
    except (OSError, UnicodeDecodeError):
        raise _wrong(study, "from", f"The snapshot `{written}` cannot be read.") from None
    except SnapshotError as error:
        message = str(error)
        raise _wrong(study, "from", f"{message[0].upper()}{message[1:]}.") from None
    return text


def check_snapshot_at(study: LoadedScenario, program: Program) -> None:
    """Raise InputError where a snapshot is asked for after the end of the run."""
    at = study.scenario.run.snapshot_at
    if at is not None and program.horizon is not None and at * SECOND > program.horizon:
        raise _wrong(study, "snapshot_at", "The snapshot is asked for after the horizon.")


@lru_cache(maxsize=2)
def parsed(text: str) -> Snapshot | Situation:
    """The snapshot or situation of a file's text; raises `SnapshotError`."""
    if text.startswith(OPENING):
        return Situation.from_json(text)
    return Snapshot.from_json(text)


def _by_hand(study: LoadedScenario, program: Program, text: str, written: str) -> Situation:
    """What a state file says. Raises InputError with every complaint, placed in that file."""
    from twin.engine.compile import situation as situations  # runs that begin empty need not wait for these
    from twin.plant.situation import StateFile

    plant, run = study.base.plant, study.scenario.run
    document = Document(text, written)
    words = checked(
        StateFile,
        document,
        document.data,
        (),
        lambda found, data, refused: situations.complaints(found, plant, program, run),
    ).model
    return situations.situation(words, plant, program, run)


def write_snapshot(folder: Path, plant: Plant, run: Run, device: Device, start: str | None) -> None:
    """Put the snapshot that a run was asked for into its folder."""
    if run.snapshot_at is None or (folder / SNAPSHOT).exists():
        return
    at = round(run.snapshot_at * SECOND)
    program = replace(compile_program(plant, run), horizon=at)
    begin = None if start is None else parsed(start)
    _, snapshot = simulate_and_keep(program, run.seed, FIRST, at, device, begin)
    assert snapshot is not None  # a run with a horizon does not end before it
    files.write_text(folder / SNAPSHOT, snapshot.to_json())


def _find(study: LoadedScenario, written: str) -> Path:
    """The file: relative to the scenario's folder, or to the workspace, and inside one of them."""
    roots = [workspace_at(study.workspace).path.resolve()]
    source = study.source_of(("run", "from"))
    if not source.startswith(PREFIX):
        roots.insert(0, Path(source).resolve().parent)
    places = [(root / written).resolve() for root in roots if "\0" not in written]
    allowed = [place for place in places if any(place.is_relative_to(root) for root in roots)]
    if Path(written).is_absolute() or not allowed:
        raise _wrong(study, "from", "`from` leads outside the folders that a scenario may read.")
    found = next((place for place in allowed if place.is_file()), allowed[0])
    if found.is_file() and found.stat().st_size > LARGEST:
        raise _wrong(study, "from", f"The snapshot `{written}` is larger than {LARGEST // 10**6} MB.")
    return found


def _wrong(study: LoadedScenario, key: str, message: str) -> InputError:
    hint = {
        "from": "Keep a snapshot of this plant with `run.snapshot_at`, or write a state file.",
        "snapshot_at": "Ask for an earlier time, or lengthen `run.horizon`.",
    }[key]
    if f"run.{key}" in study.changes:
        return InputError([Problem(f"--set run.{key}", 1, 1, message, hint)])
    return InputError([study.problem(Complaint(("run", key), message, hint))])
