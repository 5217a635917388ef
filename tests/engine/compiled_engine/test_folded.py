"""Rows of the compiled engine are folded in its threads, to the bytes that the SimPy engine's give."""

from __future__ import annotations

from pathlib import Path

import twin

PLANT = """\
twin: 1
plant: A cell of two machines
people: {operator: {count: 1}}
equipment:
  mixer: {failures: [{clock: running, between: exponential(mean=3 h), repair: exponential(mean=20 min)}]}
  press: {}
recipes:
  tablet:
    batch: 100 pieces
    operations:
      - mix: {on: [mixer], takes: exponential(mean=10 min), needs: [operator]}
      - press: {on: [press], takes: exponential(mean=12 min), needs: [operator], scrap: 5 %}
orders:
  - {recipe: tablet, batches: 40, due: 8 h}
"""


def test_either_engine_folds_to_the_same_bytes(tmp_path: Path) -> None:
    path = tmp_path / "cell.yaml"
    path.write_text(PLANT, encoding="utf-8")
    folded = {
        engine: twin.run(
            path, workspace=tmp_path / engine, replications=6, record="folded", engine=engine, workers=2
        )
        for engine in ("simpy", "compiled")
    }
    assert folded["compiled"].manifest["engine"] == "compiled"
    assert folded["compiled"].manifest["content"] == folded["simpy"].manifest["content"]
    assert folded["compiled"].values == folded["simpy"].values
