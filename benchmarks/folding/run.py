"""How fast a replication's rows are folded into the sums of all measures, and what that takes of memory.

    python benchmarks/folding/run.py [--rounds N] [--page docs/performance.md]

Run it from the project's root, in an environment in which twin is installed. One replication of each plant is
simulated with the SimPy engine; then its rows, in blocks of `BLOCK`, are folded again and again, and the best
round by processor time counts, up to the finished sums. `--page` writes the table between the page's markers.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from twin.engine.compile import compile_program
from twin.engine.program import Program
from twin.engine.rows import Integers, Rows, Stores, stores_of
from twin.engine.simpy_engine import simulate_into
from twin.experiment.folding import Folder
from twin.experiment.prepare import prepare

BLOCK = 50_000
BEGIN, END = (f"<!-- {edge}: benchmarks/folding/run.py -->" for edge in ("begin", "end"))
LINE = """\
twin: 1
plant: Five machines
equipment: {s1: {}, s2: {}, s3: {}, s4: {}, s5: {}}
storage: {b2: {capacity: 4}, b3: {capacity: 4}, b4: {capacity: 4}, b5: {capacity: 4}}
recipes:
  part:
    operations:
      - o1: {on: [s1], takes: exponential(mean=10 min)}
      - o2: {on: [s2], takes: exponential(mean=10 min), wait_in: b2}
      - o3: {on: [s3], takes: exponential(mean=10 min), wait_in: b3}
      - o4: {on: [s4], takes: exponential(mean=10 min), wait_in: b4}
      - o5: {on: [s5], takes: exponential(mean=10 min), wait_in: b5}
orders:
  - {recipe: part, batches: 20000}
"""


class Kept:
    """Takes the rows of a replication, and gives them again in blocks."""

    def begin(
        self, replications: Sequence[int], causes: Sequence[str], entities: Sequence[str], begins: int = 0
    ) -> Kept:
        """Keep the names."""
        self.names = tuple(causes), tuple(entities)
        return self

    def rows(self, stores: Stores) -> None:
        """Keep the rows."""
        self.block = stores.rows(0)

    def taker(self, columns: Integers, width: int) -> None:
        """None: rows are kept."""

    def end(self, places: Sequence[int], horizons: Sequence[int]) -> None:
        """Keep the end."""
        (self.horizon,) = horizons

    def blocks(self) -> Iterator[Rows]:
        """The rows again."""
        whole = self.block
        yield Rows(due=whole.due, genealogy=whole.genealogy)
        for first in range(0, max(len(whole.states), len(whole.lots), len(whole.levels)), BLOCK):
            part = slice(first, first + BLOCK)
            lots, levels = (whole.lots[part], whole.attributes[part]), (whole.levels[part], whole.rates[part])
            yield Rows(whole.states[part], *lots, *levels)


def folded(program: Program, kept: Kept) -> float:
    """Seconds of processor time to fold the rows and finish the sums."""
    folder = Folder(program)
    blocks = [stores_of(block) for block in kept.blocks()]
    begun = time.thread_time()
    fold = folder.begin([0], *kept.names)
    for block in blocks:
        fold.rows(block)
    fold.end([0], [kept.horizon])
    folder.sums()
    return time.thread_time() - begun


def row(name: str, path: Path, horizon: str | None, rounds: int) -> str:
    """A line of the table."""
    prepared = prepare(path, {} if horizon is None else {"run.horizon": horizon})
    program, kept = compile_program(prepared.plant, prepared.run), Kept()
    for _ in simulate_into(kept, program, 1, [0]):
        pass
    counts = [len(table) for table in (kept.block.states, kept.block.lots, kept.block.levels)]
    best = min(folded(program, kept) for _ in range(rounds + 1))
    numbers = " | ".join(f"{count:,}" for count in counts)
    return f"| {name} | {numbers} | {best * 1e3:.1f} ms | {sum(counts) / best / 1e6:.0f} million |"


def main() -> None:
    """Measure, print, and write the page where one is given."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--page", type=Path)
    given = parser.parse_args()
    solid_dose = Path("plant_models/solid_dose.yaml")
    with tempfile.TemporaryDirectory() as folder:
        line = Path(folder) / "line.yaml"
        line.write_text(LINE, encoding="utf-8")
        plants: tuple[tuple[str, Path, str | None], ...] = (
            ("five machines, 20,000 lots", line, None),
            ("solid-dose building, a month", solid_dose, "28 days"),
            ("solid-dose building, a year", solid_dose, "365 days"),
        )
        rows = [row(*plant, given.rounds) for plant in plants]
    head = "| one replication | states | lots | levels | time | rows a second |"
    text = "\n".join([head, "| --- | ---: | ---: | ---: | ---: | ---: |", *rows])
    print(text)
    if given.page is not None:
        page = given.page.read_text(encoding="utf-8")
        before, after = page.partition(BEGIN)[0], page.partition(END)[2]
        given.page.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
