"""HTML and SVG as values: every text is escaped as it enters, so that nothing a user wrote becomes markup."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence

_EMPTY = frozenset({"meta", "line", "rect", "circle", "path", "polygon", "polyline"})


class Markup(str):
    """Text that is markup already; only `tag`, `joined` and `verbatim` make it."""

    __slots__ = ()


def escaped(text: object) -> Markup:
    """A text as markup that shows it; markup as it is.

    >>> escaped('<script>"')
    '&lt;script&gt;&quot;'
    """
    return text if isinstance(text, Markup) else Markup(html.escape(str(text)))


def tag(element: str, *children: object, **attributes: object) -> Markup:
    """An element; children that are None are left out, attributes too. `class_` is `class`, `_` is `-`.

    >>> tag("p", "a < b", class_="note")
    '<p class="note">a &lt; b</p>'
    >>> tag("line", x1=1.5, stroke_width=2)
    '<line x1="1.5" stroke-width="2"/>'
    """
    said = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escaped(_number(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    if element in _EMPTY and not children:
        return Markup(f"<{element}{said}/>")
    return Markup(f"<{element}{said}>{joined(children)}</{element}>")


def joined(children: Iterable[object]) -> Markup:
    """Children one after another."""
    return Markup("".join(escaped(child) for child in children if child is not None))


def verbatim(text: str) -> Markup:
    """Markup that stands in twin's own files, such as its style sheet."""
    return Markup(text)


def table(
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
    numbers: Sequence[str] = (),
    whole: Sequence[str] = (),
    **attributes: object,
) -> Markup:
    """A table with a head; columns named in `numbers` are set to the right, those in `whole` on one line."""
    looks = [_look(name, numbers, whole) for name in columns]
    head = [tag("th", name, scope="col", class_=look) for name, look in zip(columns, looks, strict=True)]
    body = [
        tag("tr", *(tag("td", _shown(cell), class_=look) for cell, look in zip(row, looks, strict=True)))
        for row in rows
    ]
    return tag("table", tag("thead", tag("tr", *head)), tag("tbody", *body), **attributes)


def definitions(pairs: Iterable[tuple[str, object]]) -> Markup:
    """Names and what they mean, one below the other."""
    rows = [tag("div", tag("dt", name), tag("dd", _shown(value))) for name, value in pairs]
    return tag("dl", *rows)


def bullets(items: Iterable[object]) -> Markup:
    """A list of sentences."""
    return tag("ul", *(tag("li", item) for item in items))


def _look(name: str, numbers: Sequence[str], whole: Sequence[str]) -> str | None:
    """How a column is set: numbers to the right; intervals, units and what is asked for on one line."""
    if name in numbers:
        return "number"
    return "whole" if name in whole or name == "unit" or name.endswith("interval") else None


def _number(value: object) -> object:
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else value


def _shown(cell: object) -> object:
    if cell is None:
        return "–"
    return f"{cell:g}" if isinstance(cell, float) else cell
