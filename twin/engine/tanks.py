"""Tanks in a program: how much they hold, of what, and for how long. All amounts are whole mg."""

from __future__ import annotations

from dataclasses import dataclass

from twin.engine.utilities import Use


@dataclass(frozen=True)
class Tank:
    """A tank; `hold` in ns is `NEVER` where what it holds does not age, `discards` what happens then."""

    name: str
    material: int
    volume: int
    heel: int
    start: int
    hold: int
    discards: bool
    agitation: tuple[Use, ...] = ()
