"""What the command line prints: tables and problems for people, one JSON object for programs, progress
to stderr.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from twin.plant.errors import InputError, Problem

PROGRESS_AFTER = 2.0  # s
LINE_EVERY = 10.0  # s between lines of progress where stderr is no terminal


def print_json(value: Any) -> None:
    """One JSON object on stdout."""
    print(json.dumps(value, ensure_ascii=False, allow_nan=False))


def print_table(
    title: str, columns: Sequence[str], rows: Iterable[Sequence[str]], numbers: Sequence[str] = ()
) -> None:
    """A table on stdout, columns named in `numbers` to the right; plain lines where stdout is no terminal."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    table = Table(title=title or None, title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        table.add_column(column, justify="right" if column in numbers else "left", overflow="fold")
    for row in rows:
        table.add_row(*row)
    console = Console(markup=False, emoji=False, highlight=False, width=None if sys.stdout.isatty() else 160)
    console.print(table)


def print_problems(problems: Sequence[Problem], *, as_json: bool) -> None:
    """All problems: as JSON on stdout, or with line and caret on stderr."""
    if as_json:
        print_json({"errors": [problem.as_dict() for problem in problems]})
        return
    from twin.plant.sentences import render_all

    texts = {name: text for name in {p.file for p in problems} if (text := _text(name)) is not None}
    print(render_all(problems, texts), file=sys.stderr)


def print_failure(message: str, *, as_json: bool) -> None:
    """One sentence about what went wrong and is not in a file."""
    if as_json:
        print_json({"errors": [{"file": "", "line": 0, "column": 0, "message": message, "hint": ""}]})
    else:
        print(f"twin: {message}", file=sys.stderr)


def print_kept(what: str) -> None:
    """What an interrupt has left on the disk for the next time; nothing where `what` is empty."""
    if what:
        print(f"twin: {what} are on the disk and will not be computed again.", file=sys.stderr)


def _text(name: str) -> str | None:
    """The text of the file that a problem names, or None."""
    from twin.plant import shipped

    try:
        path = shipped.find(name) if name.startswith(shipped.PREFIX) else Path(name)
        return path.read_text(encoding="utf-8")
    except (OSError, ValueError, InputError):
        return None


class ProgressLine:
    """Progress on stderr of what takes longer than two seconds: a bar on a terminal, else a line now and
    then.
    """

    def __init__(self, label: str, *, quiet: bool) -> None:
        self._label = label
        self._quiet = quiet
        self._began = self._last = time.monotonic()
        self._bar: Any = None
        self._task: Any = None

    def show(self, done: int, total: int, *, found: int = 0, failed: int = 0) -> None:
        """Say how far it is, and how fast beyond what was found done; and how many have failed."""
        now = time.monotonic()
        if self._quiet or now - self._began < PROGRESS_AFTER:
            return
        words = _pace(done - found, total - done, now - self._began)
        words += f", {failed} failed" if failed else ""
        if sys.stderr.isatty():
            self._show_bar(done, total, words)
        elif now - self._last > LINE_EVERY:
            self._last = now
            print(f"{self._label}: {done} of {total} replications, {words}", file=sys.stderr)

    def _show_bar(self, done: int, total: int, words: str) -> None:
        if self._bar is None:
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

            columns = (
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TextColumn("{task.fields[words]}"),
            )
            self._bar = Progress(*columns, console=Console(stderr=True), transient=True)
            self._bar.start()
            self._task = self._bar.add_task(self._label, total=total, words=words)
        self._bar.update(self._task, completed=done, total=total, words=words)

    def close(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.stop()


def _pace(computed: int, left: int, seconds: float) -> str:
    """How fast it goes and how long that takes, in words.

    >>> _pace(120, 480, 60.0)
    '2 a second, 4 min left'
    """
    if not computed:
        return "0 a second"
    rate = computed / seconds
    return f"{rate:.3g} a second, {_time(left / rate)} left"


def _time(seconds: float) -> str:
    """A time in its natural unit."""
    for size, unit in ((86_400, "days"), (3_600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"
