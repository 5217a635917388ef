"""Containers: a lot takes a clean one and gives it back; a dirty one is work for the unit that cleans it."""

from __future__ import annotations

from twin.engine.program import NONE
from twin.engine.simpy_engine import moves
from twin.engine.simpy_engine.people import look_again
from twin.engine.simpy_engine.state import LotState, State, UnitState


def install(state: State) -> None:
    """Have cleaned containers counted."""
    for number, operation in enumerate(state.operations):
        if operation.cleans != NONE:
            state.hooks.jobs[number].append(_cleaned)


def _cleaned(state: State, unit: UnitState, job: LotState) -> None:
    cleaned(state, state.operations[job.operation].cleans)


def take(state: State, lot: LotState, kind: int) -> None:
    """Give a clean container of a kind to a lot."""
    state.clean[kind] -= 1
    state.in_use[kind] += 1
    lot.container = kind
    _count(state, kind)


def give_back(state: State, lot: LotState, dirty: bool) -> None:
    """Take a lot's container back; a dirty one waits where it stands to be cleaned."""
    kind = lot.container
    lot.container = NONE
    state.in_use[kind] -= 1
    cleaning = state.program.containers[kind].cleaning
    if not dirty or cleaning == NONE:
        cleaned(state, kind)
        return
    moves.add_job(state, cleaning, lot.place)
    _count(state, kind)


def cleaned(state: State, kind: int) -> None:
    """A container is clean again."""
    state.clean[kind] += 1
    _count(state, kind)
    look_again(state)


def _count(state: State, kind: int) -> None:
    pool = state.program.containers[kind]
    recorder, now = state.recorder, state.now
    clean, in_use = state.clean[kind], state.in_use[kind]
    for name, level in (("clean", clean), ("in_use", in_use), ("dirty", pool.count - clean - in_use)):
        recorder.levels.append((recorder.entity(f"container/{pool.name}/{name}"), now, level))
