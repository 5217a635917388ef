"""What a scenario's `sweep` may not say, and how many points it has, without making one of them.

Called by `load.py` for every scenario, and by whoever plans a sweep for the count. Whether the values of an
axis fit the plant is tried in `load.py`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from twin.plant import axes
from twin.plant.checking import complain
from twin.plant.errors import Complaint
from twin.plant.scenario import Axis, Limits, Scenario, Sweep
from twin.plant.sentences import sentence

LARGEST_DESIGN = 1_000  # axes

_DRAWN = ("lhs", "sobol", "morris")
_WORDS = {
    "points": ("lhs", "sobol"),
    "trajectories": ("morris",),
    "levels": ("morris",),
    "second_order": ("sobol",),
    "seed": _DRAWN,
}
_MOST = {"points": 1_000_000, "replications": 1_000_000_000}  # that `limits` takes
_NEEDED = {"lhs": "points", "sobol": "points", "morris": "trajectories"}


def count_points(sweep: Sweep) -> int:
    """How many points the sweep has; of one without complaints.

    >>> count_points(Sweep(axes={"a": [1, 2], "b": {"from": 1, "to": 9, "steps": 5}}))
    10
    >>> count_points(Sweep(method="sobol", points=64, axes={"a": {"from": 0, "to": 1}, "b": [1, 2]}))
    256
    """
    match sweep.method:
        case "grid":
            return math.prod(axes.count(axis) for axis in sweep.axes.values())
        case "zip":
            return axes.count(next(iter(sweep.axes.values())))
        case "lhs":
            return sweep.points or 0
        case "sobol":
            each = len(sweep.axes) * (2 if sweep.second_order else 1) + 2
            return (sweep.points or 0) * each
        case "morris":
            return (sweep.trajectories or 0) * (len(sweep.axes) + 1)


def complaints(scenario: Scenario) -> list[Complaint]:
    """What is wrong with the sweep of a scenario, by itself and by its limits."""
    if scenario.sweep is None:
        return []
    found = [*_of_words(scenario.sweep), *_of_axes(scenario.sweep)]
    return found or list(_of_limits(scenario.sweep, scenario.limits, _most_replications(scenario)))


def _most_replications(scenario: Scenario) -> int:
    """Of a point: as the run says, or at most as its axis says."""
    axis = scenario.sweep.axes.get("run.replications") if scenario.sweep is not None else None
    if axis is None:
        return scenario.run.replications
    numbers = axes.numbers_of([value for _, value in axes.ends(axis)])
    return int(max(numbers[0])) if numbers is not None else scenario.run.replications


def _of_words(sweep: Sweep) -> Iterator[Complaint]:
    given = sweep.model_fields_set
    for word, methods in _WORDS.items():
        if word in given and getattr(sweep, word) is not None and sweep.method not in methods:
            where = " and ".join(f"`{method}`" for method in methods)
            yield complain(("sweep", word), f"is a word of {where}, and the method is `{sweep.method}`")
    needed = _NEEDED.get(sweep.method)
    if needed is not None and getattr(sweep, needed) is None:
        example = {"lhs": 50, "sobol": 64, "morris": 10}[sweep.method]
        hint = f"Add for example `{needed}: {example}`."
        yield complain(("sweep",), f"lacks the key `{needed}`, which `{sweep.method}` needs", hint)
    if sweep.method == "sobol" and sweep.points is not None and sweep.points & (sweep.points - 1):
        below = 1 << (sweep.points.bit_length() - 1)
        predicate = f"must be a power of two for `sobol`, and `{sweep.points}` is not"
        yield complain(("sweep", "points"), predicate, f"Write {below} or {2 * below}.")
    if sweep.levels % 2:
        predicate = f"must be an even number, and `{sweep.levels}` is not"
        yield complain(("sweep", "levels"), predicate, f"Write {sweep.levels + 1}.")
    if len(sweep.axes) > LARGEST_DESIGN:
        yield complain(("sweep", "axes"), f"are {len(sweep.axes):,}, more than {LARGEST_DESIGN:,}")


def _of_axes(sweep: Sweep) -> list[Complaint]:
    found: list[Complaint] = []
    for dotted, axis in sweep.axes.items():
        path = ("sweep", "axes", dotted)
        found += axes.complaints(axis, path)
        if sweep.method in _DRAWN and axis.steps is not None:
            hint = "The `levels` of the sweep say it." if sweep.method == "morris" else "Leave it out."
            predicate = f"is given, and `{sweep.method}` chooses the values of a range"
            found.append(complain((*path, "steps"), predicate, hint))
        elif sweep.method not in _DRAWN and _unspaced(axis):
            hint = "Add for example `steps: 5`."
            found.append(Complaint(path, sentence(path, "lacks the key `steps`"), hint))
    if not found and sweep.method == "zip":
        lengths = [axes.count(axis) for axis in sweep.axes.values()]
        if len(set(lengths)) > 1:
            told = ", ".join(f"`{path}` {count}" for path, count in zip(sweep.axes, lengths, strict=True))
            predicate = f"must have equally many values for `zip`: {told}"
            found.append(complain(("sweep", "axes"), predicate, "`grid` tries every combination."))
    return found


def _unspaced(axis: Axis) -> bool:
    return axis.values is None and axis.steps is None and not axis.integer


def _of_limits(sweep: Sweep, limits: Limits, replications: int) -> Iterator[Complaint]:
    points = count_points(sweep)
    asked = {"points": points, "replications": points * replications}
    over = {word: number for word, number in asked.items() if number > getattr(limits, word)}
    if not over:
        return
    told = {
        "points": f"{points:,} points, more than the limit of {limits.points:,}",
        "replications": f"{points:,} points of {replications:,} replications, {points * replications:,} "
        f"together, more than the limit of {limits.replications:,}",
    }
    raised = ", ".join(f"{word}: {number}" for word, number in over.items())
    hint = f"Try fewer values, or raise the limit: `limits: {{{raised}}}`."
    most = next((most for word, most in _MOST.items() if asked[word] > most), None)
    if most is not None:
        hint = f"Try fewer values: no limit is above {most:,}."
    yield complain(("sweep", "axes"), "has " + ", and ".join(told[word] for word in over), hint)
