"""The examples of docs/results.md run as they stand, one after the other."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

PAGE = (Path(__file__).resolve().parents[1] / "docs" / "results.md").read_text(encoding="utf-8")


def test_the_examples_of_the_page_of_results_run() -> None:
    examples = re.findall(r"```python\n(.*?)\n```", PAGE, re.S)
    assert len(examples) == 3
    names: dict[str, Any] = {}
    for example in examples:
        exec(compile(example, "docs/results.md", "exec"), names)


def test_every_command_of_the_page_has_the_options_it_is_shown_with() -> None:
    from tests.test_docs import commands
    from twin import cli

    known = dict(commands(cli.app))
    shown = re.findall(r"^\$ (twin .*)$", PAGE, re.M)
    assert len(shown) >= 10
    for line in shown:
        name = max((name for name in known if line.startswith(f"{name} ")), key=len, default=line)
        assert set(re.findall(r"(?<= )--[a-z]+", line)) <= known.get(name, set()), line
