"""Where order counts in a plant, and a plant whose mappings stand in one order.

`experiment/identity.py` leaves all other order out of what a run is, and the compiler of an engine reads a
plant `in_one_order`, so that two files that differ in nothing else have the same record, byte for byte.
"""

from __future__ import annotations

import operator
from typing import Any, TypeVar

from pydantic import BaseModel

from twin.plant.remembered import remembered
from twin.plant.schema import Plant

M = TypeVar("M", bound=BaseModel)
ORDERED = ("equipment", "operations", "phases", "skills", "stations")
"""Mappings whose order counts. All lists have an order, such as `orders` and `on`."""


def in_one_order(plant: Plant) -> Plant:
    """The plant with every mapping by name, save those whose order counts.

    >>> plant = Plant.model_validate({
    ...     "twin": 1, "plant": "Small", "equipment": {"press": {}, "mixer": {}},
    ...     "people": {"presser": {"count": 1}, "mixer": {"count": 2}},
    ...     "recipes": {"a": {"operations": {"mix": {"on": ["mixer"], "takes": "1 h"}}}},
    ...     "orders": [{"recipe": "a"}]})
    >>> list(in_one_order(plant).people), list(in_one_order(plant).equipment)
    (['mixer', 'presser'], ['press', 'mixer'])
    """
    parts = _parts(plant).items()
    return _with(plant, {n: (_named if isinstance(p, dict) else _in_one_order)(p, n) for n, p in parts})


def _in_one_order(value: Any, key: str) -> Any:
    """`value`, which stands under `key`; the very same object where nothing in it changes its place."""
    if isinstance(value, BaseModel):
        return _model_in_one_order(value)
    if isinstance(value, dict):
        names = list(value) if key in ORDERED else sorted(value)
        inside = {name: _in_one_order(value[name], "") for name in names}
        same = names == list(value) and all(part is value[name] for name, part in inside.items())
        return value if same else inside
    if isinstance(value, tuple):
        items = tuple([_in_one_order(item, "") for item in value])
        return value if all(map(operator.is_, items, value)) else items
    return value


@remembered(most=1_000)
def _named(chapter: dict[str, Any], key: str) -> Any:
    return _in_one_order(chapter, key)


@remembered(most=10_000)
def _model_in_one_order(model: BaseModel) -> BaseModel:
    return _with(model, {name: _in_one_order(part, name) for name, part in _parts(model).items()})


def _parts(model: BaseModel) -> dict[str, Any]:
    """What a model has with something inside that has an order."""
    return {name: part for name, part in model.__dict__.items() if isinstance(part, _PARTED)}


def _with(model: M, parts: dict[str, Any]) -> M:
    """The model with these parts; the very same where it has them."""
    changed = {name: part for name, part in parts.items() if part is not model.__dict__[name]}
    return model.model_copy(update=changed) if changed else model


_PARTED = (BaseModel, dict, tuple)
