"""Tanks in whole mg, and what operations fill into them and draw from them."""

from __future__ import annotations

from twin.engine.compile.context import MILLIGRAMS, Context, to_nanoseconds
from twin.engine.compile.utilities import all_uses
from twin.engine.program import NONE
from twin.engine.rules.calendars import NEVER
from twin.engine.tanks import Tank
from twin.plant import schema
from twin.plant.shorthand import AnyQuantity
from twin.plant.tank_rules import mass


def tank(at: Context, name: str, words: schema.Tank) -> Tank:
    """A tank of the program."""
    return Tank(
        name=name,
        material=at.material_numbers[words.material],
        volume=milligrams(words, words.volume),
        heel=milligrams(words, words.heel),
        start=milligrams(words, words.start),
        hold=NEVER if words.hold is None else to_nanoseconds(words.hold.limit),
        discards=words.hold is not None and words.hold.then == "discard",
        agitation=all_uses(at, words.agitation),
    )


def milligrams(words: schema.Tank, amount: AnyQuantity | None) -> int:
    """An amount of what is in a tank, in whole mg."""
    return round(mass(words, amount) * MILLIGRAMS)


def flows_of(at: Context, op: schema.Operation) -> tuple[tuple[int, int], ...]:
    """What an operation fills (mg > 0) and draws (mg < 0), by number of the tank."""
    tanks = list(at.plant.tanks)
    return tuple(
        (tanks.index(name), sign * milligrams(at.plant.tanks[name], amount))
        for sign, amounts in ((1, op.fills), (-1, op.draws))
        for name, amount in amounts.items()
    )


def transfer_of(at: Context, op: schema.Operation) -> int:
    """The tank that takes the whole lot, or none."""
    return NONE if op.transfer_to is None else list(at.plant.tanks).index(op.transfer_to)
