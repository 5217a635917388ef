"""Plants of one or two machines, and their record in seconds as literal lists.

A test says what a plant is in the words of the language and compares what each unit did and where each lot
went. Neighbouring rows of one unit that say the same are one.
"""

from __future__ import annotations

from typing import Any

from twin.engine.compile import compile_program
from twin.engine.record import SECOND, Record
from twin.engine.simpy_engine import simulate
from twin.plant.scenario import Run
from twin.plant.schema import Plant

HOUR = 3600 * SECOND
Words = dict[str, Any]


def operation(name: str, on: str | list[str], takes: str | None, **words: Any) -> Words:
    """An operation of a recipe on these units."""
    duration = {} if takes is None else {"takes": takes}
    return {name: {"on": [on] if isinstance(on, str) else on, **duration, **words}}


def plant(
    equipment: Words, *operations: Words, lots: int = 1, batch: str = "100 pieces", **words: Any
) -> Plant:
    """A plant with one recipe, `part`, and an order of `lots` lots at the start, unless `words` say more."""
    recipe = {"batch": batch, "operations": list(operations), **words.pop("recipe", {})}
    recipes = {"part": recipe} if operations else {}
    order = {"recipe": "part", "batches": lots, **words.pop("order", {})}
    return Plant.model_validate(
        {
            "twin": 1,
            "plant": "Small",
            "equipment": equipment,
            "recipes": {**recipes, **words.pop("recipes", {})},
            "orders": words.pop("orders", [order]),
            **words,
        }
    )


def run(
    what: Plant, horizon: float | None = None, seed: int = 1, replication: int = 0, **words: Any
) -> Record:
    """One replication of a plant; `horizon` in seconds, none until the last lot has left."""
    return simulate(compile_program(what, Run(horizon=horizon, **words)), seed, replication)


def states_of(
    what: Plant | Record, unit: str, per: int = SECOND, **words: Any
) -> list[tuple[str, float, float]]:
    """What a unit did: (state, start, end)."""
    return [(state, start, end) for state, start, end, _ in causes_of(what, unit, per, **words)]


def causes_of(
    what: Plant | Record, unit: str, per: int = SECOND, **words: Any
) -> list[tuple[str, float, float, str | None]]:
    """What a unit did and why: (state, start, end, cause)."""
    merged: list[Words] = []
    for row in _record(what, **words).states.to_pylist():
        if row["unit"] != unit:
            continue
        same = merged and all(merged[-1][key] == row[key] for key in ("state", "lot", "operation", "cause"))
        if same:
            merged[-1]["end"] = row["end"]
        else:
            merged.append(row)
    return [(r["state"], r["start"] / per, r["end"] / per, r["cause"]) for r in merged]


def visits_of(what: Plant | Record, per: int = SECOND, **words: Any) -> list[tuple[Any, ...]]:
    """Where each lot went: (lot, operation, unit, started, finished, left, outcome)."""
    return [
        (r["lot"], r["operation"], r["unit"], *_at(r, per, "started", "finished", "left"), r["outcome"])
        for r in _record(what, **words).lots.to_pylist()
    ]


def quantities_of(what: Plant | Record, **words: Any) -> list[tuple[str, int, int | None, int]]:
    """What became of the material: (operation, in, good, scrapped) of each visit."""
    rows = _record(what, **words).lots.to_pylist()
    return [(r["operation"], r["quantity_in"], r["good"], r["scrapped"]) for r in rows]


def attribute_of(what: Plant | Record, name: str, **words: Any) -> list[float | None]:
    """An attribute of each visit."""
    return list(_record(what, **words).lots.column(f"attribute.{name}").to_pylist())


def levels_of(what: Plant | Record, entity: str, per: int = SECOND, **words: Any) -> list[tuple[float, int]]:
    """Steps of a counted thing: (time, level from then on), where the level changes."""
    steps: list[tuple[float, int]] = []
    for row in _record(what, **words).levels.to_pylist():
        if row["entity"] == entity and (not steps or steps[-1][1] != row["level"]):
            steps.append((row["time"] / per, row["level"]))
    return steps


def _at(row: Words, per: int, *names: str) -> tuple[float | None, ...]:
    return tuple(None if row[name] is None else row[name] / per for name in names)


def _record(what: Plant | Record, **words: Any) -> Record:
    return what if isinstance(what, Record) else run(what, **words)
