"""A YAML file with its text, its data and the place of each part; edited by splicing, so comments stay.

Nothing here knows the schema. `load.py` asks a document for its data and for the place of each complaint;
forms and the command line edit one with `set`, `edit` and `remove`, each of which gives a new document.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path as FilePath
from typing import TypeVar

from twin.plant.errors import Complaint, InputError, Path, Problem
from twin.plant.tree import MAX_BYTES, Node, line_and_column, parse_tree, plain_data, resolve, too_large

_PLAIN_TEXT = re.compile(r"[\w.°][\w .+\-°%/*²³]*(?<! )")
_PLAIN_IN_BLOCK = re.compile(r"[A-Za-z_][\w .+\-°%/*²³()=,]*(?<! )")
_TO_ESCAPE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")  # those that JSON leaves as they are
_BOM = "\ufeff"
T = TypeVar("T")


@dataclass(frozen=True)
class Splice:
    """An edit of a text: at character `start`, `before` becomes `after`."""

    start: int
    before: str
    after: str

    @property
    def reversed(self) -> Splice:
        """The edit that undoes this one."""
        return Splice(self.start, self.after, self.before)


@dataclass(frozen=True)
class Found:
    """Where a path leads: the deepest node there is, its key, its ancestors, and what of the path is left."""

    node: Node
    key: Node | None
    parents: tuple[Node, ...]
    rest: Path


class Document:
    """YAML 1.2 text with positions; `file` is its name in complaints."""

    def __init__(self, text: str, file: str) -> None:
        """Read `text`. Raises `InputError`; of a text that can be read all the same, `UncleanError`."""
        self.file = file
        self.text = text
        self.root, problems = parse_tree(text.removeprefix(_BOM), file)
        if problems:
            raise UncleanError(problems, self)

    @cached_property
    def data(self) -> dict[str, object]:
        """The file as mappings, lists and scalars."""
        data = plain_data(self.root)
        assert isinstance(data, dict)
        return data

    def find(self, path: Path) -> Found:
        """Follow `path` as far as it goes; items of a list are reached by index or by their name."""
        node: Node = self.root
        key: Node | None = None
        parents: list[Node] = []
        for depth, part in enumerate(path):
            step = _step(node, part)
            if step is None:
                return Found(node, key, tuple(parents), path[depth:])
            parents.append(node)
            key, node = step
        return Found(node, key, tuple(parents), ())

    def position(self, path: Path, offset: int = 0, at_key: bool = False) -> tuple[int, int]:
        """Line and column, from 1, of what `path` names.

        A scalar's place is its value, `offset` characters in; a mapping's or list's its key. What is not
        there has the place of the nearest part that contains it.
        """
        found = self.find(path)
        node = found.node
        at_key = at_key and not found.rest
        if found.key is not None and (at_key or node.kind != "scalar" or node.start == node.end):
            return found.key.line, found.key.column
        if node.kind != "scalar" or not offset or "\n" in self._source_of(node):
            return node.line, node.column
        quote = 0 if node.plain else 1
        return node.line, node.column + quote + offset

    def problem(self, complaint: Complaint) -> Problem:
        """The complaint with its place in this file."""
        line, column = self.position(complaint.path, complaint.offset, complaint.at_key)
        return Problem(self.file, line, column, complaint.message, complaint.hint)

    def source(self, path: Path) -> str:
        """The text of the value at `path`, as written. Raises `KeyError` where there is none."""
        found = self.find(path)
        if found.rest:
            raise KeyError(path)
        return self._source_of(found.node)

    def set(self, path: Path, value: object) -> Document:
        """A document in which `path` has `value`; the rest of the text stays as it is."""
        return self.edit(path, value)[0]

    def edit(self, path: Path, value: object) -> tuple[Document, Splice]:
        """As `set`, with the edit that was made; `apply(splice.reversed)` undoes it, byte for byte.

        Raises `KeyError` where `path` leads through a list item or a scalar that is not there.
        """
        found = self.find(path)
        if not found.rest:
            splice = self._replace(found.node, value)
        elif found.node.kind == "scalar" and found.node.value is None:
            splice = self._replace(found.node, _nested(found.rest, value))
        elif found.node.kind == "mapping" and all(isinstance(part, str) for part in found.rest):
            splice = self._add(found.node, str(found.rest[0]), _nested(found.rest[1:], value))
        else:
            raise KeyError(path)
        return self.apply(splice), splice

    def remove(self, path: Path) -> Document:
        """A document without the key at `path`, which stands in a block mapping on lines of its own.

        Raises `KeyError` where it is not there or not so written.
        """
        found = self.find(path)
        if found.rest or found.key is None or found.parents[-1].flow or len(found.parents[-1].entries) < 2:
            raise KeyError(path)
        body = self._body
        start = body.rfind("\n", 0, found.key.start) + 1
        if body[start : found.key.start].strip():
            raise KeyError(path)
        end = body.find("\n", max(found.node.end, found.key.end))
        before = body[start : len(body) if end < 0 else end + 1]
        return self.apply(Splice(start, before, ""))

    def apply(self, splice: Splice) -> Document:
        """A document with the edit made. Raises `ValueError` where its `before` does not stand there."""
        body = self._body
        end = splice.start + len(splice.before)
        if body[splice.start : end] != splice.before:
            raise ValueError("the edit does not fit this text")
        bom = self.text[: len(self.text) - len(body)]
        return Document(bom + body[: splice.start] + splice.after + body[end:], self.file)

    @property
    def _body(self) -> str:
        return self.text.removeprefix(_BOM)

    def _source_of(self, node: Node) -> str:
        return self._body[node.start : node.end]

    def _replace(self, node: Node, value: object) -> Splice:
        before = self._source_of(node)
        after = write(value, in_flow=node.in_flow)
        if not before and node.start and self._body[node.start - 1] not in " \n":
            after = " " + after
        return Splice(node.start, before, after)

    def _add(self, mapping: Node, key: str, value: object) -> Splice:
        if mapping.flow:
            comma = ", " if mapping.entries else ""
            at = (
                max(mapping.entries[-1][1].end, mapping.entries[-1][0].end)
                if mapping.entries
                else mapping.end - 1
            )
            return Splice(at, "", f"{comma}{key}: {write(value, in_flow=True)}")
        last_key, last = mapping.entries[-1]
        body = self._body
        newline = "\r\n" if "\r\n" in body else "\n"
        end = body.find("\n", max(last.end, last_key.end))
        at = len(body) if end < 0 else end
        at -= end > 0 and body[at - 1] == "\r"
        indent = " " * (mapping.column - 1)
        return Splice(at, "", f"{newline}{indent}{key}: {write(value, in_flow=False)}")


class UncleanError(InputError):
    """A text in which something is refused that does not keep it from being read, such as a key that stands
    twice; `document` is what can be read, in which more may be wrong.
    """

    def __init__(self, problems: Sequence[Problem], document: Document) -> None:
        super().__init__(problems)
        self.document = document


def all_told(read: Callable[[], Document], use: Callable[[Document], T]) -> T:
    """What `use` makes of the document that `read` gives. Raises `InputError`; of a text that can be read
    all the same with what `use` finds wrong in it as well.
    """
    try:
        document = read()
    except UncleanError as unclean:
        try:
            use(unclean.document)
        except InputError as error:
            raise InputError(list(dict.fromkeys([*unclean.problems, *error.problems]))) from None
        raise
    return use(document)


def read_document(path: FilePath, file: str) -> Document:
    """Read the file at `path`, never more than the limit of 2 MB. Raises `InputError`."""
    try:
        with path.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise InputError(
            [Problem(file, 0, 0, f"The file `{file}` is not there.", _similar_file(path))]
        ) from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise InputError([Problem(file, 0, 0, f"The file `{file}` cannot be read: {reason}.")]) from None
    if len(content) > MAX_BYTES:
        raise InputError([too_large(file)])
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line, column = line_and_column(content[: error.start].decode("utf-8"), error.start)
        hint = "Save it as UTF-8."
        raise InputError([Problem(file, line, column, "The file is not UTF-8 text.", hint)]) from None
    return Document(text, file)


def write(value: object, in_flow: bool) -> str:
    """Plain data as YAML on one line.

    >>> write({"mean": "38 min", "on": ["a", "b"]}, in_flow=False)
    '{mean: 38 min, on: [a, b]}'
    """
    if isinstance(value, str):
        plain = _PLAIN_TEXT if in_flow else _PLAIN_IN_BLOCK
        safe = (plain.fullmatch(value) or _PLAIN_TEXT.fullmatch(value)) and isinstance(resolve(value), str)
        return value if safe else _TO_ESCAPE.sub(_escaped, json.dumps(value, ensure_ascii=False))
    if isinstance(value, Mapping):
        inside = (f"{write(str(k), in_flow=True)}: {write(v, in_flow=True)}" for k, v in value.items())
        return f"{{{', '.join(inside)}}}"
    if isinstance(value, Sequence):
        return f"[{', '.join(write(item, in_flow=True) for item in value)}]"
    return json.dumps(value)


def _escaped(match: re.Match[str]) -> str:
    return f"\\u{ord(match[0]):04x}"


def _nested(path: Path, value: object) -> object:
    for part in reversed(path):
        value = {str(part): value}
    return value


def _step(node: Node, part: str | int) -> tuple[Node | None, Node] | None:
    """One step along a path: the key, where there is one, and the node."""
    if node.kind == "mapping":
        inside = next(((key, value) for key, value in node.entries if key.text == str(part)), None)
        return (None, node) if inside is None and part == 0 else inside  # a list of one, as its only item
    if node.kind != "sequence":
        return None
    if isinstance(part, int) or part.isdecimal():
        index = int(part)
        return (None, node.items[index]) if index < len(node.items) else None
    for item in node.items:
        for key, value in item.entries:
            if key.text == part and len(item.entries) == 1:
                return key, value
            if key.text == "name" and value.text == part:
                return None, item
    return None


def _similar_file(path: FilePath) -> str:
    try:
        names = [entry.name for entry in path.parent.iterdir()]
    except OSError:
        return ""
    near = difflib.get_close_matches(path.name, names, n=1)
    return f"Did you mean `{near[0]}`?" if near else ""
