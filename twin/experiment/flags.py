"""Changes as flags of a command that somebody is to type: in hints, and where a report says how to reproduce
it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping


def set_flags(changes: Mapping[str, object] | Iterable[tuple[str, object]]) -> list[str]:
    """A `--set` for each change. Texts are YAML already, as after `--set`; anything else is written as JSON,
    which is YAML too.

    >>> set_flags({"run.horizon": "2 weeks", "sweep": None, "on": [True, 2]})
    ["--set 'run.horizon=2 weeks'", "--set 'sweep=null'", "--set 'on=[true, 2]'"]
    """
    pairs = changes.items() if isinstance(changes, Mapping) else changes
    return [f"--set {quoted(f'{path}={_written(value)}')}" for path, value in pairs]


def word(text: str) -> str:
    """A word for a shell, quoted where it has to be.

    >>> word("twin:solid_dose"), word("my plant.yaml")
    ('twin:solid_dose', "'my plant.yaml'")
    """
    return text if re.fullmatch(r"[\w@%+=:,./\\-]+", text) else quoted(text)


def quoted(text: str) -> str:
    """A word for a shell.

    >>> quoted("run.horizon=2 weeks"), quoted("it's")
    ("'run.horizon=2 weeks'", "'it'\\\\''s'")
    """
    return "'" + text.replace("'", "'\\''") + "'"


def _written(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
