"""Snapshots: a run that is stopped, kept as a file and gone on with is the run that was not stopped."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.engine.generated import HORIZON
from tests.engine.generated_quality import everything
from tests.engine.plants import levels_of, operation, plant, states_of, visits_of
from tests.engine.test_invariants import EXAMPLES
from twin.engine import codes as numbers
from twin.engine.compile import compile_program
from twin.engine.record import OUTCOMES, SECOND, STATES, Record
from twin.engine.simpy_engine import SimulationError, simulate, simulate_and_keep
from twin.engine.simpy_engine.freezing import Freezer
from twin.engine.snapshot import FORMAT, Snapshot, SnapshotError
from twin.plant.load import LoadedScenario, load
from twin.plant.scenario import Run
from twin.plant.schema import Plant

EXAMPLE_FILES = sorted((Path(__file__).parents[2] / "docs" / "examples").glob("*.yaml"))
LONG = 20 * 24 * 3600.0  # s


def stopped_and_resumed(what: Plant, at: int, horizon: float | None) -> tuple[Record, Record, Record]:
    """The whole run, the run until `at` ns, and the run that goes on from the file of that instant."""
    program = compile_program(what, Run(horizon=horizon))
    whole, snapshot = simulate_and_keep(program, 1, 0, at)
    assert snapshot is not None
    before = simulate(replace(program, horizon=at), 1)
    after = simulate(
        compile_program(what, Run(horizon=horizon)), 1, start=Snapshot.from_json(snapshot.to_json())
    )
    return whole, before, after


def joined(before: Record, after: Record, at: int) -> dict[str, list]:
    """The rows of both, without what the stop has cut and the levels with which the second begins."""
    lots = [row for row in before.lots.to_pylist() if not row["cut"]] + after.lots.to_pylist()
    levels = before.levels.to_pylist() + [row for row in after.levels.to_pylist() if row["time"] > at]
    units = after.states.column("unit").combine_chunks().dictionary.to_pylist()
    entities = after.levels.column("entity").combine_chunks().dictionary.to_pylist()
    return {
        "states": sorted(
            joined_states(before, after, at), key=lambda r: (units.index(r["unit"]), r["start"])
        ),
        "lots": sorted(lots, key=lambda row: row["lot"]),
        "levels": sorted(levels, key=lambda row: (entities.index(row["entity"]), row["time"])),
        "genealogy": before.genealogy.to_pylist() + after.genealogy.to_pylist(),
    }


def joined_states(before: Record, after: Record, at: int) -> list:
    """What is open at the stop comes from the second; a unit with several lots at once begins anew there."""
    rest = after.states.to_pylist()
    new = {row["unit"]: row for row in reversed(rest)}
    found = [row for row in before.states.to_pylist() if not row["cut"]]
    for row in (row for row in before.states.to_pylist() if row["cut"]):
        following = new[row["unit"]]
        same = all(following[key] == row[key] for key in ("state", "lot", "operation", "cause"))
        if following["start"] == at and same:
            following["start"] = row["start"]
        elif following["start"] == at:
            found.append({**row, "cut": False})
    return found + rest


def rows(record: Record) -> dict[str, list]:
    """The rows of every table."""
    return {name: getattr(record, name).to_pylist() for name in ("states", "lots", "levels", "genealogy")}


@settings(EXAMPLES, max_examples=40)
@given(everything(), st.integers(0, HORIZON - 1), st.sampled_from([1, 3600]))
def test_a_run_that_is_stopped_and_resumed_is_the_run_that_was_not_stopped(what, second, step):
    at = second // step * step * SECOND
    try:
        whole, before, after = stopped_and_resumed(what, at, HORIZON)
    except SimulationError:
        assume(False)
        raise
    assert joined(before, after, at) == rows(whole)


@pytest.mark.parametrize("share", [0.0, 0.03, 0.31, 0.77])
@pytest.mark.parametrize("path", EXAMPLE_FILES, ids=[path.stem for path in EXAMPLE_FILES])
def test_every_word_of_the_language_can_be_stopped_and_resumed(path, share):
    """The examples use every key, so a rule whose state cannot be kept fails here."""
    loaded = load(path, workspace=path.parent)
    what = loaded.base.plant if isinstance(loaded, LoadedScenario) else loaded.plant
    end = simulate(compile_program(what, Run(horizon=LONG)), 1).horizon[0]
    at = int(end * share)
    whole, before, after = stopped_and_resumed(what, at, LONG)
    assert joined(before, after, at) == rows(whole)


def two_machines(lots=4, **words):
    """Lots of 2 s on the mill and 3 s on the press."""
    return plant(
        {"mill": {}, "press": {}},
        operation("mill", "mill", "2 s"),
        operation("press", "press", "3 s"),
        lots=lots,
        **words,
    )


def snapshot_of(what, at, horizon=60):
    """The snapshot of `at` s."""
    return simulate_and_keep(compile_program(what, Run(horizon=horizon)), 1, 0, round(at * SECOND))[1]


def test_open_intervals_keep_their_true_start_and_levels_are_said_anew():
    """At 6 s the press has had lot 1 since 5 s, and lots 2 and 3 are still to come."""
    start = snapshot_of(two_machines(), 6)
    record = simulate(compile_program(two_machines(), Run(horizon=60)), 1, start=start)
    assert states_of(record, "press") == [
        ("producing", 5, 8),
        ("producing", 8, 11),
        ("producing", 11, 14),
        ("starved", 14, 60),
    ]
    assert visits_of(record)[:2] == [
        (1, "press", "press", 5, 8, 8, "done"),
        (2, "press", "press", 8, 11, 11, "done"),
    ]
    assert levels_of(record, "wip")[0] == (6, 3)


def test_what_is_due_at_the_instant_of_a_snapshot_has_happened():
    """Lot 0 leaves the press at 5 s."""
    record = simulate(
        compile_program(two_machines(), Run(horizon=60)), 1, start=snapshot_of(two_machines(), 5)
    )
    assert levels_of(record, "wip")[0] == (5, 3)
    assert states_of(record, "press")[0] == ("producing", 5, 8)


def test_a_snapshot_of_a_run_that_has_ended_is_none():
    assert snapshot_of(two_machines(), 20, horizon=None) is None
    assert snapshot_of(two_machines(), 10, horizon=None) is not None


def test_another_seed_goes_on_otherwise_from_the_same_state():
    what = plant({"mill": {}}, operation("mill", "mill", "exponential(mean=2 s)"), lots=9)
    start, program = snapshot_of(what, 3), compile_program(what, Run(horizon=60))
    one, other = (visits_of(simulate(program, seed, start=start)) for seed in (1, 2))
    assert one[0] == other[0]
    assert one[1:] != other[1:]


def test_times_may_change_between_a_snapshot_and_the_run_that_starts_from_it():
    """What is in hand ends as it was drawn; the next lots are pressed in 1 s."""
    faster = plant(
        {"mill": {}, "press": {}},
        operation("mill", "mill", "2 s"),
        operation("press", "press", "1 s"),
        lots=4,
    )
    record = simulate(compile_program(faster, Run(horizon=60)), 1, start=snapshot_of(two_machines(), 6))
    assert [row[4] for row in visits_of(record) if row[1] == "press"] == [8, 9, 10]


def refused(what, snapshot, **words):
    """Why a snapshot is refused for a plant."""
    with pytest.raises(SnapshotError) as caught:
        simulate(compile_program(what, Run(**{"horizon": 60, **words})), 1, start=snapshot)
    return str(caught.value)


def test_a_snapshot_of_another_plant_is_refused_by_the_name_of_what_does_not_fit():
    start = snapshot_of(two_machines(), 6)
    other = plant(
        {"mill": {}, "oven": {}}, operation("mill", "mill", "2 s"), operation("bake", "oven", "3 s"), lots=4
    )
    message = refused(other, start)
    assert "units: `press` is not there any more; units: the snapshot knows nothing of `oven`" in message
    assert "operations: the snapshot knows nothing of `part/bake`" in message


def test_a_snapshot_of_another_start_or_version_is_refused():
    what = two_machines()
    start = snapshot_of(what, 6)
    assert "another `start`" in refused(what, start, start="2026-01-06 06:00")
    assert "is over at the snapshot" in refused(what, start, horizon=5)
    with pytest.raises(SnapshotError, match=f"has version 1, and this twin reads version {FORMAT}: run what"):
        Snapshot.from_json(start.to_json().replace(f'"snapshot": {FORMAT}', '"snapshot": 1'))


def test_other_code_that_keeps_the_same_state_goes_on_from_it_and_says_so():
    what = two_machines()
    program, start = compile_program(what, Run(horizon=60)), snapshot_of(what, 6)
    assert start.origin(program) == ""
    other = replace(start, code="0")
    assert other.origin(program) == "the snapshot was taken by other code, whose rules may differ"
    assert rows(simulate(program, 1, start=other)) == rows(simulate(program, 1, start=start))
    slower = compile_program(two_machines(lots=5), Run(horizon=60))
    assert start.origin(slower) == "the snapshot was taken of a plant with other numbers"
    assert start.origin(compile_program(what, Run(horizon=90))) == ""


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"loses_patience"', '"hurry"', "keeps `LotState` otherwise, such as its `hurry`"),
        ('["LotState"', '["Batch"', "holds a `Batch`, which this twin does not know"),
        ('"overtime"', '"lateness"', "keeps other things than this twin, such as `lateness`"),
    ],
)
def test_code_that_keeps_another_state_refuses_it_and_says_what_to_do(old, new, message):
    start = snapshot_of(two_machines(), 6)
    found = refused(two_machines(), Snapshot.from_json(start.to_json().replace(old, new)))
    assert message in found
    assert "run what it was taken of once more with this twin" in found


def test_the_numbers_in_a_snapshot_mean_what_its_version_says():
    """Where this fails, older snapshots would be misread: raise `FORMAT`, then change the numbers here."""
    effects = (
        "REPAIRED COMPLETED CHECKED PORTION_DONE TRANSFERRED CARRIED FAILS FALLS_DUE CHECK_DUE "
        "CALENDAR_TURNS RELEASED LET_IN DELIVERED LEVEL_REACHED TANK_REACHED TIME_OUT EXPIRES "
        "STOCK_EXPIRES HELD_TOO_LONG"
    )
    states = (
        "producing loading unloading setup start_up cleaning maintenance blocked starved "
        "waiting_people waiting_container waiting_transport waiting_utility waiting_quality "
        "waiting_unit down off_shift"
    )
    outcomes = "done rework scrapped lost open rejected expired split merged"
    assert FORMAT == 3
    assert [getattr(numbers, name) for name in effects.split()] == list(range(19))
    assert [*STATES] == states.split()
    assert [*OUTCOMES] == outcomes.split()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "is no JSON"),
        ("[]", "is no snapshot"),
        (f'{{"snapshot": {FORMAT}}}', "is damaged at `at`, `code`"),
    ],
)
def test_a_file_that_is_no_snapshot_is_refused(text, message):
    with pytest.raises(SnapshotError, match=message):
        Snapshot.from_json(text)


@pytest.mark.parametrize("gone", ["machines", "rest", "objects", "pending", "memory", "levels"])
def test_a_damaged_snapshot_is_refused(gone):
    what = two_machines()
    start = snapshot_of(what, 6)
    kept = {name: value for name, value in start.state.items() if name != gone}
    assert "is damaged" in refused(what, replace(start, state=kept))


def test_a_snapshot_makes_no_objects_but_the_engine_s():
    start = snapshot_of(two_machines(), 6)
    text = start.to_json()
    assert '["LotState"' in text
    text = text.replace('["LotState"', '["subprocess.Popen"')
    assert "holds a `subprocess.Popen`" in refused(two_machines(), Snapshot.from_json(text))


def test_state_that_is_no_plain_value_is_named():
    freezer = Freezer(compile_program(two_machines(), Run()))
    with pytest.raises(SnapshotError, match=r"cannot hold rules\['mine'\], a `builtins.object`"):
        freezer.freeze({"mine": object()}, "rules")
