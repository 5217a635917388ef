"""The generated tables of docs/physics: each operation's inputs and attributes, and the list of operations.

`python -m twin.physics.reference docs/physics` writes them anew between their marks, from what the models
themselves say; a test compares. Pages and what else stands on them are written by hand.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping
from pathlib import Path

from twin.physics.contract import Quantity, UnitOperation
from twin.physics.registry import built_in

END = "<!-- end -->"


def rewritten(text: str, tables: Mapping[str, str]) -> str:
    """Return a page's `text` with each of `tables` between `<!-- table: NAME -->` and `<!-- end -->`.

    Raises `ValueError` where a table's marks are not on the page.

    >>> rewritten("x <!-- table: inputs --> old <!-- end --> y", {"inputs": "new"})
    'x <!-- table: inputs -->\\n\\nnew\\n\\n<!-- end --> y'
    """
    for name, table in tables.items():
        begin = f"<!-- table: {name} -->"
        before, _, rest = text.partition(begin)
        _, mark, after = rest.partition(END)
        if not mark:
            raise ValueError(f"the marks {begin} and {END} are not there")
        text = f"{before}{begin}\n\n{table}\n\n{END}{after}"
    return text


def tables(operation: UnitOperation) -> dict[str, str]:
    """Return an operation's tables in Markdown by the names of their marks: `inputs` and `attributes`."""
    groups = (
        ("material", operation.material),
        ("setting", operation.settings),
        ("equipment", operation.equipment),
    )
    inputs = [f"{_row(field)} {_default(field)} | {group} |" for group, fields in groups for field in fields]
    return {
        "inputs": _table(("input", "meaning", "unit", "range", "default", "given by"), inputs),
        "attributes": _table(
            ("attribute", "meaning", "unit", "range"), [_row(field) for field in operation.attributes]
        ),
    }


def operations(titles: Mapping[str, str]) -> str:
    """Return the list of operations in Markdown, in order of their pages' `titles`, by name."""
    rows = []
    for name, title in sorted(titles.items(), key=lambda item: item[1]):
        attributes = ", ".join(f"`{field.name}`" for field in built_in()[name].attributes)
        rows.append(f"| [{title}]({name}.md) | `{name}` | {attributes} |")
    return _table(("operation", "model", "attributes it gives"), rows)


def title(page: str) -> str:
    """Return the heading of a page.

    >>> title("# Blending\\n\\nIn a tumbling container.")
    'Blending'
    """
    return page.partition("\n")[0].removeprefix("# ").strip()


def pages(folder: Path) -> dict[Path, str]:
    """Return every page in `folder` with the text it should have: the operations' and README.md.

    Raises `FileNotFoundError` where an operation has no page, `ValueError` where a page lacks marks.
    """
    found = {}
    titles = {}
    for name, operation in built_in().items():
        path = folder / f"{name}.md"
        text = path.read_text(encoding="utf-8")
        found[path] = rewritten(text, tables(operation))
        titles[name] = title(text)
    index = folder / "README.md"
    found[index] = rewritten(index.read_text(encoding="utf-8"), {"operations": operations(titles)})
    return found


def main(folder: Path) -> None:
    """Write the tables of the pages in `folder` anew."""
    for path, text in pages(folder).items():
        path.write_text(text, encoding="utf-8", newline="\n")


def _table(head: tuple[str, ...], rows: list[str]) -> str:
    return "\n".join([f"| {' | '.join(head)} |", "|" + " --- |" * len(head), *rows])


def _row(field: Quantity) -> str:
    return f"| `{field.name}` | {field.meaning} | {field.unit} | {_range(field)} |"


def _default(field: Quantity) -> str:
    return "*required*" if field.default is None else _number(field.default)


def _range(field: Quantity) -> str:
    low, high = (_number(edge) if math.isfinite(edge) else "" for edge in (field.low, field.high))
    if low and high:
        return f"{low} to {high}"
    return f"from {low}" if low else f"to {high}" if high else "any"


def _number(value: float) -> str:
    """A number as the field writes it: six digits, and an exponent without a plus or leading zeros."""
    mantissa, _, exponent = f"{value:.6g}".partition("e")
    return f"{mantissa}e{int(exponent)}" if exponent else mantissa


if __name__ == "__main__":
    main(Path(sys.argv[1]))
