"""Replications are added until a mean is known well enough: which mean, how well, and what is refused."""

from pathlib import Path

import pytest

import twin
from twin.experiment.chunk_measures import values_of_chunks
from twin.experiment.prepare import prepare
from twin.plant.errors import InputError
from twin.plant.scenario import Precision, Run


def problems_of(path: Path, wanted: object) -> list[str]:
    with pytest.raises(InputError) as caught:
        prepare(path, {"run.precision": wanted})
    return [problem.message for problem in caught.value.problems]


@pytest.mark.parametrize("short", ["5 %", "0.05", 0.05])
def test_a_number_is_a_part_of_the_mean_of_throughput(short: object) -> None:
    assert Run(precision=short).precision == Precision(measure="throughput", relative=0.05)  # type: ignore[arg-type]  # as in a file


@pytest.mark.parametrize("record", ["full", "folded"])
def test_replication_stops_when_the_lead_time_is_known_to_the_minutes_asked_for(
    folder: Path, workspace: Path, record: str
) -> None:
    wanted = {"measure": "lead_time_mean", "absolute": "15 min"}
    change = {"run.precision": wanted, "run.replications": 200}
    result = twin.run(folder / "cell.yaml", set=change, record=record, workspace=workspace)
    interval = result.interval("lead_time_mean")
    assert interval.half_width is not None
    assert interval.half_width <= 900
    assert 10 <= interval.n < 200


def test_a_wider_wish_takes_fewer_replications(folder: Path, workspace: Path) -> None:
    counts = []
    for minutes in (30, 10):
        wanted = {"measure": "lead_time_mean", "absolute": f"{minutes} min"}
        change = {"run.precision": wanted, "run.replications": 200}
        counts.append(len(twin.run(folder / "cell.yaml", set=change, workspace=workspace).replications))
    assert counts[0] < counts[1]


@pytest.mark.parametrize("record", ["full", "folded"])
def test_what_the_rule_looks_at_is_what_the_run_then_tells(
    folder: Path, workspace: Path, record: str
) -> None:
    result = twin.run(folder / "cell.yaml", replications=6, record=record, workspace=workspace)
    chunks, planned = list(result.chunks()), result.manifest["planned_s"]
    for name, values in result.values.items():
        seen = values_of_chunks(name, chunks, result.windows, planned, result.charges)
        assert [value for value in seen if value is not None] == pytest.approx(list(values.values())), name


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ({"measure": "througput", "relative": 0.1}, "names `througput`, which is no measure"),
        ({"measure": "unit.pres.oee", "relative": 0.1}, "is of `pres`, which is not there"),
        (
            {"measure": "lead_time_mean", "absolute": "3 kg"},
            "in the unit of the measure, s, and `3 kg`",
        ),
        ({"measure": "lead_time_mean", "absolute": 3}, "in the unit of the measure, s, and `3` is not"),
        ({"measure": "lots_finished", "absolute": "3 kg"}, "must be a plain number, and `3 kg` is not"),
        ({"measure": "lead_time_mean", "absolute": "0 min"}, "must be greater than 0"),
        ({"measure": "lead_time_mean", "absolute": "soon"}, "must be a number with a unit"),
        ({"measure": "lead_time_mean"}, "says either how precise"),
        ({"relative": 0.1, "absolute": 3}, "says either how precise"),
        ({"relative": 2}, "must be less than 1"),
        ("2 h", "must be a number without unit"),
        ([0.1], "must be a mapping"),
    ],
)
def test_a_precision_that_means_nothing_is_refused(folder: Path, wanted: object, message: str) -> None:
    [found] = problems_of(folder / "cell.yaml", wanted)
    assert message in found


def test_measures_to_be_kept_must_be_measures(folder: Path) -> None:
    patterns = ["lead_time_*", "unit.*.oee", "leed_time_*", "operation.*.waiting_mean"]
    with pytest.raises(InputError) as caught:
        prepare(folder / "slower.yaml", {"outputs.measures": patterns})
    [problem] = caught.value.problems
    assert problem.message == "Item 3 of `measures` of `outputs` names no measure: `leed_time_*`."
    assert problem.hint == "Did you mean `lead_time_p95`?"
