"""Selecting the best point of a sweep from the command line, over a plant of two machines."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

import twin
from twin import cli as command_line

THREE = """\
scenario: How fast must the press be?
base: cell.yaml
run: {{replications: 4}}
sweep:
  method: zip
  axes:
    recipes.tablet.operations.press.takes: [{}]
    run.record: [{}]
"""
SLOW, FAST, MIDDLE = (f"exponential(mean={m} min)" for m in (16, 6, 12))
Command = Callable[..., int]


@pytest.fixture
def cli(folder: Path, workspace: Path) -> Command:
    """Runs `twin select` on presses of several speeds, in one process."""

    def run(*words: str, takes: tuple[str, ...] = (SLOW, FAST, MIDDLE), last: str = "auto") -> int:
        file = folder / "presses.yaml"
        records = [*["auto"] * (len(takes) - 1), last]
        file.write_text(THREE.format(", ".join(takes), ", ".join(records)), encoding="utf-8")
        words = (*words, "--engine", "simpy", "--workers", "1", "--workspace", str(workspace))
        return command_line.execute(["select", str(file), *words])

    return run


@pytest.mark.parametrize("method", ["kn", "ocba"])
def test_the_fastest_press_ends_first(
    cli: Command, method: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("--measure", "makespan", "--indifference", "10 min", "--method", method, "--fresh", "12")
    assert cli(*words, "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["aim"], found["best"]["point"], found["decided"]) == ("minimise", 2, True)
    assert found["indifference"] == 600
    assert found["fresh"]["n"] == 12
    assert [point["replications"] >= 10 for point in found["points"]] == [True] * 3
    assert found["replications"] == sum(point["replications"] for point in found["points"])
    # The fresh replications are those of the plant with the seed's next numbers.
    used = max(point["replications"] for point in found["points"])
    run = twin.run(
        folder / "cell.yaml",
        set={"recipes.tablet.operations.press.takes": FAST},
        replications=used + 12,
        engine="simpy",
        workers=1,
        workspace=folder / "elsewhere",
    )
    last = [run.values["makespan"][r] for r in range(used + 1, used + 13)]
    assert found["fresh"]["mean"] == pytest.approx(sum(last) / 12)
    # Asked again, nothing is computed.
    assert cli(*words, "--json") == 0
    again = json.loads(capsys.readouterr().out)
    assert again.pop("computed") == 0
    assert found.pop("computed") == found["replications"] + 12
    assert again == found


def test_the_table_says_how_sure_the_choice_is(cli: Command, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli("--measure", "makespan", "--indifference", "5 %", "--fresh", "5") == 0
    out = capsys.readouterr().out
    assert "with a probability of 95 % or more" in out
    assert "Stated with 5 fresh replications" in out


def test_too_few_replications_leave_it_undecided(cli: Command, capsys: pytest.CaptureFixture[str]) -> None:
    words = ("--measure", "makespan", "--indifference", "1 s", "--most", "12", "--fresh", "2")
    assert cli(*words, "--json", takes=(FAST, "uniform(low=1 min, high=11 min)")) == 3
    found = json.loads(capsys.readouterr().out)
    assert found["decided"] is False
    assert [point["in_question"] for point in found["points"]] == [True, True]


def test_a_point_that_cannot_run_is_named_and_left_out(
    cli: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("--measure", "makespan", "--indifference", "10 min", "--fresh", "2", "--json")
    assert cli(*words, last="full") == 3
    found = json.loads(capsys.readouterr().out)
    assert found["best"]["point"] == 2
    assert found["points"][2]["error"]
    assert cli(*words, takes=(SLOW, FAST), last="full") == 1
    assert "Fewer than two points" in capsys.readouterr().out


def test_a_dry_run_lists_the_points(cli: Command, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli("--dry-run", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert (len(found["dry_run"]), found["first_stage"]) == (3, 30)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--measure", "unit.press.utilisation"), "Neither more nor less"),
        (("--measure", "speed"), "no measure named"),
        (("--method", "guess"), "no method"),
        (("--aim", "win"), "no aim"),
        (("--indifference", "some"), "no difference"),
        (("--indifference", "5 kg"), "must be a rate"),
        (("--measure", "makespam", "--aim", "minimise"), "Did you mean `makespan`"),
        (("--probability", "1.5"), "between 0.5 and 1"),
        (("--first", "20", "--most", "10"), "first stage"),
    ],
)
def test_what_makes_no_sense_is_refused(
    cli: Command, words: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli(*words) == 2
    assert message in capsys.readouterr().err
