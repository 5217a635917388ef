"""What axes are called where there is little room: the ends of their paths that tell them apart."""

from __future__ import annotations

from collections.abc import Sequence


def short_names(paths: Sequence[str]) -> list[str]:
    """The shortest ends of dotted paths that differ from each other.

    >>> short_names(["people.operator.count", "people.mechanic.count", "run.seed"])
    ['operator.count', 'mechanic.count', 'seed']
    """
    parts = [path.split(".") for path in paths]
    lengths = [1] * len(paths)
    while True:
        names = [".".join(words[-length:]) for words, length in zip(parts, lengths, strict=True)]
        shared = {name for name in names if names.count(name) > 1}
        longer = [
            min(length + (name in shared), len(words))
            for name, words, length in zip(names, parts, lengths, strict=True)
        ]
        if longer == lengths:
            return names
        lengths = longer
