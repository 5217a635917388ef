"""The parameters a user may edit, read off the language's own models: the schema is the form.

Pure: models and a file's raw data in, `Section`s of `Parameter`s out; nothing here draws or checks. A new
quantity, count or choice in the schema appears in the app without a line changed here. Of names only that of
a calendar is a parameter, chosen among the plant's own: who works in which shifts. The floor's geometry is
none; the floor plan moves units.
"""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import yaml
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from twin.plant.money import AmountPrice, AnyPrice, EnergyPrice, TimePrice
from twin.plant.scenario import Run
from twin.plant.schema import Plant
from twin.plant.shorthand import Distribution, LotSize

SECTIONS = (
    "orders",
    "releases",
    "loops",
    "equipment",
    "recipes",
    "people",
    "containers",
    "storage",
    "materials",
    "utilities",
    "transport",
    "costs",
    "footprint",
)
UNDIVIDED = ("run", "transport", "costs", "footprint")  # sections of one group
CALENDAR = "calendar"
GEOMETRY = frozenset({"at", "size", "rotation", "pitch"})
UNSPOKEN = frozenset({"operations", "settings", "parameters", "material", "failures"})
ONE_VALUE = (Distribution, LotSize)  # models that the file writes as one scalar
PRICES = (TimePrice, EnergyPrice, AmountPrice, AnyPrice)  # texts that are values, not names
ACRONYMS = frozenset({"api", "cip", "hvac", "ibc", "ipc", "qa", "qc", "sip", "wfi", "wip"})

Steps = tuple[str, ...]


@dataclass(frozen=True)
class Parameter:
    """One editable value: its dotted path, what the file says, and what holds where the file says nothing."""

    path: str
    label: str
    text: str
    default: str
    choices: tuple[str, ...]
    help: str
    given: bool


@dataclass(frozen=True)
class Group:
    """What is edited together: one unit, one operation, one line of the order book."""

    title: str
    parameters: tuple[Parameter, ...]


@dataclass(frozen=True)
class Section:
    """One chapter of the plant file, or how it is run."""

    title: str
    groups: tuple[Group, ...]


@dataclass(frozen=True)
class _Place:
    """A place in the file: the schema's annotation there, what stands there, and the schema's words on it."""

    steps: Steps
    annotation: Any
    raw: Any
    given: bool
    default: str = ""
    help: str = ""


def sections(plant: Mapping[str, Any], run: Mapping[str, Any]) -> tuple[Section, ...]:
    """Return the form for a plant file's raw data and a scenario's raw `run` mapping."""
    made = [_section("run", _fields(Run, run, ("run",)), ())]
    calendars = tuple(str(name) for name in plant.get("calendars") or ())
    for name in SECTIONS:
        field = Plant.model_fields[name]
        if name in plant:
            places = _walk(_Place((name,), field.annotation, plant[name], True))
            made.append(_section(name, places, calendars))
    return tuple(section for section in made if section.groups)


def humane(name: str) -> str:
    """Return `stops_in_production` as `Stops in production`, and `ibc_washer` as `IBC washer`."""
    words = [word.upper() if word in ACRONYMS else word for word in name.replace("_", " ").split()]
    text = " ".join(words)
    return text[:1].upper() + text[1:]


def typed(value: object) -> str:
    """Return a value of the file as one would type it: scalars bare, mappings and lists in flow style."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return f"{value:.12g}"
    if isinstance(value, Mapping | list | tuple):
        return yaml.safe_dump(value, default_flow_style=True, sort_keys=False, width=10_000).strip()
    return str(value)


def _section(name: str, places: Iterator[_Place], calendars: tuple[str, ...]) -> Section:
    grouped: dict[str, list[Parameter]] = {}
    for place in places:
        if place.steps[-1] == CALENDAR and not calendars:
            continue
        head, tail = _trail(place.steps)
        grouped.setdefault(head, []).append(_parameter(place, tail, calendars))
    return Section(humane(name), tuple(Group(title, tuple(found)) for title, found in grouped.items()))


def _trail(steps: Steps) -> tuple[str, str]:
    """Split a path's steps below its section into the group's title and the parameter's label."""
    section, below = steps[0], steps[1:]
    depth = 0 if section in UNDIVIDED else 1
    if section == "recipes" and below[1:2] == ("operations",):
        depth = 3
    if section == "orders":
        return f"Line {int(below[0]) + 1}", humane(below[-1])
    head = [word.replace("_", " ") for word in below[:depth] if word not in UNSPOKEN]
    tail = [word for word in below[depth:] if word not in UNSPOKEN]
    words = [f"{int(word) + 1}" if word.isdecimal() else word for word in tail]
    return humane(" · ".join(head)), humane(" · ".join(words))


def _parameter(place: _Place, label: str, calendars: tuple[str, ...]) -> Parameter:
    core = _core(place.annotation)
    choices: tuple[str, ...] = ()
    if place.steps[-1] == CALENDAR:
        choices = calendars
    elif get_origin(core) is Literal:
        choices = tuple(str(choice) for choice in get_args(core))
    elif core is bool:
        choices = ("true", "false")
    text = typed(place.raw) if place.given else ""
    return Parameter(".".join(place.steps), label, text, place.default, choices, place.help, place.given)


def _walk(place: _Place) -> Iterator[_Place]:
    """Yield the places of single values at and below `place`."""
    core = _core(place.annotation)
    origin = get_origin(core)
    if isinstance(core, type) and issubclass(core, BaseModel) and not issubclass(core, ONE_VALUE):
        if isinstance(place.raw, Mapping):
            yield from _fields(core, place.raw, place.steps)
        elif place.given and place.raw is not None:
            yield place
    elif origin is dict:
        value_type = get_args(core)[1]
        for key, raw in _entries(place.raw):
            yield from _walk(_Place((*place.steps, key), value_type, raw, True))
    elif origin is tuple:
        if isinstance(place.raw, list) and get_args(core)[-1] is Ellipsis:
            for index, raw in enumerate(place.raw):
                step = str(raw["name"]) if isinstance(raw, Mapping) and "name" in raw else str(index)
                yield from _walk(_Place((*place.steps, step), get_args(core)[0], raw, True))
    elif place.steps[-1] == CALENDAR or _is_value(place):
        yield place


def _is_value(place: _Place) -> bool:
    """Whether a place holds a value, rather than a name or a part of the floor."""
    if _core(place.annotation) is str:
        kinds = (place.annotation, *get_args(place.annotation))
        return any(kind == price for kind in kinds for price in PRICES)
    return place.steps[-1] not in GEOMETRY


def _fields(model: type[BaseModel], raw: Mapping[str, Any], steps: Steps) -> Iterator[_Place]:
    for name, field in model.model_fields.items():
        key = field.alias or name
        annotation = Annotated[field.annotation, *field.metadata] if field.metadata else field.annotation
        given = key in raw
        yield from _walk(
            _Place((*steps, key), annotation, raw.get(key), given, _default(field), field.description or "")
        )


def _entries(raw: Any) -> Sequence[tuple[str, Any]]:
    """Return the entries of a mapping, or of a list of one-key mappings (the operations of a recipe)."""
    if isinstance(raw, Mapping):
        return [(str(key), value) for key, value in raw.items()]
    if isinstance(raw, list):
        return [(str(key), value) for item in raw if isinstance(item, Mapping) for key, value in item.items()]
    return []


def _core(annotation: Any) -> Any:
    """Return an annotation without its metadata and without `| None`."""
    if get_origin(annotation) is Annotated:
        return _core(get_args(annotation)[0])
    if get_origin(annotation) in (Union, types.UnionType):
        kinds = [kind for kind in get_args(annotation) if kind is not type(None)]
        return _core(kinds[0]) if len(kinds) == 1 else annotation
    return annotation


def _default(field: FieldInfo) -> str:
    if field.is_required() or field.default_factory is not None:
        return ""
    return "" if isinstance(field.default, BaseModel) else typed(field.default)
