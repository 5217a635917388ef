"""The filter language of `twin results`: `NAME SIGN VALUE`, and nothing more.

`throughput > 5 1/h`, `unit.press.utilisation >= 0.8`, `containers.ibc.count = 12`: a name, one of six signs,
a value. Several conditions must all hold. There are no brackets, no functions and no arithmetic, so there is
nothing to evaluate; names and values reach SQL as a quoted name and a parameter.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from twin.experiment.catalogue import MEASURES, describe
from twin.experiment.wanted import measured_in
from twin.plant.errors import InputError, Problem
from twin.plant.units import WrongValueError

SIGNS: dict[str, Callable[[Any, Any], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    "!=": operator.ne,
    ">": operator.gt,
    "<": operator.lt,
    "=": operator.eq,
}
LONGEST = 500  # characters of a condition
_FORM = re.compile(r"\s*(?P<name>[^\s<>=!]+)\s*(?P<sign>>=|<=|!=|>|<|=)\s*(?P<value>\S(?:.*\S)?)\s*")


@dataclass(frozen=True)
class Condition:
    """A name, a sign, and the value as a number in SI where it is one; `text` is what was written of it."""

    name: str
    sign: str
    number: float | None
    text: str

    def holds(self, value: float | str | None) -> bool:
        """Whether a value meets the condition; one that is not there meets none."""
        wanted: float | str | None = self.text if isinstance(value, str) else self.number
        return value is not None and wanted is not None and bool(SIGNS[self.sign](value, wanted))


def parse_conditions(texts: Sequence[str]) -> list[Condition]:
    """Read conditions; raises InputError for one that is none.

    >>> parse_conditions(["throughput > 7200 1/h"])
    [Condition(name='throughput', sign='>', number=2.0, text='7200 1/h')]
    >>> parse_conditions(["rule=shortest"])[0].number is None
    True
    """
    return [_parse(text) for text in texts]


def _parse(text: str) -> Condition:
    match = _FORM.fullmatch(text) if len(text) <= LONGEST else None
    if match is None:
        hint = "Write NAME SIGN VALUE, such as `throughput > 5 1/h`; signs are > >= < <= = !=."
        raise InputError([Problem("--where", 0, 0, f"`{text[:80]}` is no condition.", hint)])
    name, value = match["name"], match["value"]
    try:
        number = measured_in(value, _unit_of(name))
    except WrongValueError as wrong:
        if _is_measure(name):
            hint = "Write a plain number, in the plant's currency." if _is_money(name) else wrong.hint
            raise InputError([Problem("--where", 0, 0, f"`{name}` {wrong.predicate}.", hint)]) from None
        number = None
    return Condition(name, match["sign"], number, value)


def _is_measure(name: str) -> bool:
    """Whether a name is a measure's; else it is an axis."""
    return any(entry.expression.fullmatch(name) for entry in MEASURES)


def _unit_of(name: str) -> str:
    """The SI unit of a measure; nothing of an axis, and of a measure in money or a unit of its own."""
    return describe(name).unit if _is_measure(name) and not _is_money(name) else ""


def _is_money(name: str) -> bool:
    return describe(name).unit.startswith("money")
