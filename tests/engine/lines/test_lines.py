"""A line runs through the recursion as through the SimPy engine: its record, and what that sums up to."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.lines.generated import serial_lines, trees
from tests.engine.plants import operation, plant
from tests.engine.test_reproducibility import as_bytes
from twin.engine.compile import compile_program
from twin.engine.lines import LineTotals, fold_line, left_to_reference, line_into, line_of, simulate_line
from twin.engine.lines.totals import totals_of
from twin.engine.simpy_engine import simulate
from twin.engine.simpy_engine.side_by_side import simulate_into
from twin.plant.scenario import Run

HORIZONS = st.sampled_from([None, None, 7, 20.5, 60, 4000])


def same(what, horizon):
    program = compile_program(what, Run(horizon=horizon))
    line = line_of(program)
    assert not isinstance(line, str), line
    reference = simulate(program, 3, 5)
    (record,) = simulate_line(program, 3, [5], threads=1)
    assert record.states.to_pylist() == reference.states.to_pylist()
    assert record.lots.to_pylist() == reference.lots.to_pylist()
    assert record.levels.to_pylist() == reference.levels.to_pylist()
    assert as_bytes(record) == as_bytes(reference)
    assert record.genealogy.equals(reference.genealogy)
    assert record.horizon == reference.horizon
    equal(fold_line(program, 3, [5], threads=1), totals_of(line, reference))


def equal(one, other):
    for field in fields(LineTotals):
        assert getattr(one, field.name).tolist() == getattr(other, field.name).tolist(), field.name


@settings(derandomize=True, max_examples=150, deadline=None)
@given(serial_lines(), HORIZONS)
def test_a_serial_line_gives_the_record_of_the_reference_engine(what, horizon):
    same(what, horizon)


@settings(derandomize=True, max_examples=150, deadline=None)
@given(trees(), HORIZONS)
def test_branches_that_come_together_give_the_record_of_the_reference_engine(what, horizon):
    same(what, horizon)


def endless(**words):
    """Three units and short racks, fed for ever."""
    racks = {"rack": {"capacity": 3}, "shelf": {"capacity": 1}}
    return plant(
        {"mill": {}, "press": {}, "oven": {}},
        operation("mill", "mill", "lognormal(mean=4 s, cv=0.8)", wait_in="shelf"),
        operation("press", "press", "exponential(mean=5 s)", wait_in="rack"),
        operation("oven", "oven", "gamma(mean=4 s, cv=0.6)"),
        storage=racks,
        order={"batches": 1, "every": "exponential(mean=5 s)", **words},
    )


def test_a_line_that_is_fed_for_ever_runs_to_the_horizon():
    same(endless(), 9000)


def test_units_that_block_before_service_or_hand_lots_over_run_to_the_horizon():
    what = plant(
        {"mill": {"blocking": "before_service"}, "press": {}, "oven": {"speed": 1.3}},
        operation("mill", "mill", "lognormal(mean=4 s, cv=0.8)"),
        operation("press", "press", "exponential(mean=5 s)", wait_in="rack"),
        operation("oven", "oven", "weibull(shape=0.9, mean=5 s)", wait_in="none"),
        storage={"rack": {"capacity": 2}},
        order={"batches": 1, "every": "uniform(low=2 s, high=8 s)"},
    )
    same(what, 9000)


def test_branches_that_are_fed_for_ever_run_to_the_horizon():
    pack = operation("pack", "pack", "exponential(mean=2 s)", wait_in="hall")
    seal = operation("seal", "seal", "uniform(low=1 s, high=3 s)", wait_in="belt")
    what = plant(
        {"seal": {}, "mill": {}, "pack": {}, "oven": {}},
        recipes={
            "a": {"operations": [operation("mill", "mill", "gamma(mean=4 s, cv=0.5)"), pack, seal]},
            "b": {
                "operations": [
                    operation("mill", "mill", "2 s"),
                    operation("oven", "oven", "lognormal(mean=5 s, cv=1)", wait_in="rack"),
                    pack,
                    seal,
                ]
            },
        },
        orders=[
            {"recipe": "a", "every": "exponential(mean=9 s)"},
            {"recipe": "b", "every": "11 s", "first": "5 s"},
            {"recipe": "b", "every": "exponential(mean=60 s)"},
        ],
        storage={"hall": {}, "rack": {}, "belt": {"capacity": 1}},
    )
    same(what, 6000)


def test_lots_that_find_no_place_are_lost():
    what = endless(when_full="lost")
    same(what, 9000)
    totals = fold_line(compile_program(what, Run(horizon=9000)), 3, range(4))
    assert (totals.lost > 100).all()
    assert (totals.released - totals.lost - totals.left < 8).all()


def test_lots_beyond_what_is_expected_find_room():
    """They come far more often than the mean of so heavy a tail lets one expect."""
    what = endless(batches=50, every="lognormal(mean=400 h, cv=1000)")
    same(what, 90000)


def test_units_states_add_up_to_the_run():
    program = compile_program(endless(), Run(horizon=900))
    totals = fold_line(program, 1, range(20))
    producing, blocked = (totals.of_units(t, program) for t in (totals.producing, totals.blocked))
    assert (producing + blocked + totals.starved(program) == totals.end[:, None]).all()
    assert (totals.starved(program) > 0).all()


def test_totals_and_records_are_those_of_any_threads_and_any_company():
    program = compile_program(endless(), Run(horizon=900))
    alone = [fold_line(program, 1, [r], threads=1) for r in range(40)]
    several = fold_line(program, 1, range(40), threads=3)
    for field in fields(LineTotals):
        apart = np.concatenate([getattr(one, field.name) for one in alone])
        assert apart.tolist() == getattr(several, field.name).tolist()
    first = simulate_line(program, 1, [7, 3], threads=2)
    assert as_bytes(first[1]) == as_bytes(simulate(program, 1, 3))


class Heard:
    """Takes rows, and keeps them with the names of their causes and entities."""

    def __init__(self):
        self.heard = {}

    def begin(self, replications, causes, entities, begins=0):
        (self.replication,) = replications
        self.heard[self.replication] = [list(causes), list(entities), begins]
        return self

    def rows(self, stores):
        replication, block = self.replication, stores.rows(0)
        causes, entities, _ = self.heard[replication]
        states = [(*row[:6], causes[row[6]] if row[6] >= 0 else None) for row in block.states.tolist()]
        levels = {(entities[entity], time): level for entity, time, level in block.levels.tolist()}
        self.heard[replication] += [sorted(states, key=repr), sorted(block.lots.tolist()), levels]
        self.heard[replication].append(block.due.tolist())

    def end(self, places, horizons):
        self.heard[self.replication] = [*self.heard[self.replication][2:], *horizons]


@pytest.mark.parametrize("words", [{"due": "9 s"}, {"when_full": "lost"}])
def test_what_takes_rows_hears_those_of_the_reference_engine(words):
    program = compile_program(endless(**words), Run(horizon=900))
    one, other = Heard(), Heard()
    ends = list(line_into(one, program, 3, range(5), threads=2))
    assert ends == list(simulate_into(other, program, 3, range(5)))
    assert one.heard == other.heard


def test_units_done_at_one_instant_leave_nothing_open():
    """Two of them block before service, and all are done together."""
    before = {"blocking": "before_service"}
    what = plant(
        {"mill": before, "press": before, "oven": {}},
        operation("mill", "mill", "2 s"),
        operation("press", "press", "2 s", wait_in="rack"),
        operation("oven", "oven", "2 s", wait_in="shelf"),
        storage={"rack": {"capacity": 1}, "shelf": {"capacity": 1}},
        lots=5,
    )
    assert left_to_reference(compile_program(what, Run()), 3, [5]) == []
    same(what, None)


def test_the_reference_engine_runs_what_takes_no_time():
    """A lot that finds the unit done with the one before at the same instant came a round too early."""
    what = plant(
        {"mill": {}},
        operation("mill", "mill", "weibull(shape=0.34, scale=1 s)", wait_in="none"),
        order={"batches": 3, "every": "1 s", "when_full": "lost"},
    )
    program = compile_program(what, Run(horizon=900))
    left = left_to_reference(program, 3, range(40))
    assert 0 < len(left) < 40
    (record,) = simulate_line(program, 3, left[:1])
    reference = simulate(program, 3, left[0])
    assert as_bytes(record) == as_bytes(reference)
    line = line_of(program)
    equal(fold_line(program, 3, left[:1]), totals_of(line, reference))


def test_no_replication_of_drawn_times_needs_the_reference_engine():
    assert left_to_reference(compile_program(endless(), Run(horizon=900)), 3, range(50)) == []
