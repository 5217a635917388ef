"""The ranges into which replications are cut, for runs and sweeps alike. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

# Replications up to the first number go into chunks of the second, and so on: small chunks first, so that a
# few replications spread over the cores; large ones later, so that thousands do not become thousands of
# folders.
CHUNK_SIZES = ((20, 2), (200, 10), (2_000, 50), (10**9, 250))


def chunk_ranges(replications: int) -> Iterator[tuple[int, int]]:
    """The ranges into which replications 1…n are cut; those of fewer replications come first and are the
    same.

    >>> list(chunk_ranges(5))
    [(1, 2), (3, 4), (5, 5)]
    """
    first = 1
    for limit, size in CHUNK_SIZES:
        while first <= min(limit, replications):
            yield first, min(first + size - 1, replications)
            first += size


def as_ranges(numbers: Sequence[int]) -> list[tuple[int, int]]:
    """Ascending numbers as ranges, both ends included.

    >>> as_ranges([1, 2, 4])
    [(1, 2), (4, 4)]
    """
    found: list[tuple[int, int]] = []
    for number in numbers:
        if found and number == found[-1][1] + 1:
            found[-1] = (found[-1][0], number)
        else:
            found.append((number, number))
    return found
