"""Snapshots of a replication: taken between two instants, and started from.

A run that goes on from a snapshot writes the rows that the run would have written after it: what was open
then keeps its true start, save that the row of a unit that works on several lots at once begins anew. Beside
that, it says the level of every counted thing at the snapshot.
"""

from __future__ import annotations

from typing import Any

from twin.engine.fingerprint import code_fingerprint
from twin.engine.recorder import Recorder
from twin.engine.simpy_engine.agenda import begin_at, pending, schedule
from twin.engine.simpy_engine.freezing import DERIVED, Freezer, Thawer
from twin.engine.simpy_engine.state import State
from twin.engine.snapshot import WRITE_ANEW, Snapshot, SnapshotError, inventory, program_hash


def take(state: State, at: int) -> Snapshot:
    """The state at `at` ns, when nothing is due any more until then. Changes nothing."""
    freezer = Freezer(state.program)
    machines = [freezer.freeze(machine, machine.program.name) for machine in state.machines]
    rest = {name: freezer.freeze(getattr(state, name), name) for name in _kept_of(state)}
    recorder = state.recorder
    return Snapshot(
        at=at,
        seed=state.streams.seed,
        replication=state.streams.replication,
        week_offset=state.program.week_offset,
        code=code_fingerprint(),
        program=program_hash(state.program),
        names=inventory(state.program),
        state={
            "machines": machines,
            "rest": rest,
            "objects": freezer.objects,
            "pending": [[time, *entry] for time, entry in pending(state)],
            "memory": {name: freezer.freeze(v, name) for name, v in recorder.memory().items()},
            "levels": _levels(recorder, at),
        },
    )


def _kept_of(state: State) -> list[str]:
    """What is kept of a state besides its units."""
    return [name for name in vars(state) if name not in DERIVED[State] and name not in ("units", "machines")]


def _levels(recorder: Recorder, at: int) -> list[list[Any]]:
    """Entity, level and rate per s of each counted thing at `at`."""
    last: dict[int, tuple[int, int, float]] = {}
    for row, (entity, time, level) in enumerate(recorder.levels):
        last[entity] = (time, level, recorder.level_rates.get(row, 0.0))
    return [
        [entity, round(level + rate * (at - time) / 1e9), rate]
        for entity, (time, level, rate) in sorted(last.items())
    ]


def start(state: State, snapshot: Snapshot) -> None:
    """Put a state that has just been made, with its rules, where the snapshot was taken.

    Raises `SnapshotError` where the snapshot does not fit.
    """
    snapshot.complain_unless_it_fits(state.program)
    kept = snapshot.state
    try:
        _thaw(state, kept)
        _begin_record(state.recorder, kept["levels"], snapshot.at)
        begin_at(state, snapshot.at)
        for time, *entry in kept["pending"]:
            schedule(state, time - snapshot.at, tuple(entry))
    except (KeyError, IndexError, TypeError, ValueError, AttributeError) as wrong:
        raise SnapshotError(f"the snapshot is damaged: {wrong!r}") from wrong


def _thaw(state: State, kept: dict[str, Any]) -> None:
    for part, names in (("rest", _kept_of(state)), ("memory", state.recorder.memory())):
        odd = sorted(set(names) ^ set(kept[part]))
        if odd:
            found = f"the snapshot keeps other things than this twin, such as `{odd[0]}`"
            raise SnapshotError(f"{found}: {WRITE_ANEW}")
    if set(state.rules) != {name for name, _ in kept["rest"]["rules"]["dict"]}:
        raise SnapshotError("the snapshot is of a plant that uses other rules")
    thawer = Thawer(state.program, list(kept["objects"]))
    for frozen, machine in zip(kept["machines"], state.machines, strict=True):
        thawer.stands_for(frozen["object"], machine)
    for frozen, machine in zip(kept["machines"], state.machines, strict=True):
        thawer.thaw(frozen, machine)
    for owner, part in ((state, "rest"), (state.recorder, "memory")):
        for name, frozen in kept[part].items():
            setattr(owner, name, thawer.thaw(frozen, getattr(owner, name)))


def _begin_record(recorder: Recorder, levels: list[list[Any]], at: int) -> None:
    recorder.forget(at)
    for entity, level, rate in levels:
        if rate:
            recorder.changing_level(entity, at, level, rate)
        else:
            recorder.levels.append((entity, at, level))
