"""What a pure function of immutable models gave, kept for the very same ones: a plant of a sweep differs from
the last one in a few parts, and what follows from the others alone is not worked out again.

Plain values and tuples of them are told apart by value; models, and whatever else is made once and never
changed, by identity, which costs no look inside and never takes one for another. Called by whoever has a pure
function of parts of a plant.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")
_BY_VALUE = frozenset({str, int, float, bool, bytes, datetime, tuple, type(None)})


def remembered(most: int) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Have a pure function of positional arguments remember what it gave for the last `most` of them.

    >>> @remembered(most=2)
    ... def written(part, times): return [repr(part)] * times
    >>> part = {"a": 1}
    >>> written(part, 1) is written(part, 1), written(part, 1) is written({"a": 1}, 1)
    (True, False)
    """

    def remembering(function: Callable[P, R]) -> Callable[P, R]:
        known: OrderedDict[tuple[Any, ...], tuple[tuple[Any, ...], R]] = OrderedDict()

        @wraps(function)
        def recalled(*given: P.args, **named: P.kwargs) -> R:
            key = tuple([each if type(each) in _BY_VALUE else id(each) for each in given])
            found = known.get(key)
            if found is None:
                # The arguments are kept, so that nothing else comes to have their identity.
                found = known[key] = given, function(*given, **named)
                if len(known) > most:
                    known.popitem(last=False)
            return found[1]

        return recalled

    return remembering
