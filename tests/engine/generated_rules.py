"""Small plants made up by hypothesis that combine all words of the language.

`combined` takes a plant of `generated`, whose rules concern one lot on one unit, and adds what changes how
lots pass: phases, loading, unit procedures, batches, units with capacity, split and merged lots, packs, bills
of material, fleets, airlocks, conveyors, racks by quantity, quarantine and flow sections.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.engine.generated import HORIZON, Words, durations, plant_words
from twin.engine.compile import compile_program
from twin.plant.consistency import complaints
from twin.plant.errors import ComplaintError
from twin.plant.remainder import Refused
from twin.plant.scenario import Run
from twin.plant.schema import Plant

LAYOUT = {
    "areas": {
        "white": {"outline": [[-10, -10], [100, -10], [100, 500], [-10, 500]], "grade": "C"},
        "grey": {"outline": [[100, -10], [400, -10], [400, 500], [100, 500]], "grade": "D"},
    }
}
BATTERY = {"lasts": "3 h", "charge": "1 h"}
MATERIALS = {
    "powder": {"lot": "60 pieces", "stock": 4, "supply": {"every": "9 h", "lots": 2}},
    "foil": {
        "lot": "100 pieces",
        "stock": 1,
        "reorder": {"below": "150 pieces", "lots": 2, "lead_time": "uniform(low=1 h, high=9 h)"},
        "shelf_life": "30 h",
    },
    "granules": {"lot": "50 pieces", "stock": 2},
}
BILLS = ({"powder": "50 pieces"}, {"foil": "80 pieces"}, {"powder": "30 pieces", "foil": "30 pieces"})
SPACING = {
    "mill": [0, 0],
    "press": [300, 0],
    "oven": [300, 400],
    "skid": [0, 300],
    "office": [50, 50],
    "line": [150, 0],
}
OUT_OF_TURN = {"needs_release", "max_wait_before", "together", "merge"}
UNIT_EVENTS = ("changeover", "cleaning", "dirty_hold", "clean_hold", "maintenance", "wear")


@st.composite
def fleets(draw: st.DrawFn) -> Words:
    """Transporters by kind, perhaps with a battery and an airlock on their way."""
    words: Words = {"speed": "0.1 m/s", "handling": draw(st.sampled_from(["0 s", "10 min"]))}
    if draw(st.booleans()):
        truck: Words = {
            "count": draw(st.integers(1, 2)),
            "speed": draw(st.sampled_from(["0.05 m/s", "1 m/s"])),
        }
        truck |= {"load": draw(st.sampled_from(["0 s", "10 min"])), "unload": "5 min"}
        if draw(st.booleans()):
            truck |= {"at": [0, 0], "battery": BATTERY}
        words["fleets"] = {"truck": truck}
        if draw(st.booleans()):
            words["fleets"]["tug"] = {"count": 1, "speed": "0.2 m/s"}
    if draw(st.booleans()):
        words["airlocks"] = {
            "lock": {"between": ["white", "grey"], "takes": draw(st.sampled_from(["20 min", "2 h"]))}
        }
    return words


@st.composite
def phased(draw: st.DrawFn, words: Words) -> Words:
    """The operation `words` in phases."""
    phases: list[Words] = [{"wet": {"takes": words["takes"]}}, {"knead": {"takes": draw(durations(4))}}]
    if draw(st.booleans()):
        phases[1]["knead"]["needs"] = ["operator"]
    return {**{key: value for key, value in words.items() if key != "takes"}, "phases": phases}


@st.composite
def passing(draw: st.DrawFn, words: Words) -> Words:
    """The operation `words`, perhaps with phases, loading, a bill or several lots at once."""
    if "takes" not in words:
        return words  # on a flow section
    if draw(st.integers(0, 3)) == 0:
        words = draw(phased(words))
    for key in ("load", "unload"):
        if draw(st.integers(0, 3)) == 0:
            words[key] = draw(durations(2))
    if draw(st.integers(0, 3)) == 0:
        words["bill"] = draw(st.sampled_from(BILLS))
    elif "sampling" not in words and draw(st.integers(0, 2)) == 0:
        least = 1 if words["wait_in"] == "none" else draw(st.integers(1, 2))
        words["together"] = {
            "min": least,
            "max": max(2, least + draw(st.integers(0, 2))),
            "wait": draw(durations(5).filter(lambda t: "(" not in t)),
        }
    return words


def _in_portions(draw: st.DrawFn, words: Words) -> None:
    """Hand on portions, with no word that decides at the end what becomes of the lot."""
    words["transfer"] = draw(st.sampled_from([{"portions": 2}, {"portions": 3}, {"portion": "40 pieces"}]))
    for key in (
        "scrap",
        "rework",
        "sampling",
        "specification",
        "shelf_life",
        "draws",
        "fills",
        "transfer_to",
    ):
        words.pop(key, None)


def _parted(draw: st.DrawFn, operations: list[Words]) -> None:
    """Split lots at one operation, and perhaps merge their parts at a later one."""
    made = [next(iter(one.values())) for one in operations]
    if len(made) < 2:
        return
    for words in made:
        for key in ("take", "return", "unit_procedure"):
            words.pop(key, None)
    at = draw(st.integers(0, len(made) - 2))
    if draw(st.booleans()):
        made[at]["split"] = draw(st.sampled_from([1, 2, 3, {"each": "40 pieces"}]))
    else:
        _in_portions(draw, made[at])
    made[at].pop("together", None)
    if made[at + 1].get("wait_in") in ("none", "rack", "shelf"):
        made[at + 1]["wait_in"] = draw(st.sampled_from([None, "yard"]))
    if draw(st.booleans()):
        merging = made[draw(st.integers(at + 1, len(made) - 1))]
        merging["merge"] = True
        merging.pop("together", None)
    for words in made:
        if "rework" in words:
            words["rework"]["to"] = next(n for one in operations for n, o in one.items() if o is words)


def _procedure(draw: st.DrawFn, operations: list[Words]) -> None:
    """Have two neighbours keep their unit."""
    made = [next(iter(one.values())) for one in operations]
    if len(made) < 2:
        return
    at = draw(st.integers(0, len(made) - 2))
    first, second = made[at], made[at + 1]
    if "line" in (*first["on"], *second["on"]):
        return
    first["unit_procedure"] = second["unit_procedure"] = "procedure"
    second["on"] = first["on"]
    second["wait_in"] = None
    for words in (first, second):
        words.pop("together", None)


def _flowing(draw: st.DrawFn, operations: list[Words]) -> None:
    """Have the lots flow through the line at last."""
    words: Words = {"on": ["line"], "wait_in": draw(st.sampled_from([None, "rack", "belt", "yard"]))}
    last = next(iter(operations[-1].values()))
    if "return" not in last and draw(st.booleans()):
        words["needs"] = [{"people": "operator", "during": draw(st.sampled_from(["operation", "setup"]))}]
        words["setup"] = "1 h"
    operations.append({"flow": words})


def _quarantined(draw: st.DrawFn, operations: list[Words]) -> None:
    """Have the lots wait in quarantine for an office, and then go on."""
    wait_in = draw(st.sampled_from([None, "rack", "yard"]))
    held: Words = {"on": ["office"], "takes": draw(durations(9)), "hold": "quarantine", "wait_in": wait_in}
    held["scrap"] = draw(st.sampled_from([0, 0.3]))
    operations += [{"release": held}, {"send": {"on": ["dock"], "takes": draw(durations(2))}}]


def _recipe(draw: st.DrawFn, recipe: Words) -> None:
    operations = recipe["operations"]
    for one in operations:
        for name, words in one.items():
            one[name] = draw(passing(words))
            if words.get("wait_in") == "shelf":
                in_turn = not OUT_OF_TURN & one[name].keys()
                one[name]["wait_in"] = draw(
                    st.sampled_from(["shelf", "yard", "belt" if in_turn else "shelf"])
                )
    kind = draw(st.integers(0, 3))
    if kind == 0:
        _parted(draw, operations)
    elif kind == 1:
        _procedure(draw, operations)
    last = next(iter(operations[-1].values()))
    if "return" in last or "take" not in str(operations):
        if draw(st.booleans()):
            _flowing(draw, operations)
        if draw(st.integers(0, 3)) == 0:
            _quarantined(draw, operations)
    last = next(iter(operations[-1].values()))
    if "together" not in last and draw(st.integers(0, 4)) == 0:
        last["pack"] = "30 pieces"
    if draw(st.integers(0, 4)) == 0:
        recipe["makes"] = "granules"


def combined() -> st.SearchStrategy[Plant]:
    """A plant that combines all words and that the language accepts."""
    return combined_words().filter(is_accepted).map(Plant.model_validate)


def is_accepted(words: Words) -> bool:
    """Whether the language and the compiler accept a plant."""
    plant = Plant.model_validate(words)
    if complaints(plant, words, Refused()):
        return False
    try:
        compile_program(plant, Run(horizon=HORIZON))
    except ComplaintError:
        return False
    return True


@st.composite
def combined_words(draw: st.DrawFn) -> Words:
    """What the file of a plant says that combines all words."""
    words: Words = draw(plant_words())
    words["layout"] = LAYOUT
    words["materials"] |= MATERIALS
    words["storage"]["yard"] = {
        "capacity": draw(st.sampled_from([None, 4])),
        "holds": draw(st.sampled_from([None, "250 pieces"])),
        "at": [300, 200],
    }
    words["storage"]["belt"] = {
        "capacity": draw(st.integers(1, 3)),
        "conveyor": {
            "length": "60 m",
            "speed": draw(st.sampled_from(["0.01 m/s", "1 m/s"])),
            "accumulating": draw(st.booleans()),
        },
    }
    if draw(st.booleans()):
        words["transport"] = draw(fleets())
    for name in ("skid", "line"):
        words["equipment"][name]["at"] = SPACING[name]
    words["equipment"] |= {
        "office": {"count": draw(st.integers(1, 2)), "at": SPACING["office"]},
        "dock": {"at": [0, 450]},
    }
    for name in ("mill", "press", "oven"):
        unit: dict[str, Any] = words["equipment"][name]
        unit["at"] = SPACING[name]
        if draw(st.integers(0, 3)) == 0:
            unit["load"] = draw(durations(1))
        if draw(st.integers(0, 3)) == 0:
            unit["unload"] = draw(durations(1))
        if draw(st.integers(0, 5)) == 0:
            unit["capacity"] = draw(st.integers(2, 3))
            for key in UNIT_EVENTS:
                unit.pop(key, None)
            for failure in unit["failures"]:
                failure["clock"] = "calendar"
                failure.pop("rate_between_lots", None)
    for recipe in words["recipes"].values():
        _recipe(draw, recipe)
    return words
