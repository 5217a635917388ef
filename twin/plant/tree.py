"""YAML 1.2 text as a tree of nodes that know where they stand.

PyYAML turns text into events; this module builds the tree from them without recursion, resolves plain scalars
by the YAML 1.2 core schema, and stops at the limits before a hostile file can cost anything. Anchors, aliases
and tags are refused. `document.py` offers the tree to everyone else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, Protocol

import yaml

from twin.plant.errors import MOST, InputError, Problem

MAX_BYTES = 2_000_000
MAX_NODES = 100_000
MAX_DEPTH = 64

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INTEGER = re.compile(r"[-+]?[0-9]{1,300}|0o[0-7]{1,100}|0x[0-9a-fA-F]{1,100}")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_WORDS: dict[str, object] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TAB_INDENT = re.compile(r"^ *\t[ \t]*(?=\S)", re.MULTILINE)


@dataclass
class Node:
    """A part of the file: `start` and `end` count characters from 0, `line` and `column` from 1.

    A scalar has its `text` and resolved `value`; a mapping `entries`; a sequence `items`. `plain` says that a
    scalar is
    written without quotes, `flow` that a collection is written in brackets, `in_flow` that it stands in one.
    """

    kind: Literal["scalar", "mapping", "sequence"]
    start: int
    end: int
    line: int
    column: int
    value: object = None
    text: str = ""
    plain: bool = False
    flow: bool = False
    in_flow: bool = False
    entries: list[tuple[Node, Node]] = field(default_factory=list)
    items: list[Node] = field(default_factory=list)


def resolve(text: str) -> object:
    """Value of a plain scalar by the YAML 1.2 core schema.

    >>> resolve("12:30"), resolve("NO"), resolve("1e3"), resolve("0x10"), resolve("~")
    ('12:30', 'NO', 1000.0, 16, None)
    """
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text, 8 if text.startswith("0o") else 16 if text.startswith("0x") else 10)
    if _FLOAT.fullmatch(text):
        return float(text)
    return text


def plain_data(node: Node) -> object:
    """The node as mappings, lists and scalars; a key that stands twice keeps its first value."""
    if node.kind == "scalar":
        return node.value
    if node.kind == "sequence":
        return [plain_data(item) for item in node.items]
    data: dict[str, object] = {}
    for key, value in node.entries:
        data.setdefault(key.text, plain_data(value))
    return data


def parse_tree(text: str, file: str) -> tuple[Node, list[Problem]]:
    """Read `text` into a tree, with what is refused in it though it can be read, such as a key that stands
    twice. Raises `InputError` with everything that keeps it from being read.
    """
    if len(text) > MAX_BYTES:
        raise InputError([too_large(file)])
    _check_characters(text, file)
    builder = _Builder(text, file)
    try:
        for event in _events(text):
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        raise InputError([*builder.problems, _syntax_problem(error, file)]) from None
    except yaml.YAMLError as error:
        raise InputError([Problem(file, 1, 1, f"The file is not YAML: {error}.")]) from None
    if builder.lost:
        raise InputError(builder.problems)
    if builder.root is None or (builder.root.value is None and builder.root.kind == "scalar"):
        empty = Problem(file, 1, 1, "The file is empty.", "A plant begins with `twin: 1`.")
        raise InputError([*builder.problems, empty])
    if builder.root.kind != "mapping":
        hint = "A plant or scenario is a mapping: `twin: 1`, then `plant: …`."
        wrong = Problem(file, builder.root.line, builder.root.column, "The file is no mapping.", hint)
        raise InputError([*builder.problems, wrong])
    return builder.root, builder.problems


def too_large(file: str) -> Problem:
    """The complaint about a file over the limit."""
    return Problem(
        file, 0, 0, "The file is larger than 2 MB.", "A plant or scenario file holds at most 2 MB."
    )


def _events(text: str) -> Iterator[yaml.Event]:
    events: Iterator[yaml.Event] = yaml.parse(text, Loader=_LOADER)
    return events


def _check_characters(text: str, file: str) -> None:
    bad = _UNPRINTABLE.search(text)
    if bad is not None:
        line, column = line_and_column(text, bad.start())
        code = f"U+{ord(bad[0]):04X}"
        message = f"The character {code} cannot stand in YAML."
        raise InputError([Problem(file, line, column, message, "Is this a text file?")])
    tabs = [
        line_and_column(text, match.start() + match[0].index("\t")) for match in _TAB_INDENT.finditer(text)
    ]
    if tabs:
        hint = "Indent with spaces."
        raise InputError(
            [Problem(file, line, column, "The line is indented with a tab.", hint) for line, column in tabs]
        )


def line_and_column(text: str, index: int) -> tuple[int, int]:
    """1-based line and column of character `index`."""
    line_start = text.rfind("\n", 0, index) + 1
    return text.count("\n", 0, index) + 1, index - line_start + 1


def _syntax_problem(error: yaml.MarkedYAMLError, file: str) -> Problem:
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    hint = ""
    if error.context and error.context_mark:
        hint = f"It happened {error.context} from line {error.context_mark.line + 1}."
    return Problem(file, line, column, f"The YAML cannot be read: {error.problem}.", hint)


class _Mark(Protocol):
    index: int
    line: int
    column: int


def _mark(mark: _Mark | None) -> _Mark:
    assert mark is not None  # text that is parsed has marks
    return mark


class _Builder:
    """Builds the tree event by event on an explicit stack, and collects what is refused."""

    def __init__(self, text: str, file: str) -> None:
        self.root: Node | None = None
        self.problems: list[Problem] = []
        self.lost = False  # whether a value or a key is refused, so that nobody knows what is meant
        self._text = text
        self._file = file
        self._stack: list[Node] = []
        self._keys: list[Node | None] = []  # the key that waits for its value, for each level of the stack
        self._names: list[set[str]] = []
        self._nodes = 0
        self._documents = 0
        self._flow = 0
        self._anchors: set[str] = set()

    def take(self, event: yaml.Event) -> None:
        """Add one event."""
        if isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                self._stop(
                    event, "The file holds a second YAML document.", "Keep one; remove the line `---`."
                )
        elif isinstance(event, yaml.AliasEvent):
            self._refuse_alias(event)
            self._add(self._node("scalar", event))
        elif isinstance(event, yaml.ScalarEvent):
            self._refuse(event)
            self._add(self._scalar(event))
        elif isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
            self._refuse(event)
            self._open(event)
        elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            self._close(event)

    def _complain(self, event: yaml.Event, message: str, hint: str = "") -> None:
        mark = _mark(event.start_mark)
        self._tell(Problem(self._file, mark.line + 1, mark.column + 1, message, hint))

    def _tell(self, problem: Problem) -> None:
        self.problems.append(problem)
        if len(self.problems) >= MOST:
            raise InputError(self.problems)

    def _stop(self, event: yaml.Event, message: str, hint: str) -> None:
        self._complain(event, message, hint)
        raise InputError(self.problems)

    def _refuse(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent) -> None:
        if event.anchor is not None:
            self._anchors.add(event.anchor)
            self._complain(
                event, f"The anchor `&{event.anchor}` is refused.", "Write the value where it is used."
            )
        if event.tag is not None and event.tag != "!":
            self._complain(event, f"The tag `{event.tag}` is refused.", "Write the plain value.")
            self.lost = True

    def _refuse_alias(self, event: yaml.AliasEvent) -> None:
        self.lost = True
        if event.anchor not in self._anchors:
            self._complain(
                event, f"The alias `*{event.anchor}` is refused.", "Write the value where it is used."
            )

    def _node(self, kind: Literal["scalar", "mapping", "sequence"], event: yaml.Event) -> Node:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            self._stop(event, f"The file has more than {MAX_NODES:,} values.", "Split it.")
        if len(self._stack) >= MAX_DEPTH:
            self._stop(event, f"The nesting is deeper than {MAX_DEPTH} levels.", "Is a bracket left open?")
        start, end = _mark(event.start_mark), _mark(event.end_mark)
        return Node(kind, start.index, end.index, start.line + 1, start.column + 1, in_flow=self._flow > 0)

    def _scalar(self, event: yaml.ScalarEvent) -> Node:
        node = self._node("scalar", event)
        node.plain = event.style is None or event.style == ""
        node.text = event.value
        node.value = resolve(event.value) if node.plain else event.value
        if not node.plain and event.style in ("|", ">"):
            node.end = node.start + len(self._text[node.start : node.end].rstrip())
        return node

    def _open(self, event: yaml.CollectionStartEvent) -> None:
        node = self._node("mapping" if isinstance(event, yaml.MappingStartEvent) else "sequence", event)
        node.flow = bool(event.flow_style)
        self._flow += node.flow
        self._stack.append(node)
        self._keys.append(None)
        self._names.append(set())

    def _close(self, event: yaml.Event) -> None:
        node = self._stack.pop()
        self._keys.pop()
        self._names.pop()
        self._flow -= node.flow
        if node.flow:
            node.end = _mark(event.end_mark).index
            join_short_forms(node, self._text)
        else:
            last = [value for _, value in node.entries[-1:]] + node.items[-1:]
            node.end = last[0].end if last else node.start
        self._add(node)

    def _add(self, node: Node) -> None:
        if not self._stack:
            self.root = node
            return
        parent = self._stack[-1]
        if parent.kind == "sequence":
            parent.items.append(node)
            return
        key = self._keys[-1]
        if key is None:
            self._keys[-1] = self._as_key(node)
            return
        self._keys[-1] = None
        parent.entries.append((key, node))

    def _as_key(self, node: Node) -> Node:
        names = self._names[-1]
        if node.kind != "scalar":
            hint = "A key is a word."
            self._tell(Problem(self._file, node.line, node.column, "The key is no plain text.", hint))
            self.lost = True
            return node
        if node.text in names:
            message = f"The key `{node.text}` stands here for the second time."
            hint = "Keep one of the two."
            self._tell(Problem(self._file, node.line, node.column, message, hint))
        names.add(node.text)
        return node


def join_short_forms(node: Node, text: str) -> None:
    """Put together again what YAML splits at the commas of a short form inside braces.

    `{repair: lognormal(mean=4 min, cv=2), work: resume}` holds, for YAML, a value `lognormal(mean=4 min` and
    a key `cv=2)`; in the language it is one value. Only plain scalars with an open bracket are joined.
    """
    parts = node.entries if node.kind == "mapping" else [(item, item) for item in node.items]
    joined: list[tuple[Node, Node]] = []
    at = 0
    while at < len(parts):
        key, value = parts[at]
        count = _pieces_to_join(value, parts[at + 1 : at + 13])
        joined.append((key, _span(value, parts[at + count][0], text) if count else value))
        at += count + 1
    if node.kind == "mapping":
        node.entries = joined
    else:
        node.items = [value for _, value in joined]


def _pieces_to_join(value: Node, rest: list[tuple[Node, Node]]) -> int:
    """How many of the following entries belong to the short form that begins in `value`."""
    opened = value.text.count("(") - value.text.count(")")
    if value.kind != "scalar" or not value.plain or opened <= 0:
        return 0
    for count, (key, empty) in enumerate(rest, start=1):
        bare = empty is key or (empty.kind == "scalar" and empty.plain and empty.text == "")
        if key.kind != "scalar" or not key.plain or not bare:
            return 0
        opened += key.text.count("(") - key.text.count(")")
        if opened <= 0:
            return count
    return 0


def _span(first: Node, last: Node, text: str) -> Node:
    joined = " ".join(text[first.start : last.end].split())
    return Node(
        "scalar",
        first.start,
        last.end,
        first.line,
        first.column,
        joined,
        plain=True,
        in_flow=True,
        text=joined,
    )
