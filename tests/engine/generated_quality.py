"""Small plants made up by hypothesis that combine all words of the language, those of quality with them.

`everything` takes a plant of `generated_rules` and adds in-process checks, control recipes, and a product in
kilograms that physics makes, that specifications judge, and that flows into a tank and out of it again.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.engine.generated import UNITS, Words, durations
from tests.engine.generated_rules import combined_words, is_accepted
from twin.plant.schema import Plant

PRESSED = {
    "physics": "tablet_compression",
    "settings": {"tablet_rate": "uniform(low=4 1/s, high=40 1/s)", "tablet_mass": "200 mg"},
}
POWDER = {"lubrication_factor": "uniform(low=0.5, high=1)", "blend_variation": 0.01}
REVIEW = {"on": ["lab"], "takes": "3 h", "needs": ["operator"], "fails": 0.5}
LIMITS = (
    {"min": "1 N", "max": "200 N"},
    {"min": "150 N"},
    {"min": "150 N", "otherwise": "rework", "limit": 2},
    {"min": "150 N", "otherwise": "rework", "to": "weigh", "limit": 3},
    {"min": "150 N", "otherwise": "hold", "review": REVIEW},
)
VAT = {"material": "tablets", "volume": "150 kg", "density": "1.2 kg/L"}
AISLES = [[[0, -5], [320, -5]], [[0, -5], [0, 460]], [[300, -5], [300, 450]]]
CHANGES = {
    "batch": ("80 pieces", "130 pieces"),
    "operations.first.setup": ("30 min", "2 h"),
    "operations.first.scrap": (0, 0.5),
    "operations.first.needs": ([], ["operator"]),
    "operations.first.on": (["press"], ["oven", "mill"]),
}


@st.composite
def check(draw: st.DrawFn) -> Words:
    """An in-process control."""
    words: Words = {"every": f"{draw(st.integers(1, 5))} h", "takes": draw(durations(2))}
    words["stops"] = draw(st.booleans())
    if draw(st.booleans()):
        words["needs"] = ["operator"]
    if draw(st.booleans()):
        words |= {"fails": 0.4, "adjusting": draw(durations(2)), "waste": "5 pieces"}
    return words


@st.composite
def pressed(draw: st.DrawFn) -> Words:
    """A recipe in kilograms: weighed, pressed by physics, perhaps held until it is released, and packed."""
    press: Words = {"on": [draw(st.sampled_from(["press", "oven"]))], **PRESSED}
    press["specification"] = {"hardness": draw(st.sampled_from(LIMITS))}
    if draw(st.booleans()):
        press["max_wait_before"] = {"limit": "30 h", "when_late": draw(st.sampled_from(["scrap", "flag"]))}
    if draw(st.booleans()):
        press["uses"] = {"power": {"rate": "15 kW"}}
    operations: list[Words] = [{"weigh": {"on": ["mill"], "takes": draw(durations(2))}}, {"press": press}]
    if draw(st.booleans()):
        released = {"on": ["office"], "takes": draw(durations(9)), "hold": "quarantine"}
        operations.append({"release": {**released, "wait_in": draw(st.sampled_from([None, "rack"]))}})
    into = draw(st.sampled_from([{"transfer_to": "vat"}, {"fills": {"vat": "20 L"}}, {"yields": 0.97}]))
    operations.append({"pack": {"on": ["dock"], "takes": draw(durations(3)), **into}})
    return {"batch": "40 kg", "piece": "200 mg", "material": POWDER, "operations": operations}


@st.composite
def everything_words(draw: st.DrawFn) -> Words:
    """What the file of a plant says that combines all words, those of quality with them."""
    words: Words = draw(combined_words())
    for recipe in words["recipes"].values():
        for one in recipe["operations"]:
            for operation in one.values():
                if _takes_lots_one_by_one(operation) and draw(st.integers(0, 3)) == 0:
                    operation["in_process"] = draw(check())
                for phase in (part for one in operation.get("phases", ()) for part in one.values()):
                    phase["uses"] = draw(st.sampled_from([{}, {"power": {"rate": "15 kW"}}]))
    for order in words["orders"]:
        if draw(st.integers(0, 3)) == 0:
            key = draw(st.sampled_from(sorted(CHANGES)))
            order["control"] = {key: draw(st.sampled_from(CHANGES[key]))}
    _seldom(draw, words)
    if draw(st.integers(0, 3)) > 0:
        words["recipes"]["pressed"] = draw(pressed())
        drained = {"on": ["mill", "dock"], "takes": draw(durations(2)), "draws": {"vat": "15 kg"}}
        words["recipes"]["drained"] = {
            "batch": "10 kg",
            "piece": "200 mg",
            "operations": [{"drain": drained}],
        }
        words["materials"]["tablets"] = {"lot": "1 kg"}
        hold = draw(st.sampled_from([None, {"limit": "20 h", "then": "discard"}]))
        words["tanks"] = {**words["tanks"], "vat": {**VAT, "hold": hold}}
        words["orders"] += [
            {
                "recipe": "pressed",
                "batches": 2,
                "every": draw(durations(9)),
                "times": draw(st.integers(1, 3)),
            },
            {"recipe": "drained", "batches": draw(st.integers(1, 4)), "first": draw(durations(9))},
        ]
    return words


def _seldom(draw: st.DrawFn, words: Words) -> None:
    """Words that need another one beside them, and of which one in a plant is enough."""
    for unit in (words["equipment"][name] for name in UNITS):
        if "changeover" in unit:
            of = {"product": "a", "family": "x" if "'family': 'x'" in str(words["recipes"]) else "a"}
            name = of[unit["changeover"]["by"]]
            unit["changeover"] |= {"matrix": {name: {"other": "90 min"}}, "needs": ["operator"]}
        if draw(st.booleans()) and {"cleaning", "changeover"} & unit.keys():
            unit["last_product"] = "a"
        if "dirty_hold" in unit:
            unit["dirty_hold"]["cleaning"] = unit["cleaning"][-1]["name"]
        if "wear" in unit and draw(st.booleans()):
            unit["wear"] = {"batches": 2, "speed": "-30 %", "least": 0.6, "failure_rate": 0.5}
        if "maintenance" in unit:
            unit["maintenance"] |= {"name": "service", "uses": {"power": "15 kW"}}
    cleaning = words["containers"]["ibc"]["cleaning"]
    if draw(st.booleans()):
        cleaning |= {"needs": ["operator"], "uses": {"wfi": {"rate": "300 L/h"}}}
        words["containers"]["ibc"]["clean_hold"] = {"limit": "30 h", "then": "count"}
    if draw(st.booleans()):
        words["teams"]["pair"] = [
            {"skill": "pressing", "level": 2},
            {"people": "operator", "attention": "60 %"},
        ]
    if draw(st.booleans()):
        days = words["calendars"]["days"]
        saturday = {"days": "Sat", "from": "06:00", "to": "10:00", "week": 2}
        days |= {"cycle": "2 weeks", "cycle_from": "2025-12-29", "open": [*days["open"], saturday]}
    words["materials"]["powder"]["supply"] |= draw(st.sampled_from([{}, {"first": "2 h", "times": 3}]))
    words["orders"][0] |= draw(st.sampled_from([{}, {"at": "2026-01-05 07:00"}]))
    words["loops"] = draw(st.sampled_from([{}, {"stage": _loop(draw, words["recipes"])}]))
    for lock in ((words.get("transport") or {}).get("airlocks") or {}).values():
        lock["capacity"] = draw(st.integers(1, 2))
    words["layout"] = {**words["layout"], **draw(st.sampled_from([{}, {"aisles": AISLES}]))}


def _loop(draw: st.DrawFn, recipes: dict[str, Any]) -> Words:
    """A kanban loop from the first operation, until one that all recipes have that begin with that."""
    names = [[name for one in recipe["operations"] for name in one] for recipe in recipes.values()]
    concerned = [steps for steps in names if "first" in steps]
    later = [step for step in concerned[0][1:] if all(step in steps for steps in concerned)]
    loop: Words = {"limit": draw(st.integers(1, 3)), "from": "first"}
    until = draw(st.sampled_from([None, *later]))
    return loop if until is None else loop | {"until": until}


def _takes_lots_one_by_one(words: dict[str, Any]) -> bool:
    return not {"hold", "merge", "together"} & words.keys() and words["on"] != ["line"]


def everything() -> st.SearchStrategy[Plant]:
    """A plant that combines all words, those of quality with them, and that the language accepts."""
    return everything_words().filter(is_accepted).map(Plant.model_validate)
