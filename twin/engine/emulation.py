"""Emulated operations: which lots reach them, and the model that stands in for theirs.

`emulated` puts a stand-in in the place of an operation's model, so that whoever asks a `PhysicsCall`
(either engine, the broker ahead or live) asks the emulator without knowing it. An emulator is made when the
first lot asks, from what the program says of the recipe: inputs that are drawn have the ranges of their
distributions, what earlier operations make of a lot comes from a sample of lots taken through their models,
and so does the batch's mass. It is kept in the user's cache folder under the hash of all of that and of
twin's code. A lot that no emulator was made for is solved in full, so that a wrong idea of what lots come
costs time and nothing else.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from twin import physics
from twin.engine.distributions import KINDS
from twin.engine.draws import inverse
from twin.engine.fingerprint import code_fingerprint
from twin.engine.physics_call import BATCH_MASS
from twin.engine.program import Operation, PhysicsCall, Source
from twin.physics.emulation import cache
from twin.physics.emulation.emulator import Emulator, stand_in
from twin.physics.registry import built_in

if TYPE_CHECKING:
    from twin.physics.emulation.design import Reach

Floats = npt.NDArray[np.float64]

TAIL = 1e-4  # of a distribution's probability at either end, that is beyond the range of its draws
LOSS = 0.05  # of a lot, that waste and samples of earlier operations may take
MILLIGRAMS = 1e6  # of a kilogram
BLOCK = 256  # lots that are taken through earlier operations at a time


@dataclass(frozen=True)
class Stage:
    """An operation before the emulated one, as far as it changes the lot: its physics, its yields, and
    whether waste or samples may be taken from it.
    """

    call: PhysicsCall | None
    yields: Source | None
    loses: bool


@dataclass(frozen=True)
class Emulation:
    """How an operation is emulated: the lots that reach it, by way of `stages`, on units of equal
    `equipment`.

    `detours` are the ways of lots that were sent back once before they reach it. `unknown` says why it
    cannot be told what lots do; empty where it can.
    """

    call: PhysicsCall
    stages: tuple[Stage, ...]
    batch_mass: float  # kg, before all stages
    unknown: str = ""
    detours: tuple[tuple[Stage, ...], ...] = ()

    @cached_property
    def emulators(self) -> tuple[Emulator, ...]:
        """One for each way that lots come and each set of parameters that its units have; made where the
        user's cache has none. Those of lots that were sent back come last: few lots need them.
        """
        if self.unknown:
            return (Emulator(self.call.model.name, declined=self.unknown),)
        ways = [replace(self, stages=stages, detours=()) for stages in (self.stages, *self.detours)]
        units = [tuple(unit.items()) for unit in _different(self.call)]
        return tuple(_emulator(_Problem(way, unit)) for way in ways for unit in units)


def emulated(
    operations: Sequence[Operation],
    solve: Sequence[str | None],
    loses: Sequence[bool],
    back: Sequence[Sequence[int]],
    batch_mass: float,
) -> list[Operation]:
    """Return a recipe's operations, in order, those emulated of which `solve` says so.

    `loses` tells of each whether waste or samples may be taken from a lot, `back` to which places in the
    recipe it may send one back; `batch_mass` in kg.
    """
    made: list[Operation] = []
    stages: list[Stage] = []
    unknown = ""
    for operation, how, losing in zip(operations, solve, loses, strict=True):
        call = operation.physics
        if operation.merges:
            unknown = unknown or f"its lots are merged before `{_short(operation)}`"
        together = "several lots are done together" if operation.batch[1] > 1 else ""
        if call is not None and how == "emulated":
            detours = tuple(_detours(stages, back))
            emulation = Emulation(call, tuple(stages), batch_mass, unknown or together, detours)
            made.append(replace(operation, physics=_standing_in(call, emulation)))
        else:
            made.append(operation)
        stages.append(Stage(call, operation.yields, losing))
        if operation.split_into or operation.split_each or operation.portions or operation.portion_each:
            unknown = unknown or f"its lots are parts since `{_short(operation)}`"
        if operation.pack:
            unknown = unknown or f"its lots are packed in `{_short(operation)}`"
    return made


def _detours(stages: Sequence[Stage], back: Sequence[Sequence[int]]) -> Iterator[tuple[Stage, ...]]:
    """The ways of lots that one of the stages has sent back, as far as that changes them."""
    for last, places in enumerate(back[: len(stages)]):
        for first in places:
            repeated = stages[first : last + 1]
            if any(stage.call is not None or stage.yields is not None or stage.loses for stage in repeated):
                yield (*stages[: last + 1], *map(_once_more, repeated), *stages[last + 1 :])


def _once_more(stage: Stage) -> Stage:
    """A stage for a lot that comes again: of the same raw material, all else drawn anew."""

    def anew(source: Source) -> Source:
        return replace(source, name=f"{source.name}, once more")

    call = stage.call
    if call is not None:
        call = replace(call, settings=tuple((name, anew(source)) for name, source in call.settings))
    return replace(stage, call=call, yields=None if stage.yields is None else anew(stage.yields))


def _standing_in(call: PhysicsCall, emulation: Emulation) -> PhysicsCall:
    return replace(call, model=stand_in(call.model, lambda: emulation.emulators), emulation=emulation)


def _short(operation: Operation) -> str:
    return operation.name.rpartition("/")[2]


def _different(call: PhysicsCall) -> list[dict[str, float]]:
    """The sets of parameters that units have, each once."""
    found: list[dict[str, float]] = []
    for parameters in call.equipment.values():
        if parameters not in found:
            found.append(parameters)
    return found


@dataclass(frozen=True)
class _Problem:
    """What one emulator is made for; equal where equal lots reach equal units."""

    emulation: Emulation = field(compare=False)
    equipment: tuple[tuple[str, float], ...] = field(compare=False)
    key: str = ""

    def __post_init__(self) -> None:
        words = {**_words(self.emulation), "equipment": self.equipment, "code": code_fingerprint()}
        object.__setattr__(self, "key", cache.key_of(words))

    @cached_property
    def kept_on_disk(self) -> bool:
        """Whether twin's fingerprint covers all the code that matters: not that of packages' models."""
        calls = [self.emulation.call, *(s.call for s in self.emulation.stages if s.call is not None)]
        return all(built_in().get(call.model.name) is call.model for call in calls)


@lru_cache(maxsize=256)
def _emulator(problem: _Problem) -> Emulator:
    """The emulator, once for each process."""
    if not problem.kept_on_disk:
        return _made(problem)
    return cache.kept(cache.user_folder(), problem.key, lambda: _made(problem))


def _made(problem: _Problem) -> Emulator:
    # SciPy's parts that only making an emulator needs take longer to import than reading one does.
    from twin.physics.emulation.design import emulator_of

    seed = int(problem.key[:12], 16)
    return emulator_of(
        problem.emulation.call.model, reach_of(problem.emulation, dict(problem.equipment), seed)
    )


def reach_of(emulation: Emulation, equipment: Mapping[str, float], seed: int) -> Reach:
    """The lots that reach an operation on units of these parameters."""
    from twin.physics.emulation.design import Reach

    drawn = (*emulation.call.material, *emulation.call.settings)
    still = {name: source.mean for name, source in drawn if source.constant}
    ranges = {name: _range(source) for name, source in drawn if not source.constant}
    return Reach({**equipment, **still}, ranges, Lots(emulation, equipment, seed + 1), seed)


def _range(source: Source) -> tuple[float, float]:
    """The values between which draws are, but for `TAIL` at ends that are open."""
    if source.kind == KINDS["uniform"]:
        return source.p0, source.p1
    if source.kind == KINDS["triangular"]:
        return source.p0, source.p2
    if source.kind == KINDS["discrete"]:
        return float(source.table[1, 0]), float(source.table[1, -1])
    return _quantile(source, TAIL), _quantile(source, 1.0 - TAIL)


def _quantile(source: Source, u: float) -> float:
    return float(inverse(source.kind, source.p0, source.p1, source.p2, source.table, u))


class Lots:
    """An endless row of lots as they reach an operation: the same ones first, however many are asked for."""

    def __init__(self, emulation: Emulation, equipment: Mapping[str, float], seed: int) -> None:
        self._emulation, self._equipment, self._seed = emulation, equipment, seed
        self._sources = {source.name: source for source in _sources(emulation) if not source.constant}
        self._known: list[dict[str, Floats]] = []

    def __call__(self, count: int) -> dict[str, Floats]:
        """The first `count` lots, less those of which an earlier operation makes nothing finite."""
        from twin.physics.emulation.design import sobol

        losses = [f"loss {i}" for i, stage in enumerate(self._emulation.stages) if stage.loses]
        while len(self._known) * BLOCK < count:
            first = len(self._known) * BLOCK
            points = sobol(len(self._sources) + len(losses), first + BLOCK, self._seed)[:, first:]
            points = np.clip(points, TAIL, 1.0 - TAIL)
            draws = {
                source.name: np.array([_quantile(source, u) for u in row])
                for source, row in zip(self._sources.values(), points, strict=False)
            }
            draws |= dict(zip(losses, points[len(self._sources) :], strict=True))
            self._known.append(self._arriving(draws))
        whole = {name: np.concatenate([b[name] for b in self._known])[:count] for name in self._known[0]}
        finite = np.all([np.isfinite(values) for values in whole.values()], axis=0)
        return {name: values[finite] for name, values in whole.items()}

    def _arriving(self, draws: Mapping[str, Floats]) -> dict[str, Floats]:
        """All inputs of lots with these draws, taken through the earlier operations."""
        mass = np.full(BLOCK, self._emulation.batch_mass)
        brought: dict[str, Floats] = {}
        for i, stage in enumerate(self._emulation.stages):
            good = np.ones(BLOCK)
            if stage.call is not None:
                inputs = _inputs(stage.call, draws, brought, mass)
                equipment = _alternating(_different(stage.call))
                outcome = physics.evaluate_on("cpu", stage.call.model, *inputs, equipment)
                good = np.clip(outcome.yield_, 0.0, 1.0)
                brought |= outcome.attributes
            if stage.yields is not None:
                good = good * np.clip(_drawn(stage.yields, draws), 0.0, 1.0)
            if stage.loses:
                good = good * (1.0 - LOSS * draws[f"loss {i}"])
            mass = _left(mass, good)
        material, settings = _inputs(self._emulation.call, draws, brought, mass)
        return material | settings | {n: np.full(BLOCK, v) for n, v in self._equipment.items()}


def _left(mass: Floats, good: Floats) -> Floats:
    """The good part of a mass in kg, lost in whole milligrams as the engines lose it."""
    quantity = np.rint(mass * MILLIGRAMS)
    left: Floats = (quantity - np.rint(quantity * (1.0 - good))) / MILLIGRAMS
    return left


def _inputs(
    call: PhysicsCall, draws: Mapping[str, Floats], brought: Mapping[str, Floats], mass: Floats
) -> tuple[dict[str, Floats], dict[str, Floats]]:
    """Material and settings of a call, (n,) each."""
    material = {name: brought.get(name, np.full(BLOCK, value)) for name, value in call.carried}
    material |= {name: _drawn(source, draws) for name, source in call.material}
    if BATCH_MASS in {q.name for q in call.model.material}:
        material[BATCH_MASS] = mass
    return material, {name: _drawn(source, draws) for name, source in call.settings}


def _drawn(source: Source, draws: Mapping[str, Floats]) -> Floats:
    return np.full(BLOCK, source.mean) if source.constant else draws[source.name]


def _alternating(units: Sequence[Mapping[str, float]]) -> dict[str, Floats]:
    """Parameters of lots that go to different units in turn."""
    return {name: np.array([units[i % len(units)][name] for i in range(BLOCK)]) for name in units[0]}


def _sources(emulation: Emulation) -> Iterator[Source]:
    """All that is drawn up to and in an operation."""
    for stage in emulation.stages:
        if stage.call is not None:
            yield from (source for _, source in (*stage.call.material, *stage.call.settings))
        if stage.yields is not None:
            yield stage.yields
    yield from (source for _, source in (*emulation.call.material, *emulation.call.settings))


def _words(emulation: Emulation) -> dict[str, Any]:
    """All that decides what lots come, as plain data; sources by number, so that names do not matter."""
    numbers = {name: i for i, name in enumerate(dict.fromkeys(s.name for s in _sources(emulation)))}

    def of_source(source: Source) -> list[object]:
        distribution = [source.kind, source.p0, source.p1, source.p2, source.table.tolist()]
        return [numbers[source.name], *distribution]

    def of_call(call: PhysicsCall) -> dict[str, object]:
        return {
            "model": call.model.name,
            "carried": [[name, None if math.isnan(value) else value] for name, value in call.carried],
            "material": [[name, of_source(source)] for name, source in call.material],
            "settings": [[name, of_source(source)] for name, source in call.settings],
        }

    stages = [
        {
            "call": None if stage.call is None else of_call(stage.call),
            "units": [] if stage.call is None else [list(u.items()) for u in _different(stage.call)],
            "yields": None if stage.yields is None else of_source(stage.yields),
            "loses": stage.loses,
        }
        for stage in emulation.stages
    ]
    return {"call": of_call(emulation.call), "stages": stages, "batch_mass": emulation.batch_mass}
