"""What holds in every plant: conservation of time, lots, pieces, people and containers, to the nanosecond."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from typing import Any

from hypothesis import HealthCheck, assume, given, settings

from tests.engine.generated import HORIZON, plants
from tests.engine.generated_quality import everything
from tests.engine.test_reproducibility import as_bytes
from twin.engine.compile import compile_program
from twin.engine.program import NONE, Pool
from twin.engine.record import OUTCOMES, SECOND, STATES, Record
from twin.engine.rules.calendars import SUSPEND
from twin.engine.rules.parts import split_from
from twin.engine.simpy_engine import SimulationError, simulate
from twin.engine.simpy_engine.hours import calendar_open
from twin.plant.control import expanded
from twin.plant.scenario import Run
from twin.plant.schema import Plant

EXAMPLES = settings(
    derandomize=True,
    max_examples=150,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)
END = HORIZON * SECOND


def record_of(what: Plant) -> Record:
    """Four days of the plant; plants that are stuck or stand still are put aside."""
    try:
        return simulate(compile_program(what, Run(horizon=HORIZON)), 1)
    except SimulationError:
        assume(False)
        raise


def levels(record: Record) -> dict[str, list[tuple[int, int]]]:
    """Steps by entity."""
    steps = defaultdict(list)
    for row in record.levels.to_pylist():
        steps[row["entity"]].append((row["time"], row["level"]))
    return steps


def integral(steps: list[tuple[int, int]], end: int) -> int:
    """Level times time, in ns, until `end`."""
    return sum(level * (after - time) for (time, level), (after, _) in pairwise([*steps, (end, 0)]))


def check_states(record: Record) -> None:
    """The states of each unit follow each other without gap or overlap, from 0 to the horizon."""
    by_unit = defaultdict(list)
    for row in record.states.to_pylist():
        assert row["state"] in STATES
        assert row["start"] < row["end"]
        by_unit[row["unit"]].append(row)
    for rows in by_unit.values():
        assert rows[0]["start"] == 0
        assert rows[-1]["end"] == END
        assert all(one["end"] == other["start"] for one, other in pairwise(rows))
        assert not any(row["cut"] for row in rows[:-1])


def to_sinks(row: dict[str, Any]) -> int:
    """What a visit gave to named sinks: samples and tanks."""
    return sum(given for name, given in row.items() if name.startswith("sink."))


def batch_of(what: Plant, row: dict[str, Any]) -> int:
    """The size of a new lot of a row's recipe, in pieces or mg."""
    batch = expanded(what).recipes[row["recipe"]].batch
    return round(batch.amount * (1_000_000 if batch.unit == "kg" else 1))


def check_lots(record: Record, what: Plant) -> None:
    """The visits of a lot follow each other; what goes in comes out good or scrapped."""
    by_lot = defaultdict(list)
    for row in record.lots.to_pylist():
        by_lot[row["lot"]].append(row)
    desks = [steps for entity, steps in levels(record).items() if entity.startswith("orders/")]
    waiting = sum(steps[-1][1] for steps in desks)  # numbered, and without a row until they are let in
    whole = sorted(lot for lot in by_lot if split_from(lot) == -1)
    assert set(whole) <= set(range(len(whole) + waiting))
    assert waiting or whole == list(range(len(whole)))
    for rows in by_lot.values():
        for row in rows:
            assert row["outcome"] in OUTCOMES
            times = [
                row[name] for name in ("arrived", "started", "finished", "left") if row[name] is not None
            ]
            assert times == sorted(times)
            assert row["cut"] == (row["left"] is None)
            if row["finished"] is not None:
                assert row["quantity_in"] == row["good"] + row["scrapped"] + to_sinks(row)
                assert min(row["good"], row["scrapped"]) >= 0
        for one, other in pairwise(rows):
            assert one["outcome"] in ("done", "rework", "split")
            if one["outcome"] != "split":
                assert one["left"] == other["arrived"]
                kept = one["quantity_in"] if one["good"] is None else one["good"]  # sent back out of a line
                assert kept == other["quantity_in"]
    check_parts(by_lot, what)


def visits_that_gave(rows: list[dict[str, Any]], time: int) -> list[dict[str, Any]]:
    """The visit at whose end a lot was split, or else in which it went on in portions."""
    return [row for row in rows if row["outcome"] == "split" and row["left"] == time] or [
        row
        for row in rows
        if row["outcome"] in ("split", "open", "expired") and row["started"] is not None
        if row["started"] <= time <= (END if row["left"] is None else row["left"])
    ]


def check_parts(by_lot: dict[int, list[dict[str, Any]]], what: Plant) -> None:
    """What a lot was split into is what it had, from then on; what merged is what the lot has again."""
    born, ended = defaultdict(int), defaultdict(int)
    for lot, rows in by_lot.items():
        first, parent = rows[0], split_from(lot)
        if parent == -1:
            assert first["quantity_in"] == batch_of(what, first)
            continue
        (came,) = visits_that_gave(by_lot[parent], first["arrived"])
        born[parent, came["operation"], came["visit"]] += first["quantity_in"]
        if rows[-1]["outcome"] == "merged":
            ended[parent, rows[-1]["left"]] += rows[-1]["quantity_in"]
    for lot, rows in by_lot.items():
        for number, row in enumerate(rows):
            after = rows[number + 1] if number + 1 < len(rows) else None
            undivided = after["quantity_in"] if after is not None and after["started"] is None else 0
            if row["outcome"] == "split" and (lot, row["operation"], row["visit"]) in born:
                given = born[lot, row["operation"], row["visit"]] + undivided
                assert given <= row["good"] if row["left"] is None else given == row["good"]
            elif row["outcome"] == "split" and undivided:
                assert undivided == row["good"]  # sent away before it was divided, or cut
            before = rows[number - 1] if number else row
            if before is not row and before["outcome"] == "split" and row["started"] is None:
                continue
            if before is not row and before["outcome"] == "split":
                assert ended[lot, row["arrived"]] == row["quantity_in"]
                assert row["arrived"] == row["started"]


def check_work_in_process(record: Record) -> None:
    """The area under `wip` is the time that lots were inside; who is not gone is inside."""
    steps = levels(record)["wip"]
    rows = record.lots.to_pylist()
    inside = sum((END if row["left"] is None else row["left"]) - row["arrived"] for row in rows)
    assert integral(steps, END) == inside
    assert steps[-1][1] == sum(row["left"] is None for row in rows)


def check_storages(record: Record, what: Plant) -> None:
    """A storage never holds more lots than it has places, and no fewer than none."""
    for name, storage in what.storage.items():
        held = [level for _, level in levels(record)[f"storage/{name}"]]
        assert min(held) >= 0
        if storage.capacity is not None:
            assert max(held) <= storage.capacity


def check_containers(record: Record, what: Plant) -> None:
    """Clean, in use and dirty containers are always all containers."""
    counts = defaultdict(dict)
    for kind in ("clean", "in_use", "dirty"):
        for time, level in levels(record)[f"container/ibc/{kind}"]:
            counts[time][kind] = level
    for count in counts.values():
        assert min(count.values()) >= 0
        assert sum(count.values()) == what.containers["ibc"].count
    holding = {row["lot"]: row for row in record.lots.to_pylist() if row["left"] is None}
    assert levels(record)["container/ibc/in_use"][-1][1] <= len(holding)


def check_people(record: Record, what: Plant) -> None:
    """Nobody beyond those present is claimed; who is busy after closing was busy at closing.

    A claim goes before a closing of the same instant.
    """
    program = compile_program(what, Run(horizon=HORIZON))
    for pool in program.people:

        def there(time: int, pool: Pool = pool) -> int:
            return sum(
                shift.count
                for shift in pool.shifts
                if shift.calendar == NONE or calendar_open(program, shift.calendar, time)
            )

        steps = levels(record)
        assert all(level == there(time) for time, level in steps[f"people/{pool.name}/present"])
        calendars = [program.calendars[shift.calendar] for shift in pool.shifts if shift.calendar != NONE]
        nobody_stays = all(c.at_close == c.at_break == SUSPEND for c in calendars)
        before = 0
        for time, busy in steps[f"people/{pool.name}/busy"]:
            assert 0 <= busy <= pool.count
            if len(pool.shifts) == 1:
                assert busy <= max(there(time), there(time - 1), before)
            if nobody_stays:
                assert busy <= there(time)
            before = busy


def check_shared_units(record: Record, what: Plant) -> None:
    """A shared unit works for a lot only while the lot's own unit works on it.

    A flow section shows what its last station does; it works as long as it has the lot, so it is left out.
    The states of a unit with capacity for several lots name none of them.
    """
    several = any(equipment.capacity > 1 for equipment in what.equipment.values())
    at_work = ("setup", "start_up", "loading", "unloading", "producing", "waiting_transport")
    clients = defaultdict(list)
    rows = record.states.to_pylist()
    for row in rows:
        if row["unit"] != "skid" and row["state"] in at_work and row["lot"] is not None:
            clients[row["lot"], row["operation"]].append((row["start"], row["end"]))
    sections = {row["operation"] for row in rows if "/" in row["unit"]}
    for row in rows:
        if row["operation"] in sections:
            continue
        if row["unit"] == "skid" and row["state"] == "producing" and row["lot"] is not None:
            there = sum(
                max(0, min(end, row["end"]) - max(start, row["start"]))
                for start, end in clients[row["lot"], row["operation"]]
            )
            assert there == row["end"] - row["start"] or (several and not there)


def check_buffers(record: Record, what: Plant) -> None:
    """No buffer of a flow section is less than empty or more than full, and each is empty between lots."""
    stations = what.equipment["line"].flow.stations
    room = {name: s.buffer_after for name, s in stations.items()}
    rows = [row for row in record.levels.to_pylist() if row["entity"].startswith("buffer/")]
    for one, other in pairwise(rows):
        assert one["level"] >= 0
        held = room[one["entity"].rpartition("/")[2]]
        if held is None:
            assert one["level"] == 0
        elif held.unit == "pieces":
            assert one["level"] <= round(held.mean)
        if one["entity"] == other["entity"]:
            passed = one["rate"] * (other["time"] - one["time"]) / SECOND
            assert abs(one["level"] + passed - other["level"]) <= 1.001  # both are rounded


def check_tanks(record: Record) -> None:
    """A tank that is only drawn falls, to its heel at most; what lots say that they drew is out of it."""
    steps = levels(record)["tank/bulk"]
    drawn = sum(row["quantity"] for row in record.genealogy.to_pylist() if row["material"] == "solvent")
    assert min(level for _, level in steps) >= 9_000_000
    assert steps[0][1] - steps[-1][1] >= drawn
    assert all(one >= other for (_, one), (_, other) in pairwise(steps))


def check_vat(record: Record, what: Plant) -> None:
    """What is in the tank that lots fill is what they gave it, less what lots drew and what it threw away."""
    if "vat" not in what.tanks:
        return
    steps, given = levels(record), 0
    for row in record.lots.to_pylist():
        if row["operation"] in ("pack", "drain") and row["started"] is not None and row["finished"] is None:
            return  # something is flowing at the end
        words = expanded(what).recipes[row["recipe"]].operations[row["operation"]]
        whole = words.transfer_to == "vat" and row["outcome"] == "done"
        given += row["good"] if whole else row.get("sink.tanks", 0)
    drawn = sum(row["quantity"] for row in record.genealogy.to_pylist() if row["material"] == "tablets")
    discarded = steps["tank/vat/discarded"][-1][1] if "tank/vat/discarded" in steps else 0
    assert steps["tank/vat"][-1][1] == given - drawn - discarded
    assert all(0 <= level <= 150_000_000 for _, level in steps["tank/vat"])


def check_materials(record: Record, what: Plant) -> None:
    """Stock that never expires is what there was and came, in whole lots, less what lots took."""
    steps = levels(record)
    taken: dict[str, int] = defaultdict(int)
    for row in record.genealogy.to_pylist():
        taken[row["material"]] += row["quantity"]
    if "powder" in what.materials:
        end = steps["material/powder"][-1][1]
        assert (end + taken["powder"] - 4 * 60) % (2 * 60) == 0
    made: dict[int, int] = {}
    for row in record.lots.to_pylist():
        recipe = expanded(what).recipes[row["recipe"]]
        last = row["operation"] == list(recipe.operations)[-1]
        if recipe.makes == "granules" and last and row["outcome"] == "done" and row["left"] is not None:
            made[row["lot"]] = row["good"]
    if "granules" in what.materials:
        assert steps["material/granules"][-1][1] == 2 * 50 + sum(made.values()) - taken["granules"]


def check_utilities(record: Record, what: Plant) -> None:
    """No more is drawn than a utility gives, and no storage holds more than it can or less than nothing."""
    steps = levels(record)
    for name, utility in what.utilities.items():
        for _, rate in steps[f"utility/{name}/rate"]:
            assert 0 <= rate <= steps[f"utility/{name}/capacity"][0][1]
        if utility.storage is not None:
            assert all(
                0 <= level <= utility.storage.volume.mean * 1e6 + 1e-6
                for _, level in steps[f"utility/{name}/level"]
            )


def check_loops(record: Record, what: Plant) -> None:
    """A kanban loop has as many cards as it says, and none of them is out when no lot is inside."""
    steps = levels(record)
    for name, loop in what.loops.items():
        cards = [level for _, level in steps[f"loop/{name}"]]
        assert all(0 <= card <= loop.limit for card in cards)
        assert cards[-1] <= steps["wip"][-1][1]


def check_all(what: Plant) -> None:
    """All of the above."""
    record = record_of(what)
    check_states(record)
    check_lots(record, what)
    check_work_in_process(record)
    check_storages(record, what)
    check_containers(record, what)
    check_people(record, what)
    check_utilities(record, what)
    check_tanks(record)
    check_vat(record, what)
    check_materials(record, what)
    check_loops(record, what)
    check_shared_units(record, what)
    check_buffers(record, what)


@EXAMPLES
@given(plants())
def test_the_record_conserves_time_lots_people_and_containers(what):
    check_all(what)


@settings(EXAMPLES, max_examples=60)
@given(everything())
def test_the_record_conserves_them_where_all_words_meet(what):
    check_all(what)


@settings(EXAMPLES, max_examples=15)
@given(everything())
def test_the_same_seed_gives_the_same_bytes_in_every_plant(what):
    assert as_bytes(record_of(what)) == as_bytes(record_of(what))


@settings(EXAMPLES, max_examples=15)
@given(everything())
def test_a_shorter_run_is_the_beginning_of_a_longer_one(what):
    record = record_of(what)
    half = END // 2
    shorter = simulate(compile_program(what, Run(horizon=HORIZON // 2)), 1)
    ended = [row for row in record.states.to_pylist() if row["end"] < half]
    assert [row for row in shorter.states.to_pylist() if row["end"] < half] == ended
    gone = [row for row in record.lots.to_pylist() if row["left"] is not None and row["left"] <= half]
    assert [row for row in shorter.lots.to_pylist() if row["left"] is not None] == gone
