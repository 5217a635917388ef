"""How often physics was asked, for the manifest: by model and by operation.

What it says depends on how many replications were stepped side by side, so that it stands apart from what a
run is, as times do. The same lots get the same answers whatever it says.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass
class OfOperation:
    """Lots computed before anybody asked, those of them that were used, and lots computed when asked, with
    those that then waited.
    """

    ahead: int = 0
    used: int = 0
    live: int = 0


@dataclass
class OfModel:
    """Array calls and the lots in them."""

    calls: int = 0
    lots: int = 0


@dataclass
class Counts:
    """What a broker counts; picklable, and added up over processes."""

    operations: dict[str, OfOperation] = field(default_factory=dict)
    models: dict[str, OfModel] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.models)

    def operation(self, name: str) -> OfOperation:
        """The counts of an operation, by `recipe/operation`."""
        return self.operations.setdefault(name, OfOperation())

    def called(self, model: str, lots: int) -> None:
        """Count an array call."""
        counted = self.models.setdefault(model, OfModel())
        counted.calls += 1
        counted.lots += lots

    def add(self, other: Counts) -> None:
        """Add what another broker counted."""
        for name, theirs in other.operations.items():
            mine = self.operation(name)
            mine.ahead += theirs.ahead
            mine.used += theirs.used
            mine.live += theirs.live
        for name, called in other.models.items():
            counted = self.models.setdefault(name, OfModel())
            counted.calls += called.calls
            counted.lots += called.lots

    def report(self) -> dict[str, Any]:
        """What the manifest says: calls and lots by model, lots by operation."""
        return {
            "models": {
                name: {"calls": m.calls, "lots": m.lots, "lots_per_call": round(m.lots / m.calls, 2)}
                for name, m in sorted(self.models.items())
            },
            "operations": {
                name: {"ahead": of.used, "ahead_unused": of.ahead - of.used, "live": of.live}
                for name, of in sorted(self.operations.items())
            },
        }
