"""Equal seeds give equal bytes, and a change to one machine leaves the draws of all others as they were."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pyarrow as pa

from tests.engine.plants import operation, plant, run
from twin.engine.compile import compile_program
from twin.engine.simpy_engine import simulate
from twin.plant.scenario import Run

FAILURE = {"clock": "running", "between": "exponential(mean=40 s)", "repair": "lognormal(mean=6 s, cv=1)"}


def random_plant(mills=1, press=None, press_takes="lognormal(mean=6 s, cv=0.5)", extra=None, lots=60):
    """Two machines, a rack, failures, rework and people, all of them random."""
    return plant(
        {**(extra or {}), "mill": {"count": mills, "failures": [FAILURE]}, "press": press or {}},
        operation("mill", "mill", "gamma(mean=5 s, cv=0.7)", setup="uniform(low=0 s, high=2 s)"),
        operation("press", "press", press_takes, wait_in="rack", needs=["operator"]),
        operation("look", "mill", "exponential(mean=1 s)", rework={"probability": 0.2, "to": "press"}),
        storage={"rack": {"capacity": 3}},
        people={"operator": {"count": 1}},
        order={"batches": 2, "every": "exponential(mean=15 s)", "times": lots // 2},
    )


def as_bytes(record):
    """The tables as Arrow IPC files."""
    parts = []
    for table in (record.states, record.lots, record.levels):
        sink = io.BytesIO()
        with pa.ipc.new_file(sink, table.schema) as writer:
            writer.write_table(table)
        parts.append(sink.getvalue())
    return parts


def durations(record, operation_name):
    """Processing times by lot and visit, where nothing interrupted them."""
    interrupted = {
        (row["lot"], row["operation"].rpartition("/")[2])
        for row in record.states.to_pylist()
        if row["state"] in ("down", "waiting_people") and row["lot"] is not None
    }
    return {
        (row["lot"], row["visit"]): row["finished"] - row["started"]
        for row in record.lots.to_pylist()
        if row["operation"] == operation_name and (row["lot"], operation_name) not in interrupted
    }


def failures(record, unit):
    """Producing time before each failure, and each repair, of a unit."""
    produced, before, repairs, down = 0, [], [], None
    for row in record.states.to_pylist():
        if row["unit"] != unit:
            continue
        if row["state"] == "down":
            if down is not None and repairs and down == row["start"]:
                repairs[-1] += row["end"] - row["start"]
            else:
                before.append(produced)
                repairs.append(row["end"] - row["start"])
            produced, down = 0, row["end"]
        elif row["state"] == "producing":
            produced += row["end"] - row["start"]
    return list(zip(before, repairs, strict=True))


def same_start(one, other):
    """Two lists that agree as far as both go, with enough to see it."""
    shared = min(len(one), len(other))
    assert shared >= 3
    return one[:shared] == other[:shared]


def test_the_same_seed_gives_the_same_bytes():
    assert as_bytes(run(random_plant(), seed=5)) == as_bytes(run(random_plant(), seed=5))


def test_another_process_gives_the_same_bytes_whatever_its_hashes_of_names():
    code = (
        "from hashlib import sha256; from tests.engine.test_reproducibility import *; "
        "print(sha256(b''.join(as_bytes(run(random_plant(), seed=5)))).hexdigest())"
    )
    root = str(Path(__file__).parents[2])
    environment = {**os.environ, "PYTHONHASHSEED": "1", "PYTHONPATH": root}
    said = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert said.stdout.strip() == sha256(b"".join(as_bytes(run(random_plant(), seed=5)))).hexdigest()


def test_a_program_can_be_run_again():
    program = compile_program(random_plant(), Run())
    first = as_bytes(simulate(program, 5))
    simulate(program, 6)
    assert as_bytes(simulate(program, 5)) == first


def test_another_replication_and_another_seed_differ():
    one, replication, seed = (
        run(random_plant(), seed=s, replication=r).lots.drop_columns("replication")
        for s, r in ((5, 0), (5, 1), (6, 0))
    )
    assert one != replication
    assert one != seed
    assert replication != seed


def test_another_machine_leaves_all_draws_as_they_were():
    """A machine that nothing uses stands first in the file: every unit has another number."""
    without = run(random_plant())
    with_it = run(random_plant(extra={"spare": {"failures": [FAILURE]}}))
    assert with_it.lots.to_pylist() == without.lots.to_pylist()
    kept = [row for row in with_it.states.to_pylist() if row["unit"] != "spare"]
    assert kept == without.states.to_pylist()


def test_a_slower_press_leaves_the_draws_of_the_mill_as_they_were():
    slow = run(random_plant(press_takes="lognormal(mean=9 s, cv=0.5)"))
    quick = run(random_plant())
    assert slow.lots != quick.lots
    milled, slowly = durations(quick, "mill"), durations(slow, "mill")
    shared = milled.keys() & slowly.keys()
    assert len(shared) > 20
    assert all(milled[key] == slowly[key] for key in shared)
    assert same_start(failures(quick, "mill"), failures(slow, "mill"))


def test_a_press_that_fails_leaves_the_draws_of_the_mill_as_they_were():
    sound, failing = run(random_plant()), run(random_plant(press={"failures": [FAILURE]}))
    milled, meanwhile = durations(sound, "mill"), durations(failing, "mill")
    assert all(milled[key] == meanwhile[key] for key in milled.keys() & meanwhile.keys())
    assert same_start(failures(sound, "mill"), failures(failing, "mill"))


def test_a_second_mill_leaves_the_failures_of_the_first_as_they_were():
    one, two = run(random_plant()), run(random_plant(mills=2))
    assert same_start(failures(one, "mill"), failures(two, "mill"))
    assert failures(two, "mill_2")[:3] != failures(two, "mill")[:3]


def test_releases_are_the_same_whatever_the_plant_does_with_them():
    def released(record):
        return {row["lot"]: row["arrived"] for row in record.lots.to_pylist()[::-1]}

    one, two = run(random_plant()), run(random_plant(mills=3, press_takes="1 s"))
    assert released(one) == released(two)
