"""LLVM modules of functions that call each other, as one: what NVIDIA's compiler gets of the network kernel.

numba-cuda makes a module of each function. In one module, of which only one function can be called from
elsewhere, the compiler drops arguments and results that nobody needs. It would also put nearly every function
in wherever it is called; those that are large and called from several places are told to stay by themselves.
`lanes_linking` comes here. Works on the text that llvmlite writes, of one function a module.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping

SMALL = 60  # instructions as lowered, up to which a function may be put in wherever it is called


def merged(top: str, others: Iterable[str]) -> str:
    """One module of `top`, whose function others call, and of those that it calls, which nobody else does."""
    texts = [_Text(text) for text in (top, *others)]
    calls = Counter(name for text in texts for name in text.calls)
    defined = {name for text in texts for name in text.defined}
    lines, declared, numbers = texts[0].begins, dict[str, str](), dict[str, int]()
    for k, text in enumerate(texts):
        declared |= {name: line for name, line in text.declared.items() if name not in defined}
        numbered = {number: numbers.setdefault(what, len(numbers)) for number, what in text.metadata.items()}
        for line in text.body:
            if line.startswith("define"):
                stays = text.instructions > SMALL and calls[_name(line)] > 1
                lines.append(_begins("linkonce_odr" if k == 0 else "internal", stays, line))
            else:
                lines.append(_renumbered(line, numbered))
    lines += declared.values()
    lines += [f"!{number} = {what}" for what, number in numbers.items()]
    lines.append(f"!nvvmir.version = !{{ !{numbers[texts[0].metadata[texts[0].version]]} }}\n")
    return "\n".join(lines)


def _begins(linkage: str, stays: bool, line: str) -> str:
    """The first line of a function, with its linkage, and whether it stays by itself."""
    line = re.sub("^define (linkonce_odr )?", f"define {linkage} ", line)
    return f"{line} noinline" if stays and "alwaysinline" not in line else line


def _renumbered(line: str, numbered: Mapping[str, int]) -> str:
    """A line, with what it says of metadata by other numbers."""
    return re.sub(r"(?<=!)\d+", lambda number: str(numbered[number[0]]), line) if "!" in line else line


class _Text:
    """What a module's text says."""

    def __init__(self, text: str) -> None:
        self.begins: list[str] = []
        self.body: list[str] = []
        self.declared: dict[str, str] = {}  # by name
        self.metadata: dict[str, str] = {}  # by number
        self.version = ""  # number of the metadata that says it
        for line in text.splitlines():
            if line.startswith("declare"):
                self.declared[_name(line)] = line
            elif found := re.match(r"!(\d+) = (.*)", line):
                self.metadata[found[1]] = found[2]
            elif found := re.match(r"!nvvmir.version = !{ !(\d+) }", line):
                self.version = found[1]
            elif line.startswith("target"):
                self.begins.append(line)
            elif line and not line.startswith(";"):
                self.body.append(line)
        self.defined = [_name(line) for line in self.body if line.startswith("define")]
        self.calls = [_name(line) for line in self.body if " call " in line]
        self.instructions = sum(line.startswith("  ") for line in self.body)


def _name(line: str) -> str:
    """The function that a line is about.

    >>> _name('declare double @"__nv_log"(double %".1")')
    '@"__nv_log"'
    """
    return line[line.index("@") :].split("(", 1)[0]
