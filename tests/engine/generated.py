"""Small plants made up by hypothesis: every rule of the engine in any combination.

Times are whole seconds as often as they are random, so that ties, operations without length and waiting
are common; calendars turn within the horizon of four days.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from twin.plant.schema import Plant

Words = dict[str, Any]

HORIZON = 4 * 24 * 3600  # s
DISPATCHING = ("priority", "priority", "fifo", "spt", "edd", "critical_ratio", "least_setup")
RELEASES = {
    "loop": {"rule": "conwip", "limit": 2},
    "cards": {"rule": "kanban", "limit": 1, "until": "first"},
    "together": {"rule": "campaign", "size": 3, "minimum": 2, "sequence": "least_changeover"},
    "in_time": {"rule": "due_date", "before": "20 h"},
}
UTILITIES = {
    "wfi": {
        "capacity": "1 m3/h",
        "when_short": "slow_down",
        "storage": {"volume": "2 m3", "generation": "300 L/h"},
    },
    "cold": {"capacity": "1 m3/h", "storage": {"volume": "3 m3", "generation": "200 L/h", "start": "1 m3"}},
    "chill": {"capacity": "1 m3/h", "when_short": "slow_down"},
    "power": {"capacity": "40 kW"},
}
TANKS = {
    "bulk": {
        "material": "solvent",
        "volume": "3 m3",
        "heel": "9 kg",
        "start": "2 m3",
        "hold": "50 h",
        "agitation": {"power": "3 kW"},
    }
}
USED = {name: ["300 L/h", "700 L/h"] for name in UTILITIES} | {"power": ["15 kW", "30 kW"]}
UNITS = ("mill", "press", "oven")
NEEDS = (
    {"people": "operator"},
    {"people": "operator", "count": 2},
    {"people": "operator", "keep": False},
    {"people": "operator", "attention": "40 %"},
    {"skill": "pressing"},
    {"skill": "pressing", "level": 2},
    {"team": "pair"},
)
AT_CLOSE = ("finish_operation", "suspend", "do_not_start_unless_it_fits", "hand_over")
BREAKS = [
    {"days": "daily", "from": "10:00", "to": "10:30"},
    {"days": "daily", "from": "00:00", "to": "01:00"},
]
CALENDARS = {
    "days": [{"days": "Mon-Fri", "from": "06:00", "to": "14:00"}],
    "nights": [{"days": "daily", "from": "22:00", "to": "03:00"}],
    "long": [
        {"days": "Mon", "from": "05:00", "to": "24:00"},
        {"days": "Tue-Sun", "from": "00:00", "to": "20:00"},
    ],
}

CONTAINER_HOLDS = {
    "dirty_hold": {"limit": "4 h", "takes": "5 h"},
    "clean_hold": "20 h",
}


def durations(longest: int = 12) -> st.SearchStrategy[str]:
    """A time in hours: constant, perhaps zero, or random."""
    whole = st.integers(0, longest)
    return st.one_of(
        whole.map(lambda n: f"{n} h"),
        whole.map(lambda n: f"uniform(low={n} h, high={n + 3} h)"),
        st.integers(1, longest).map(lambda n: f"exponential(mean={n} h)"),
    )


def some_time(longest: int = 12) -> st.SearchStrategy[str]:
    """A time in hours that is not zero."""
    return durations(longest).filter(lambda text: text != "0 h" and "low=0 h" not in text)


@st.composite
def failure(draw: st.DrawFn, name: str) -> Words:
    """A failure mode."""
    clock = draw(st.sampled_from(["running", "calendar"]))
    mode = {
        "name": name,
        "clock": clock,
        "between": draw(some_time(30)),
        "repair": draw(some_time(8)),
        "work": draw(st.sampled_from(["resume", "repeat", "scrap"])),
        "finished_part_may_leave": draw(st.booleans()),
        "rate": draw(st.sampled_from([0, 0.5, 1, 1, 3])),
    }
    if clock == "running" and draw(st.booleans()):
        mode["rate_between_lots"] = draw(st.sampled_from(["gamma(mean=1, cv=0.7)", "2"]))
    if draw(st.booleans()):
        mode["waste"] = draw(st.sampled_from(["3 pieces", "poisson(mean=30 pieces)", "70 pieces"]))
    if draw(st.booleans()):
        mode["needs"] = ["mechanic"]
    return mode


@st.composite
def unit(draw: st.DrawFn) -> Words:
    """A unit, with any of its properties."""
    words: Words = {
        "count": draw(st.sampled_from([1, 1, 2])),
        "dispatching": draw(st.sampled_from(DISPATCHING)),
        "at": draw(st.sampled_from([[0, 0], [300, 0], [300, 400]])),
        "speed": draw(st.sampled_from([1, 1, 1.05, 0.7])),
    }
    if draw(st.booleans()):
        words["calendar"] = draw(st.sampled_from(sorted(CALENDARS)))
    if draw(st.booleans()):
        words["start_up"] = {"takes": draw(durations(3)), "waste": "4 pieces", "stops": 1}
    if draw(st.booleans()):
        words |= {"load": draw(durations(2)), "unload": draw(durations(2))}
    words["failures"] = [
        draw(failure(name)) for name in draw(st.sampled_from([(), ("jam",), ("jam", "leak")]))
    ]
    if draw(st.booleans()):
        words |= draw(upkeep([mode["name"] for mode in words["failures"]]))
    elif all(mode["clock"] == "calendar" for mode in words["failures"]):
        words["capacity"] = draw(st.integers(1, 3))
    return words


@st.composite
def cleaning(draw: st.DrawFn, name: str, level: int) -> Words:
    """A cleaning with any of its triggers."""
    words: Words = {"name": name, "level": level, "takes": draw(durations(4))}
    triggers = {
        "between_products": durations(4),
        "between_families": durations(4),
        "batches": st.integers(1, 3),
        "running": st.integers(1, 20).map(lambda n: f"{n} h"),
        "every": st.integers(5, 40).map(lambda n: f"{n} h"),
        "idle": st.integers(1, 10).map(lambda n: f"{n} h"),
    }
    for key in draw(st.lists(st.sampled_from(sorted(triggers)), min_size=1, max_size=3, unique=True)):
        words[key] = draw(triggers[key])
    if draw(st.booleans()):
        words["needs"] = ["operator"]
    if draw(st.booleans()):
        words["uses"] = draw(uses(sorted(UTILITIES), stretches=False))
    return words


@st.composite
def maintenance(draw: st.DrawFn, failures: list[str]) -> Words:
    """A maintenance by any clock, perhaps at an opportunity."""
    words: Words = {"takes": draw(durations(6)), "every": f"{draw(st.integers(10, 40))} h"}
    if draw(st.booleans()):
        words["running"] = f"{draw(st.integers(10, 30))} h"
    if draw(st.booleans()):
        words["batches"] = draw(st.integers(1, 4))
    if draw(st.booleans()):
        words["opportunity"] = "9 h"
    if draw(st.booleans()):
        words["needs"] = [draw(st.sampled_from(["operator", "mechanic"]))]
    words["renews"] = draw(st.lists(st.sampled_from(failures), unique=True)) if failures else []
    words["with_repair_of"] = draw(st.lists(st.sampled_from(failures), unique=True)) if failures else []
    return words


@st.composite
def upkeep(draw: st.DrawFn, failures: list[str]) -> Words:
    """Cleaning, change-over, maintenance and wear of a unit."""
    words: Words = {}
    names = draw(st.sampled_from([(), ("minor",), ("minor", "major")]))
    if names:
        words["cleaning"] = [draw(cleaning(name, level)) for level, name in enumerate(names, start=1)]
        for hold in ("dirty_hold", "clean_hold"):
            if draw(st.booleans()):
                then = draw(st.sampled_from(["clean", "count"]))
                words[hold] = {"limit": f"{draw(st.integers(4, 30))} h", "then": then}
    if draw(st.booleans()):
        by = draw(st.sampled_from(["product", "family"]))
        words["changeover"] = {"by": by, "default": draw(durations(3)), "same": draw(durations(1))}
    if draw(st.booleans()):
        words["maintenance"] = draw(maintenance(failures))
    if draw(st.booleans()):
        words["wear"] = {"per": "10 h", "speed": "-10 %", "failure_rate": 0.5}
        if "maintenance" in words:
            words["maintenance"]["restores"] = draw(st.sampled_from([0, 0.5, 1]))
    return words


@st.composite
def section(draw: st.DrawFn) -> Words:
    """A flow section of one to three stations, in place of start-up and failures of the unit."""
    words = draw(unit())
    for key in ("start_up", "maintenance", "capacity"):  # of single units, or naming their failures
        words.pop(key, None)
    names = ["filler", "capper", "packer"][: draw(st.integers(1, 3))]
    stations = {}
    for name in names:
        modes = [draw(failure(mode)) for mode in draw(st.sampled_from([(), ("jam",), ("jam", "leak")]))]
        stations[name] = {
            "rate": draw(st.sampled_from(["20/h", "33/h", "13.7/h", "normal(mean=20/h, sd=1/h)"])),
            "rejects": draw(st.sampled_from([0, 0, 0.05])),
            "start_up": draw(st.sampled_from([None, "1 h", {"takes": "2 h", "waste": "3 pieces"}])),
            "failures": [{**mode, "work": "resume"} for mode in modes],
        }
        if name != names[-1]:
            stations[name]["buffer_after"] = draw(st.sampled_from([None, "10 pieces", "1 h", "33.3 pieces"]))
    return {**words, "failures": [], "flow": {"stations": stations}}


@st.composite
def operation(draw: st.DrawFn, names: list[str], storages: list[str]) -> Words:
    """The last of the operations `names`."""
    words: Words = {
        "on": draw(st.lists(st.sampled_from(UNITS), min_size=1, max_size=2, unique=True)),
        "takes": draw(durations()),
        "wait_in": draw(st.sampled_from([None, None, "none", *storages])),
        "scrap": draw(st.sampled_from([0, 0, 0.2])),
    }
    if draw(st.integers(0, 3)) == 0:
        del words["takes"]
        words["phases"] = [{name: {"takes": draw(durations(3))}} for name in ("charge", "mix")]
    if draw(st.booleans()):
        words["setup"] = draw(durations(3))
    if draw(st.booleans()):
        during = draw(st.sampled_from(["operation", "setup", "load", "processing", "unload"]))
        words["needs"] = [{**draw(st.sampled_from(NEEDS)), "during": during}]
        if draw(st.booleans()):
            words["needs"].append({"unit": "skid", "during": during, "keep": draw(st.booleans())})
    if draw(st.booleans()):
        to = draw(st.sampled_from(names))
        words["rework"] = {"probability": 0.4, "to": to, "limit": draw(st.sampled_from([None, 2, 3]))}
    words |= draw(quality(names))
    if draw(st.booleans()):
        words["yields"] = draw(st.sampled_from(["0.9", "uniform(low=0.5, high=1)"]))
    if draw(st.sampled_from([False, False, True])):
        words = {key: value for key, value in words.items() if key not in ("takes", "phases")}
        words["on"] = ["line"]
    if draw(st.booleans()):
        names_of = ["power"] if words["on"] == ["line"] else sorted(UTILITIES)
        words["uses"] = draw(uses(names_of, "takes" in words))
    if "takes" in words and "together" not in words and draw(st.sampled_from([False, False, True])):
        words["draws"] = {"bulk": draw(st.sampled_from(["30 kg", "71 L"]))}
    return words


@st.composite
def uses(draw: st.DrawFn, names: list[str], amounts: bool = False, stretches: bool = True) -> Words:
    """What work draws of some of the utilities `names`."""
    found: Words = {}
    for name in draw(st.lists(st.sampled_from(names), min_size=1, max_size=2, unique=True)):
        found[name] = {"rate": draw(st.sampled_from(USED[name]))}
        if amounts and name != "power" and draw(st.booleans()):
            found[name] = {"amount": "800 L"}
        elif stretches and draw(st.booleans()):
            found[name]["during"] = draw(st.sampled_from(["operation", "setup", "start_up", "processing"]))
    return found


@st.composite
def quality(draw: st.DrawFn, names: list[str]) -> Words:
    """Samples and hold times of the last of the operations `names`."""
    words: Words = {}
    if draw(st.booleans()):
        words["max_wait_before"] = draw(late(names))
    if draw(st.booleans()):
        fails = draw(st.sampled_from([0, 0, 0.3]))
        plan = draw(st.sampled_from([{}, {"every": 2}, {"fraction": 0.5, "quantity": "7 pieces"}]))
        test = {"on": [draw(st.sampled_from(["lab", "mill"]))], "takes": draw(durations(9)), "fails": fails}
        words["sampling"] = {f"{names[-1]}_assay": {**plan, "test": test}}
    return words


@st.composite
def late(draw: st.DrawFn, names: list[str]) -> Words:
    """A hold time and what happens when it passes."""
    words = {"limit": f"{draw(st.integers(1, 20))} h"}
    words["when_late"] = draw(st.sampled_from(["scrap", "rework", "flag"]))
    return {**words, "to": draw(st.sampled_from(names))} if words["when_late"] == "rework" else words


@st.composite
def recipe(draw: st.DrawFn, storages: list[str]) -> Words:
    """One to three operations, perhaps in a container."""
    names = ["first", "second", "third"][: draw(st.integers(1, 3))]
    made = [{name: draw(operation(names[: i + 1], storages))} for i, name in enumerate(names)]
    for i, name in enumerate(names[1:], start=1):
        sampled = [s for n in made[:i] for o in n.values() for s in o.get("sampling", {})]
        if sampled:
            made[i][name]["needs_release"] = draw(st.lists(st.sampled_from(sampled), min_size=1, unique=True))
    if len(names) > 1 and draw(st.booleans()):
        made[0]["first"]["shelf_life"] = draw(late(["first"]))
    needed = {s for n in made for o in n.values() for s in o.get("needs_release", [])}
    for sample, plan in ((s, p) for n in made for o in n.values() for s, p in o.get("sampling", {}).items()):
        if sample not in needed:
            plan["test"]["fails"] = 0
    if draw(st.booleans()):
        made[0]["first"]["take"] = "ibc"
        made[-1][names[-1]]["return"] = {"ibc": draw(st.sampled_from(["clean", "dirty"]))}
    on_line = any(made[i][name]["on"] == ["line"] for i, name in enumerate(names[:2]))
    if len(names) > 1 and not on_line and draw(st.integers(0, 2)) == 0:
        first, second = made[0]["first"], made[1]["second"]
        first["unit_procedure"] = second["unit_procedure"] = "together"
        second |= {"on": first["on"], "wait_in": None}
        for words in (made[2]["third"],) if len(names) > 2 else ():
            if words.get("rework", {}).get("to") == "second":
                words["rework"]["to"] = "first"
    family = draw(st.sampled_from([{}, {"family": "x"}]))
    return {"batch": "100 pieces", "operations": made, **family}


@st.composite
def order(draw: st.DrawFn, recipes: list[str]) -> Words:
    """A line of the order book."""
    words: Words = {
        "recipe": draw(st.sampled_from(recipes)),
        "batches": draw(st.integers(1, 4)),
        "priority": draw(st.integers(0, 1)),
        "when_full": draw(st.sampled_from(["wait", "lost"])),
        "hot": draw(st.sampled_from([False, False, True])),
        "release": draw(st.sampled_from(["push", "push", "campaign", *RELEASES])),
    }
    if words["release"] == "in_time" or draw(st.booleans()):
        words["due"] = draw(st.sampled_from(["0 s", "10 h", "40 h"]))
    if draw(st.booleans()):
        words |= {"every": draw(some_time()), "times": draw(st.integers(1, 4))}
    return words


def _decided_late(words: Words) -> bool:
    """Whether blocking before service has no place to reserve somewhere in a recipe."""
    return any(word in str(words) for word in ("'none'", "needs_release", "shelf_life"))


def plants() -> st.SearchStrategy[Plant]:
    """A plant of three kinds of unit."""
    return plant_words().map(Plant.model_validate)


@st.composite
def plant_words(draw: st.DrawFn) -> Words:
    """What the file of a plant of three kinds of unit says."""
    storages = ["rack", "shelf"]
    recipes = {name: draw(recipe(storages)) for name in draw(st.sampled_from([["a"], ["a", "b"]]))}
    equipment = {name: draw(unit()) for name in UNITS}
    equipment["line"] = draw(section())
    if draw(st.booleans()) and not any(_decided_late(r) for r in recipes.values()):
        equipment[draw(st.sampled_from(UNITS))]["blocking"] = "before_service"
    return {
        "twin": 1,
        "plant": "Generated",
        "calendars": {
            name: {
                "open": openings,
                "at_close": draw(st.sampled_from(AT_CLOSE)),
                "at_break": draw(st.sampled_from([None, *AT_CLOSE])),
                "breaks": draw(st.sampled_from([[], BREAKS])),
                "closed": draw(st.sampled_from([[], [{"on": "2026-01-06"}]])),
            }
            for name, openings in CALENDARS.items()
        },
        "people": {
            "operator": {
                "count": draw(st.integers(2, 3)),
                "calendar": draw(st.sampled_from([None, *sorted(CALENDARS)])),
                "skills": ["cleaning", "pressing"],
            },
            "presser": {
                "shifts": [{"count": 1, "calendar": "days"}, {"count": 1, "calendar": "nights"}],
                "skills": {"pressing": 2},
            },
            "mechanic": {"count": 1},
        },
        "teams": {"pair": {"operator": 1, "presser": 1}},
        "equipment": {
            **equipment,
            "washer": {},
            "skid": draw(unit()),
            "lab": {"count": draw(st.integers(1, 2))},
        },
        "storage": {
            "rack": {"capacity": draw(st.integers(1, 2)), "at": [0, 400]},
            "shelf": {"capacity": draw(st.sampled_from([None, 2]))},
        },
        "containers": {
            "ibc": {
                "count": draw(st.integers(1, 3)),
                "cleaning": {
                    "takes": draw(durations(5)),
                    "on": [draw(st.sampled_from(["washer", "mill"]))],
                },
                **draw(st.sampled_from([{}, CONTAINER_HOLDS])),
            }
        },
        "transport": draw(st.sampled_from([None, {"speed": "0.1 m/s", "handling": "10 min"}])),
        "recipes": recipes,
        "releases": RELEASES,
        "utilities": UTILITIES,
        "materials": {"solvent": {"lot": "1 kg"}},
        "tanks": TANKS,
        "orders": draw(st.lists(order(sorted(recipes)), min_size=1, max_size=3)),
    }
