"""The coupling of operations to physics: where each input of a unit-operation model comes from.

A model's material comes from the lot (attributes that earlier operations gave it), from the recipe's raw
material, or from the model's default; settings from the operation; equipment from the unit's parameters.
So the moisture of a recipe's raw material is the granulator's, and the dryer has what the granulator made of
it; a lot that came past the granulator (from a state file) has the raw material's mean.
"""

from __future__ import annotations

import math
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np

from twin import physics
from twin.engine.program import PhysicsCall, Source
from twin.engine.sources import source
from twin.physics.backend import Backend, select
from twin.physics.contract import Inputs, Outcome, Quantity, UnitOperation
from twin.plant import schema
from twin.plant.checking import complain
from twin.plant.errors import Complaint, Path
from twin.plant.layout import PlacedUnit
from twin.plant.remembered import remembered
from twin.plant.sentences import did_you_mean, sentence, subject
from twin.plant.shorthand import AnyQuantity
from twin.plant.units import WrongValueError, canonical

BATCH_MASS = "batch_mass"


def compile_physics(
    plant: schema.Plant,
    recipe_name: str,
    operation_name: str,
    path: Path,
    placed: Sequence[PlacedUnit],
    units: tuple[int, ...],
) -> tuple[PhysicsCall | None, list[Complaint]]:
    """The call for one operation, and what is wrong with it."""
    names = tuple([placed[u].equipment for u in units])
    equipment = [plant.equipment[name] for name in dict.fromkeys(names)]
    return _compiled(recipe_name, plant.recipes[recipe_name], operation_name, path, units, names, *equipment)


@remembered(most=1_000)
def _compiled(
    recipe_name: str,
    recipe: schema.Recipe,
    operation_name: str,
    path: Path,
    units: tuple[int, ...],
    names: tuple[str, ...],
    *equipment: schema.Equipment,
) -> tuple[PhysicsCall | None, list[Complaint]]:
    """The same of an operation's units, of which `names` has the equipment, each described once."""
    operation = recipe.operations[operation_name]
    models = physics.models()
    assert operation.physics is not None
    model = models.get(operation.physics)
    if model is None:
        where = (*path, "physics")
        message = f"names a model that is not there, `{operation.physics}`"
        return None, [complain(where, message, did_you_mean(operation.physics, models))]
    complaints: list[Complaint] = []
    settings = _given(
        model, operation.settings, (*path, "settings"), f"{recipe_name}/{operation_name}", complaints
    )
    raw_paths = ("recipes", recipe_name, "material")
    raw = {name: q for name, q in recipe.material.items() if name in {m.name for m in model.material}}
    drawn = _sources(model.material, raw, raw_paths, f"{recipe_name}/material", complaints)
    earlier = _earlier_attributes(recipe, operation_name)
    carried = _carried(model, raw, {name: source.mean for name, source in drawn}, earlier)
    for name, default in carried:
        if default is None and name not in earlier:
            predicate = f"needs the attribute `{name}`, which no earlier operation gives"
            hint = f"Add `{name}: …` to `material` of recipe `{recipe_name}`."
            complaints.append(complain((*path, "physics"), predicate, hint))
    if BATCH_MASS in {q.name for q in model.material} and recipe.batch.unit != "kg":
        batch: Path = ("recipes", recipe_name, "batch")
        predicate = "must be a mass, because the physics needs lots in kilograms"
        complaints.append(complain(batch, predicate, "Write for example `240 kg`."))
    words = dict(zip(dict.fromkeys(names), equipment, strict=True))
    parameters = {
        u: _parameters(model.equipment, name, words[name], path, complaints)
        for u, name in zip(units, names, strict=True)
    }
    if complaints:
        return None, complaints
    call = PhysicsCall(
        model=model,
        carried=tuple((name, float("nan") if default is None else default) for name, default in carried),
        material=tuple((name, source) for name, source in drawn if name not in earlier),
        settings=settings,
        equipment=parameters,
    )
    return call, []


def _carried(
    model: UnitOperation, raw: Container[str], raw_means: Mapping[str, float], earlier: Container[str]
) -> tuple[tuple[str, float | None], ...]:
    """What a lot brings from earlier operations, and what stands in where it does not: the raw material's
    mean, else the model's default.
    """
    return tuple(
        (q.name, raw_means.get(q.name, q.default))
        for q in model.material
        if q.name != BATCH_MASS and (q.name in earlier or q.name not in raw)
    )


def evaluate(
    call: PhysicsCall,
    materials: Sequence[dict[str, float]],
    settings: Sequence[dict[str, float]],
    units: Sequence[int],
    backend: Backend,
) -> Outcome:
    """Ask the model about n visits at once, on the backend's device; what comes back is NumPy's."""

    def columns(rows: Sequence[dict[str, float]]) -> Inputs:
        return {name: [row[name] for row in rows] for name in (rows[0] if rows else ())}

    return physics.evaluate_on(
        backend,
        call.model,
        columns(materials),
        columns(settings),
        columns([call.equipment[u] for u in units]),
    )


def with_nominal(
    call: PhysicsCall, batch_mass: float, brought: Mapping[str, float]
) -> tuple[PhysicsCall, dict[str, float]]:
    """The call with how long the operation nominally lasts, and which attributes it then gives: all inputs at
    their means, a batch of `batch_mass` in kg that brings the attributes that earlier operations nominally
    give.
    """
    return _with_nominal(call, batch_mass, *_exactly(brought))


@remembered(most=1_000)
def _with_nominal(
    call: PhysicsCall, batch_mass: float, names: tuple[str, ...], numbers: bytes
) -> tuple[PhysicsCall, dict[str, float]]:
    brought = dict(zip(names, np.frombuffer(numbers).tolist(), strict=True))
    arriving = {name: brought.get(name, value) for name, value in call.carried}
    material = arriving | {name: s.mean for name, s in call.material}
    material[BATCH_MASS] = batch_mass
    settings = {name: s.mean for name, s in call.settings}
    # An attribute that nothing gives nominally is not known: 1, as factors are where nothing acts.
    material = {name: 1.0 if value != value else value for name, value in material.items()}
    duration, gained = _of_one(
        call.model, *map(_exactly, (material, settings, next(iter(call.equipment.values()))))
    )
    known = {name: value for name, value in gained if math.isfinite(value)}
    return replace(call, nominal=duration if math.isfinite(duration) and duration > 0 else 0.0), known


Exactly = tuple[tuple[str, ...], bytes]  # names, and numbers to the last bit


def _exactly(row: Mapping[str, float]) -> Exactly:
    return tuple(row), np.array(list(row.values()), dtype=np.float64).tobytes()


@lru_cache(maxsize=1_000)
def _of_one(
    model: UnitOperation, material: Exactly, settings: Exactly, equipment: Exactly
) -> tuple[float, tuple[tuple[str, float], ...]]:
    """What a model answers about one visit: its duration in s, and attributes; points of a sweep ask anew."""
    rows = [
        {name: [value] for name, value in zip(names, np.frombuffer(numbers).tolist(), strict=True)}
        for names, numbers in (material, settings, equipment)
    ]
    outcome = physics.evaluate_on(select("cpu"), model, *rows)
    gained = tuple((name, float(values[0])) for name, values in outcome.attributes.items())
    return float(outcome.duration[0]), gained


def _earlier_attributes(recipe: schema.Recipe, operation_name: str) -> set[str]:
    names: set[str] = set()
    for name, operation in recipe.operations.items():
        if name == operation_name:
            break
        model = physics.models().get(operation.physics or "")
        names |= {q.name for q in model.attributes} if model else set()
    return names


def _given(
    model: UnitOperation,
    given: dict[str, AnyQuantity],
    path: Path,
    address: str,
    complaints: list[Complaint],
) -> tuple[tuple[str, Source], ...]:
    """Sources of every setting, defaults included; unknown and missing ones are complaints."""
    wanted = model.settings
    complaints += _unknown(path, given, [q.name for q in wanted], f"is none that `{model.name}` takes")
    complaints += [
        Complaint(
            path,
            sentence(path[:-1], f"lacks the setting `{q.name}`, {_described(q)}"),
            f"Add `{q.name}: …` to its `settings`.",
        )
        for q in wanted
        if q.name not in given and q.default is None
    ]
    defaults = {q.name: _default(_si(q), float(q.default).hex()) for q in wanted if q.default is not None}
    return _sources(wanted, defaults | given, path, f"{address}/settings", complaints)


def _sources(
    wanted: tuple[Quantity, ...],
    given: dict[str, AnyQuantity],
    path: Path,
    address: str,
    complaints: list[Complaint],
) -> tuple[tuple[str, Source], ...]:
    sources: list[tuple[str, Source]] = []
    for q in wanted:
        quantity = given.get(q.name)
        if quantity is None:
            continue
        if quantity.unit != _si(q):
            complaints.append(_wrong_unit((*path, q.name), q, quantity))
            continue
        sources.append((q.name, source(f"{address}/{q.name}", quantity)))
    return tuple(sources)


@lru_cache(maxsize=1_000)
def _default(unit: str, value: str) -> AnyQuantity:
    """What is given of a setting of which the plant says nothing; the number to its last bit, `0x1.8p+0`."""
    return AnyQuantity(kind="constant", parameters={"value": float.fromhex(value)}, unit=unit)


def _parameters(
    wanted: tuple[Quantity, ...],
    equipment: str,
    words: schema.Equipment,
    path: Path,
    complaints: list[Complaint],
) -> dict[str, float]:
    """The unit's parameters: from the plant file, else the model's defaults."""
    given = words.parameters
    values: dict[str, float] = {}
    for q in wanted:
        if q.name in given:
            if given[q.name].unit != _si(q):
                where = ("equipment", equipment, "parameters", q.name)
                complaints.append(_wrong_unit(where, q, given[q.name]))
            values[q.name] = given[q.name].mean
        elif q.default is not None:
            values[q.name] = q.default
        else:
            owner: Path = ("equipment", equipment)
            message = sentence(owner, f"lacks the parameter `{q.name}`, {_described(q)}")
            hint = f"Add `{q.name}: …` to its `parameters`; {subject(path)} needs it."
            complaints.append(Complaint((*owner, "parameters"), message, hint))
    return values


def unknown_inputs(plant: schema.Plant) -> list[Complaint]:
    """Parameters and material attributes that no physics takes, where all that could take them is known."""
    models = physics.models()
    recipes: dict[str, list[UnitOperation | None]] = {}
    equipment: dict[str, list[UnitOperation | None]] = {}
    for name, recipe in plant.recipes.items():
        for operation in recipe.operations.values():
            if operation.physics is not None:
                model = models.get(operation.physics)
                recipes.setdefault(name, []).append(model)
                for each in operation.on:
                    equipment.setdefault(each, []).append(model)
    found: list[Complaint] = []
    for name, asked in equipment.items():
        if None not in asked:
            known = [q.name for model in asked if model for q in model.equipment]
            given = plant.equipment[name].parameters
            found += _unknown(
                ("equipment", name, "parameters"), given, known, "is none that its physics takes"
            )
    for name, asked in recipes.items():
        if None not in asked:
            known = [q.name for model in asked if model for q in model.material if q.name != BATCH_MASS]
            given = plant.recipes[name].material
            found += _unknown(("recipes", name, "material"), given, known, _NOT_TAKEN)
    return found


_NOT_TAKEN = "is none that its physics takes"


def _unknown(path: Path, given: Iterable[str], known: Sequence[str], predicate: str) -> list[Complaint]:
    return [
        complain((*path, name), predicate, did_you_mean(name, known), at_key=True)
        for name in given
        if name not in known
    ]


def _wrong_unit(path: Path, wanted: Quantity, given: AnyQuantity) -> Complaint:
    alike = "" if wanted.unit == "1" else " or a unit of its kind"
    predicate = f"is {_unit(given.unit)}, and must be {_unit(wanted.unit)}{alike}"
    return complain(path, predicate, f"It stands for: {wanted.meaning}.")


def _si(wanted: Quantity) -> str:
    """The unit of a model's quantity as plants write it: `J/(kg K)` and `J/mol` have one spelling here."""
    return _spelt(wanted.unit)


@lru_cache(maxsize=1_000)
def _spelt(unit: str) -> str:
    try:
        return canonical(unit)
    except WrongValueError:  # a package's model counts in something that no plant file can
        return unit


def _unit(unit: str) -> str:
    return "without a unit" if unit == "1" else f"in `{unit}`"


def _described(wanted: Quantity) -> str:
    return f"{wanted.meaning} ({_unit(wanted.unit)})"
