"""What physics costs in the solid-dose building: a month of `solid_dose_physics`, by model and outside.

    python benchmarks/solid_dose/physics.py [--replications N] [--page docs/plants/solid_dose_physics.md]
        [--command] [--engine auto|simpy|compiled] [--emulated]

Run it from the project's root, in an environment in which twin is installed. Replications run one after the
other in this process, full record kept; each model's own time is clocked around its equations, the first
replication warming caches. `--page` writes the table between the page's markers. `--command` times instead
what a user waits for: `twin run` of so many replications in a process of its own, on a warm cache, from the
prompt to the printed intervals; `--emulated` has granulation and milling emulated there. With the compiled
engine it then says what asking physics takes of such a run, in this process.
"""

from __future__ import annotations

import argparse
import datetime
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from twin.engine.choice import COMPILED, SIMPY, simulate_into
from twin.engine.compile import compile_program
from twin.engine.compiled_engine.physics import Asking
from twin.engine.program import Program
from twin.engine.simpy_engine import simulate
from twin.experiment.folding import Folder
from twin.experiment.prepare import prepare
from twin.physics.contract import Inputs, Outcome, UnitOperation
from twin.plant.load import load_scenario

SCENARIO = Path("scenarios/solid_dose_physics.yaml")
MANY = 1_000  # lots of one call
BEGIN, END = (f"<!-- {edge}: benchmarks/solid_dose/physics.py -->" for edge in ("begin", "end"))


@dataclass
class Clock:
    """What a model was asked and how long it took, s."""

    model: UnitOperation
    calls: int = 0
    lots: int = 0
    seconds: float = 0.0
    asked: list[tuple[Inputs, Inputs, Inputs]] = field(default_factory=list)

    def together(self) -> float:
        """Seconds a lot where `MANY` lots are asked about in one call; the better of two."""
        groups = []
        for group in zip(*self.asked, strict=True):
            joined = {name: np.concatenate([inputs[name] for inputs in group]) for name in group[0]}
            groups.append({name: np.resize(values, MANY) for name, values in joined.items()})
        times = []
        for _ in range(2):
            before = time.perf_counter()
            self.model.evaluate(*groups)
            times.append(time.perf_counter() - before)
        return min(times) / MANY


@dataclass
class Clocks:
    """A clock for each model, and each model with its clock around it."""

    of: dict[str, Clock] = field(default_factory=dict)
    timed: dict[str, UnitOperation] = field(default_factory=dict)

    def around(self, model: UnitOperation) -> UnitOperation:
        """The model, clocked; the same one for every operation that asks it."""
        if model.name not in self.timed:
            clock = self.of.setdefault(model.name, Clock(model))
            self.timed[model.name] = replace(model, evaluate=_clocked(model, clock))
        return self.timed[model.name]


def _clocked(model: UnitOperation, clock: Clock) -> Callable[[Any, Any, Any], Outcome]:
    def evaluate(material: Any, settings: Any, equipment: Any) -> Outcome:
        before = time.perf_counter()
        outcome = model.evaluate(material, settings, equipment)
        clock.seconds += time.perf_counter() - before
        clock.calls += 1
        clock.lots += len(outcome.duration)
        clock.asked.append((material, settings, equipment))
        return outcome

    return evaluate


def clocked(program: Program, clocks: Clocks) -> Program:
    """The program with every model clocked."""
    operations = tuple(
        op
        if op.physics is None
        else replace(op, physics=replace(op.physics, model=clocks.around(op.physics.model)))
        for op in program.operations
    )
    return replace(program, operations=operations)


def month(replications: int) -> tuple[Clocks, float]:
    """Clocks over so many replications, and the seconds that all of it took."""
    loaded = load_scenario(SCENARIO)
    run = loaded.scenario.run
    program = compile_program(loaded.base.plant, run)
    simulate(program, run.seed)
    clocks = Clocks()
    timed = clocked(program, clocks)
    before = time.perf_counter()
    for replication in range(replications):
        simulate(timed, run.seed, replication)
    return clocks, time.perf_counter() - before


def table(clocks: Clocks, seconds: float, replications: int) -> list[str]:
    """The page's table: a row for each model, and what is left outside of them."""
    lines = [
        f"{replications} replications one after the other, SimPy engine, one core, "
        f"{platform.machine()}, Python {platform.python_version()}, {datetime.date.today()}.",
        "",
        f"| one replication | calls | lots a call | ms a lot | s | share | ms a lot of {MANY:,} |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    inside = sum(clock.seconds for clock in clocks.of.values())
    for name, clock in sorted(clocks.of.items(), key=lambda item: -item[1].seconds):
        lines.append(
            f"| `{name}` | {clock.calls / replications:.0f} | {clock.lots / clock.calls:.2f} "
            f"| {1e3 * clock.seconds / clock.lots:.2f} | {clock.seconds / replications:.3f} "
            f"| {clock.seconds / seconds:.1%} | {1e3 * clock.together():.4f} |"
        )
    rest = seconds - inside
    lines.append(f"| all models | | | | {inside / replications:.3f} | {inside / seconds:.1%} | |")
    lines.append(f"| outside of them | | | | {rest / replications:.3f} | {rest / seconds:.1%} | |")
    return lines


def emulating() -> list[str]:
    """Arguments of `twin run` that have both population balances emulated."""
    recipes = ("tablet_20mg", "tablet_10mg", "tablet_40mg")
    paths = [f"recipes.{r}.operations.{o}.solve" for r in recipes for o in ("granulate", "mill")]
    return [word for path in paths for word in ("--set", f"{path}=emulated")]


def command(replications: int, engine: str, changes: Sequence[str]) -> float:
    """Seconds of `twin run` from the prompt to its end, the second of two, of other seeds."""
    times = []
    with tempfile.TemporaryDirectory() as folder:
        for seed in (1, 2):
            before = time.perf_counter()
            subprocess.run(
                [
                    sys.executable, "-m", "twin.cli", "run", str(SCENARIO), "--engine", engine,
                    "--replications", str(replications), "--seed", str(seed), "--workspace", folder, *changes,
                ],
                check=True,
                stdout=subprocess.DEVNULL,
            )  # fmt: skip
            times.append(time.perf_counter() - before)
    return times[-1]


def asking(replications: int, changes: Sequence[str]) -> tuple[float, float]:
    """Processor seconds of asking physics, and of all, in so many folded replications of the compiled engine
    in as many threads as there are cores, everything read and compiled.
    """
    words = changes[1::2]
    program = prepared_program(dict(word.split("=") for word in words))
    spent: list[float] = []
    answer = Asking.answer

    def timed(self: Asking, *given: Any) -> Any:
        begun = time.thread_time()
        try:
            return answer(self, *given)
        finally:
            spent.append(time.thread_time() - begun)

    Asking.answer = timed  # type: ignore[method-assign]
    for count in (2, replications):
        spent.clear()
        begun = time.process_time()
        folder = Folder(program)
        for _ in simulate_into(folder, COMPILED, program, 1, range(count)):
            pass
        folder.table()
        whole = time.process_time() - begun
    return sum(spent), whole


def prepared_program(changes: Mapping[str, str]) -> Program:
    """The scenario with changes, compiled."""
    prepared = prepare(str(SCENARIO), dict(changes))
    return compile_program(prepared.plant, prepared.run)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--replications", type=int, default=5)
    parser.add_argument("--page", type=Path)
    parser.add_argument("--command", action="store_true")
    parser.add_argument("--engine", default="auto")
    parser.add_argument("--emulated", action="store_true")
    given = parser.parse_args()
    if given.command:
        changes = emulating() if given.emulated else []
        seconds = command(given.replications, given.engine, changes)
        print(f"`twin run` of {given.replications} replications, engine {given.engine}: {seconds:.1f} s")
        if given.engine != SIMPY:
            physics, whole = asking(given.replications, changes)
            print(f"Compiled engine: {physics:.1f} s of the processor in physics, of {whole:.1f} s")
        return
    lines = table(*month(given.replications), given.replications)
    print("\n".join(lines))
    if given.page:
        before, rest = given.page.read_text(encoding="utf-8").split(BEGIN)
        after = rest.split(END)[1]
        given.page.write_text(before + BEGIN + "\n" + "\n".join(lines) + "\n" + END + after, encoding="utf-8")


if __name__ == "__main__":
    main()
