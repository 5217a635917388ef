"""The reference part of docs/language.md: every key of the language with what it takes and its default.

`python -m twin.plant.reference docs/language.md` writes it anew between its two marks; a test compares.
"""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

from pydantic.fields import FieldInfo

from twin.plant import money, scenario, schema, shorthand
from twin.plant.classes import library
from twin.plant.distributions import FORMS
from twin.plant.scenario import Scenario
from twin.plant.schema import Plant, quality, tanks, upkeep, utilities
from twin.plant.shapes import bare_type, shape
from twin.plant.shorthand import Distribution, LotSize, Model
from twin.plant.situation import Amount, StateFile
from twin.plant.units import show, symbols

BEGIN = "<!-- written by twin.plant.reference: begin -->"
END = "<!-- written by twin.plant.reference: end -->"

_WORDS: list[tuple[Any, str]] = [
    (shorthand.Duration, "time"),
    (upkeep.Span, "time"),
    (shorthand.Length, "length"),
    (shorthand.Mass, "mass"),
    (shorthand.Speed, "speed"),
    (shorthand.Volume, "volume"),
    (shorthand.Power, "power"),
    (money.TimePrice, "price per time"),
    (money.EnergyPrice, "price of energy"),
    (money.AmountPrice, "price per mass or piece"),
    (money.AnyPrice, "price per volume, mass or energy"),
    (utilities.Draw, "volume flow, mass flow or power"),
    (utilities.Drawn, "volume, mass or energy"),
    (utilities.Content, "volume, mass or energy"),
    (tanks.Bulk, "volume or mass"),
    (tanks.SomeBulk, "volume or mass"),
    (tanks.Density, "density"),
    (quality.TimeOrAmount, "time, or mass or pieces"),
    (money.Currency, "currency"),
    (shorthand.Point, "`[x, y]` in m"),
    (shorthand.Number, "number"),
    (schema.Probability, "probability"),
    (shorthand.Whole, "whole number"),
    (shorthand.TrueOrFalse, "`true` or `false`"),
    (shorthand.LocalTime, "date and time"),
    (shorthand.Moment, "time, or date and time"),
    (shorthand.FirstInstant, "date, or date and time"),
    (shorthand.LastInstant, "date, or date and time"),
    (shorthand.DurationDistribution, "time or distribution of it"),
    (shorthand.CountDistribution, "count or distribution of it"),
    (shorthand.DimensionlessDistribution, "number or distribution of it"),
    (shorthand.FractionDistribution, "fraction or distribution of it"),
    (shorthand.AnyQuantity, "quantity or distribution of it"),
    (shorthand.WasteDistribution, "mass or pieces, or distribution of it"),
    (shorthand.LotSize, "mass or pieces"),
    (scenario.Bound, "number or quantity"),
    (scenario.Amount, "number or quantity"),
    (Amount, "mass or pieces"),
    (schema.Name, "name"),
]


def reference() -> str:
    """The tables in Markdown: one for each model of the language, then distributions, units and classes."""
    roots = (Plant, Scenario, StateFile)
    plant, scenario, state = ([_table(model) for model in models_of(root)] for root in roots)
    parts = ["## Plant file", *plant, "## Scenario file", *scenario, "## State file", *state]
    return "\n\n".join([*parts, _distributions(), _units(), _classes()])


def rewritten(text: str) -> str:
    """`text` of docs/language.md with the reference between its marks. Raises `ValueError` without marks."""
    before, _, rest = text.partition(BEGIN)
    _, mark, after = rest.partition(END)
    if not mark:
        raise ValueError("the marks of the reference are not there")
    return f"{before}{BEGIN}\n\n{reference()}\n\n{END}{after}"


def models_of(root: type[Model]) -> list[type[Model]]:
    """`root` and every model that stands below it, each once, in the order of the reference."""
    found: list[type[Model]] = []

    def walk(model: type[Model]) -> None:
        found.append(model)
        hints = get_type_hints(model, include_extras=True)
        below = [inner for name in model.model_fields if (inner := _model_in(hints[name])) is not None]
        for inner in below:
            if inner not in found:
                walk(inner)

    walk(root)
    return found


def _table(model: type[Model]) -> str:
    hints = get_type_hints(model, include_extras=True)
    lines = [f"### {model.__name__}", "", " ".join((model.__doc__ or "").split()), ""]
    lines += ["| key | takes | default | meaning |", "| --- | --- | --- | --- |"]
    for name, info in model.model_fields.items():
        takes, default = _takes(hints[name]), _default(info)
        lines.append(f"| `{info.alias or name}` | {takes} | {default} | {info.description or ''} |")
    return "\n".join(lines)


def _model_in(hint: Any) -> type[Model] | None:
    here = shape(hint)
    if here.kind in ("mapping", "list"):
        return _model_in(here.inside)
    if here.kind == "model" and here.annotation is not LotSize:
        found: type[Model] = here.annotation
        return found
    return None


def _takes(hint: Any) -> str:
    """What a key takes, in words."""
    options = [option for option in get_args(hint) if option is not type(None)]
    if type(None) in get_args(hint) and len(options) == 1:
        return _takes(options[0])
    for known, words in _WORDS:
        if hint == known or (get_origin(hint) is Annotated and get_args(hint)[0] == known):
            return words
    bare = bare_type(hint)
    here = shape(bare)
    if get_origin(bare) is Literal:
        return ", ".join(f"`{option}`" for option in get_args(bare))
    if here.kind == "mapping":
        return f"mapping of {_takes(here.inside)}"
    if here.kind == "list":
        return f"list of {_takes(here.inside)}"
    if here.kind == "model":
        return f"[{here.annotation.__name__}](#{here.annotation.__name__.lower()})"
    return {str: "text", float: "number", int: "whole number"}.get(bare, "any value")


def _default(info: FieldInfo) -> str:
    if info.is_required():
        return "*required*"
    value = info.get_default(call_default_factory=True)
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, LotSize):
        return f"`{show(value.amount, value.unit)}`"
    if isinstance(value, datetime):
        return f"`{value:%Y-%m-%d %H:%M}`"
    if isinstance(value, (Model, Distribution)):
        return "its defaults"
    return "none" if value in (None, (), {}, "") else f"`{value}`"


def _distributions() -> str:
    lines = ["## Distributions", "", "| distribution | parameters |", "| --- | --- |"]
    for kind, forms in FORMS.items():
        lines.append(f"| `{kind}` | {' or '.join('`' + ', '.join(form) + '`' for form in forms)} |")
    return "\n".join(lines)


def _units() -> str:
    lines = ["## Units", "", "| SI | symbols |", "| --- | --- |"]
    lines += [
        f"| `{unit}` | {', '.join(f'`{name}`' for name in names)} |" for unit, names in symbols().items()
    ]
    return "\n".join(lines)


def _classes() -> str:
    lines = ["## Equipment classes", "", "| class | footprint (m) | height (m) |", "| --- | --- | --- |"]
    for name, described in library().items():
        width, depth = described.size
        lines.append(f"| `{name}` | {width:g} × {depth:g} | {described.height:g} |")
    return "\n".join(lines)


def main(path: Path) -> None:
    """Write the reference in the file at `path` anew."""
    path.write_text(rewritten(path.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
