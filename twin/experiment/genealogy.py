"""Who was made of what: from a pallet back to the deliveries of its materials, and from those to the pallets.

Pure functions of the record's `genealogy` of one replication; `twin results trace` prints them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from twin.engine.rules.parts import MOST_PARTS, part, position, released_as, split_from

LOT = ""


@dataclass(frozen=True)
class Node:
    """A lot, or a delivered lot of a material (numbered from 0)."""

    number: int
    material: str = LOT

    def __str__(self) -> str:
        """`12`, `12.3` for the fourth part of lot 12, `api#4` for the fifth delivery of api."""
        return f"{self.material}#{self.number}" if self.material else label(self.number)


@dataclass(frozen=True)
class Link:
    """A node `depth` steps from the one that was asked for, and the amount that links it to the one before.

    `again` marks a node that has been told with all before it further up.
    """

    depth: int
    node: Node
    quantity: int  # mg or pieces
    unit_of_quantity: str
    operation: str
    time: int  # ns
    again: bool


def label(number: int) -> str:
    """A lot's number as people write it: parts by their position from 0.

    >>> label(12), label(part(part(12, 3), 0))
    ('12', '12.3.0')
    """
    way: list[int] = []
    while (before := split_from(number)) >= 0:
        way.append(position(number))
        number = before
    return ".".join(str(k) for k in [released_as(number), *reversed(way)])


def node(text: str) -> Node:
    """The node that a label names. Raises `ValueError` for text that is none.

    >>> node("api#4"), node("12.3") == Node(part(12, 3))
    (Node(number=4, material='api'), True)
    """
    material, mark, number = text.rpartition("#")
    if mark:
        return Node(int(number), material)
    first, *way = (int(k) for k in text.split("."))
    if not all(0 <= k < MOST_PARTS for k in way) or first < 0:
        raise ValueError(text)
    for k in way:
        first = part(first, k)
    return Node(first)


def nodes(genealogy: pa.Table) -> set[Node]:
    """Every lot and delivery that the table names."""
    found = set()
    for row in genealogy.to_pylist():
        found |= {_parent(row), Node(row["child"])}
    return found


def ancestors(genealogy: pa.Table, of: Node) -> list[Link]:
    """What a lot was made of, what that was made of and so on, depth first, the earliest link first."""
    links = _by_node(genealogy, backwards=True)
    return list(_walk(links, of, 0, {}, backwards=True, limit=None))


def descendants(genealogy: pa.Table, of: Node) -> list[Link]:
    """What a lot or a delivery went into, what that went into and so on, depth first, the earliest first."""
    links = _by_node(genealogy, backwards=False)
    return list(_walk(links, of, 0, {}, backwards=False, limit=None))


# Row of the table, the other node, quantity, its unit, operation, time.
_Links = dict[Node, list[tuple[int, Node, int, str, str, int]]]


def _parent(row: dict[str, Any]) -> Node:
    delivered = row["delivered"]
    return Node(row["parent"]) if delivered is None else Node(delivered, row["material"])


def _by_node(genealogy: pa.Table, *, backwards: bool) -> _Links:
    found: _Links = {}
    for number, row in enumerate(genealogy.to_pylist()):
        parent, child = _parent(row), Node(row["child"])
        start, end = (child, parent) if backwards else (parent, child)
        amount = row["quantity"], row["unit_of_quantity"], row["operation"], row["time"]
        found.setdefault(start, []).append((number, end, *amount))
    return found


def _walk(
    links: _Links,
    of: Node,
    depth: int,
    seen: dict[Node, int | None],
    *,
    backwards: bool,
    limit: int | None,
) -> Iterator[Link]:
    """A merged lot has the number that it had before it was split: rows, which stand as they came, only run
    one way along the links.
    """
    seen[of] = limit
    for row, other, quantity, unit, operation, time in links.get(of, []):
        if limit is not None and (row > limit if backwards else row < limit):
            continue
        told = _leading_on(links, other, row, backwards)
        again = other in seen and bool(told) and _leading_on(links, other, seen[other], backwards) == told
        yield Link(depth + 1, other, quantity, unit, operation, time, again)
        if not again:
            yield from _walk(links, other, depth + 1, seen, backwards=backwards, limit=row)


def _leading_on(links: _Links, of: Node, limit: int | None, backwards: bool) -> list[int]:
    """The rows that lead on from a node when it is reached by the row `limit`."""
    rows = [row for row, *_ in links.get(of, [])]
    return [row for row in rows if limit is None or (row <= limit if backwards else row >= limit)]
