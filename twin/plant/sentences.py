"""Complaints as sentences: the subject is the part of the plant, the predicate what is wrong with it.

Turns pydantic's errors and `WrongValueError` into `Complaint`s, and `Problem`s into what a terminal shows.
"""

from __future__ import annotations

import difflib
from bisect import bisect
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from twin.plant.errors import MOST, Complaint, Path, Problem
from twin.plant.shapes import fields_at
from twin.plant.shorthand import Model, describe, mismatch

SHOWN = 20

_KINDS = {
    "areas": "area",
    "aisles": "aisle",
    "calendars": "calendar",
    "open": "opening",
    "breaks": "break",
    "closed": "closed dates",
    "people": "people",
    "equipment": "equipment",
    "stations": "station",
    "failures": "failure",
    "cleaning": "cleaning",
    "maintenance": "maintenance",
    "needs": "need",
    "shifts": "shift",
    "teams": "team",
    "storage": "storage",
    "containers": "container",
    "recipes": "recipe",
    "operations": "operation",
    "phases": "phase",
    "orders": "order",
    "utilities": "utility",
    "tanks": "tank",
    "uses": "use",
    "releases": "release rule",
    "loops": "kanban loop",
    "parameters": "parameter",
    "settings": "setting",
    "material": "material",
    "set": "change",
    "axes": "axis",
    "assumptions": "assumption",
}
_LISTS = ("cleaning", "maintenance")  # elsewhere a part by itself
ONE_KEYS = ("operations", "phases")  # lists of one-key mappings in a file
_TYPES = {
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "dict_type": "a mapping",
    "tuple_type": "a list",
    "list_type": "a list",
    "string_type": "text",
    "float_type": "a number",
    "int_type": "a whole number",
    "bool_type": "`true` or `false`",
    "finite_number": "a finite number",
}
_LIMITS = {
    "greater_than": ("gt", "greater than"),
    "greater_than_equal": ("ge", "at least"),
    "less_than": ("lt", "less than"),
    "less_than_equal": ("le", "at most"),
}


def subject(path: Path) -> str:
    """What `path` names, in words, innermost part first.

    >>> subject(("recipes", "tablet", "operations", 2, "compress", "on", 0))
    'item 1 of `on` of operation `compress` of recipe `tablet`'
    """
    words: list[str] = []
    parts = list(path)
    while parts:
        part = parts.pop(0)
        if part == "layout" and parts:
            continue
        kind = _KINDS.get(part) if isinstance(part, str) else None
        if kind is None or not parts or (part in _LISTS and isinstance(parts[0], str)):
            words.append(f"`{part}`" if isinstance(part, str) else f"item {part + 1}")
            continue
        name = parts.pop(0)
        if part in ONE_KEYS and isinstance(name, int) and parts:
            name = parts.pop(0)
        words.append(f"{kind} `{name}`" if isinstance(name, str) else f"{kind} {name + 1}")
    return " of ".join(reversed(words)) or "the file"


def sentence(path: Path, predicate: str) -> str:
    """`Equipment `press` has …`: subject, predicate and full stop."""
    text = subject(path)
    return f"{text[0].upper()}{text[1:]} {predicate}."


def did_you_mean(word: object, known: Iterable[str]) -> str:
    """A hint naming the nearest of the known words, or the first few of them."""
    names = list(dict.fromkeys(known))
    near = _nearest(word, names)
    if near is not None:
        return f"Did you mean `{near}`?"
    if not names:
        return ""
    more = ", …" if len(names) > 12 else ""
    return f"There is {', '.join(f'`{name}`' for name in names[:12])}{more}."


def _nearest(word: object, names: list[str]) -> str | None:
    near = difflib.get_close_matches(str(word), _candidates(str(word), names), n=1, cutoff=0.6)
    return near[0] if near else None


def _candidates(word: str, names: list[str]) -> list[str]:
    """The names worth comparing with `word`: comparing is slow, and a file may be made to be slow."""
    if len(word) > 100:
        return []
    if len(names) <= 100:
        return names
    ordered = sorted(names)
    at = bisect(ordered, word)
    return ordered[max(at - 30, 0) : at + 30]


@dataclass(frozen=True)
class Refusal:
    """A complaint of a model about its part at `path`; `meant` is the part that a misspelt key was to be."""

    complaint: Complaint
    path: Path
    meant: Path | None = None


def refusals(error: ValidationError, model: type[Model]) -> list[Refusal]:
    """The errors of a validation by `model`, without two sorts that only follow from others.

    A key that is there, misspelt, is not missing; a list that lacks the items refused is not too short.
    """
    items = [dict(item) for item in error.errors(include_url=False)[:MOST]]
    found = [_refusal(item, model) for item in items]
    misspelt = {refusal.meant for refusal in found}
    emptied = {refusal.path[:end] for refusal in found for end in range(len(refusal.path))}
    return [
        refusal
        for refusal, item in zip(found, items, strict=True)
        if refusal.path not in emptied and not (item["type"] == "missing" and refusal.path in misspelt)
    ]


def render(problem: Problem, text: str | None) -> str:
    """`file:line:column: message`, the line with a caret under the place, and the hint."""
    place = f"{problem.file}:{problem.line}:{problem.column}" if problem.line else problem.file
    lines = [f"{place}: {problem.message}"]
    rows = text.splitlines() if text is not None else []
    if 0 < problem.line <= len(rows):
        row, at = _window(rows[problem.line - 1], problem.column)
        lines += [f"    {row}", f"    {' ' * at}^"]
    if problem.hint:
        lines.append(f"    {problem.hint}")
    return "\n".join(lines)


def render_all(problems: Sequence[Problem], texts: Mapping[str, str]) -> str:
    """The first twenty problems in full, then how many more there are; `texts` by file name."""
    shown = [render(problem, texts.get(problem.file)) for problem in problems[:SHOWN]]
    more = len(problems) - SHOWN
    if more > 0:
        shown.append(f"and {more} more {'problem' if more == 1 else 'problems'}.")
    return "\n".join(shown)


def _window(row: str, column: int, width: int = 100) -> tuple[str, int]:
    """At most `width` characters of a line around a column, and the caret's place in them."""
    row = row.replace("\t", " ")
    if len(row) <= width:
        return row, column - 1
    start = max(0, min(column - 1 - width // 2, len(row) - width))
    return f"…{row[start : start + width]}…", column - start


def _refusal(error: dict[str, Any], model: type[Model]) -> Refusal:
    path = tuple(error["loc"])
    complaint, meant = _complaint(error, model), None
    if error["type"] == "twin":
        path += tuple(error["ctx"]["path"])
    elif error["type"] == "extra_forbidden":
        near = _nearest(path[-1], list(fields_at(model, path[:-1])))
        meant = (*path[:-1], near) if near else None
    return Refusal(complaint, path, meant)


def _complaint(error: dict[str, Any], model: type[Model]) -> Complaint:
    path, kind, context = tuple(error["loc"]), error["type"], error.get("ctx", {})
    if path and path[-1] == "[key]":
        return _bad_name(path[:-1])
    match kind:
        case "twin":
            inner = path + tuple(context["path"])
            message = sentence(inner, context["predicate"])
            return Complaint(inner, message, context["hint"], context["offset"], context["at_key"])
        case "extra_forbidden":
            hint = did_you_mean(path[-1], fields_at(model, path[:-1]))
            message = sentence(path[:-1], f"has an unknown key, `{path[-1]}`")
            return Complaint(path, message, hint, at_key=True)
        case "missing" if isinstance(path[-1], int):
            return Complaint(
                path[:-1], sentence(path[:-1], "must be two numbers, along x and y"), "Write `[18, 5]`."
            )
        case "missing":
            return Complaint(
                path[:-1], sentence(path[:-1], f"lacks the key `{path[-1]}`"), f"Add `{path[-1]}: …`."
            )
        case "literal_error":
            return _not_one_of(path, context["expected"], error["input"])
        case "string_pattern_mismatch":
            return _bad_pattern(path, error["input"])
        case "too_short" | "string_too_short":
            least = context["min_length"]
            predicate = "is empty" if not error["input"] else f"must have at least {least} items"
            return Complaint(path, sentence(path, predicate))
        case "too_long":
            return Complaint(path, sentence(path, "must be two numbers, along x and y"), "Write `[18, 5]`.")
        case "string_too_long":
            return Complaint(path, sentence(path, f"must have at most {context['max_length']} characters"))
    return _bad_value(path, kind, context, error)


def _bad_value(path: Path, kind: str, context: Mapping[str, Any], error: Mapping[str, Any]) -> Complaint:
    given = describe(error["input"])
    if kind in _LIMITS:
        key, words = _LIMITS[kind]
        return Complaint(path, sentence(path, f"must be {words} {context[key]:,.15g}, and {given} is not"))
    if kind in _TYPES:
        return Complaint(path, sentence(path, mismatch(_TYPES[kind], error["input"])))
    return Complaint(path, sentence(path, f"is wrong: {error['msg']}"))


def _not_one_of(path: Path, expected: str, given: object) -> Complaint:
    options = [option.strip("' ") for option in expected.replace(" or ", ", ").split(",")]
    if path == ("twin",):
        return Complaint(path, sentence(path, "must be 1, the version of the language"), "Write `twin: 1`.")
    listed = ", ".join(f"`{option}`" for option in options)
    near = difflib.get_close_matches(str(given), options, n=1, cutoff=0.5)
    hint = f"Did you mean `{near[0]}`?" if near else ""
    return Complaint(path, sentence(path, mismatch(f"one of {listed}", given)), hint)


_NAME_HINT = "A name has lower-case letters, digits and `_`, and begins with a letter."


def _bad_name(path: Path) -> Complaint:
    message = sentence(path, "has a name that cannot be used")
    return Complaint(path, message, _NAME_HINT, at_key=True)


def _bad_pattern(path: Path, given: object) -> Complaint:
    if path[-1] in ("from", "to"):
        message = sentence(path, mismatch("a clock time", given))
        return Complaint(path, message, 'Write `"06:00"`, from 00:00 to 24:00.')
    return Complaint(path, sentence(path, mismatch("a name", given)), _NAME_HINT)
