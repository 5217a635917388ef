"""Parts of a plant that were checked already, taken over where the words of another plant are the same.

Words are the same where they are equal down to their types and the order of their keys. Each chapter, and
each part of a chapter, is looked at by itself; what stands beside it has no say in what it is checked to.
Called by `checking.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from pydantic import BaseModel


class Known(NamedTuple):
    """Words, and the model that they were checked to."""

    data: Any
    model: Any


def with_known(data: Mapping[str, Any], known: Known) -> dict[str, Any]:
    """`data`, with what is known in the place of the same words."""
    fields = type(known.model).model_fields
    return {
        key: _chapter(words, known.data[key], getattr(known.model, key))
        if key in fields and key in known.data
        else words
        for key, words in data.items()
    }


def shared(found: Any, words: Any, known: Known) -> Any:
    """`found`, to which `words` were checked, with the very same parts as are known, as deep as their words
    are the same.
    """
    if same(words, known.data):
        return known.model
    if isinstance(found, BaseModel) and isinstance(known.model, type(found)):
        inside = found.__dict__
        parts = {key: _part(inside[key], key, words, known.data, known.model.__dict__) for key in inside}
        changed = {key: part for key, part in parts.items() if part is not inside[key]}
        return found.model_copy(update=changed) if changed else found
    if isinstance(found, dict) and isinstance(known.model, dict):
        return {key: _part(part, key, words, known.data, known.model) for key, part in found.items()}
    if isinstance(found, tuple) and isinstance(known.model, tuple):
        numbered = dict(enumerate(known.model))
        own, before = (
            dict(enumerate(each)) if isinstance(each, list) else {} for each in (words, known.data)
        )
        return tuple([_part(part, k, own, before, numbered) for k, part in enumerate(found)])
    return found


def _part(found: Any, key: Any, words: Any, before: Any, model: Mapping[Any, Any]) -> Any:
    """A part of what was checked, with what is known of it, where its words stand under its own name."""
    is_parted = isinstance(found, (BaseModel, dict, tuple))
    if is_parted and key in model and all(isinstance(each, dict) and key in each for each in (words, before)):
        return shared(found, words[key], Known(before[key], model[key]))
    return found


def _chapter(words: Any, before: Any, model: Any) -> Any:
    """A chapter's words, with what is known of them."""
    if isinstance(model, BaseModel):
        return model if same(words, before) else words
    if isinstance(words, dict) and isinstance(before, dict) and isinstance(model, dict):
        return {
            name: model[name]
            if isinstance(model.get(name), BaseModel) and same(part, before.get(name))
            else part
            for name, part in words.items()
        }
    if isinstance(words, list) and isinstance(before, list) and isinstance(model, tuple):
        pairs = zip(words, before, model, strict=False)
        parts = [
            made if isinstance(made, BaseModel) and same(part, old) else part for part, old, made in pairs
        ]
        return [*parts, *words[len(parts) :]]
    return words


def same(words: Any, before: Any) -> bool:
    """Whether words are the same.

    >>> same({"count": 1}, {"count": 1}), same({"count": 1}, {"count": True}), same([1], [1.0])
    (True, False, False)
    """
    if words is before:
        return True
    if type(words) is not type(before):
        return False
    if isinstance(words, dict):
        return list(words) == list(before) and all(same(part, before[key]) for key, part in words.items())
    if isinstance(words, list):
        return len(words) == len(before) and all(map(same, words, before))
    return repr(words) == repr(before)  # which tells -0.0 from 0.0
