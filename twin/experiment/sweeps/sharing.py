"""Small results that another sweep of the workspace has already: found by key, copied, not computed again.

The index says where to look and is never trusted: what counts is the other folder's files, whose checksums
are looked at as they are opened.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from twin.experiment.index import find_evaluations
from twin.experiment.store import Workspace
from twin.experiment.sweeps.folder import FOLDER, SweepFolder
from twin.experiment.sweeps.shelf import Shelf
from twin.experiment.sweeps.slices import REPLICATION, Block, Covered, write_slice
from twin.experiment.sweeps.tasks import missing_ranges, task_identity

EVALUATIONS = "evaluations"
ROWS = 5_000  # copied, before a slice is written


class Nothing:
    """Where other sweeps are not looked at."""

    def take(self, key: str, point: int, missing: set[int]) -> set[int]:
        """No replications are there."""
        return set()

    def write(self) -> None:
        """Nothing was copied."""


class Shared:
    """What other sweeps have, for one that is to be computed in `own`."""

    def __init__(self, place: Workspace, own: Path) -> None:
        self._own = own
        self._places = find_evaluations(place)
        self._shelves: dict[Path, Shelf] = {}
        self._blocks: list[Block] = []

    def take(self, key: str, point: int, missing: set[int]) -> set[int]:
        """Copy replications of a key that are missing; the numbers that were there."""
        taken: set[int] = set()
        for folder in self._places.get(key, ()):
            if folder == self._own or not missing - taken:
                continue
            there = self._shelf(folder).there(key) & (missing - taken)
            if there:
                self._blocks.append(_block(self._shelf(folder), key, point, there))
                taken |= there
        if sum(block.rows for block in self._blocks) >= ROWS:
            self.write()
        return taken

    def write(self) -> None:
        """Put what was copied into the sweep's own folder."""
        if self._blocks:
            write_slice(self._own, self._blocks)
            self._blocks = []

    def _shelf(self, folder: Path) -> Shelf:
        if folder not in self._shelves:
            self._shelves[folder] = SweepFolder(folder).shelf(repair=False)
        return self._shelves[folder]


def _block(shelf: Shelf, key: str, point: int, numbers: set[int]) -> Block:
    table = shelf.rows(key, numbers)
    absent = set(range(1, max(numbers) + 1)) - numbers
    covered = tuple(
        Covered(task_identity(key, first, last), key, point, first, last)
        for first, last in missing_ranges(1, max(numbers), absent)
    )
    values = {
        name: table.column(name).to_numpy(zero_copy_only=False)
        for name in table.column_names
        if name != REPLICATION
    }
    return Block(covered, values)


def keys_by_folder(place: Workspace) -> Iterator[tuple[Path, list[str]]]:
    """Every folder of small results in a workspace whose rows have all measures, and the keys there."""
    for parent in (place.path / FOLDER, place.path / EVALUATIONS):
        for path in sorted(parent.iterdir()) if parent.is_dir() else ():
            folder = SweepFolder(path)
            if path.is_dir() and not (folder.manifest() or {}).get("measures"):
                yield path, folder.shelf(repair=False).keys
