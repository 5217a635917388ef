"""Replications of the compiled engine side by side, in little room, are those of the SimPy engine."""

from __future__ import annotations

import pytest

from tests.engine.plants import operation, plant
from tests.engine.test_physics_broker import COATING, PRESSING
from twin.engine.broker import Counts
from twin.engine.compile import compile_program
from twin.engine.compiled_engine import replications
from twin.engine.compiled_engine.image import image
from twin.engine.compiled_engine.memory import Room, layout
from twin.engine.program import Program
from twin.engine.record import Record
from twin.engine.simpy_engine import simulate_all as simulate_by_reference
from twin.experiment.folding import Folder
from twin.experiment.sums_table import to_table
from twin.plant.scenario import Run

JAM = {"clock": "running", "between": "exponential(mean=3 h)", "repair": "10 min", "work": "repeat"}
TOO_SOFT = {"hardness": {"min": "55 N", "otherwise": "rework", "to": "blend", "limit": 2}}
LOTS = 60


def tablets(**press: object) -> Program:
    """Lots blended and pressed, which is computed ahead, and coated, which is not where some spill."""
    blending = {"blending_revolutions": "uniform(low=100, high=300)"}
    pressing = {"physics": "tablet_compression", "settings": PRESSING, "specification": TOO_SOFT}
    what = plant(
        {"blender": {}, "press": {"failures": [JAM | press]}, "coater": {}},
        operation("blend", "blender", None, physics="blending", settings=blending),
        operation("compress", "press", None, **pressing),
        operation("coat", "coater", None, physics="film_coating", settings=COATING),
        batch="100 kg",
        recipe={"material": {"true_density": "normal(mean=1500 kg/m3, sd=20 kg/m3)"}},
        order={"batches": 2, "every": "6 h", "times": LOTS // 2},
    )
    return compile_program(what, Run())


def little_room() -> Room:
    """So little that replications begin anew, and that what is computed ahead of lots has to make way."""
    return Room(lots=2, entries=4, rows=16, lot_rows=4, foreseen=3)


def tables(record: Record) -> list[object]:
    return [record.states, record.lots, record.levels, record.genealogy, record.horizon]


@pytest.mark.parametrize("press", [{}, {"work": "resume", "waste": "uniform(low=0 kg, high=2 kg)"}])
@pytest.mark.parametrize("threads", [1, 2])
def test_replications_in_little_room_are_those_of_the_reference(
    press: dict[str, object], threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replications, "Room", little_room)
    monkeypatch.setattr(replications, "MOST_THAT_WAIT", 4)
    program = tablets(**press)
    found = dict(replications.simulate_all(program, 7, range(9), threads=threads))
    expected = dict(simulate_by_reference(program, 7, range(9)))
    assert sorted(found) == list(range(9))
    assert all(tables(found[number]) == tables(expected[number]) for number in expected)


def test_folding_side_by_side_gives_the_sums_of_folding_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replications, "Room", little_room)
    program = tablets()
    together, alone = Folder(program), Folder(program)
    assert len(list(replications.simulate_into(together, program, 7, range(5), threads=1))) == 5
    for number in range(5):
        list(replications.simulate_into(alone, program, 7, [number], threads=1))
    assert to_table(together.sums()).equals(to_table(alone.sums()), check_metadata=True)
    assert together.table().equals(alone.table())


def test_lots_are_computed_ahead_for_all_replications_in_few_calls() -> None:
    counts = Counts()
    list(replications.simulate_all(tablets(), 7, range(20), counts=counts, threads=1))
    assert counts.operations["part/blend"].ahead == 20 * LOTS
    blending = counts.models["blending"]  # also asked about those sent back, one or two of a replication
    assert blending.lots / blending.calls > 5


def test_threads_share_replications_out_but_not_into_groups_too_small_for_a_call() -> None:
    begun = layout(image(tablets()), Room())

    def groups(count: int, threads: int, paces: list[float]) -> list[list[int]]:
        """What each thread runs one after another, where one replication takes it so long."""
        found: list[list[int]] = [[] for _ in range(threads)]
        ends, left = [0.0] * threads, count
        while left:
            k = ends.index(min(ends))
            under_way = sum((max(end - ends[k], 0.0)) / pace for end, pace in zip(ends, paces, strict=True))
            share = min(left, replications._side_by_side(begun, left, threads, count, under_way))
            found[k].append(share)
            ends[k] += share * paces[k]
            left -= share
        return found

    assert groups(1000, 2, [1.0, 1.0]) == [[250, 250], [250, 250]]
    assert groups(1000, 2, [1.0, 1.01]) == [[250, 252], [250, 248]]
    assert groups(1000, 2, [1.0, 1.5]) == [[250, 146, 166], [250, 188]]
    assert groups(40, 2, [1.0, 1.0]) == [[20], [20]]
    assert groups(3, 2, [1.0, 1.0]) == [[2], [1]]
