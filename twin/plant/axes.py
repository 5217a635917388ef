"""An axis of a sweep or of an optimisation: choices or a range, read and written back as a file has it.

A range is computed in SI; where twin has no factor for a unit (`45 EUR/h`), in the unit in which both ends
are written. Steps are rounded to twelve digits, drawn values to about six, and ends are exact. Which values
a design takes is decided in `twin.experiment.designs`, which asks `steps_of` and `value_at`; `sweep_rules.py`
asks for complaints. Nothing here knows the plant.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from twin.plant.errors import Complaint, Path
from twin.plant.scenario import Axis
from twin.plant.sentences import sentence
from twin.plant.shorthand import describe
from twin.plant.units import NUMBER, Quantity, WrongValueError, parse_any, show

_DIGITS = 12
_BETWEEN = 0.382  # of the way: where neither a whole nor a round number is likely
_LOOKED_AT = 10_000  # steps of whole numbers that are compared with each other
_OTHER_UNIT = re.compile(rf"\s*(?P<number>{NUMBER})\s*(?P<unit>[A-Z]{{3}}\b.*?)\s*")  # a currency
_WITHOUT_UNIT = ("1", "pieces")


@dataclass(frozen=True)
class Range:
    """From `low` to `high` in `unit`: SI, `1` where there is none, or one that begins with a currency."""

    low: float
    high: float
    unit: str
    log: bool
    integer: bool

    @property
    def whole_numbers(self) -> int:
        """How many whole numbers there are."""
        return int(self.high) - int(self.low) + 1

    def at(self, fraction: float) -> float:
        """The number at a fraction of the way, 0 and 1 giving the ends; each whole number has an equal part
        of the way, in logarithms the part from half below it to half above it.

        >>> Range(120.0, 3600.0, "s", log=True, integer=False).at(0.5)
        657.267
        >>> [Range(2.0, 5.0, "1", log=False, integer=True).at(u / 3) for u in range(4)]
        [2.0, 3.0, 4.0, 5.0]
        """
        if fraction <= 0 or fraction >= 1:
            return self.low if fraction <= 0 else self.high
        low, high = (self.low - 0.5, self.high + 0.5) if self.integer else (self.low, self.high)
        number = low * (high / low) ** fraction if self.log else low + (high - low) * fraction
        if self.integer:
            return float(min(max(math.floor(number + 0.5), self.low), self.high))
        return min(max(self._legible(number), self.low), self.high)

    def spaced(self, steps: int) -> list[float]:
        """`steps` numbers at equal distances or, on a logarithmic scale, equal ratios, the ends among them.

        >>> Range(1.0, 100.0, "1", log=True, integer=False).spaced(3)
        [1.0, 10.0, 100.0]
        """
        between = [self._between(step / (steps - 1)) for step in range(1, steps - 1)]
        return [self.low, *between, self.high]

    def written(self, number: float) -> object:
        """The number as a file has it: `4 min`, 0.8, 3."""
        if self.unit == "1":
            return int(number) if number.is_integer() and abs(number) < 1e15 else number
        if _CURRENCY.match(self.unit):
            return f"{number:.15g} {self.unit}"
        return show(number, self.unit)

    def _legible(self, number: float) -> float:
        """The number to a millionth of the range or, on a logarithmic scale, of itself."""
        size = number if self.log else self.high - self.low
        return round(number, 5 - math.floor(math.log10(size)))

    def _between(self, fraction: float) -> float:
        log, low, high = self.log, self.low, self.high
        number = _rounded(low * (high / low) ** fraction if log else low + (high - low) * fraction)
        return float(math.floor(number + 0.5)) if self.integer else number


_CURRENCY = re.compile(r"[A-Z]{3}\b")


def range_of(axis: Axis) -> Range | None:
    """The range of an axis; None where it has choices. Raises `WrongValueError`."""
    if axis.values is not None:
        return None
    low, high = _bound(axis.from_, "from"), _bound(axis.to, "to")
    log = axis.scale == "log"
    if low.unit != high.unit:
        message = f"goes from {describe(axis.from_)} to {describe(axis.to)}, which are of different kinds"
        raise WrongValueError(message, "Give both ends the same unit.", path=("to",))
    if not low.value < high.value:
        message = f"goes from {describe(axis.from_)} to {describe(axis.to)}, which is not above it"
        raise WrongValueError(message, "A range goes upwards; a single value is a list: `[3]`.", path=("to",))
    if log and low.value <= 0:
        message = f"is logarithmic and begins at {describe(axis.from_)}, which is not above zero"
        raise WrongValueError(message, "Begin above zero, or use `scale: linear`.", path=("from",))
    if axis.integer:
        _check_whole(axis, low, high)
    return Range(low.value, high.value, low.unit, log, axis.integer)


def complaints(axis: Axis, path: Path) -> list[Complaint]:
    """What is wrong with the axis at `path`, whatever it is used for."""
    found = list(_words_that_do_not_fit(axis, path))
    if found or axis.values is not None:
        return found
    try:
        made = range_of(axis)
    except WrongValueError as wrong:
        inner = (*path, *wrong.path)
        return [Complaint(inner, sentence(path, wrong.predicate), wrong.hint)]
    assert made is not None  # choices were dealt with
    return _of_steps(axis, made, path)


def count(axis: Axis) -> int:
    """How many values a grid takes on the axis; 0 where a range does not say it."""
    if axis.values is not None:
        return len(axis.values)
    if axis.steps is not None:
        return axis.steps
    made = range_of(axis)
    return made.whole_numbers if made is not None and axis.integer else 0


def steps_of(axis: Axis) -> tuple[object, ...]:
    """The values that a grid takes on the axis, as a file has them; none where a range does not say it.

    >>> steps_of(Axis(from_="2 min", to="10 min", steps=3))
    ('2 min', '6 min', '10 min')
    >>> steps_of(Axis(from_=1, to=4, integer=True))
    (1, 2, 3, 4)
    """
    made = range_of(axis)
    if made is None:
        return tuple(axis.values or ())
    steps = count(axis)
    numbers = made.spaced(steps) if steps > 1 else []
    return tuple(made.written(number) for number in numbers)


def value_at(axis: Axis, fraction: float) -> object:
    """The value at a fraction of the way along the axis; choices have equal parts of the way.

    >>> value_at(Axis(values=("a", "b", "c")), 0.5)
    'b'
    """
    return reader(axis)(fraction)


def reader(axis: Axis) -> Callable[[float], object]:
    """`value_at` of the axis for many fractions. Raises `WrongValueError`."""
    made, values = range_of(axis), axis.values or ()
    if made is None:
        return lambda fraction: values[min(int(fraction * len(values)), len(values) - 1)]
    return lambda fraction: made.written(made.at(fraction))


def ends(axis: Axis) -> list[tuple[Path, object]]:
    """What is to be tried of an axis before a design takes its values, with the key of each: all choices,
    or both ends of a range and, of plain numbers, one between that is not whole. Raises `WrongValueError`.
    """
    made = range_of(axis)
    if made is None:
        return [((index,), value) for index, value in enumerate(axis.values or ())]
    both: list[tuple[Path, object]] = [
        (("from",), made.written(made.low)),
        (("to",), made.written(made.high)),
    ]
    between = [made.at(_BETWEEN)] if axis.steps is None else made.spaced(min(axis.steps, _LOOKED_AT))
    broken = next((number for number in between if not number.is_integer()), None)
    if broken is None or made.unit not in _WITHOUT_UNIT:
        return both
    return [*both, ((), made.written(broken))]


def numbers_of(values: Sequence[object]) -> tuple[list[float], str] | None:
    """Values of an axis as numbers and their unit (SI, or with a currency); None where they are not all
    numbers of one kind.

    >>> numbers_of(["2 min", "1 h"])
    ([120.0, 3600.0], 's')
    >>> numbers_of(["2 min", "never"])
    """
    read = [_number(value) for value in values]
    known = [each for each in read if each is not None]
    if len(known) < len(read) or len({each.unit for each in known}) != 1:
        return None
    return [each.value for each in known], known[0].unit


def _number(value: object) -> Quantity | None:
    if isinstance(value, bool):
        return None
    try:
        return _quantity(value)
    except WrongValueError:
        return None


def _bound(written: object, key: str) -> Quantity:
    try:
        return _quantity(written)
    except WrongValueError as wrong:
        raise WrongValueError(wrong.predicate, wrong.hint, wrong.offset, (key,)) from None


def _quantity(written: object) -> Quantity:
    """A number with any unit or none, a currency among them."""
    if isinstance(written, Mapping) and set(written) == {"value", "unit"}:
        written = f"{written['value']} {written['unit']}"
    if isinstance(written, bool) or not isinstance(written, (int, float, str)):
        raise WrongValueError(f"must be a number or a quantity, and {describe(written)} is not")
    if isinstance(written, str):
        money = _OTHER_UNIT.fullmatch(written[:100])
        found = Quantity(float(money["number"]), money["unit"]) if money else parse_any(written)
    else:
        found = Quantity(float(written), "1") if abs(written) < 1e300 else Quantity(math.inf, "1")
    if not math.isfinite(found.value):
        raise WrongValueError(f"must be a finite number, and {describe(written)} is not")
    return found


def _check_whole(axis: Axis, low: Quantity, high: Quantity) -> None:
    for key, bound, written in (("from", low, axis.from_), ("to", high, axis.to)):
        if bound.unit not in _WITHOUT_UNIT:
            message = f"is of whole numbers, and {describe(written)} has a unit"
            hint = "Leave out `integer`; `steps` says how many values are taken."
            raise WrongValueError(message, hint, path=(key,))
        if not bound.value.is_integer() or abs(bound.value) > 2**53:
            message = f"is of whole numbers, and {describe(written)} is none"
            raise WrongValueError(message, "Write for example `2`.", path=(key,))


def _words_that_do_not_fit(axis: Axis, path: Path) -> list[Complaint]:
    given = axis.model_fields_set
    if axis.values is not None:
        extra = [key for key in ("from_", "to", "steps", "scale", "integer") if key in given]
        predicate = "is given for an axis that lists its values"
        return [
            Complaint((*path, key.rstrip("_")), sentence((*path, key.rstrip("_")), predicate))
            for key in extra
        ]
    missing = [key for key, value in (("from", axis.from_), ("to", axis.to)) if value is None]
    hint = "Write `[2, 3, 4]`, or `{from: 2 min, to: 10 min, steps: 5}`."
    return [Complaint(path, sentence(path, f"lacks the key `{key}`"), hint) for key in missing]


def _of_steps(axis: Axis, made: Range, path: Path) -> list[Complaint]:
    if axis.steps is None or not axis.integer:
        return []
    where, most = (*path, "steps"), made.whole_numbers
    if axis.steps > most:
        predicate = f"takes {axis.steps:,} steps, and there are {most:,} whole numbers"
        return [Complaint(where, sentence(path, predicate), f"Write `steps: {most}` or leave it out.")]
    different = len(set(made.spaced(axis.steps))) if axis.steps <= _LOOKED_AT else axis.steps
    if different < axis.steps:
        predicate = f"takes {axis.steps:,} steps, which are {different:,} different whole numbers"
        hint = "Take fewer steps, or list the values."
        return [Complaint(where, sentence(path, predicate), hint)]
    return []


def _rounded(number: float) -> float:
    return float(f"{number:.{_DIGITS}g}")
