"""What a scenario's sweep asks for: the study, its points in order, and the id by which it is known.

Nothing is compiled here but what a point needs when it is asked for; points that cannot run are found on the
way and named. Called by the command line and whoever starts a sweep from Python.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from twin.engine.fingerprint import code_fingerprint
from twin.experiment.designs import DesignPoint, points_of
from twin.experiment.identity import (
    ID_LENGTH,
    charges_data,
    digest,
    folding_code,
    measuring_code,
    plant_data,
)
from twin.experiment.prepare import Prepared, Source, check_device, check_named_measures, open_study
from twin.experiment.sweeps.variants import Variants
from twin.plant.errors import InputError, Problem
from twin.plant.load import LoadedScenario


@dataclass(frozen=True)
class SweepPlan:
    """A sweep that may be run: all of its points, which of them are to be computed here, and the runs to
    compare with that are computed beside it.
    """

    variants: Variants
    points: tuple[DesignPoint, ...]
    chosen: tuple[DesignPoint, ...]
    shard: str | None = None
    beside: tuple[Prepared, ...] = ()

    @property
    def study(self) -> LoadedScenario:
        """The scenario with its plant."""
        return self.variants.study

    @cached_property
    def replications(self) -> int:
        """Replications of the chosen points together, at most."""
        return sum(self.wanted(point) for point in self.chosen)

    def wanted(self, point: DesignPoint) -> int:
        """Replications of a point, at most."""
        own = self.study.scenario.run.replications
        number = point.changes.get("run.replications", own)
        return number if isinstance(number, int) else own

    @cached_property
    def id(self) -> str:
        """Hash of what is asked: the plant, how it is run, the points, what is kept, and the code."""
        plant, scenario = self.study.base.plant, self.study.scenario
        asked = {
            "plant": plant_data(plant),
            "charges": charges_data(plant),
            "run": scenario.run.model_dump(mode="json"),
            "points": [[point.label, repr(point.changes)] for point in self.points],
            "outputs": scenario.outputs.model_dump(mode="json"),
            "device": self.variants.device,
            "code": [code_fingerprint(), folding_code(), measuring_code()],
        }
        return digest(asked)[:ID_LENGTH]

    @property
    def whole(self) -> SweepPlan:
        """The plan of the sweep of which this may be a shard."""
        return self if self.shard is None else replace(self, chosen=self.points, shard=None)

    def part(self, shard: str | None) -> SweepPlan:
        """The plan for one shard, `I/N`: points I, I + N, I + 2N, … counted from 1; raises InputError."""
        if shard is None:
            return self
        match = re.fullmatch(r"(\d{1,6})/(\d{1,6})", shard)
        if match is None or not 1 <= int(match[1]) <= int(match[2]):
            raise InputError([Problem("--shard", 0, 0, f"`{shard}` is no shard.", "Write `1/4` to `4/4`.")])
        chosen = self.points[int(match[1]) - 1 :: int(match[2])]
        return replace(self, chosen=chosen, shard=shard)


def plan_sweep(
    source: Source,
    changes: Mapping[str, object] | None = None,
    *,
    replications: int | None = None,
    seed: int | None = None,
    engine: str = "auto",
    device: str = "auto",
    shard: str | None = None,
    workspace: str | Path | None = None,
) -> SweepPlan:
    """The sweep of a scenario, or one shard of it.

    Args:
        source: the scenario.
        changes: as in `prepare`, below each point's own.
        replications: instead of the scenario's.
        seed: instead of the scenario's.
        engine: as in `prepare`.
        device: as in `prepare`.
        shard: `I/N`: points I, I + N, I + 2N, … counted from 1.
        workspace: a folder in which the scenario's plant may lie.

    Raises:
        InputError: the scenario or its plant is wrong, or names measures that there are not, or there is no
            sweep.
    """
    settled_device = check_device(engine, device)
    wanted = {"run.replications": replications, "run.seed": seed}
    given = {path: value for path, value in wanted.items() if value is not None}
    study = open_study(source, {**(changes or {}), **given}, workspace)
    if study.scenario.sweep is None:
        hint = f"Run it with `twin run {study.source}`."
        raise InputError([Problem(study.source, 0, 0, "There is nothing to sweep over: no `sweep`.", hint)])
    check_named_measures(study)
    points = tuple(points_of(study.scenario.sweep))
    return SweepPlan(Variants(study, engine, settled_device), points, points).part(shard)
