"""Containers: a lot takes a clean one and gives it back; a dirty one is work for the unit that cleans it.

Where they may stand for so long only, they are told apart by when they were cleaned: first in, first out.
"""

from __future__ import annotations

from collections import deque

from twin.engine.codes import FALLS_DUE
from twin.engine.program import NONE, PROCESSING
from twin.engine.recorder import NULL
from twin.engine.rules.upkeep import is_clean_no_longer, was_cleaned_too_late
from twin.engine.simpy_engine import moves
from twin.engine.simpy_engine.agenda import schedule
from twin.engine.simpy_engine.people import look_again
from twin.engine.simpy_engine.state import Entry, LotState, State, UnitState
from twin.engine.upkeep import ContainerHold

NAME = "container_holds"


class Standing:
    """Containers of one kind that stand clean, by when they were cleaned, and the violations so far."""

    __slots__ = ("clean", "dirty_hold", "since", "violations")

    def __init__(self, clean: ContainerHold | None, dirty_hold: ContainerHold | None, count: int) -> None:
        self.clean, self.dirty_hold = clean, dirty_hold
        self.since: deque[int] = deque([0] * count)  # ns
        self.violations = {"dirty_hold": 0, "clean_hold": 0}


def install(state: State) -> None:
    """Have cleaned containers counted, and watch over those that may stand for so long only."""
    standing: dict[int, Standing] = {}
    for number, operation in enumerate(state.operations):
        if operation.cleans != NONE:
            state.hooks.jobs[number].append(_cleaned)
            pool = state.program.containers[operation.cleans]
            if pool.dirty_hold is not None or pool.clean_hold is not None:
                standing[operation.cleans] = Standing(pool.clean_hold, pool.dirty_hold, pool.count)
                state.hooks.prepares[number].append(_begins_cleaning)
    if not standing:
        return
    state.rules[NAME] = standing
    state.hooks.effects[FALLS_DUE] = stands_too_long
    for kind, watched in standing.items():
        for hold in ("dirty_hold", "clean_hold"):
            if getattr(state.program.containers[kind], hold) is not None:
                state.recorder.levels.append((_violations(state, kind, hold), 0, 0))
        _watch(state, kind, watched)


def _standing(state: State, kind: int) -> Standing | None:
    watched = state.rules.get(NAME)
    return watched.get(kind) if isinstance(watched, dict) else None


def _watch(state: State, kind: int, watched: Standing) -> None:
    """Look again when the container that was cleaned last has stood for too long."""
    if watched.clean is not None and watched.clean.cleans:
        schedule(state, watched.clean.limit, (FALLS_DUE, len(state.machines) + kind, NULL, 0))


def stands_too_long(state: State, entry: Entry) -> None:
    """Effect: containers that have stood clean for too long are to be cleaned again."""
    kind = entry[1] - len(state.machines)
    watched = _standing(state, kind)
    assert watched is not None
    assert watched.clean is not None
    while watched.since and is_clean_no_longer(state.now - watched.since[0], watched.clean.limit):
        watched.since.popleft()
        state.clean[kind] -= 1
        state.cleaned_again.add(moves.add_job(state, state.program.containers[kind].cleaning, NONE))
        _count(state, kind)


def _begins_cleaning(state: State, unit: UnitState, job: LotState) -> None:
    """A container is about to be cleaned: has it stood for too long, and does that take longer?"""
    kind = state.operations[job.operation].cleans
    watched = _standing(state, kind)
    assert watched is not None
    takes = None
    if job in state.cleaned_again:
        takes = None if watched.clean is None else watched.clean.takes
    elif watched.dirty_hold is not None and was_cleaned_too_late(
        state.now - job.arrived, watched.dirty_hold.limit
    ):
        _count_violation(state, kind, watched, "dirty_hold")
        takes = watched.dirty_hold.takes if watched.dirty_hold.cleans else None
    if takes is not None:
        unit.durations[PROCESSING] = state.streams.of(takes).nanoseconds(-job.number)


def _cleaned(state: State, unit: UnitState, job: LotState) -> None:
    state.cleaned_again.discard(job)
    cleaned(state, state.operations[job.operation].cleans)


def take(state: State, lot: LotState, kind: int) -> None:
    """Give a clean container of a kind to a lot."""
    state.clean[kind] -= 1
    state.in_use[kind] += 1
    lot.container = kind
    watched = _standing(state, kind)
    if watched is not None:
        since = watched.since.popleft()
        if watched.clean is not None and is_clean_no_longer(state.now - since, watched.clean.limit):
            _count_violation(state, kind, watched, "clean_hold")
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


def is_dirty(state: State, kind: int, waited: int) -> LotState:
    """A run begins with a dirty container, which has waited so many ns to be cleaned; returns its job."""
    state.clean[kind] -= 1
    watched = _standing(state, kind)
    if watched is not None:
        watched.since.popleft()
    job = moves.add_job(state, state.program.containers[kind].cleaning, NONE, waited)
    _count(state, kind)
    return job


def have_stood_clean(state: State, kind: int, time: int) -> None:
    """A run begins with clean containers that have stood for `time` ns already."""
    watched = _standing(state, kind)
    if watched is None or watched.clean is None:
        return
    watched.since = deque(since - time for since in watched.since)
    if watched.clean.cleans:
        left = max(0, watched.clean.limit - time)
        schedule(state, left, (FALLS_DUE, len(state.machines) + kind, NULL, 0))


def cleaned(state: State, kind: int) -> None:
    """A container is clean again."""
    state.clean[kind] += 1
    watched = _standing(state, kind)
    if watched is not None:
        watched.since.append(state.now)
        _watch(state, kind, watched)
    _count(state, kind)
    look_again(state)


def _count_violation(state: State, kind: int, watched: Standing, hold: str) -> None:
    watched.violations[hold] += 1
    entity = _violations(state, kind, hold)
    state.recorder.levels.append((entity, state.now, watched.violations[hold]))


def _violations(state: State, kind: int, hold: str) -> int:
    return state.recorder.entity(f"container/{state.program.containers[kind].name}/{hold}_violations")


def _count(state: State, kind: int) -> None:
    pool = state.program.containers[kind]
    recorder, now = state.recorder, state.now
    clean, in_use = state.clean[kind], state.in_use[kind]
    for name, level in (("clean", clean), ("in_use", in_use), ("dirty", pool.count - clean - in_use)):
        recorder.levels.append((recorder.entity(f"container/{pool.name}/{name}"), now, level))
