"""What axes are called where there is little room, the ends of their paths that tell them apart; and how
their values are told to people.
"""

from __future__ import annotations

import re
from collections.abc import Sequence


def short_names(paths: Sequence[str]) -> list[str]:
    """The shortest ends of dotted paths that differ from each other.

    >>> short_names(["people.operator.count", "people.mechanic.count", "run.seed"])
    ['operator.count', 'mechanic.count', 'seed']
    """
    parts = [path.split(".") for path in paths]
    lengths = [1] * len(paths)
    while True:
        names = [".".join(words[-length:]) for words, length in zip(parts, lengths, strict=True)]
        shared = {name for name in names if names.count(name) > 1}
        longer = [
            min(length + (name in shared), len(words))
            for name, words, length in zip(names, parts, lengths, strict=True)
        ]
        if longer == lengths:
            return names
        lengths = longer


def told(value: object) -> str:
    """A value of an axis where it is read by people. Times and flows between the ends of a range have more
    digits than anybody reads, in SI; they are told with four, in a unit of the shop floor.

    >>> told("10182.3376491 s"), told("0.000247147 m3/s"), told("38 min"), told(0.25)
    ('2.828 h', '889.7 L/h', '38 min', '0.25')
    """
    match = _LONG.fullmatch(value) if isinstance(value, str) else None
    if match is None or len(match["number"].replace(".", "").lstrip("0")) < _MANY:
        return str(value)
    number = float(match["number"])
    for size, unit in _SHOP_FLOOR[match["unit"]]:
        if number >= size:
            return f"{number / size:.4g} {unit}"
    return str(value)


_LONG = re.compile(r"(?P<number>\d+\.\d+) (?P<unit>s|m3/s|kg/s)")
_MANY = 6  # digits
_SHOP_FLOOR = {
    "s": ((172_800.0, "d"), (3600.0, "h"), (60.0, "min")),
    "m3/s": ((1 / 3600, "m3/h"), (1e-3 / 3600, "L/h")),
    "kg/s": ((1 / 3600, "kg/h"),),
}
