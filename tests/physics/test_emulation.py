"""Emulators: near enough to their model where they answer, and the model itself where they do not."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import numpy as np
import pytest
from scipy.special import ndtri

from twin.physics.backend import namespace
from twin.physics.contract import OK, Quantity, UnitOperation
from twin.physics.emulation import cache as kept_emulators
from twin.physics.emulation import polynomials
from twin.physics.emulation.design import Reach, emulator_of, sobol
from twin.physics.emulation.emulator import EMULATED, Emulator, evaluate
from twin.physics.emulation.kernel import predict
from twin.physics.emulation.space import space_of
from twin.physics.evaluation import Answer, unit_operation


class Asked:
    """How many lots a model has been asked about."""

    lots = 0


def mixer(name: str, asked: Asked, *, fails_above: float = 9.0) -> UnitOperation:
    """A model of two inputs that vary, one of them carried, with outputs from straight to sharply bent."""

    def equations(given: Mapping[str, np.ndarray]) -> Answer:
        xp = namespace(given["size"])
        asked.lots += given["size"].shape[0]
        size, speed = given["size"], given["speed"]
        attributes = {
            "area": size * size,
            "ratio": size / speed,
            "bend": xp.exp(-3.0 * (size - 1.5) ** 2) / (1.0 + xp.exp(-4.0 * (speed - 2.0))),
            "always": 7.0 + 0.0 * size,
        }
        return Answer(60.0 * size + speed, 0.9 + 0.0 * size, attributes, size + speed <= fails_above)

    return unit_operation(
        name,
        material=(Quantity("batch_mass", "kg", "mass", 0.0, 1e3), Quantity("size", "m", "size", 0.0, 10.0)),
        settings=(Quantity("speed", "1/s", "speed", 0.0, 20.0),),
        equipment=(Quantity("volume", "m3", "volume", 0.0, 1.0, default=0.5),),
        attributes=tuple(Quantity(n, "1", n, 0.0) for n in ("area", "ratio", "bend", "always")),
        equations=equations,
    )


def lots_of(count: int, seed: int = 3) -> dict[str, np.ndarray]:
    """Lots whose size and speed are normal, of 50 kg each."""
    deviates = ndtri(np.clip(sobol(2, count, seed), 1e-4, 1 - 1e-4))
    size, speed = 1.5 + 0.15 * deviates[0], 2.0 + 0.2 * deviates[1]
    return {"batch_mass": np.full(count, 50.0), "size": size, "speed": speed, "volume": np.full(count, 0.5)}


REACH = Reach(
    fixed={"batch_mass": 50.0, "volume": 0.5},
    ranges={"size": (0.94, 2.06), "speed": (1.25, 2.75)},
    lots=lots_of,
    seed=11,
)
MIXER = mixer("mixer", Asked())


@cache
def mixer_emulator() -> Emulator:
    return emulator_of(MIXER, REACH)


def asked_of(lots: Mapping[str, np.ndarray]) -> tuple[dict[str, np.ndarray], ...]:
    """Material, settings and equipment of lots."""
    return (
        {"batch_mass": lots["batch_mass"], "size": lots["size"]},
        {"speed": lots["speed"]},
        {"volume": lots["volume"]},
    )


def everything(outcome) -> np.ndarray:
    return np.array([outcome.duration, outcome.yield_, *outcome.attributes.values(), outcome.status])


def test_lots_are_emulated_within_a_tenth_of_their_noise():
    fresh = asked_of(lots_of(4096, seed=99))
    outcome, truth = evaluate([mixer_emulator()], MIXER, *fresh), MIXER.evaluate(*fresh)
    assert outcome.attributes[EMULATED].mean() > 0.995
    assert outcome.yield_ == pytest.approx(np.full(4096, 0.9), rel=1e-9)
    for name in ("area", "ratio", "bend"):
        wrong = outcome.attributes[name] - truth.attributes[name]
        assert np.sqrt(np.mean(wrong**2)) < 0.1 * np.std(truth.attributes[name])
    assert np.array_equal(outcome.status, np.zeros(4096, dtype=np.int8))


def test_the_stated_error_is_that_of_lots_which_had_no_part_in_the_fit():
    lots = lots_of(8192, seed=5)
    fresh = asked_of(lots)
    outcome, truth = evaluate([mixer_emulator()], MIXER, *fresh), MIXER.evaluate(*fresh)
    some = outcome.attributes[EMULATED] == 1.0
    for name in ("area", "ratio", "bend"):
        quality = mixer_emulator().quality[name]
        assert quality.noise == pytest.approx(np.std(truth.attributes[name]), rel=0.1)
        wrong = (outcome.attributes[name] - truth.attributes[name])[some] / quality.noise
        assert quality.error / 2 < np.sqrt(np.mean(wrong**2)) < quality.bound * 1.3 + 1e-9


def test_a_lot_beyond_the_design_is_solved_in_full_to_the_bit():
    lots = lots_of(6)
    lots["size"][1], lots["speed"][3], lots["batch_mass"][4] = 2.07, 1.2, 50.001
    outcome = evaluate([mixer_emulator()], MIXER, *asked_of(lots))
    assert outcome.attributes[EMULATED].tolist() == [1.0, 0.0, 1.0, 0.0, 0.0, 1.0]
    full = [1, 3, 4]
    truth = MIXER.evaluate(*asked_of({name: values[full] for name, values in lots.items()}))
    assert np.array_equal(outcome.duration[full], truth.duration)
    for name, values in truth.attributes.items():
        assert np.array_equal(outcome.attributes[name][full], values)


def test_a_lot_that_is_no_number_is_solved_in_full():
    lots = lots_of(3)
    lots["size"][1] = np.nan
    outcome = evaluate([mixer_emulator()], MIXER, *asked_of(lots))
    assert outcome.attributes[EMULATED].tolist() == [1.0, 0.0, 1.0]
    assert outcome.status[1] != OK


def test_a_lots_answer_does_not_depend_on_its_neighbours():
    lots = lots_of(5000, seed=8)
    lots["size"][::7] = 3.0
    whole = everything(evaluate([mixer_emulator()], MIXER, *asked_of(lots)))
    order = np.argsort(lots["speed"])
    shuffled = everything(
        evaluate([mixer_emulator()], MIXER, *asked_of({n: v[order] for n, v in lots.items()}), threads=1)
    )
    assert np.array_equal(whole[:, order], shuffled)
    parts = [
        everything(evaluate([mixer_emulator()], MIXER, *asked_of({n: v[a:b] for n, v in lots.items()})))
        for a, b in ((0, 1), (1, 17), (17, 4096), (4096, 5000))
    ]
    assert np.array_equal(whole, np.concatenate(parts, axis=1))


def test_lots_near_where_the_model_fails_are_solved_in_full():
    model = mixer("cautious", Asked(), fails_above=3.9)
    emulator = emulator_of(model, REACH)
    assert emulator.failed > 50
    lots = asked_of(lots_of(4096, seed=21))
    outcome, truth = evaluate([emulator], model, *lots), model.evaluate(*lots)
    emulated = outcome.attributes[EMULATED] == 1.0
    assert 0.5 < emulated.mean() < np.mean(truth.status == OK)
    assert np.array_equal(outcome.status, truth.status)


def test_a_model_that_mostly_fails_is_not_emulated():
    emulator = emulator_of(mixer("narrow", Asked(), fails_above=3.0), REACH)
    assert "clear of where the model does not hold" in emulator.declined


def test_what_no_number_of_points_reaches_is_not_emulated_and_says_so():
    emulator = emulator_of(MIXER, REACH, tolerance=1e-12, most_points=512)
    assert f"with {emulator.points} points the error of" in emulator.declined
    outcome = evaluate([emulator], MIXER, *asked_of(lots_of(5)))
    assert outcome.attributes[EMULATED].tolist() == [0.0] * 5
    assert np.array_equal(outcome.duration, MIXER.evaluate(*asked_of(lots_of(5))).duration)


def test_a_range_beyond_the_models_is_not_emulated():
    reach = Reach(REACH.fixed, {"size": (11.0, 12.0), "speed": (1.0, 2.0)}, lots_of, 1)
    assert emulator_of(MIXER, reach).declined == "`size` lies outside the range that the model holds in"


def test_where_nothing_varies_one_answer_serves_all_lots():
    def same(count: int) -> dict[str, np.ndarray]:
        return {name: np.full(count, v[0]) for name, v in lots_of(1).items()}

    fixed = {name: float(values[0]) for name, values in same(1).items()}
    emulator = emulator_of(MIXER, Reach(fixed, {}, same, 1))
    outcome, truth = evaluate([emulator], MIXER, *asked_of(same(3))), MIXER.evaluate(*asked_of(same(3)))
    assert outcome.attributes[EMULATED].tolist() == [1.0] * 3
    assert everything(outcome)[:6] == pytest.approx(np.vstack([everything(truth)[:6]]), rel=1e-12)


def test_units_of_unequal_parameters_have_an_emulator_each():
    other = Reach({**REACH.fixed, "volume": 0.7}, REACH.ranges, lots_of, 12)
    lots = lots_of(4)
    lots["volume"][2:] = 0.7
    only = evaluate([mixer_emulator()], MIXER, *asked_of(lots))
    assert only.attributes[EMULATED].tolist() == [1.0, 1.0, 0.0, 0.0]
    both = evaluate([mixer_emulator(), emulator_of(MIXER, other)], MIXER, *asked_of(lots))
    assert both.attributes[EMULATED].tolist() == [1.0] * 4


def test_equal_problems_give_equal_bytes_and_bytes_give_the_emulator_back():
    assert emulator_of(MIXER, REACH).to_bytes() == mixer_emulator().to_bytes()
    assert Emulator.from_bytes(mixer_emulator().to_bytes()).to_bytes() == mixer_emulator().to_bytes()


def test_a_kept_emulator_is_found_again_without_asking_the_model(tmp_path):
    asked = Asked()
    model = mixer("counted", asked)

    def make() -> Emulator:
        return emulator_of(model, REACH)

    first = kept_emulators.kept(tmp_path, "key", make)
    lots = asked.lots
    assert lots > 0
    again = kept_emulators.kept(tmp_path, "key", make)
    assert (again.to_bytes(), asked.lots) == (first.to_bytes(), lots)


@pytest.mark.parametrize("damage", ["cut", "flipped", "empty", "foreign"])
def test_a_damaged_file_is_made_anew(tmp_path, damage):
    made: list[int] = []

    def make() -> Emulator:
        made.append(1)
        return mixer_emulator()

    kept_emulators.kept(tmp_path, "key", make)
    file = tmp_path / "key.emulator"
    good = file.read_bytes()
    middle = len(good) // 2
    bad = {
        "cut": good[:-100],
        "flipped": good[:middle] + bytes([good[middle] ^ 1]) + good[middle + 1 :],
        "empty": b"",
        "foreign": b"something else",
    }
    file.write_bytes(bad[damage])
    assert kept_emulators.kept(tmp_path, "key", make).to_bytes() == mixer_emulator().to_bytes()
    assert len(made) == 2
    assert file.read_bytes() == good
    assert [path.name for path in tmp_path.iterdir()] == ["key.emulator"]


def test_a_folder_that_cannot_be_written_to_keeps_nothing(tmp_path):
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    emulator = kept_emulators.kept(tmp_path / "file" / "below", "key", mixer_emulator)
    assert emulator.to_bytes() == mixer_emulator().to_bytes()


def test_inputs_that_depend_on_each_other_get_a_box_around_them():
    spread = ndtri(np.clip(sobol(2, 512, 4), 1e-4, 1 - 1e-4))
    small = np.exp(0.3 * spread[0])
    large = 2.0 * small**1.5 * np.exp(0.02 * spread[1])
    space = space_of({}, {"small": small, "large": large})
    at = space.coordinates(np.array([small, large]))
    assert np.abs(at).max() < 1.0
    assert space.inputs(at) == pytest.approx(np.array([small, large]), rel=1e-12)
    # Both in their own ranges, and yet far from any lot: small granules with the d90 of large ones.
    assert np.abs(space.coordinates(np.array([[small.min()], [large.max()]]))).max() > 3.0


def test_a_polynomial_of_enough_degree_is_fitted_to_the_last_digits():
    at = 2.0 * sobol(3, 256, 6) - 1.0
    terms = polynomials.terms_of(3, 256)
    target = 1.0 + at[0] - 2.0 * at[1] * at[2] ** 2 + 0.5 * at[0] ** 3
    values = polynomials.values_of(terms.parent, terms.coordinate, terms.degree, at)
    fitted = polynomials.orthogonalised(values.copy(), target[None].copy())
    coefficients = polynomials.solved(*fitted, terms.up_to[3])
    assert polynomials.combined(coefficients, values)[0] == pytest.approx(target, abs=1e-12)


def test_the_kernel_tells_values_and_whether_they_count():
    emulator = mixer_emulator()
    outputs = predict(emulator.sizes, emulator.numbers, np.array([[1.5, 2.0, 50.0, 0.5]]))
    assert emulator.inputs == ("size", "speed", "batch_mass", "volume")
    assert outputs[0, -1] == 1.0
    assert outputs[0, 0] == pytest.approx(92.0, abs=0.1 * emulator.quality["duration"].noise)
