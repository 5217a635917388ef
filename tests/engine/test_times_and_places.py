"""Where and when things are in every plant: nothing starts before it may, or is in two places at once."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise

from hypothesis import given, settings

from tests.engine.generated import HORIZON
from tests.engine.generated_quality import everything
from tests.engine.test_invariants import END, EXAMPLES, integral, levels, record_of
from twin.engine.compile import compile_program
from twin.engine.program import NONE, Program
from twin.engine.record import SECOND, Record
from twin.engine.simpy_engine.hours import calendar_open
from twin.plant.control import expanded
from twin.plant.scenario import Run
from twin.plant.schema import Operation, Plant

AT_WORK = ("setup", "start_up", "loading", "unloading", "producing", "waiting_transport")
HOUR = 3600 * SECOND


def operation_of(what: Plant, row: dict) -> Operation:
    """The operation of a row of `lots`."""
    return expanded(what).recipes[row["recipe"]].operations[row["operation"]]


def check_releases(record: Record, what: Plant) -> None:
    """No lot is in the plant before its order line says, nor long before it is due where its rule forbids."""
    for row in record.lots.to_pylist():
        order = what.orders[row["order"]]
        first = 0.0 if order.at is None else (order.at - Run().start).total_seconds()
        if order.first is not None and order.first.kind == "constant":
            first = order.first.parameters["value"]
        assert row["arrived"] >= first * SECOND
        if order.release == "in_time" and not order.hot:
            assert row["arrived"] >= row["due"] - 20 * HOUR


def check_opening_hours(record: Record, program: Program) -> None:
    """No unit takes a lot while its calendar is closed."""
    calendars = {unit.name: unit.calendar for unit in program.units}
    for row in record.lots.to_pylist():
        if row["started"] is not None and calendars[row["unit"]] != NONE:
            assert calendar_open(program, calendars[row["unit"]], row["started"]), row


def check_hold_times(record: Record, what: Plant) -> None:
    """What has waited for too long does not start where it is to be thrown away or sent back."""
    for row in record.lots.to_pylist():
        limit = operation_of(what, row).max_wait_before
        if limit is not None and limit.when_late != "flag" and row["started"] is not None:
            assert row["started"] - row["arrived"] < limit.limit * SECOND or row["outcome"] == "split", row


def check_results(record: Record, what: Plant) -> None:
    """No lot starts an operation before the results that it needs can be there: sampled, then tested."""
    known: dict[tuple[int, str], int] = {}
    for row in record.lots.to_pylist():
        operation = operation_of(what, row)
        for sample in operation.needs_release if row["started"] is not None else ():
            assert row["started"] >= known.get((row["lot"], sample), 0)
        for sample, plan in operation.sampling.items() if row["outcome"] == "done" else ():
            test = plan.test.takes
            if plan.every is None and plan.fraction is None and test.kind == "constant":
                fastest = max((what.equipment[unit].speed for unit in plan.test.on), default=1.0)
                takes = round(test.parameters["value"] / fastest * SECOND)
                known.setdefault((row["lot"], sample), row["finished"] + takes)


def check_one_place(record: Record) -> None:
    """No lot is at work on two units at once, save where one of them serves the other."""
    at_work = defaultdict(list)
    for row in record.states.to_pylist():
        named = row["lot"] is not None and row["lot"] >= 0 and row["state"] in AT_WORK
        if named and "/" not in row["unit"] and not row["unit"].startswith("skid"):
            at_work[row["lot"]].append((row["start"], row["end"], row["unit"]))
    for intervals in at_work.values():
        for one, other in pairwise(sorted(intervals)):
            assert one[1] <= other[0], (one, other)


def check_one_machine_each(record: Record, what: Plant) -> None:
    """Nobody works on two units at once: those of a pool who are busy are at least those whom units need."""
    whole = expanded(what)
    work = {
        f"{r}/{o}": words for r, recipe in whole.recipes.items() for o, words in recipe.operations.items()
    }
    for pool in whole.people:
        changes = [(time, 0, level) for time, level in levels(record)[f"people/{pool}/busy"]]
        for row in record.states.to_pylist():
            served = "/" not in row["unit"] and not row["unit"].startswith("skid")
            if row["state"] == "producing" and row["operation"] in work and served:
                needs = work[row["operation"]].needs
                count = sum(n.count for n in needs if n.people == pool and n.during == "operation")
                if count and all(need.attention == 1 for need in needs):
                    changes += [(row["start"], 1, count), (row["end"], 1, -count)]
        busy = needed = 0
        for number, (time, kind, value) in enumerate(changes := sorted(changes)):
            busy, needed = (value, needed) if kind == 0 else (busy, needed + value)
            if number + 1 == len(changes) or changes[number + 1][0] > time:
                assert needed <= busy


def check_containers_held(record: Record, what: Plant) -> None:
    """Containers are in use as long as lots have them, to the nanosecond: none is with two lots, or none."""
    whole, has, held = expanded(what), {}, 0
    for row in record.lots.to_pylist():
        words = whole.recipes[row["recipe"]].operations[row["operation"]]
        if words.take is not None and row["started"] is not None:
            has.setdefault(row["lot"], row["started"])
        given_back = bool(words.return_) and row["outcome"] == "done"
        if row["lot"] in has and (given_back or row["outcome"] in OUT):
            until = row["finished"] if given_back else row["left"]
            held += (END if until is None else until) - has.pop(row["lot"])
    held += sum(END - since for since in has.values())
    assert integral(levels(record)["container/ibc/in_use"], END) == held


OUT = ("scrapped", "rejected", "expired", "lost")


def check_transporters(record: Record, what: Plant) -> None:
    """No more transporters are on their way than there are."""
    fleets = {} if what.transport is None else what.transport.fleets
    for name, fleet in fleets.items():
        busy = [level for _, level in levels(record)[f"transport/{name}/busy"]]
        assert all(0 <= level <= fleet.count for level in busy)


@settings(EXAMPLES, max_examples=30)
@given(everything())
def test_nothing_starts_before_it_may_and_nothing_is_in_two_places(what):
    record = record_of(what)
    check_releases(record, what)
    check_opening_hours(record, compile_program(what, Run(horizon=HORIZON)))
    check_hold_times(record, what)
    check_results(record, what)
    check_one_place(record)
    check_one_machine_each(record, what)
    check_containers_held(record, what)
    check_transporters(record, what)
