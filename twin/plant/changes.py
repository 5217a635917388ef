"""Changes to a plant or scenario by dotted path: `equipment.press.failures.stops.rate` = 1.5.

A path follows the keys of the file; items of a list that have a name are reached by it, others by their
index; `after: NAME` in a value puts a new operation behind another. Short forms on the way are opened.
Nothing here reads files: `load.py` applies changes to a file's data, `diff` compares two checked models.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from twin.plant.distributions import expand
from twin.plant.document import Document
from twin.plant.errors import InputError, Path
from twin.plant.schema import Cleaning, ContainerHold, Failure, Maintenance, Need, StartUp, UnitHold
from twin.plant.sentences import did_you_mean
from twin.plant.shapes import RANDOM_KEYS, Shape, shape
from twin.plant.shorthand import Distribution, Model
from twin.plant.units import WrongValueError

_NAMED = (Failure, Cleaning, Maintenance)  # items of lists that are reached by their names


def value_from_text(text: str) -> object:
    """Plain data of a value given as YAML text, as after `--set PATH=`. Raises `WrongValueError`."""
    try:
        return Document(f"value: {text}\n", "value").data["value"]
    except InputError as error:
        raise WrongValueError(f"has a value that cannot be read: {error.problems[0].message}") from None


def change(
    data: Mapping[str, object], model: type[Model], dotted: str, value: object
) -> tuple[dict[str, object], Path]:
    """`data` with `value` at `dotted`, and the path at which it then stands.

    Raises `WrongValueError` where the schema knows no such path.
    """
    parts = tuple(dotted.split("."))
    changed, path = _set(model, data, parts, value)
    return dict(changed), path


def diff(a: Model, b: Model) -> list[tuple[str, object, object]]:
    """What differs in meaning between two plants or scenarios: dotted path, before, after.

    Values are SI floats, distributions in their short form; None where there is nothing.
    """
    before, after = _leaves(a), _leaves(b)
    paths = [*before, *(path for path in after if path not in before)]
    return [(p, before.get(p), after.get(p)) for p in paths if before.get(p) != after.get(p)]


def _leaves(value: object, path: str = "") -> dict[str, object]:
    if isinstance(value, Distribution):
        return {path: value.text}
    if isinstance(value, Model):
        fields = type(value).model_fields
        items = {info.alias or name: getattr(value, name) for name, info in fields.items()}
    elif isinstance(value, Mapping):
        items = dict(value)
    elif isinstance(value, tuple) and any(isinstance(item, (Model, tuple)) for item in value):
        items = {str(getattr(item, "name", i)): item for i, item in enumerate(value)}
    else:
        return {path: value}
    found: dict[str, object] = {}
    for key, item in items.items():
        found |= _leaves(item, f"{path}.{key}" if path else str(key))
    return found


def _set(annotation: Any, data: object, parts: tuple[str, ...], value: object) -> tuple[Any, Path]:
    if not parts:
        return value, ()
    here = shape(annotation)
    match here.kind:
        case "model":
            return _set_in_model(here, data, parts, value)
        case "mapping":
            return _set_in_mapping(here, data, parts, value)
        case "list":
            return _set_in_list(here, data, parts, value)
        case "random":
            if parts[0] not in RANDOM_KEYS or len(parts) > 1:
                raise _unknown(parts, RANDOM_KEYS)
            return {**(expand(data) if data is not None else {}), parts[0]: value}, (parts[0],)
    raise WrongValueError(f"leads nowhere: there is nothing inside to be called `{parts[0]}`")


def _set_in_model(here: Shape, data: object, parts: tuple[str, ...], value: object) -> tuple[Any, Path]:
    fields = here.fields or {}
    if parts[0] not in fields:
        raise _unknown(parts, fields)
    opened = _opened(here.annotation, data)
    inner, path = _set(fields[parts[0]], opened.get(parts[0]), parts[1:], value)
    return {**opened, parts[0]: inner}, (parts[0], *path)


def _set_in_mapping(here: Shape, data: object, parts: tuple[str, ...], value: object) -> tuple[Any, Path]:
    head, rest = parts[0], parts[1:]
    if isinstance(data, list):  # operations: a list of one-key mappings
        names = [next(iter(item), "") if isinstance(item, Mapping) else "" for item in data]
        if head not in names and not rest and isinstance(value, Mapping) and "after" in value:
            return _inserted(data, names, head, value)
        if head not in names:
            raise _unknown(parts, names)
        at = names.index(head)
        inner, path = _set(here.inside, data[at][head], rest, value)
        return [*data[:at], {head: inner}, *data[at + 1 :]], (at, head, *path)
    known = dict(data) if isinstance(data, Mapping) else {}
    if head not in known and rest:
        raise _unknown(parts, known)
    inner, path = _set(here.inside, known.get(head), rest, value)
    return {**known, head: inner}, (head, *path)


def _inserted(
    data: Sequence[object], names: Sequence[str], head: str, value: Mapping[str, object]
) -> tuple[list[object], Path]:
    """The list with a new one-key mapping behind the one that `after` in `value` names, and its path."""
    if value["after"] not in names:
        raise _unknown((str(value["after"]),), names)
    at = names.index(str(value["after"])) + 1
    words = {key: word for key, word in value.items() if key != "after"}
    return [*data[:at], {head: words}, *data[at:]], (at, head)


def _set_in_list(here: Shape, data: object, parts: tuple[str, ...], value: object) -> tuple[Any, Path]:
    items = list(data) if isinstance(data, (list, tuple)) else [data] if isinstance(data, Mapping) else []
    names = [_item_name(here.inside, item, index) for index, item in enumerate(items)]
    if parts[0] in names:
        at = names.index(parts[0])
    elif parts[0].isdecimal() and int(parts[0]) < len(items):
        at = int(parts[0])
    else:
        raise _unknown(parts, names)
    inner, path = _set(here.inside, items[at], parts[1:], value)
    return [*items[:at], inner, *items[at + 1 :]], (at, *path)


def _item_name(annotation: Any, item: object, index: int) -> str:
    model = shape(annotation).annotation
    if model in _NAMED and isinstance(item, Mapping):
        return str(item.get("name", model.model_fields["name"].default))
    return str(index)


def _opened(model: Any, data: object) -> dict[str, object]:
    """A short form as the mapping that it stands for."""
    if isinstance(data, Mapping):
        return dict(data)
    if data is None:
        return {}
    if model is Need and isinstance(data, str):
        *count, people = data.split()
        return {"people": people, **({"count": int(count[0])} if count and count[0].isdecimal() else {})}
    if model is StartUp:
        return {"takes": data}
    if model in (UnitHold, ContainerHold):
        return {"limit": data}
    raise WrongValueError(f"leads into `{data}`, which is not written as a mapping")


def _unknown(parts: Sequence[str], known: Any) -> WrongValueError:
    return WrongValueError(f"names `{parts[0]}`, which is not there", did_you_mean(parts[0], known))
