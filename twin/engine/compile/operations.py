"""Operations of recipes, and the cleaning of containers."""

from __future__ import annotations

from twin.engine.compile.context import MILLIGRAMS, Context, optional, source, to_nanoseconds, whole
from twin.engine.compile.flows import flow_of, nominal_seconds
from twin.engine.compile.needs import needs_of
from twin.engine.compile.tanks import flows_of, transfer_of
from twin.engine.compile.units import start_up_source
from twin.engine.compile.utilities import all_uses, task_uses, uses_of
from twin.engine.emulation import emulated
from twin.engine.physics_call import compile_physics, with_nominal
from twin.engine.program import NO_STORAGE, NONE, Operation, Phase, Source, StartUp
from twin.engine.record import STATES
from twin.engine.rules.outcomes import NO_LIMIT
from twin.physics.emulation.emulator import EMULATED
from twin.plant import schema
from twin.plant.errors import Path
from twin.plant.shorthand import LotSize


def operations(at: Context, recipe_name: str) -> list[Operation]:
    """All operations of a recipe, in order."""
    recipe = at.plant.recipes[recipe_name]
    made = [operation(at, recipe_name, i, name) for i, name in enumerate(recipe.operations)]
    words = list(recipe.operations.values())
    if all(op.solve != "emulated" for op in words):
        return made
    at.attributes[EMULATED] = None
    return emulated(
        made,
        [op.solve for op in words],
        [_loses(at, *both) for both in zip(words, made, strict=True)],
        _back(recipe),
        recipe.batch.amount,
    )


def _loses(at: Context, words: schema.Operation, made: Operation) -> bool:
    """Whether waste or samples may be taken from a lot, or something of it may flow elsewhere."""
    equipment = [at.plant.equipment[name] for name in words.on]
    wasting = [start.waste for start in made.start_up.values()] + [
        f.waste for e in equipment for f in e.failures
    ]
    elsewhere = words.sampling or words.in_process or made.flows or made.tanks or words.transfer_to
    return bool(elsewhere) or any(waste is not None for waste in wasting)


def _back(recipe: schema.Recipe) -> list[list[int]]:
    """The places to which each operation may send a lot back."""
    places = {name: place for place, name in enumerate(recipe.operations)}
    found = []
    for name, op in recipe.operations.items():
        names = [] if op.rework is None else [op.rework.to]
        names += [limit.to or name for limit in op.specification.values() if limit.otherwise == "rework"]
        found.append(sorted({places[to] for to in names}))
    return found


def operation(at: Context, recipe_name: str, position: int, name: str) -> Operation:
    """An operation of a recipe."""
    recipe = at.plant.recipes[recipe_name]
    op = recipe.operations[name]
    path: Path = ("recipes", recipe_name, "operations", position, name)
    address = f"{recipe_name}/{name}"
    names = list(recipe.operations)
    units = tuple(u for e in op.on for u in at.units_of[e])
    takes = optional(f"{address}/takes", op.takes)
    setup = optional(f"{address}/setup", op.setup)
    start_up = {u: s for u in units if (s := start_up_of(at, u, address)) is not None}
    load, unload = handling(at, op, units, address)
    phases = tuple(phase(at, address, name, words) for name, words in op.phases.items())
    takes = phases[0].takes if phases else takes
    physics, seconds = None, sum(p.takes.mean for p in phases) if phases else takes.mean if takes else 0.0
    if op.physics is not None:
        physics, complaints = compile_physics(at.plant, recipe_name, name, path, at.placed, units)
        at.complaints += complaints
        if physics is not None:
            brought = at.nominal_attributes.setdefault(recipe_name, {})
            physics, gained = with_nominal(physics, recipe.batch.amount, brought)
            brought |= gained
            seconds = physics.nominal
            at.attributes |= dict.fromkeys([*(q.name for q in physics.model.attributes), "physics_status"])
    flows = {u: flow for u in units if (flow := flow_of(at, u, recipe, address)) is not None}
    seconds = max([seconds, *(nominal_seconds(flow, whole(recipe.batch)) for flow in flows.values())])
    starting = [*start_up.values(), *(s for flow in flows.values() for s in flow.start_up if s is not None)]
    if any(s.stops is not None for s in starting):
        at.attributes["start_up_stops"] = None
    if any(at.placed[u].equipment in failing(at) for u in units):
        at.attributes["stops"] = None
    if op.pack is not None:
        at.attributes["packs"] = None
    before = max((s.takes.mean for s in start_up.values()), default=0.0) + (setup.mean if setup else 0.0)
    before += sum(max((s.mean for s in sources.values()), default=0.0) for sources in (load, unload))
    dirty = next(iter(op.return_.values()), None)
    return Operation(
        name=address,
        recipe=at.recipe_numbers[recipe_name],
        next=NONE if position + 1 == len(names) else at.operation_numbers[(recipe_name, names[position + 1])],
        units=units,
        storage=storage(at, op.wait_in),
        takes=takes,
        nominal=to_nanoseconds(before + seconds),
        nominal_on=nominal_on(at, units, before, seconds),
        physics=physics,
        flows=flows,
        setup=setup,
        start_up=start_up,
        load=load,
        unload=unload,
        phases=phases,
        batch=batch(op),
        procedure=procedure(at, recipe_name, position),
        needs=needs_of(at, op.needs),
        uses=uses_of(at, op.uses),
        tanks=flows_of(at, op),
        transfer_to=transfer_of(at, op),
        take=NONE if op.take is None else at.container_numbers[op.take],
        give_back=at.container_numbers[next(iter(op.return_))] if op.return_ else NONE,
        give_back_dirty=dirty == "dirty",
        scrap=op.scrap,
        rework=0.0 if op.rework is None else op.rework.probability,
        rework_to=NONE if op.rework is None else at.operation_numbers[(recipe_name, op.rework.to)],
        rework_limit=NO_LIMIT if op.rework is None or op.rework.limit is None else op.rework.limit,
        split_into=_split_into(op),
        split_each=0 if op.split is None or op.split.each is None else _size(op.split.each, recipe),
        portions=0 if op.transfer is None else op.transfer.portions or 0,
        portion_each=_size(op.transfer.portion, recipe) if op.transfer and op.transfer.portion else 0,
        merges=op.merge,
        pack=0 if op.pack is None else _size(op.pack, recipe),
        bill=tuple((at.material_numbers[name], whole(amount)) for name, amount in op.bill.items()),
        yields=optional(f"{address}/yields", op.yields),
    )


def handling(
    at: Context, op: schema.Operation, units: tuple[int, ...], address: str
) -> tuple[dict[int, Source], dict[int, Source]]:
    """Loading and unloading on each unit: those of the operation, or else of the equipment."""
    found: tuple[dict[int, Source], dict[int, Source]] = {}, {}
    for u in units:
        equipment = at.plant.equipment[at.placed[u].equipment]
        for key, sources in zip(("load", "unload"), found, strict=True):
            takes = optional(f"{address}/{key}", getattr(op, key) or getattr(equipment, key))
            if takes is not None:
                sources[u] = takes
    return found


def phase(at: Context, address: str, name: str, words: schema.Phase) -> Phase:
    """A phase, its draws addressed by its name."""
    whole = needs_of(at, words.needs)[0]
    return Phase(name, source(f"{address}/phases/{name}/takes", words.takes), whole, all_uses(at, words.uses))


def batch(op: schema.Operation) -> tuple[int, int, int]:
    """Lots at once: the least, the most, and how long to wait in ns for more than the least."""
    words = op.together
    return (1, 1, 0) if words is None else (words.min, words.max, to_nanoseconds(words.wait))


def procedure(at: Context, recipe_name: str, position: int) -> int:
    """What tells the operation's unit procedure apart: the number of its first operation, or none."""
    recipe = at.plant.recipes[recipe_name]
    words = [operation.unit_procedure for operation in recipe.operations.values()]
    if words[position] is None:
        return NONE
    while position and words[position - 1] == words[position]:
        position -= 1
    return at.operation_numbers[(recipe_name, list(recipe.operations)[position])]


def nominal_on(at: Context, units: tuple[int, ...], before: float, seconds: float) -> dict[int, int]:
    """The nominal duration in ns on each unit that is faster or slower; `before` processing it is not."""
    speeds = {u: at.plant.equipment[at.placed[u].equipment].speed for u in units}
    return {u: to_nanoseconds(before + seconds / speed) for u, speed in speeds.items() if speed != 1.0}


def _split_into(op: schema.Operation) -> int:
    """Equal parts at the end of the operation: the last of several portions is one."""
    if op.transfer is not None:
        return 1
    return 0 if op.split is None or op.split.into is None else op.split.into


def _size(amount: LotSize, recipe: schema.Recipe) -> int:
    """An amount of a recipe's lots in their own unit; pieces are weighed where lots are in kg."""
    if amount.unit == "pieces" and recipe.batch.unit == "kg":
        return round(amount.amount * (recipe.piece or 0.0) * MILLIGRAMS)
    return whole(amount)


def failing(at: Context) -> set[str]:
    """Names of the equipment that can fail."""
    return {name for name, e in at.plant.equipment.items() if e.failures or _failing_stations(e)}


def _failing_stations(equipment: schema.Equipment) -> bool:
    return equipment.flow is not None and any(s.failures for s in equipment.flow.stations.values())


def storage(at: Context, wait_in: str | None) -> int:
    """The storage in which lots wait, by its number."""
    if wait_in is None:
        return NONE
    if wait_in == "none":
        return NO_STORAGE
    return at.storage_numbers[wait_in]


def start_up_of(at: Context, unit: int, address: str) -> StartUp | None:
    """A unit's start-up, addressed by the operation, so that a lot's draws stay its own."""
    start_up = at.plant.equipment[at.placed[unit].equipment].start_up
    if start_up is None:
        return None
    return start_up_source(start_up, address)


def cleaning(at: Context, container: str) -> Operation:
    """The cleaning of a kind of container."""
    cleaning = at.plant.containers[container].cleaning
    assert cleaning is not None
    takes = source(f"containers/{container}/cleaning", cleaning.takes)
    units = tuple(u for e in cleaning.on for u in at.units_of[e])
    return Operation(
        name=f"containers/{container}",
        recipe=NONE,
        next=NONE,
        units=units,
        storage=NONE,
        takes=takes,
        nominal=to_nanoseconds(takes.mean),
        nominal_on=nominal_on(at, units, 0.0, takes.mean),
        needs=needs_of(at, cleaning.needs),
        uses=task_uses(at, cleaning.uses),
        cleans=at.container_numbers[container],
        shows=STATES.index("cleaning"),
    )
