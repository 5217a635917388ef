"""A study at any of its settings, compiled: read once, changed, checked and compiled for each.

What a setting leaves as it was in the last one is taken over from it, and not checked again. The few that
were made last are kept, so that what was checked is not compiled a second time to be run.
Picklable without them. Pure but for a snapshot that a scenario names.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from twin.experiment.charges import Charges, charges_of
from twin.experiment.identity import canonical, evaluation_key
from twin.experiment.keeping import folded_from
from twin.experiment.prepare import Settled, settle
from twin.physics.backend import Device
from twin.plant.load import LoadedScenario

KEPT = 32


@dataclass(frozen=True)
class Variant:
    """The study at some settings. `key` is the hash of what a replication's number makes a result of; None
    where replications cannot be folded one by one, or their records are asked for.
    """

    settled: Settled
    key: str | None
    window: int
    charges: Charges | None

    @property
    def replications(self) -> int:
        """How many are asked for."""
        return self.settled.run.replications


@dataclass
class Variants:
    """Variants of a study, in an engine and on a device."""

    study: LoadedScenario
    engine: str = "auto"
    device: Device = "cpu"
    _made: OrderedDict[str, Variant] = field(default_factory=OrderedDict, repr=False, compare=False)
    _last: LoadedScenario | None = field(default=None, repr=False, compare=False)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_made": OrderedDict(), "_last": None}

    def at(self, changes: Mapping[str, object]) -> Variant:
        """The variant with these changes on top; raises InputError with all complaints."""
        name = canonical(changes)
        found = self._made.pop(name, None) or self._make(changes)
        self._made[name] = found
        if len(self._made) > KEPT:
            self._made.popitem(last=False)
        return found

    def _make(self, changes: Mapping[str, object]) -> Variant:
        study = self.study.at(changes, self._last)
        self._last = study
        settled = settle(study, self.engine, self.device)
        run = settled.run
        window = folded_from(run, settled.kind, settled.start)
        charges = charges_of(settled.plant)
        if window is None or run.record == "full" or run.snapshot_at is not None:
            return Variant(settled, None, 0, charges)
        return Variant(settled, evaluation_key(settled.batch, settled.plant, window), window, charges)

    def with_engine(self, engine: str) -> Variants:
        """The same in another engine."""
        return replace(self, engine=engine, _made=OrderedDict(), _last=None)
