"""Random quantities in their short form, `lognormal(mean=38 min, cv=0.8)`, and their mapping form.

The list of distributions is closed. This module turns either form into checked SI parameters; it knows
neither pydantic nor files. `shorthand.py` calls it; `changes.py` calls `expand` to reach a parameter by path.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from twin.plant.limits import beyond_limits
from twin.plant.units import (
    REMEMBERED,
    Dimension,
    Quantity,
    WrongValueError,
    exponents_of,
    parse_any,
    parse_quantity,
    show,
)

# Distribution: the sets of parameters that it takes, the canonical one first.
FORMS: dict[str, tuple[tuple[str, ...], ...]] = {
    "constant": (("value",),),
    "uniform": (("low", "high"),),
    "triangular": (("low", "mode", "high"),),
    "exponential": (("mean",),),
    "normal": (("mean", "sd"),),
    "lognormal": (("mean", "cv"),),
    "weibull": (("shape", "scale"), ("shape", "mean")),
    "gamma": (("mean", "cv"),),
    "poisson": (("mean",),),
    "discrete": (("values", "weights"),),
}
NUMBERS = ("cv", "shape", "weights")  # parameters without unit
LISTS = ("values", "weights")

_Refuse = Callable[[str, str, str], WrongValueError]

_CALL = re.compile(r"\s*(?P<name>[A-Za-z_]\w*)\s*\(")
_KEY = re.compile(r"\s*(?P<key>[A-Za-z_]\w*)\s*=\s*")
_LOOKS_LIKE_CALL = re.compile(r"\s*[A-Za-z_]\w*\s*\(|[^/]*[()=]")  # brackets after a slash are a unit's


@dataclass(frozen=True)
class Argument:
    """A parameter as written, `text` or a list of texts or numbers, and where in the scalar it stands."""

    value: object
    offset: int = 0


@dataclass(frozen=True)
class Parameters:
    """Checked parameters in SI; `unit` is the SI unit of the values."""

    kind: str
    parameters: dict[str, float]
    values: tuple[float, ...] = ()
    weights: tuple[float, ...] = ()
    unit: str = "1"


def is_short_form(text: str) -> bool:
    """Is `text` meant as a distribution, rather than as a plain quantity?"""
    return _LOOKS_LIKE_CALL.match(text) is not None


def parse_distribution(value: object, dimension: Dimension, unit: str | None = None) -> Parameters:
    """Read any form of a random quantity: text, a number, or a mapping.

    `dimension` is what it measures; `unit` the SI unit that plain SI numbers have, where they are allowed.
    Raises `WrongValueError`.
    """
    if isinstance(value, Mapping):
        return _from_mapping(value, dimension, unit)
    if isinstance(value, str) and is_short_form(value):
        return _from_text(value, dimension, unit)
    return _of_text(value, dimension, unit) if isinstance(value, str) else _constant(value, dimension, unit)


def _constant(value: object, dimension: Dimension, unit: str | None) -> Parameters:
    try:
        return build("constant", {"value": Argument(value)}, dimension, unit)
    except WrongValueError as wrong:
        raise WrongValueError(wrong.predicate, wrong.hint, wrong.offset) from None


@lru_cache(maxsize=REMEMBERED)
def _of_text(text: str, dimension: Dimension, unit: str | None) -> Parameters:
    return _constant(text, dimension, unit)


@lru_cache(maxsize=REMEMBERED)
def _from_text(text: str, dimension: Dimension, unit: str | None) -> Parameters:
    kind, arguments = parse_call(text)
    return build(kind, arguments, dimension, unit)


def parse_call(text: str) -> tuple[str, dict[str, Argument]]:
    """Split `name(key=value, …)` into its name and arguments.

    Raises `WrongValueError`, with the offset inside `text`.

    >>> parse_call("exponential(mean=1 min)")
    ('exponential', {'mean': Argument(value='1 min', offset=17)})
    """
    call = _CALL.match(text)
    if call is None:
        raise WrongValueError(
            f"must be a quantity or a distribution, and `{text.strip()[:60]}` is neither", _EXAMPLE
        )
    name = call["name"]
    if name not in FORMS:
        raise WrongValueError(
            f"has an unknown distribution, `{name}`", _did_you_mean(name, FORMS), call.start("name")
        )
    end = _closing(text, call.end() - 1)
    if text[end + 1 :].strip():
        raise WrongValueError(
            f"goes on after the closing bracket: `{text[end + 1 :].strip()[:40]}`", _EXAMPLE, end + 1
        )
    arguments: dict[str, Argument] = {}
    for start, stop in _pieces(text, call.end(), end):
        key = _KEY.match(text, start, stop)
        hint = f"Write for example `{_example(name)}`."
        if key is None:
            at = start + len(text[start:stop]) - len(text[start:stop].lstrip())
            raise WrongValueError(f"needs `name=value` inside `{name}(…)`", hint, at)
        if key["key"] in arguments:
            raise WrongValueError(f"has `{key['key']}` twice", "Keep one of them.", key.start("key"))
        arguments[key["key"]] = _argument(text, key, stop, hint)
    return name, arguments


def expand(value: object) -> dict[str, object]:
    """The mapping form of a random quantity, as plain data. Raises `WrongValueError`.

    >>> expand("exponential(mean=1 min)")
    {'distribution': 'exponential', 'mean': '1 min'}
    """
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, str) and is_short_form(value):
        kind, arguments = parse_call(value)
        return {"distribution": kind, **{key: _plain(argument) for key, argument in arguments.items()}}
    return {"distribution": "constant", "value": value}


def show_distribution(parameters: Parameters) -> str:
    """Write a random quantity in its short form; reading it gives the same parameters."""
    p, unit = parameters.parameters, parameters.unit
    if parameters.kind == "constant":
        return show(p["value"], unit)
    if parameters.kind == "discrete":
        values = ", ".join(show(v, unit) for v in parameters.values)
        weights = ", ".join(show(w, "1") for w in parameters.weights)
        return f"discrete(values=[{values}], weights=[{weights}])"
    shown = (f"{key}={show(value, '1' if key in NUMBERS else unit)}" for key, value in p.items())
    return f"{parameters.kind}({', '.join(shown)})"


def build(
    kind: str, arguments: Mapping[str, Argument], dimension: Dimension, unit: str | None = None
) -> Parameters:
    """Check the arguments of distribution `kind` and bring them to SI. Raises `WrongValueError`."""
    _check_names(kind, arguments)
    values: dict[str, tuple[Quantity, ...]] = {}
    for key, argument in arguments.items():
        is_list = isinstance(argument.value, (list, tuple))
        if is_list != (key in LISTS):
            predicate = "must be one value, not a list" if is_list else "must be a list"
            hint = _EXAMPLE if kind == "constant" else f"Write for example `{_example(kind)}`."
            raise WrongValueError(predicate, hint, argument.offset, (key,))
        items = argument.value if isinstance(argument.value, (list, tuple)) else [argument.value]
        values[key] = tuple(_quantity(key, item, argument, dimension, unit) for item in items)
    found = _common_unit(values, arguments, dimension)
    numbers = {key: tuple(q.value for q in quantities) for key, quantities in values.items()}
    _check_values(kind, numbers, arguments, dimension)
    beyond = beyond_limits(kind, numbers, found)
    if beyond is not None:
        raise WrongValueError(beyond[1], "", arguments[beyond[0]].offset, (beyond[0],))
    if kind == "discrete":
        return Parameters(kind, {}, numbers["values"], numbers["weights"], found)
    single = {key: items[0] for key, items in numbers.items()}
    if kind == "weibull" and "mean" in single:
        single = {"shape": single["shape"], "scale": single["mean"] / math.gamma(1 + 1 / single["shape"])}
    ordered = {key: single[key] for key in FORMS[kind][0]}
    return Parameters(kind, ordered, unit=found)


_EXAMPLE = "Write for example `6 h` or `lognormal(mean=38 min, cv=0.8)`."


def _example(kind: str) -> str:
    samples = {
        "cv": "0.8",
        "shape": "0.5",
        "value": "2 h",
        "mean": "2 h",
        "sd": "1 h",
        "scale": "2 h",
        "values": "[1 h, 2 h]",
        "weights": "[0.4, 0.6]",
    }
    sizes = {"low": "1 h", "mode": "2 h", "high": "3 h"}
    known = {**samples, **sizes}
    return f"{kind}({', '.join(f'{key}={known[key]}' for key in FORMS[kind][0])})"


def _did_you_mean(word: str, known: Mapping[str, object] | Sequence[str]) -> str:
    near = difflib.get_close_matches(word.lower(), list(known), n=1, cutoff=0.5)
    return f"Did you mean `{near[0]}`?" if near else f"Known are {', '.join(f'`{k}`' for k in known)}."


def _closing(text: str, opening: int) -> int:
    depth = 0
    for at in range(opening, len(text)):
        depth += {"(": 1, ")": -1}.get(text[at], 0)
        if depth == 0:
            return at
    raise WrongValueError("lacks the closing bracket `)`", _EXAMPLE, len(text.rstrip()))


def _pieces(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Spans between the commas of text[start:end] that stand outside brackets."""
    if not text[start:end].strip():
        return []
    spans, depth, begin = [], 0, start
    for at in range(start, end):
        depth += {"[": 1, "]": -1, "(": 1, ")": -1}.get(text[at], 0)
        if text[at] == "," and depth == 0:
            spans.append((begin, at))
            begin = at + 1
    return [*spans, (begin, end)]


def _argument(text: str, key: re.Match[str], stop: int, hint: str) -> Argument:
    raw = text[key.end() : stop]
    value = raw.strip()
    if not value:
        raise WrongValueError(f"has no value for `{key['key']}`", hint, key.start("key"))
    if not value.startswith("["):
        return Argument(value, key.end())
    if not value.endswith("]"):
        raise WrongValueError(f"lacks the closing bracket `]` of `{key['key']}`", "", key.end())
    return Argument([item.strip() for item in value[1:-1].split(",")], key.end())


def _plain(argument: Argument) -> object:
    """Plain data of an argument: numbers as numbers, as YAML would read them."""
    if isinstance(argument.value, list):
        return [_plain(Argument(item)) for item in argument.value]
    text = str(argument.value)
    return float(text) if re.fullmatch(r"[+-]?[\d.]+([eE][+-]?\d+)?", text) else text


def _from_mapping(value: Mapping[str, object], dimension: Dimension, unit: str | None) -> Parameters:
    rest = {key: item for key, item in value.items() if key != "distribution"}
    if "distribution" not in value:
        if "value" in rest and set(rest) <= {"value", "unit"}:
            return _from_value_and_unit(rest, dimension, unit)
        raise WrongValueError(
            "needs the key `distribution`", f"Known are {', '.join(f'`{k}`' for k in FORMS)}."
        )
    kind = value["distribution"]
    if not isinstance(kind, str) or kind not in FORMS:
        hint = _did_you_mean(str(kind), FORMS)
        raise WrongValueError(f"has an unknown distribution, `{kind}`", hint, path=("distribution",))
    return build(kind, {key: Argument(item) for key, item in rest.items()}, dimension, unit)


def _from_value_and_unit(value: Mapping[str, object], dimension: Dimension, unit: str | None) -> Parameters:
    number, written = value["value"], value.get("unit")
    if written is None:
        return build("constant", {"value": Argument(number)}, dimension, unit)
    if isinstance(number, bool) or not isinstance(number, (int, float)):
        raise WrongValueError(
            "must have a number as its `value`", "Write `{value: 6, unit: h}`.", path=("value",)
        )
    if not isinstance(written, str):
        raise WrongValueError("must have text as its `unit`", "Write `{value: 6, unit: h}`.", path=("unit",))
    try:
        return build("constant", {"value": Argument(f"{number!r} {written}")}, dimension, unit)
    except WrongValueError as wrong:
        where = "unit" if wrong.offset else "value"
        raise WrongValueError(wrong.predicate, wrong.hint, path=(where,)) from None


def _check_names(kind: str, arguments: Mapping[str, Argument]) -> None:
    forms = FORMS[kind]
    known = tuple(dict.fromkeys(key for form in forms for key in form))
    for key, argument in arguments.items():
        if key not in known:
            hint = _did_you_mean(key, known)
            at = max(argument.offset - len(key) - 1, 0)
            raise WrongValueError(f"has `{key}`, which `{kind}` does not take", hint, at, (key,), at_key=True)
    if any(set(form) == set(arguments) for form in forms):
        return
    if kind == "weibull" and {"scale", "mean"} <= set(arguments):
        raise WrongValueError(
            "has both `scale` and `mean`", "Keep one of them.", arguments["mean"].offset, ("mean",)
        )
    missing = [key for key in forms[0] if key not in arguments]
    raise WrongValueError(f"lacks `{missing[0]}` in `{kind}`", f"Write for example `{_example(kind)}`.")


def _quantity(key: str, item: object, argument: Argument, dimension: Dimension, unit: str | None) -> Quantity:
    """One value in SI; plain numbers carry no unit, unless the caller says that numbers are SI already."""
    if isinstance(item, bool) or not isinstance(item, (int, float, str)):
        predicate = "is left blank" if item is None else "must be a number with a unit"
        raise WrongValueError(predicate, _EXAMPLE, argument.offset, (key,))
    if isinstance(item, (int, float)) and unit is not None and key not in NUMBERS:
        return Quantity(float(item), unit)
    text = item if isinstance(item, str) else repr(item)
    try:
        if key in NUMBERS:
            return Quantity(parse_quantity(text, "dimensionless"), "1")
        if key == "sd" and dimension == "temperature" and "°C" in text:
            raise WrongValueError("has a difference in °C", "Write a difference in K.")
        if dimension == "other":
            return parse_any(text)
        return Quantity(parse_quantity(text, dimension), SI_UNITS[dimension])
    except WrongValueError as wrong:
        lead = len(text) - len(text.lstrip())
        raise WrongValueError(
            wrong.predicate, wrong.hint, argument.offset + wrong.offset + lead, (key,)
        ) from None


SI_UNITS: dict[Dimension, str] = {
    "time": "s",
    "length": "m",
    "mass": "kg",
    "volume": "m3",
    "speed": "m/s",
    "pressure": "Pa",
    "power": "W",
    "temperature": "K",
    "count": "1",
    "dimensionless": "1",
}


def _common_unit(
    values: Mapping[str, tuple[Quantity, ...]], arguments: Mapping[str, Argument], dimension: Dimension
) -> str:
    unit = None
    for key, quantities in values.items():
        if key in NUMBERS:
            continue
        for quantity in quantities:
            if unit is not None and exponents_of(unit) != exponents_of(quantity.unit):
                message = f"mixes units: `{unit}` and `{quantity.unit}`"
                raise WrongValueError(
                    message, "Give all values the same kind of unit.", arguments[key].offset, (key,)
                )
            unit = unit or quantity.unit
    return unit or SI_UNITS.get(dimension, "1")


def _check_values(
    kind: str,
    numbers: Mapping[str, tuple[float, ...]],
    arguments: Mapping[str, Argument],
    dimension: Dimension,
) -> None:
    def refuse(key: str, predicate: str, hint: str) -> WrongValueError:
        return WrongValueError(predicate, hint, arguments[key].offset, (key,))

    signed = dimension in ("other", "temperature")
    for key, items in numbers.items():
        for item in items:
            if item < 0 and not (signed and key in ("value", "low", "mode", "high", "values", "mean")):
                noun = "time" if dimension == "time" else key
                raise refuse(key, f"must not be negative: {noun} `{_shown(arguments[key], item)}`", "")
        if key in ("mean", "shape", "scale") and min(items) <= 0 and (kind != "normal" or not signed):
            raise refuse(key, f"needs a positive `{key}`", f"Write for example `{_example(kind)}`.")
    order = [key for key in ("low", "mode", "high") if key in numbers]
    for lower, upper in pairwise(order):
        if numbers[lower][0] > numbers[upper][0]:
            hint = f"It takes {' ≤ '.join(f'`{key}`' for key in order)}."
            raise refuse(upper, f"has `{lower}` above `{upper}`", hint)
    if kind == "discrete":
        _check_discrete(numbers, refuse)


def _check_discrete(numbers: Mapping[str, tuple[float, ...]], refuse: _Refuse) -> None:
    values, weights = numbers["values"], numbers["weights"]
    if len(values) != len(weights):
        unequal = f"has {len(values)} values and {len(weights)} weights"
        raise refuse("weights", unequal, "Give each value a weight.")
    total = math.fsum(weights)
    if not math.isclose(total, 1.0, rel_tol=0, abs_tol=1e-9):
        raise refuse("weights", f"has weights that sum to {total:g}", "Make the weights sum to 1.")


def _shown(argument: Argument, item: float) -> str:
    return str(argument.value) if not isinstance(argument.value, list) else f"{item:g}"
