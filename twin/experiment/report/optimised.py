"""The answer of an optimisation as one self-contained page: what was asked and tried, what is announced, what
else may be as good, and what it takes to do it again.

It holds tables and no charts. Called by `twin optimise --html`; runs and sweeps have `page.py`.
"""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterator, Mapping

from twin.experiment.catalogue import describe
from twin.experiment.charges import charges_of
from twin.experiment.designs.labels import short_names, told
from twin.experiment.display import with_interval
from twin.experiment.made import own_version
from twin.experiment.optimisation import Confirmed, Optimised
from twin.experiment.optimisation.asking import Candidate
from twin.experiment.optimisation.confirm import constrained
from twin.experiment.optimisation.constraints import Constraint
from twin.experiment.prepare import attribute_units
from twin.experiment.report.document import document
from twin.experiment.report.markup import Markup, bullets, definitions, joined, table, tag
from twin.experiment.results import unit_of
from twin.experiment.statistics import Interval
from twin.plant.load import LoadedScenario

BREAK = "\u200b"  # where a browser may break a name
MOST_TRIED = 200  # rows of the table of points
Unit = Callable[[str], str]


def page_of_optimised(found: Optimised, study: LoadedScenario, command: str) -> str:
    """The page's text, of what was found for a scenario by a command."""
    unit = unit_for(study)
    sections = (
        ("In short", joined(_short(found, unit))),
        ("What was asked", joined(_asked(found, study))),
        ("Evaluated anew", joined(_contenders(found, unit))),
        ("What was tried", joined(_tried(found, unit))),
        ("How to reproduce it", joined(_again(study, command))),
    )
    body = [
        tag("section", tag("h2", f"{number}. {title}"), text)
        for number, (title, text) in enumerate(sections, start=1)
    ]
    title = study.scenario.scenario
    return document(title, "Optimisation with twin", f"Plant {study.base.plant.plant}", joined(body))


def unit_for(study: LoadedScenario) -> Unit:
    """The SI unit of a measure in this plant, with its currency."""
    plant = study.base.plant
    attributes, charges = attribute_units(plant), charges_of(plant)
    return lambda measure: unit_of(measure, attributes, charges)


def shown(interval: Interval | None, unit: str) -> str:
    """A mean with its interval and unit.

    >>> shown(Interval(2.0, 1.5, 2.5, 0.95, 10), "lots")
    '2.00 (1.50 … 2.50) lots'
    """
    if interval is None:
        return "–"
    mean, ends, label = with_interval(interval.mean, interval.low, interval.high, unit)
    return f"{mean} ({ends}) {label}".strip()


def label(constraint: Constraint, unit: Unit) -> str:
    """What a constraint is on, with its value in a unit for people.

    >>> label(Constraint("makespan", 0.7, None, below=55800.0), lambda measure: "s")
    'P(makespan < 15.5 h)'
    """
    value = constraint.below if constraint.above is None else constraint.above
    if value is None:
        return constraint.what
    number, _, units = with_interval(value, None, None, unit(constraint.measure))
    sign = "<" if constraint.above is None else ">"
    return f"P({constraint.measure} {sign} {' '.join(part for part in (number, units) if part)})"


def beside_present(gain: Interval, unit: str) -> str:
    """By how much a point is better than the plant as it is, or worse.

    >>> beside_present(Interval(-2.0, -2.5, -1.5, 0.95, 10), "lots")
    'worse than the plant as it is by 2.00 (1.50 … 2.50) lots'
    """
    if gain.mean is None or gain.mean >= 0:
        return f"better than the plant as it is by {shown(gain, unit)}"
    low, high = (None if end is None else -end for end in (gain.high, gain.low))
    turned = Interval(-gain.mean, low, high, gain.level, gain.n)
    return f"worse than the plant as it is by {shown(turned, unit)}"


def _short(found: Optimised, unit: Unit) -> Iterator[Markup]:
    if not found.announced:
        yield tag("p", "Of what was tried nothing is shown to keep the constraints.")
        return
    if len(found.announced) > 1:
        yield tag("p", f"{len(found.announced)} points of a Pareto front: none is better in every goal.")
    level = f"{100 * found.search.level:g} %"
    for each in found.announced:
        yield tag("p", "Announced: ", tag("strong", _settings(each.candidate.changes)), ".")
        yield bullets(_sentence(found, each, goal.measure, unit) for goal in found.search.goals)
    fresh = found.announced[0].fresh.replications
    said = f"{fresh} replications that the search never saw; intervals at {level}."
    yield tag("p", said, class_="quiet")


def _sentence(found: Optimised, each: Confirmed, measure: str, unit: Unit) -> str:
    goal = next(goal for goal in found.search.goals if goal.measure == measure)
    gain = found.gain(each, goal)
    better = "" if gain is None else f", {beside_present(gain, unit(measure))}"
    mean, luck = (shown(of[measure], unit(measure)) for of in (each.means, each.optimism))
    return f"{measure}: {mean}{better}; the search was too optimistic by {luck}."


def _asked(found: Optimised, study: LoadedScenario) -> Iterator[Markup]:
    scenario, search = study.scenario, found.search
    if scenario.question:
        yield tag("p", scenario.question, class_="question")
    if scenario.assumptions:
        yield tag("h3", "Assumed, not measured")
        yield bullets(scenario.assumptions)
    yield definitions(
        [
            *((f"{goal.aim} {goal.measure}", describe(goal.measure).meaning) for goal in search.goals),
            *(("Constraint", text) for text in _constraints(study)),
            *((f"Setting {setting.path}", f"{setting.count:,} values") for setting in search.settings),
            ("Points", f"{len(found.tried):,}, {'all there are' if found.whole_space else 'as proposed'}"),
            ("Replications", f"{search.replications} at first, up to {search.most}, {search.confirm} fresh"),
        ]
    )


def _constraints(study: LoadedScenario) -> Iterator[str]:
    asked = study.scenario.optimise
    for each in () if asked is None else asked.constraints:
        ends = (("at least", each.at_least), ("at most", each.at_most))
        limits = " and ".join(f"{word} {value}" for word, value in ends if value is not None)
        sides = (("above", each.above), ("below", each.below))
        side = next((f"{word} {value}" for word, value in sides if value is not None), None)
        what = each.measure if side is None else f"probability that {each.measure} of a replication is {side}"
        if each.quantile is not None:
            what = f"{100 * each.quantile:g} % quantile of {each.measure}"
        yield f"{what} {limits}, shown with a probability of {each.probability:g}"


def _contenders(found: Optimised, unit: Unit) -> Iterator[Markup]:
    if not found.contenders:
        yield tag("p", "Nothing.")
        return
    measures, goal = found.search.measures, found.search.goals[0].measure
    kept = ["constraints kept with"] if found.search.constraints else []
    others = [label(each, unit) for each in found.search.constraints if not each.is_mean]
    rows = []
    for each in found.contenders:
        against = each.against
        less = None if against is None else Interval(against.difference, against.low, against.high, 0, 0)
        rows.append(
            [
                "announced" if any(each is other for other in found.announced) else "",
                _in_short(each.candidate.changes),
                *(shown(each.means[name], unit(name)) for name in measures),
                *_shares(found, each, unit),
                *([f"{min(each.probabilities):.3g}"] if each.probabilities else ["–"] * len(kept)),
                shown(less, unit(goal)),
            ]
        )
    columns = ("", "settings", *measures, *others, *kept, f"{goal}, less the announced")
    yield table([each.replace(".", f".{BREAK}") for each in columns], rows, class_="small")
    level = f"{100 * found.search.level:g} %"
    yield tag("p", f"Differences are taken pair by pair, and hold together at {level}.", class_="quiet")


def _shares(found: Optimised, each: Confirmed, unit: Unit) -> Iterator[str]:
    """Quantiles and probabilities that are constrained."""
    for constraint, interval in zip(found.search.constraints, constrained(each, found.search), strict=True):
        if not constraint.is_mean:
            yield shown(interval, "1" if constraint.is_probability else unit(constraint.measure))


def _tried(found: Optimised, unit: Unit) -> Iterator[Markup]:
    level, measures = found.search.level, found.search.measures

    def cells(each: Candidate) -> list[str]:
        if each.error:
            return [each.error, *("" for _ in measures[1:])]
        return [shown(each.interval(name, level), unit(name)) for name in measures]

    rows = [
        [each.number, _in_short(each.changes), each.replications, *cells(each)]
        for each in found.tried[:MOST_TRIED]
    ]
    columns = ("", "settings", "replications", *measures)
    yield table(columns, rows, numbers=("", "replications"), class_="small")
    if len(found.tried) > MOST_TRIED:
        yield tag("p", f"{len(found.tried) - MOST_TRIED:,} more are not shown.", class_="quiet")
    said = "Means of the best of many are partly luck: only what was evaluated anew is announced."
    yield tag("p", said, class_="quiet")


def _again(study: LoadedScenario, command: str) -> Iterator[Markup]:
    yield tag("pre", command)
    yield definitions([("twin", own_version()), ("Python", platform.python_version())])
    texts = [(f"Scenario {link.source}", link.document.text) for link in study.links]
    for name, text in (*texts, (f"Plant {study.base.source}", study.base.document.text)):
        yield tag("h3", name)
        yield tag("pre", text)


def _in_short(changes: Mapping[str, object]) -> str:
    """Settings where there is little room.

    >>> _in_short({"storage.buffer.capacity": 2, "equipment.press.speed": 1.1})
    'capacity = 2, speed = 1.1'
    """
    names = short_names(list(changes))
    return ", ".join(f"{name} = {told(value)}" for name, value in zip(names, changes.values(), strict=True))


def _settings(changes: Mapping[str, object]) -> str:
    return ", ".join(f"{path} = {value}" for path, value in changes.items())
