"""How often physics is asked in a month of the computed solid-dose building, and what grouping saves.

    python benchmarks/physics_broker/run.py [--replications N] [--page docs/physics_in_the_loop.md]

Run it from the project's root, in an environment in which twin is installed; a few minutes. The same
replications of `solid_dose_physics` run three times: one replication after another with every visit asked
when it starts; side by side, still asked when it starts; and as twin does it, ahead where it can. Records are
the same. Seconds are of processor time, all threads together, so that other work of the machine counts less.
`--page` writes the table between the page's markers.
"""

from __future__ import annotations

import argparse
import datetime
import platform
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from unittest import mock

from twin.engine.broker import Counts, PlannedOperation, broker, physics_plan
from twin.engine.compile import compile_program
from twin.engine.program import Program
from twin.engine.simpy_engine import simulate_all
from twin.physics.contract import Outcome
from twin.plant.load import load_scenario

SCENARIO = Path("scenarios/solid_dose_physics.yaml")
BEGIN, END = (f"<!-- {edge}: benchmarks/physics_broker/run.py -->" for edge in ("begin", "end"))
WARM = 1  # replications before the clock runs


@dataclass(frozen=True)
class Measured:
    """What one way of asking costs, in s of processor time."""

    way: str
    counts: Counts
    all: float
    models: float


def all_live(program: Program) -> tuple[PlannedOperation, ...]:
    """The plan with which nothing is computed ahead."""
    return tuple(replace(planned, ahead=False) for planned in physics_plan(program))


def measure(program: Program, seed: int, replications: int, way: str, most: int | None) -> Measured:
    """Run the replications with the clock on every call of a model."""
    in_models = 0.0
    ask = broker.Broker._ask

    def timed(self: broker.Broker, *given: object) -> Outcome:
        nonlocal in_models
        began = time.process_time()
        outcome = ask(self, *given)  # type: ignore[arg-type]  # handed on as they came
        in_models += time.process_time() - began
        return outcome

    list(simulate_all(program, seed, range(WARM)))
    counts = Counts()
    with mock.patch.object(broker.Broker, "_ask", timed):
        began = time.process_time()
        for _ in simulate_all(program, seed, range(replications), most=most, counts=counts):
            pass
        whole = time.process_time() - began
    return Measured(way, counts, whole, in_models)


def rows(measured: Sequence[Measured]) -> list[str]:
    """The table."""
    lines = [
        "| way of asking | calls | lots a call | s in models | visits answered a second there | s in all |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for each in measured:
        calls = sum(of.calls for of in each.counts.models.values())
        lots = sum(of.lots for of in each.counts.models.values())
        answered = sum(of.used + of.live for of in each.counts.operations.values())
        lines.append(
            f"| {each.way} | {calls:,} | {lots / calls:,.1f} | {each.models:.1f} | "
            f"{answered / each.models:,.0f} | {each.all:.1f} |"
        )
    return lines


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--replications", type=int, default=50)
    parser.add_argument("--page", type=Path)
    given = parser.parse_args()
    study = load_scenario(SCENARIO)
    run = study.scenario.run
    program = compile_program(study.base.plant, run)
    with mock.patch.object(broker, "physics_plan", all_live):
        measured = [
            measure(program, run.seed, given.replications, "one visit at a time", 1),
            measure(program, run.seed, given.replications, "side by side", None),
        ]
    measured.append(
        measure(program, run.seed, given.replications, "side by side, ahead where it can be", None)
    )
    head = (
        f"Measured on {datetime.date.today().isoformat()}, {given.replications} replications of four weeks, "
    )
    head += f"{platform.processor() or platform.machine()}, Python {platform.python_version()}."
    table = "\n".join([head, "", *rows(measured)])
    print(table)
    if given.page is not None:
        text = given.page.read_text(encoding="utf-8")
        before, _, rest = text.partition(BEGIN)
        after = rest.partition(END)[2]
        given.page.write_text(f"{before}{BEGIN}\n{table}\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
