"""What is measured together with others has the measures that it has by itself, value for value."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from twin.experiment.arrays import Windows
from twin.experiment.charges import Charge, Charges
from twin.experiment.measures import Columns, Counted, columns_of, columns_of_alike
from twin.experiment.names import Names
from twin.experiment.sums import DECISIVE, SPECS, Sums, empty_sums

NAMES = Names(
    units=("mixer", "press"),
    operations=("tablet/mix", "tablet/press"),
    entities=("people/operator/busy", "people/operator/present", "tank/bulk/volume", "wip"),
    attributes=("hold_exceeded", "physics_status"),
    causes=(("press", "down", "jam"),),
    failed=(("unit", "press", "scrap"),),
    materials=("api",),
)
CHARGES = Charges(
    (
        Charge("materials", "used", "api", 3.0, co2=0.1),
        Charge("materials", "released", "tablet", 5.0),
        Charge("scrap", "scrapped", "tablet", 2.0),
        Charge("labour", "busy", "operator", 0.01),
    ),
    "EUR",
    footprint=True,
)


def counted(seed: int, names: Names = NAMES, start: int = 0, charges: Charges | None = CHARGES) -> Counted:
    """Three replications in which everything occurs."""
    numbers = np.arange(1, 4)
    drawn = np.random.default_rng(seed)
    fields: dict[str, Any] = empty_sums(numbers, names)
    for name, spec in SPECS.items():
        whole = drawn.integers(1, 10**6, fields[name].shape)
        fields[name] = whole.astype(float) / 3 if spec.kind == "real" else whole.astype(fields[name].dtype)
    end = start + 10**12
    return Counted(
        Sums(numbers, names, **fields), Windows.of(dict.fromkeys((1, 2, 3), (start, end))), charges
    )


def without(of: Counted, field: str) -> Counted:
    """The same where nothing of a field occurs."""
    return of._replace(sums=replace(of.sums, **{field: np.zeros_like(getattr(of.sums, field))}))


def as_bytes(columns: Columns) -> list[tuple[str, bytes]]:
    """Measures in their order, to the last bit."""
    return [(name, np.asarray(values, dtype=np.float64).tobytes()) for name, values in columns.items()]


def assert_measured_as_alone(parts: list[Counted]) -> None:
    together: dict[int, list[tuple[str, bytes]]] = {}
    for places, columns in columns_of_alike(parts):
        ends = np.cumsum([len(parts[k].windows.replications) for k in places])[:-1]
        split = {name: np.split(values, ends) for name, values in columns.items()}
        together |= {k: as_bytes({n: each[i] for n, each in split.items()}) for i, k in enumerate(places)}
    assert [together[k] for k in range(len(parts))] == [as_bytes(columns_of(*part)) for part in parts]


@pytest.mark.parametrize("field", SPECS)
def test_one_in_which_something_does_not_occur_is_measured_as_by_itself(field: str) -> None:
    some = counted(1)
    assert_measured_as_alone([some, without(counted(2), field), counted(3), without(some, field)])


def test_other_names_charges_and_windows_are_measured_as_by_itself() -> None:
    fewer = replace(NAMES, failed=(), operations=("tablet/press",))
    parts = [counted(1), counted(2, fewer), counted(3, start=10), counted(4, charges=None), counted(5)]
    assert_measured_as_alone(parts)


def test_those_that_are_alike_are_measured_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = []

    def noted(sums: Sums, windows: Windows, charges: Charges | None) -> Columns:
        sizes.append(len(sums.replications))
        return columns_of(sums, windows, charges)

    monkeypatch.setattr("twin.experiment.measures.columns_of", noted)
    list(columns_of_alike([counted(1), without(counted(2), "dated"), counted(3)]))
    assert sizes == [6, 3]


def test_a_measure_asks_only_for_what_is_known_to_decide() -> None:
    assert counted(1).sums.ever("stops_known").tolist() == [True, True]
    assert set(DECISIVE) <= set(SPECS)
    with pytest.raises(KeyError):
        counted(1).sums.ever("finished")
