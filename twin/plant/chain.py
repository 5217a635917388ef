"""The scenarios that a scenario is based on: their words in force, and which file wrote each.

A scenario may start from a scenario, that one from another, down to the plant. `load.py` reads the files and
hands them over, the one named by the user first; `words_of` puts their words together. Changes of plants are
no part of it: `changes_of` lists those of all files in the order in which they are made.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from twin.plant.checking import Origin
from twin.plant.document import Document
from twin.plant.errors import Complaint, Path, Problem

MOST_LINKS = 20

_ONE_BY_ONE = ("run", "limits", "outputs")  # words that are inherited each by itself
_OWN = ("twin", "scenario", "question", "base", "compare", "set", "assumptions")


@dataclass(frozen=True)
class Link:
    """A scenario file of the chain; `source` as it was named, its folder included."""

    document: Document
    source: str

    @property
    def changes(self) -> Mapping[str, object]:
        """What it changes of the plant, as far as that can be read."""
        written = self.document.data.get("set")
        return written if isinstance(written, Mapping) else {}


@dataclass(frozen=True)
class Words:
    """The words of a scenario with those that it inherits, as data, and the link that wrote each."""

    data: Mapping[str, object]
    own: Link
    writers: Mapping[Path, Link]

    def writer(self, path: Path) -> Link:
        """The link that wrote what stands at `path`."""
        return self.writers.get(path[:2]) or self.writers.get(path[:1]) or self.own

    def problem(self, complaint: Complaint) -> Problem:
        """The complaint with its place, in the file that wrote what it is about."""
        return self.writer(complaint.path).document.problem(complaint)


def words_of(links: Sequence[Link]) -> Words:
    """The words in force: of `run`, `limits` and `outputs` each key by itself, any other word as a whole.

    Title, question, changes, assumptions and what to compare with are each file's own.
    """
    own = links[0]
    data: dict[str, object] = {}
    writers: dict[Path, Link] = {}
    for link in reversed(links):
        for key, value in link.document.data.items():
            if key in _OWN and link is not own:
                continue
            before = data.get(key)
            if key in _ONE_BY_ONE and isinstance(value, Mapping) and isinstance(before, Mapping):
                data[key] = {**before, **value}
            else:
                data[key] = value
                writers = {path: by for path, by in writers.items() if path[0] != key}
                writers[(key,)] = link
            if isinstance(value, Mapping):
                writers |= {(key, str(word)): link for word in value}
    return Words(data, own, writers)


def changes_of(links: Sequence[Link]) -> list[Origin]:
    """What the chain changes of the plant, in order: of the scenario nearest to the plant first."""
    return [
        Origin(dotted, value, link.document, ("set", dotted))
        for link in reversed(links)
        for dotted, value in link.changes.items()
    ]


def assumptions_of(links: Sequence[Link]) -> tuple[str, ...]:
    """All that is assumed, of the scenario nearest to the plant first."""
    written = [link.document.data.get("assumptions") for link in reversed(links)]
    listed = [text for texts in written if isinstance(texts, list) for text in texts]
    return tuple(dict.fromkeys(text for text in listed if isinstance(text, str)))


def changes_in_force(links: Sequence[Link]) -> dict[str, object]:
    """The same by path, without those that a later one writes over."""
    found: dict[str, object] = {}
    for origin in changes_of(links):
        found = {p: value for p, value in found.items() if not f"{p}.".startswith(f"{origin.dotted}.")}
        found[origin.dotted] = origin.value
    return found
