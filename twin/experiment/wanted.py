"""Measures that a scenario asks for by name: those of `run.precision`, `outputs` and `optimise`, checked and
stopped at.

`check_names` and `check_measures` say before anything runs that a name means nothing; `reached` is the
stopping rule of a run and of a point of a sweep, of values that the caller has. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from twin.experiment.catalogue import MEASURES, Measure, describe
from twin.experiment.inference.stopping import Precision as HalfWidth
from twin.experiment.inference.stopping import look
from twin.plant import axes
from twin.plant.checking import complain
from twin.plant.errors import Complaint, Path
from twin.plant.scenario import Optimise, Precision, Run, Scenario
from twin.plant.schema import Plant
from twin.plant.sentences import did_you_mean
from twin.plant.units import NUMBER, WrongValueError, parse_any

MOST = 200  # patterns that are looked at
_COUNTED = ("1", "lots", "pieces")  # units that a plain number may stand for
_MEASURE = ("run", "precision", "measure")
_TOLD = {
    "s": ("time", "3 days"),
    "1/s": ("rate", "2/h"),
    "kg": ("mass", "500 kg"),
    "1": ("share or a number", "95 %"),
    "lots": ("number of lots", "40"),
    "pieces": ("number of pieces", "50000 pieces"),
}
"""Units of measures: what they are of, and a limit in them."""


def reached(values: Iterable[float | None], run: Run) -> bool:
    """Whether the values of the measure of `run.precision`, one for each replication, are enough; False where
    no precision is asked for. Replications that gave no value are left out.
    """
    if run.precision is None:
        return False
    return look([value for value in values if value is not None], half_width(run.precision), run.level).stop


def half_width(wanted: Precision) -> HalfWidth:
    """The half-width asked for, in the measure's SI unit or as a part of the mean.

    >>> half_width(Precision(measure="lead_time_mean", absolute="2 h"))
    Precision(size=7200.0, relative=False)
    """
    if wanted.relative is not None:
        return HalfWidth(wanted.relative)
    written = wanted.absolute
    size = parse_any(written).value if isinstance(written, str) else float(written or 0)
    return HalfWidth(size, relative=False)


def measured_in(written: str, unit: str) -> float:
    """A number in SI, written with the unit of a measure or a plain one, which is in SI already. Units that
    quantities do not have, such as lots and money, are taken as the measure has them.

    >>> measured_in("5 d", "s"), measured_in("80 %", "1"), measured_in("40 lots", "lots")
    (432000.0, 0.8, 40.0)

    Raises:
        WrongValueError: it is no quantity, or of another kind than the measure.
    """
    amount = parse_any(_without(written, unit))
    if amount.unit in ("1", unit) or not unit:
        return amount.value
    told, example = _TOLD.get(unit, (f"number in {unit}", f"{amount.value:g}"))
    raise WrongValueError(f"must be a {told}, and `{written}` is not", f"Write for example `{example}`.")


def _without(written: str, unit: str) -> str:
    """A quantity without the very unit of its measure: it is in SI."""
    number = written.strip().removesuffix(unit).strip()
    return number if re.fullmatch(NUMBER, number) else written


def check_measures(scenario: Scenario, plant: Plant, units: Sequence[str]) -> Iterator[Complaint]:
    """What is wrong with the measures that the scenario names, given its plant and the names of its units."""
    wanted = scenario.run.precision
    if wanted is not None:
        kind, _, name = wanted.measure.partition(".")
        known = _names(kind, plant, units)
        if known is not None and name.split(".")[0] not in known:
            predicate = f"is of `{name.split('.')[0]}`, which is not there"
            yield complain(_MEASURE, predicate, did_you_mean(name.split(".")[0], known))
    yield from check_names(scenario)


def check_names(scenario: Scenario) -> Iterator[Complaint]:
    """What is wrong with the measures that the scenario names, whatever its plant."""
    if scenario.run.precision is not None:
        yield from _of_precision(scenario.run.precision)
    if scenario.optimise is not None:
        yield from check_goals(scenario.optimise)
    for index, pattern in enumerate(scenario.outputs.measures[:MOST]):
        if not any(_meet(pattern, _as_glob(measure)) for measure in MEASURES):
            hint = did_you_mean(pattern, (measure.pattern for measure in MEASURES))
            yield complain(("outputs", "measures", index), f"names no measure: `{pattern}`", hint)


def check_goals(asked: Optimise) -> Iterator[Complaint]:
    """Measures of goals and constraints that the catalogue does not know, and limits that are not in the unit
    of their measure; those in money are not looked at.
    """
    named = [(("optimise", "goals", k, "measure"), goal.measure) for k, goal in enumerate(asked.goals)]
    named += [
        (("optimise", "constraints", k, "measure"), each.measure) for k, each in enumerate(asked.constraints)
    ]
    for path, measure in named:
        if not _is_known(measure):
            hint = did_you_mean(measure, (each.pattern for each in MEASURES))
            yield complain(path, f"names `{measure}`, which is no measure", hint)
    for number, each in enumerate(asked.constraints):
        if _is_known(each.measure):
            shares = each.above is not None or each.below is not None
            for key in ("above", "below") if shares else ("at_least", "at_most"):
                written = getattr(each, key)
                yield from _of_limit(("optimise", "constraints", number, key), each.measure, written)


def _of_limit(path: Path, measure: str, written: float | str | None) -> Iterator[Complaint]:
    unit = describe(measure).unit
    known = None if written is None else axes.numbers_of([written])
    if known is None or unit not in _TOLD or known[1] == unit or (known[1] == "1" and unit in _COUNTED):
        return
    told, example = _TOLD[unit]
    yield complain(path, f"is `{written}`, and `{measure}` is a {told}", f"Write for example `{example}`.")


def _is_known(measure: str) -> bool:
    try:
        describe(measure)
    except KeyError:
        return False
    return True


def _of_precision(wanted: Precision) -> Iterator[Complaint]:
    try:
        measure = describe(wanted.measure)
    except KeyError:
        hint = did_you_mean(wanted.measure, (measure.pattern for measure in MEASURES))
        yield complain(_MEASURE, f"names `{wanted.measure}`, which is no measure", hint)
        return
    if wanted.absolute is not None:
        yield from _of_amount(wanted.absolute, measure)


def _of_amount(written: float | str, measure: Measure) -> Iterator[Complaint]:
    path = ("run", "precision", "absolute")
    try:
        size = half_width(Precision(absolute=written)).size
    except ValueError as error:
        predicate = error.predicate if isinstance(error, WrongValueError) else "must be greater than 0"
        yield complain(path, predicate)
        return
    plain = measure.unit in _COUNTED or measure.unit.startswith("money")
    unit = parse_any(written).unit if isinstance(written, str) else "1"
    if not measure.unit or unit == measure.unit or (unit == "1" and plain):
        return
    shown = "a plain number" if plain else f"in the unit of the measure, {measure.unit}"
    yield complain(path, f"must be {shown}, and `{written}` is not", f"It is {size:g} {unit}.")


def _names(kind: str, plant: Plant, units: Sequence[str]) -> Sequence[str] | None:
    """The names that a measure of a kind may have; None where any may stand there."""
    known: dict[str, Iterable[str]] = {
        "unit": units,
        "people": plant.people,
        "container": plant.containers,
        "storage": plant.storage,
        "tank": plant.tanks,
        "utility": plant.utilities,
        "loop": plant.loops,
        "operation": plant.recipes,
    }
    return list(known[kind]) if kind in known else None


def _as_glob(measure: Measure) -> str:
    """The pattern of a family with `*` for the names of a plant."""
    return re.sub(r"[A-Z][A-Z_]*", "*", measure.pattern)


def _meet(one: str, other: str) -> bool:
    """Whether any text fits both patterns, in which `*` stands for any text and `?` for a character.

    >>> _meet("unit.press.*", "unit.*.oee"), _meet("leed_*", "lead_time_p90")
    (True, False)
    """
    one = re.sub(r"\[[^\]]*\]", "?", one)
    above = [True] + [False] * len(other)  # which beginnings of `other` go with nothing of `one`
    for j, right in enumerate(other, start=1):
        above[j] = above[j - 1] and right == "*"
    for left in one:
        row = [above[0] and left == "*"]
        for j, right in enumerate(other, start=1):
            if "*" in (left, right):
                row.append(above[j] or row[j - 1])
            else:
                row.append(above[j - 1] and (left == right or "?" in (left, right)))
        above = row
    return above[-1]
