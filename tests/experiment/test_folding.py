"""A replication folded as its rows come gives the measures of its record, every one to the last bit."""

from __future__ import annotations

import math
import random
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from tests.engine.generated import HORIZON, plants
from tests.engine.generated_quality import everything
from tests.engine.generated_rules import combined
from tests.experiment.folds import Simulated, cut, differences, simulated
from twin.engine.compile import compile_program
from twin.engine.rows import LOT_COLUMNS, NOT_DUE, Rows, stores_of
from twin.engine.simpy_engine import SimulationError, simulate_and_keep
from twin.experiment.charges import charges_of
from twin.experiment.folding import EXACT, Folder, exact, lots_kept, sketch
from twin.experiment.folding.bottlenecks import bottleneck_times
from twin.experiment.folding.totals import quantile
from twin.experiment.measures import measure
from twin.experiment.names import Names
from twin.experiment.prepare import prepare
from twin.experiment.sums import together
from twin.plant.scenario import Run
from twin.plant.schema import Plant

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "docs" / "examples").glob("*.yaml"))
NEED_A_RUN = ("from_a_state.yaml",)  # starts from the snapshot of a run
GENERATED = settings(
    max_examples=12,
    derandomize=True,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)

LINE = """\
twin: 1
plant: A line that never rests
equipment: {mill: {}, press: {}, coater: {}}
storage: {before_press: {capacity: 3}, before_coater: {capacity: 2}}
recipes:
  tablet:
    operations:
      - mill: {on: [mill], takes: exponential(mean=10 min)}
      - press: {on: [press], takes: exponential(mean=10 min), wait_in: before_press}
      - coat: {on: [coater], takes: exponential(mean=10 min), wait_in: before_coater}
orders:
  - {recipe: tablet, batches: 400}
"""


def from_file(path: Path | str, **changes: object) -> Simulated:
    prepared = prepare(path, {key.replace("__", "."): value for key, value in changes.items()})
    return simulated(compile_program(prepared.plant, prepared.run))


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> Simulated:
    path = tmp_path_factory.mktemp("line") / "line.yaml"
    path.write_text(LINE, encoding="utf-8")
    return from_file(path)


@pytest.mark.parametrize("path", [p for p in EXAMPLES if p.name not in NEED_A_RUN], ids=lambda p: p.stem)
def test_the_plants_of_the_documentation_measure_the_same(path: Path) -> None:
    prepared = prepare(path)
    what = simulated(compile_program(prepared.plant, prepared.run))
    charges, dice = charges_of(prepared.plant), random.Random(path.name)
    for start, end in ((0, None), (what.end // 5, None), (what.end // 4, 3 * what.end // 4)):
        folded = what.folded(start, end, dice.randint(1, 9), dice, charges)
        assert differences(folded, what.measured(start, end, charges)) == []


@pytest.mark.parametrize("name", ["tablet_line", "two_machines", "solid_dose"])
def test_the_shipped_plants_measure_the_same(name: str) -> None:
    what = from_file(ROOT / "plant_models" / f"{name}.yaml", run__horizon="7 days")
    assert differences(what.folded(pieces=40), what.measured()) == []
    late = 2 * what.end // 3
    assert differences(what.folded(late, pieces=3), what.measured(late)) == []


def folds_to_its_measures(plant: Plant, seed: int, horizon: float | None = HORIZON) -> None:
    try:
        what = simulated(compile_program(plant, Run(horizon=horizon)), seed)
    except SimulationError:
        assume(False)
    dice = random.Random(seed)
    for start, end in ((0, None), (what.end // 3, None), (what.end // 4, what.end // 2)):
        folded = what.folded(start, end, dice.randint(1, 9), dice)
        assert differences(folded, what.measured(start, end)) == []


@GENERATED
@given(plants(), st.integers(0, 1000))
def test_plants_of_any_rules_measure_the_same(plant: Plant, seed: int) -> None:
    folds_to_its_measures(plant, seed)


@GENERATED
@given(everything(), st.integers(0, 1000))
def test_plants_with_quality_measure_the_same(plant: Plant, seed: int) -> None:
    folds_to_its_measures(plant, seed)


@GENERATED
@given(combined(), st.integers(0, 1000))
def test_plants_of_all_rules_at_once_measure_the_same(plant: Plant, seed: int) -> None:
    folds_to_its_measures(plant, seed)


def test_a_replication_that_goes_on_from_a_snapshot_measures_the_same() -> None:
    prepared = prepare(ROOT / "plant_models" / "tablet_line.yaml", {"run.horizon": "8 days"})
    program = compile_program(prepared.plant, prepared.run)
    at = 3 * 24 * 3600 * 10**9
    _, snapshot = simulate_and_keep(program, 1, 0, at)
    what = simulated(program, start=snapshot)
    assert what.begins == at
    assert differences(what.folded(at, pieces=5), what.measured(at)) == []


def test_blocks_of_one_row_fold_to_the_same(line: Simulated) -> None:
    assert differences(line.folded(pieces=1500), line.measured()) == []


def test_sums_of_replications_range_over_the_names_of_all(line: Simulated) -> None:
    path = ROOT / "docs" / "examples" / "press_that_stops.yaml"
    prepared = prepare(path)
    program = compile_program(prepared.plant, prepared.run)
    runs = [simulated(program, replication=r) for r in range(6)]
    folder = Folder(program, planned=runs[0].planned)
    for what in runs:
        what.fold_into(folder, what.replication)
    tables = [(r.record.states, r.record.lots, r.record.levels) for r in runs]
    assert folder.sums().names == Names.union(Names.of(*table) for table in tables)
    for what in runs:
        mine = folder.table().filter(np.asarray(folder.table()["replication"]) == what.replication)
        record, names = what.record, folder.sums().names
        theirs = measure(
            record.states,
            record.lots,
            record.levels,
            {what.replication: (0, what.end)},
            names=names,
            planned=what.planned,
        )
        assert differences(mine, theirs) == []


def test_replications_are_folded_on_threads_of_their_own(line: Simulated) -> None:
    folder = Folder(line.program, planned=line.planned)

    def fold(number: int) -> None:
        line.fold_into(folder, number, 200, random.Random(number))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(fold, range(8)))
    tables = folder.table().to_pylist()
    alone = [row["value"] for row in line.measured().to_pylist()]
    for number in range(8):
        assert [row["value"] for row in tables if row["replication"] == number] == alone


def test_a_replication_that_begins_anew_forgets_what_came_before(line: Simulated) -> None:
    folder = Folder(line.program, planned=line.planned)
    folder.begin([0], line.causes, line.entities).rows(stores_of(line.block))
    line.fold_into(folder, 0)
    assert differences(folder.table(), line.measured()) == []


def test_replications_fold_side_by_side_in_any_order(line: Simulated) -> None:
    folder = Folder(line.program, planned=line.planned)
    fold = folder.begin([7, 3, 5], line.causes, line.entities)
    pieces = [list(cut(line.block, 20, random.Random(place))) for place in range(3)]
    for parts in zip(*pieces, strict=True):
        for place, part in enumerate(parts):
            fold.rows(stores_of(part)._replace(places=np.array([place])))
    fold.end([2, 0], [line.end, line.end])
    fold.end([1], [line.end])
    tables, alone = folder.table().to_pylist(), [row["value"] for row in line.measured().to_pylist()]
    assert folder.sums().replications.tolist() == [3, 5, 7]
    for number in (3, 5, 7):
        assert [row["value"] for row in tables if row["replication"] == number] == alone


def test_without_a_replication_there_are_no_sums(line: Simulated) -> None:
    with pytest.raises(ValueError, match="no sums"):
        Folder(line.program).table()


def test_lots_that_have_left_a_plain_line_take_no_memory(line: Simulated) -> None:
    folder = Folder(line.program)
    fold = folder.begin([0], line.causes, line.entities)
    for piece in cut(line.block, 50, random.Random(2)):
        fold.rows(stores_of(piece))
    assert len(np.unique(line.block.lots[:, 0])) == 400
    assert fold._folds.lots.live.shape[1] <= 64


def test_quantiles_of_many_lead_times_are_sketched_to_a_part_in_a_thousand(line: Simulated) -> None:
    count = 2 * EXACT
    leads = np.random.default_rng(1).lognormal(math.log(3e13), 1.5, count).astype(np.int64)
    block = np.full((count, LOT_COLUMNS), -1)
    block[:, lots_kept.LOT], block[:, lots_kept.OPERATION], block[:, lots_kept.UNIT] = np.arange(count), 2, 2
    block[:, [lots_kept.VISIT, lots_kept.ARRIVED, lots_kept.OUTCOME, lots_kept.SCRAP, lots_kept.SINKS]] = 0
    block[:, [lots_kept.STARTED, lots_kept.FINISHED, lots_kept.LEFT]] = leads[:, None]
    block[:, lots_kept.IN] = 1
    folder = Folder(line.program)
    fold = folder.begin([0], (), ())
    for first in range(0, count, 1000):
        fold.rows(stores_of(Rows(lots=block[first : first + 1000])))
    fold.end([0], [int(leads.max())])
    sums, ordered = folder.sums(), np.sort(leads)
    assert sums.sketched.tolist() == [1]
    assert sums.lead_time.tolist() == [int(leads.sum())]
    for percent, found in zip((50, 90, 95), sums.lead_quantiles[0].tolist(), strict=True):
        exact = int(ordered[math.ceil(count * percent / 100) - 1])
        assert abs(found - exact) <= exact / 1024


@given(st.integers(0, 2**62 - 1))
def test_a_lead_time_falls_into_a_bucket_whose_middle_is_near(value: int) -> None:
    buckets = np.zeros(sketch.SKETCH_BUCKETS, dtype=np.int64)
    buckets[sketch.bucket(value)] = 1
    assert abs(quantile(buckets, 1) - value) <= value / 1024


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e300, max_value=1e300)))
def test_reals_are_summed_without_error_and_rounded_once(values: list[float]) -> None:
    limbs = np.zeros((1, exact.REAL_LIMBS + 1), dtype=np.int64)
    for value in values:
        add_real(value, limbs)
    assert rounded(limbs) == math.fsum(values)


def rounded(limbs: np.ndarray[tuple[int, int], np.dtype[np.int64]]) -> float:
    found = np.empty((1, len(limbs)))
    exact.round_reals(np.array([0]), limbs[None], found)
    return float(found[0, 0])


def add_real(value: float, limbs: np.ndarray[tuple[int, int], np.dtype[np.int64]]) -> None:
    exact.add_real(value, limbs, 0)


@pytest.mark.parametrize(
    ("values", "total"),
    [((math.inf, 1.0), math.inf), ((1.0, -math.inf), -math.inf), ((5e-324,) * 3, 1.5e-323)],
)
def test_what_is_not_finite_or_hardly_there_is_summed_too(values: tuple[float, ...], total: float) -> None:
    limbs = np.zeros((1, exact.REAL_LIMBS + 1), dtype=np.int64)
    for value in values:
        add_real(value, limbs)
    assert rounded(limbs) == total
    add_real(math.nan, limbs)
    assert math.isnan(rounded(limbs))


def test_two_units_share_a_bottleneck_that_shifts() -> None:
    stretches = np.array([[0, 0, 0, 60], [1, 1, 50, 120], [0, 2, 130, 140]])
    alone, shifting = bottleneck_times(stretches, np.array([60, 70, 10]), 2, 0, 140)
    assert (alone.tolist(), shifting.tolist()) == ([60, 60], [10, 10])


def test_there_are_no_sums_of_nothing() -> None:
    with pytest.raises(ValueError, match="no sums"):
        together([])


def test_due_dates_come_by_the_number_of_the_lot(line: Simulated) -> None:
    what = from_file(ROOT / "docs" / "examples" / "orders.yaml")
    assert (what.block.due != NOT_DUE).any()
    assert differences(what.folded(pieces=7), what.measured()) == []
