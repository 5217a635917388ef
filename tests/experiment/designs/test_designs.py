"""Designs: where their points lie, that the same words give the same, and that SALib reads them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from SALib.analyze import morris, sobol
from scipy.stats import qmc

from twin.experiment.designs import fractions_of, points_of
from twin.plant.scenario import Sweep

UNIT = {"from": 0, "to": 1}
LHS = [
    [0.61372, 0.726287, 0.366038],
    [0.460066, 0.19927, 0.129703],
    [0.791165, 0.812344, 0.608255],
    [0.035299, 0.386176, 0.959139],
]
SOBOL = [
    [0.517335, 0.228332, 0.99077],
    [0.633951, 0.228332, 0.99077],
    [0.517335, 0.049055, 0.99077],
    [0.517335, 0.228332, 0.395872],
]
MORRIS = [[0.667, 0.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.667, 0.0], [0.0, 0.667, 0.667]]


def sweep_of(method: str, axes: Any = 3, **words: Any) -> Sweep:
    named = {f"x{number}": UNIT for number in range(1, axes + 1)} if isinstance(axes, int) else axes
    return Sweep.model_validate({"method": method, "axes": named, **words})


def problem(axes: int) -> dict[str, Any]:
    return {"num_vars": axes, "names": [f"x{k}" for k in range(1, axes + 1)], "bounds": [[0, 1]] * axes}


DRAWN = [
    sweep_of("lhs", points=20),
    sweep_of("sobol", points=16),
    sweep_of("sobol", points=16, second_order=True),
    sweep_of("morris", trajectories=6),
]


@pytest.mark.parametrize("sweep", DRAWN, ids=lambda sweep: f"{sweep.method} {sweep.second_order}")
class TestEveryDesign:
    def test_the_same_words_give_the_same_points(self, sweep: Sweep) -> None:
        assert np.array_equal(fractions_of(sweep), fractions_of(sweep))

    def test_another_seed_gives_other_points(self, sweep: Sweep) -> None:
        assert not np.array_equal(fractions_of(sweep), fractions_of(sweep.model_copy(update={"seed": 2})))

    def test_the_points_are_the_fractions_of_the_ranges(self, sweep: Sweep) -> None:
        points = [list(point.changes.values()) for point in points_of(sweep)]
        assert np.abs(np.array(points, dtype=float) - fractions_of(sweep)).max() < 1e-5

    def test_points_are_counted_from_one(self, sweep: Sweep) -> None:
        numbers = [point.number for point in points_of(sweep)]
        assert numbers == list(range(1, len(fractions_of(sweep)) + 1))


def test_the_first_points_of_each_design_are_those_that_they_have_always_been() -> None:
    """A change of the draws, or of SciPy's direction numbers, would give every sweep another id."""
    assert fractions_of(sweep_of("lhs", points=4)).round(6).tolist() == LHS
    assert fractions_of(sweep_of("sobol", points=2)).round(6)[:4].tolist() == SOBOL
    assert fractions_of(sweep_of("morris", trajectories=2)).round(3)[:4].tolist() == MORRIS


def test_a_latin_hypercube_has_one_point_in_each_slice_of_each_axis() -> None:
    slices = np.sort(np.floor(fractions_of(sweep_of("lhs", points=50)) * 50), axis=0)
    assert np.array_equal(slices, np.repeat(np.arange(50)[:, None], 3, axis=1))


def test_axes_of_a_latin_hypercube_are_unrelated() -> None:
    related = np.corrcoef(fractions_of(sweep_of("lhs", points=400)), rowvar=False)
    assert np.abs(related - np.eye(3)).max() < 4 / np.sqrt(400)


def test_another_axis_leaves_a_latin_hypercube_as_it_was() -> None:
    two, three = fractions_of(sweep_of("lhs", 2, points=9)), fractions_of(sweep_of("lhs", 3, points=9))
    assert np.array_equal(two, three[:, :2])


def test_more_trajectories_begin_with_fewer() -> None:
    few, many = (fractions_of(sweep_of("morris", trajectories=n)) for n in (3, 8))
    assert np.array_equal(few, many[: len(few)])


@pytest.mark.parametrize("levels", [4, 6, 10])
def test_a_trajectory_moves_each_axis_once_by_the_same_step(levels: int) -> None:
    walks = fractions_of(sweep_of("morris", 5, trajectories=40, levels=levels)).reshape(40, 6, 5)
    steps = np.diff(walks, axis=1)
    moved = np.abs(steps) > 1e-12
    assert (moved.sum(axis=1) == 1).all()
    assert (moved.sum(axis=2) == 1).all()
    assert np.abs(steps[moved]) == pytest.approx(levels / (2 * (levels - 1)))
    on_levels = walks * (levels - 1)
    assert np.abs(on_levels - on_levels.round()).max() < 1e-9


def test_trajectories_begin_at_both_ends_and_go_both_ways() -> None:
    walks = fractions_of(sweep_of("morris", 4, trajectories=200)).reshape(200, 5, 4)
    upwards = (walks[:, -1] > walks[:, 0]).mean(axis=0)
    assert np.abs(upwards - 0.5).max() < 4 * 0.5 / np.sqrt(200)
    assert {round(value * 3) for value in walks.ravel()} == {0, 1, 2, 3}


def test_the_matrices_of_a_saltelli_design_fill_space_as_sobols_sequence_does() -> None:
    rows = fractions_of(sweep_of("sobol", points=64)).reshape(64, 5, 3)
    a = rows[:, 0]
    assert np.array_equal(np.sort(np.floor(a * 64), axis=0), np.repeat(np.arange(64)[:, None], 3, axis=1))
    assert qmc.discrepancy(a) < qmc.discrepancy(fractions_of(sweep_of("lhs", points=64)))


def test_a_saltelli_design_exchanges_one_column_at_a_time() -> None:
    rows = fractions_of(sweep_of("sobol", points=8, second_order=True)).reshape(8, 8, 3)
    a, b = rows[:, 0], rows[:, 7]
    for axis in range(3):
        others = [k for k in range(3) if k != axis]
        assert np.array_equal(rows[:, 1 + axis][:, axis], b[:, axis])
        assert np.array_equal(rows[:, 1 + axis][:, others], a[:, others])
        assert np.array_equal(rows[:, 4 + axis][:, axis], a[:, axis])
        assert np.array_equal(rows[:, 4 + axis][:, others], b[:, others])


def test_salib_finds_the_elementary_effects_of_a_plane_exactly() -> None:
    x = fractions_of(sweep_of("morris", 3, trajectories=5, levels=6))
    found = morris.analyze(problem(3), x, x @ [2.0, -3.0, 0.0], num_levels=6, seed=1)
    assert np.asarray(found["mu"]) == pytest.approx([2, -3, 0], abs=1e-9)
    assert np.asarray(found["sigma"]) == pytest.approx([0, 0, 0], abs=1e-9)


@pytest.mark.parametrize("second_order", [False, True])
def test_salib_finds_the_indices_of_ishigamis_function(second_order: bool) -> None:
    """Sobol' and Levitan's exact values for a = 7, b = 0.1."""
    x = fractions_of(sweep_of("sobol", 3, points=4096, second_order=second_order))
    angle = np.pi * (2 * x - 1)
    y = np.sin(angle[:, 0]) + 7 * np.sin(angle[:, 1]) ** 2 + 0.1 * angle[:, 2] ** 4 * np.sin(angle[:, 0])
    found = sobol.analyze(problem(3), y, calc_second_order=second_order, num_resamples=10, seed=1)
    assert found["S1"] == pytest.approx([0.3139, 0.4424, 0.0], abs=0.01)
    assert found["ST"] == pytest.approx([0.5576, 0.4424, 0.2437], abs=0.01)
    if second_order:
        assert found["S2"][0, 2] == pytest.approx(0.2437, abs=0.02)


def test_choices_and_whole_numbers_are_met_alike() -> None:
    axes = {"a.kind": ["x", "y", "z"], "b.count": {"from": 2, "to": 5, "integer": True}}
    points = [point.changes for point in points_of(sweep_of("lhs", axes, points=120))]
    kinds = [point["a.kind"] for point in points]
    counts = [point["b.count"] for point in points]
    assert {kind: kinds.count(kind) for kind in "xyz"} == {"x": 40, "y": 40, "z": 40}
    assert {count: counts.count(count) for count in range(2, 6)} == {2: 30, 3: 30, 4: 30, 5: 30}


def test_a_logarithmic_axis_has_as_many_points_in_each_decade() -> None:
    axes = {"a": {"from": "1 s", "to": "1000 s", "scale": "log"}}
    values = [point.label for point in points_of(sweep_of("lhs", axes, points=30))]
    seconds = np.array([float(value.split("=")[1].split()[0]) for value in values if value.endswith(" s")])
    minutes = np.array([float(value.split("=")[1].split()[0]) * 60 for value in values if "min" in value])
    all_of_them = np.concatenate([seconds, minutes])
    assert np.histogram(all_of_them, [1, 10, 100, 1001])[0].tolist() == [10, 10, 10]


def test_a_grid_turns_its_last_axis_first() -> None:
    axes = {"a.count": [1, 2], "b.count": {"from": "1 h", "to": "3 h", "steps": 3}}
    labels = [point.label for point in points_of(sweep_of("grid", axes))]
    assert labels[:4] == [
        "a.count=1, b.count=1 h",
        "a.count=1, b.count=2 h",
        "a.count=1, b.count=3 h",
        "a.count=2, b.count=1 h",
    ]


def test_a_grid_draws_nothing() -> None:
    with pytest.raises(ValueError, match="takes the values of its axes as they are"):
        fractions_of(sweep_of("grid", {"a": [1]}))
