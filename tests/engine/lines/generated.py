"""Lines made up by hypothesis: serial ones and trees, with every storage, distribution and way of release.

Times are whole seconds as often as they are random, so that ties are common.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.engine.plants import operation
from twin.plant.schema import Plant

Words = dict[str, Any]

RANDOM = (
    "exponential(mean={n} s)",
    "exponential(mean={n} h)",
    "uniform(low={n} s, high=9 s)",
    "triangular(low={n} s, mode=9 s, high=12 s)",
    "normal(mean={n} s, sd=1 s)",
    "lognormal(mean={n} s, cv=0.8)",
    "weibull(shape=1.5, mean={n} s)",
    "gamma(mean={n} s, cv=0.7)",
)


@st.composite
def takes(draw: st.DrawFn) -> Any:
    """A time that is never none: constant, of a few values, or random."""
    n = draw(st.integers(1, 8))
    kind = draw(st.integers(0, len(RANDOM) + 4))
    if kind < len(RANDOM):
        return RANDOM[kind].format(n=n)
    if kind == len(RANDOM):
        return {"distribution": "discrete", "values": [f"{n} s", "2 s", "9 s"], "weights": [0.25, 0.5, 0.25]}
    return f"{n} s"


@st.composite
def order(draw: st.DrawFn, recipe: str) -> Words:
    """An order line that ends after some lots."""
    words: Words = {"recipe": recipe, "batches": draw(st.sampled_from([1, 1, 2, 3, 12]))}
    if draw(st.booleans()):
        words |= {"every": draw(takes()), "times": draw(st.integers(1, 12))}
    if draw(st.integers(0, 3)) == 0:
        words["first"] = draw(takes())
    if draw(st.integers(0, 3)) == 0:
        words["due"] = "30 s"
    if draw(st.integers(0, 2)) == 0:
        words["when_full"] = "lost"
    return words


@st.composite
def waiting(draw: st.DrawFn, storages: Words, unit: str) -> Words:
    """Where lots wait before a unit: anywhere, in a storage of its own, or on the unit before."""
    kind = draw(st.integers(0, 5))
    if kind == 0:
        return {}
    if kind == 1:
        return {"wait_in": "none"}
    storages[f"before_{unit}"] = {} if kind == 2 else {"capacity": draw(st.integers(1, 4))}
    return {"wait_in": f"before_{unit}"}


@st.composite
def serial_lines(draw: st.DrawFn) -> Plant:
    """One recipe through up to twelve units, whose order in the file is any."""
    units = [f"unit_{k}" for k in range(draw(st.integers(1, 12)))]
    storages: Words = {}
    operations, nowhere = [], set()
    for k, unit in enumerate(units):
        words = draw(waiting(storages, unit))
        if words.get("wait_in") == "none" and k:
            nowhere.add(units[k - 1])
        operations.append(operation(f"work_{k}", unit, draw(takes()), **words))
    lossless = draw(st.booleans())
    orders = [draw(order("part")) for _ in range(draw(st.sampled_from([1, 1, 1, 2, 3])))]
    equipment: Words = {}
    for unit in draw(st.permutations(units)):
        equipment[unit] = {"speed": draw(st.sampled_from([1, 1, 1, 1.7]))}
        if lossless and unit not in nowhere and draw(st.integers(0, 3)) == 0:
            equipment[unit]["blocking"] = "before_service"
    if lossless:
        for line in orders:
            line.pop("when_full", None)
    return _plant(equipment, {"part": {"batch": "100 pieces", "operations": operations}}, orders, storages)


@st.composite
def trees(draw: st.DrawFn) -> Plant:
    """Two or three recipes, each with units of its own, that go on through the same units."""
    trunk = [f"trunk_{k}" for k in range(draw(st.integers(1, 3)))]
    storages: Words = {}
    shared = [draw(waiting(storages, unit)) for unit in trunk]
    first = draw(st.sampled_from([{}, {"wait_in": "hall"}]))
    storages["hall"] = {}
    recipes: Words = {}
    orders = []
    units = list(trunk)
    for name in ("a", "b", "c")[: draw(st.integers(2, 3))]:
        own = [f"{name}_{k}" for k in range(draw(st.integers(0, 3)))]
        units += own
        operations = [operation(unit, unit, draw(takes()), **draw(waiting(storages, unit))) for unit in own]
        for k, unit in enumerate(trunk):
            operations.append(operation(unit, unit, draw(takes()), **(shared[k] if k else first)))
        after = draw(st.integers(0, 1))
        if after:
            units.append(f"{name}_last")
            operations.append(operation("last", f"{name}_last", draw(takes())))
        recipes[name] = {"batch": "1 kg", "operations": operations}
        orders += [draw(order(name)) for _ in range(draw(st.sampled_from([1, 1, 2])))]
    equipment: Words = {unit: {} for unit in draw(st.permutations(units))}
    return _plant(equipment, recipes, draw(st.permutations(orders)), storages)


def _plant(equipment: Words, recipes: Words, orders: list[Words], storages: Words) -> Plant:
    return Plant.model_validate(
        {
            "twin": 1,
            "plant": "Line",
            "equipment": equipment,
            "recipes": recipes,
            "orders": orders,
            "storage": storages,
        }
    )
