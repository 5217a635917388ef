"""What is wrong with a state file is told at its place, each mistake by itself and all at once."""

from __future__ import annotations

import pytest

from tests.engine.plants import operation, plant
from tests.engine.test_situations import wrong

FLOW = {
    "stations": {
        "fill": {"rate": "4/s", "buffer_after": "10 pieces"},
        "cap": {"rate": "4/s"},
        "pack": {"rate": "2/s", "failures": [{"clock": "running", "between": "1 h", "repair": "1 min"}]},
    }
}
PRESS = {
    "cleaning": [{"name": "rinse", "takes": "1 h", "batches": 3}],
    "wear": {"batches": 10, "speed": -0.1},
}
ASSAY = {"test": {"on": ["lab"], "takes": "3 h"}}


def everything():
    """A plant of which a state file can say all that it can say."""
    return plant(
        {"mill": {}, "press": PRESS, "line": {"flow": FLOW}, "oven": {}, "lab": {}, "washer": {}},
        operation("mill", "mill", "1 h", sampling={"assay": ASSAY}, shelf_life="9 h", take="bin"),
        operation("press", "press", "1 h", **{"return": {"bin": "dirty"}}),
        operation("bake", "oven", "1 h", together={"max": 2}),
        operation("pack", "line", None),
        containers={"bin": {"count": 3, "cleaning": {"takes": "1 h", "on": ["washer"]}}},
        materials={"syrup": {"lot": "1 kg"}},
        tanks={"vat": {"material": "syrup", "volume": "100 kg"}},
        utilities={
            "wfi": {"capacity": "1 m3/h", "storage": {"volume": "2 m3", "generation": "1 m3/h"}},
            "air": {"capacity": "1 kg/h"},
        },
    )


def packing(**words):
    return {"lots": [{"recipe": "part", "in_work": "pack", "on": "line", **words}]}


def passed(fill, cap, pack):
    return packing(passed={"fill": f"{fill} pieces", "cap": f"{cap} pieces", "pack": f"{pack} pieces"})


def milled(**words):
    return {"lots": [{"recipe": "part", "waits_for": "press", **words}]}


MISTAKES = [
    (packing(), "needs `passed`"),
    (packing(remaining="1 h", passed={}), "is said by `passed`"),
    (packing(passed={"fill": "3 pieces"}), "lacks the station `cap`"),
    (packing(passed={"fil": "3 pieces"}), "is no station of the section"),
    (packing(passed={"fill": "3 kg", "cap": "3 kg", "pack": "3 kg"}), "is not in the unit"),
    (passed(101, 101, 101), "is more than there is of the lot"),
    (passed(30, 31, 31), "is more than the station before has passed on"),
    (passed(30, 10, 10), "leaves more before it than there is room for"),
    (passed(30, 30, 20), "has no buffer before it"),
    (passed(100, 100, 100), "has all left the section"),
    (milled(passed={"fill": "3 pieces"}), "is of a lot in work"),
    (
        {
            "lots": [
                {
                    "recipe": "part",
                    "in_work": "mill",
                    "on": "mill",
                    "remaining": "1 h",
                    "passed": {"fill": "1 pieces"},
                }
            ]
        },
        "is of a flow section",
    ),
    (milled(ended={"bake": "1 h"}), "is no operation before this one"),
    (milled(samples={"asay": {}}), "is no sample of an operation before this one"),
    (
        {"lots": [{"recipe": "part", "waits_for": "mill", "samples": {"assay": {}}}]},
        "is no sample of an operation",
    ),
    (milled(samples={"assay": {"on": "mill", "remaining": "1 h"}}), "is no unit that tests it"),
    (milled(samples={"assay": {"on": "lab"}}), "needs `remaining`"),
    (milled(samples={"assay": {"remaining": "1 h"}}), "say `on` which unit"),
    (milled(samples={"assay": {"on": "lab", "remaining": "1 h"}}, count=2), "is more than the one lot"),
    ({"units": {"press": {"cleaned": "rins"}}}, "is no cleaning of the unit"),
    ({"units": {"press": {"since": {"rins": {}}}}}, "is no cleaning or maintenance of the unit"),
    ({"units": {"press": {"set_up": "part"}}}, "is of a unit with `changeover`"),
    ({"units": {"press": {"worn_running": "1 h"}}}, "is not what the `wear` of the unit counts"),
    ({"units": {"press": {"cleaned_for": "1 h"}}}, "say how it was `cleaned`"),
    ({"units": {"mill": {"unused": "1 h"}}}, "is of a unit with cleaning"),
    ({"units": {"press": {"doing": "rinse"}}}, "needs `remaining`"),
    ({"units": {"press": {"doing": "bin", "remaining": "1 h"}}}, "is no cleaning, maintenance or kind"),
    ({"units": {"line": {"stations": {"cap": {"down": "1 h"}}}}}, "is of a unit that has no failures"),
    ({"units": {"line": {"stations": {"seal": {"down": "1 h"}}}}}, "is no station of the unit"),
    ({"containers": {"bin": {"clean_for": "1 h"}}}, "is of containers with a `clean_hold`"),
    ({"containers": {"bin": {"dirty": 1, "dirty_for": "1 h"}}}, "is of containers with a `dirty_hold`"),
    (
        {"containers": {"bin": {"dirty": 3}}, "units": {"washer": {"doing": "bin", "remaining": "1 h"}}},
        "leaves too few",
    ),
    ({"materials": {"syrup": {"stock": "1 kg", "age": "1 h"}}}, "is of a material with a shelf life"),
    ({"tanks": {"vat": {"level": "101 kg"}}}, "is more than the tank holds"),
    ({"tanks": {"vat": {"held": "1 h"}}}, "is of a tank with a `hold`"),
    ({"tanks": {"vet": {}}}, "is not in the plant"),
    ({"utilities": {"wfi": "3 m3"}}, "is more than the storage holds"),
    ({"utilities": {"wfi": "3 kg"}}, "is in kg, while the storage is in m3"),
    ({"utilities": {"air": "3 kg"}}, "is of a utility with a storage"),
]


@pytest.mark.parametrize(("words", "message"), MISTAKES, ids=[message for _, message in MISTAKES])
def test_a_mistake_is_told(words, message):
    found = [said for _, said in wrong(everything(), **words)]
    assert any(message in said for said in found), found


@pytest.mark.parametrize(("word", "into"), [("split", 2), ("transfer", {"portions": 2})])
def test_parts_of_a_lot_cannot_be_told(word, into):
    what = plant(
        {"mill": {}, "press": {}},
        operation("mill", "mill", "1 h", **{word: into}),
        operation("press", "press", "1 h", merge=True),
    )
    (found,) = wrong(what, lots=[{"recipe": "part", "waits_for": "press"}])
    assert "is for parts of one lot" in found[1]
    begun = wrong(what, lots=[{"recipe": "part", "in_work": "mill", "on": "mill", "remaining": "1 h"}])
    assert ["works on parts of one lot" in message for _, message in begun] == [True] * (word == "transfer")


def test_all_mistakes_are_told_at_once():
    words = {"lots": [], "units": {}}
    for mistake, _ in (MISTAKES[12], MISTAKES[19], MISTAKES[33], MISTAKES[36]):
        words = {**words, **mistake}
    assert [path for path, _ in wrong(everything(), **words)] == [
        ("lots", 0, "ended", "bake"),
        ("units", "press", "cleaned"),
        ("tanks", "vat", "level"),
        ("utilities", "wfi"),
    ]


def test_a_unit_does_one_thing_at_a_time():
    lot = {"recipe": "part", "in_work": "press", "on": "press", "remaining": "1 h"}
    found = wrong(
        everything(), lots=[lot], units={"press": {"doing": "rinse", "remaining": "1 h", "unused": "2 h"}}
    )
    assert [path for path, _ in found] == [("units", "press", "doing"), ("units", "press", "unused")]
    sample = {"assay": {"on": "lab", "remaining": "1 h"}}
    twice = [{"recipe": "part", "waits_for": "press", "samples": sample}] * 2
    assert [path for path, _ in wrong(everything(), lots=twice)] == [("lots", 1, "samples", "assay", "on")]
