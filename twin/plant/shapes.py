"""What the schema allows at a path: the keys of a model, the items of a mapping or list.

One walk over the models' annotations serves suggestions, dotted paths and the reference in docs/language.md.
"""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from twin.plant.distributions import FORMS
from twin.plant.errors import Path
from twin.plant.shorthand import Distribution, Model

RANDOM_KEYS = (
    "distribution",
    "value",
    "unit",
    *dict.fromkeys(k for f in FORMS.values() for s in f for k in s),
)


@dataclass(frozen=True)
class Shape:
    """What stands at a place: a `model` with keys, a `mapping` of names, a `list`, a `random` one, a leaf.

    `inside` is the annotation of a mapping's or list's items; `fields` are a model's keys and annotations.
    """

    kind: Literal["model", "mapping", "list", "random", "leaf"]
    annotation: Any
    inside: Any = None
    fields: Mapping[str, Any] | None = None


def shape(annotation: Any) -> Shape:
    """The shape of what an annotation of the schema describes."""
    bare = bare_type(annotation)
    if isinstance(bare, type) and issubclass(bare, Distribution):
        return Shape("random", bare)
    if isinstance(bare, type) and issubclass(bare, Model):
        return Shape("model", bare, fields=keys_of(bare))
    arguments = get_args(bare)
    if get_origin(bare) is dict:
        return Shape("mapping", bare, inside=arguments[1])
    if get_origin(bare) is tuple:
        return Shape("list", bare, inside=arguments[0])
    return Shape("leaf", bare)


def keys_of(model: type[Model]) -> dict[str, Any]:
    """The keys of a model as a file writes them, with their annotations."""
    return {info.alias or name: info.annotation for name, info in model.model_fields.items()}


def bare_type(annotation: Any) -> Any:
    """An annotation without `Annotated` and without `None`."""
    while True:
        if get_origin(annotation) is Annotated:
            annotation = get_args(annotation)[0]
        elif get_origin(annotation) in (Union, types.UnionType):
            annotation = next(a for a in get_args(annotation) if a is not type(None))
        else:
            return annotation


def fields_at(model: type[Model], path: Path) -> tuple[str, ...]:
    """The keys that the schema knows at `path`; none where it knows no keys there."""
    current: Any = model
    for part in path:
        here = shape(current)
        if here.kind == "model" and here.fields is not None and part in here.fields:
            current = here.fields[str(part)]
        elif here.kind in ("mapping", "list"):
            current = here.inside
        else:
            return ()
    here = shape(current)
    if here.kind == "random":
        return RANDOM_KEYS
    return tuple(here.fields or ())
