"""What every unit operation promises: any array library, lots apart, and a status instead of an exception."""

import doctest
import importlib
import math
import pkgutil
import warnings

import array_api_strict
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import twin.physics
from twin.physics import models
from twin.physics.contract import OK, OUT_OF_RANGE

WITH_A_KERNEL = {
    "dissolution",
    "fed_batch_culture",
    "film_coating_monte_carlo",
    "high_shear_granulation",
    "lyophilisation",
    "milling",
}
MODELS = sorted(models())
LOTS = 101

TYPICAL = {
    "batch_mass": (150.0, 300.0),
    "vials": (5e3, 5e4),
    "tablet_rate": (10.0, 250.0),
    "tablet_mass": (100e-6, 400e-6),
    "lubrication_factor": (0.4, 1.0),
    "bulk_density": (450.0, 550.0),
    "blender_volume": (1.0, 1.1),
    "turns_between_passes": (12.0, 15.0),
    "freezing_temperature": (272.0, 273.0),
    "nucleation_temperature": (258.0, 268.0),
    "reference_nucleation_temperature": (260.0, 266.0),
    "collapse_temperature": (240.0, 253.0),
    "loading_temperature": (275.0, 295.0),
    "freezing_shelf_temperature": (223.0, 233.0),
    "primary_shelf_temperature": (248.0, 268.0),
    "secondary_shelf_temperature": (290.0, 310.0),
    "vial_capacity": (300e3, 400e3),
    "inlet_temperature": (325.0, 345.0),
    "flow": (3e-3, 4e-3),
    "pipe_diameter": (0.048, 0.052),
    "wash_temperature": (338.0, 350.0),
    "water_temperature": (288.0, 298.0),
    "steam_temperature": (397.0, 402.0),
    "hold_temperature": (390.0, 394.5),
    "end_temperature": (303.0, 323.0),
    "start_temperature": (288.0, 303.0),
    "culture_duration": (6e4, 8.6e4),
    "feed_start": (0.0, 0.0),
    "liquid_to_solid": (0.2, 0.25),
    "pool_volume": (0.2, 0.3),
    "titre": (1.5, 6.0),
}


def spread(field, draws, lots):
    """Return `lots` values of a field within its range: near its default or where such lots lie."""
    low, high = TYPICAL.get(field.name) or (0.9 * field.default, 1.1 * field.default)
    return np.clip(draws.uniform(low, high, lots), field.low, field.high)


def some_lots(model, lots=LOTS):
    """Return the three groups of inputs of many different lots, all within range."""
    draws = np.random.default_rng(7)
    return tuple(
        {field.name: spread(field, draws, lots) for field in group}
        for group in (model.material, model.settings, model.equipment)
    )


def pick(groups, lots):
    return tuple({name: values[lots] for name, values in group.items()} for group in groups)


def columns(outcome):
    return {
        "duration": outcome.duration,
        "yield": outcome.yield_,
        "status": outcome.status,
        **outcome.attributes,
    }


@pytest.fixture(params=MODELS)
def model(request):
    return models()[request.param]


def test_lots_in_range_get_finite_numbers_under_the_names_that_the_model_states(model):
    outcome = model.evaluate(*some_lots(model))
    assert set(outcome.attributes) == {field.name for field in model.attributes}
    for name, values in columns(outcome).items():
        assert values.shape == (LOTS,), name
        assert values.dtype == (np.int8 if name == "status" else np.float64), name
        assert np.all(np.isfinite(values)), name
    assert set(outcome.status) == {OK}
    assert np.all(outcome.duration > 0)
    assert np.all((outcome.yield_ >= 0) & (outcome.yield_ <= 1))


def test_a_lot_does_not_depend_on_its_neighbours_bit_for_bit(model):
    groups = some_lots(model)
    whole = columns(model.evaluate(*groups))
    order = np.random.default_rng(11).permutation(LOTS)
    parts = [slice(0, 1), slice(1, 8), slice(8, 41), slice(41, LOTS)]
    rearranged = {
        "permuted": (order, columns(model.evaluate(*pick(groups, order)))),
        "every other": (slice(None, None, 2), columns(model.evaluate(*pick(groups, slice(None, None, 2))))),
        "reversed": (slice(None, None, -1), columns(model.evaluate(*pick(groups, slice(None, None, -1))))),
        **{str(part): (part, columns(model.evaluate(*pick(groups, part)))) for part in parts},
    }
    for how, (lots, values) in rearranged.items():
        for name in whole:
            assert values[name].tobytes() == whole[name][lots].tobytes(), (how, name)


def test_a_constant_is_the_same_as_an_array_of_it_bit_for_bit(model):
    material, settings, equipment = some_lots(model)
    same = {name: float(values[0]) for name, values in equipment.items()}
    constant = columns(model.evaluate(material, settings, same))
    repeated = {name: np.full(LOTS, value) for name, value in same.items()}
    for name, values in columns(model.evaluate(material, settings, repeated)).items():
        assert values.tobytes() == constant[name].tobytes(), name


def test_array_api_strict_accepts_the_code_and_gives_the_same_numbers(model):
    groups = some_lots(model, 7 if model.name in WITH_A_KERNEL else LOTS)  # array forms take their time
    ours = columns(model.evaluate(*groups))
    strict = tuple(
        {name: array_api_strict.asarray(values) for name, values in group.items()} for group in groups
    )
    for name, values in columns(model.evaluate(*strict)).items():
        assert values.__array_namespace__().__name__ == "array_api_strict", name
        # A kernel's compiled exponentials may round otherwise than the array form's.
        rounding = 1e-10 if model.name in WITH_A_KERNEL else 0.0
        np.testing.assert_allclose(np.asarray(values), ours[name], rtol=rounding, err_msg=name)


def required(group):
    return [field.name for field in group if field.default is None]


def test_what_has_a_default_may_be_left_out(model):
    material, settings, _ = some_lots(model, 3)
    outcome = model.evaluate(
        {name: material[name] for name in required(model.material)},
        {name: settings[name] for name in required(model.settings)},
        {},
    )
    assert outcome.duration.shape in {(3,), (1,)}
    assert required(model.equipment) == []


def test_plain_numbers_are_one_lot(model):
    material, settings, equipment = pick(some_lots(model), 0)
    outcome = model.evaluate(material, settings, equipment)
    assert outcome.duration.shape == outcome.status.shape == (1,)


def test_a_missing_input_is_named_with_its_unit_and_meaning(model):
    material, settings, equipment = some_lots(model, 3)
    for field in (*model.material, *model.settings):
        if field.default is None:
            without = [{k: v for k, v in group.items() if k != field.name} for group in (material, settings)]
            with pytest.raises(ValueError, match=f"{model.name} needs {field.name} in {field.unit}: "):
                model.evaluate(*without, equipment)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 0.0, -1.0, 1e300])
def test_one_bad_lot_has_its_status_and_leaves_the_others_alone(model, value):
    groups = some_lots(model, 5)
    clean = columns(model.evaluate(*groups))
    for group in groups:
        for field in group:
            before = group[field][2]
            group[field][2] = value
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                spoilt = columns(model.evaluate(*groups))
            group[field][2] = before
            for name in clean:
                np.testing.assert_array_equal(
                    np.delete(spoilt[name], 2), np.delete(clean[name], 2), err_msg=field
                )
            if not math.isfinite(value):
                assert spoilt["status"][2] == OUT_OF_RANGE, field


def test_just_outside_any_range_is_out_of_range(model):
    fields = (*model.material, *model.settings, *model.equipment)
    groups = some_lots(model, 3)
    for field in fields:
        group = next(group for group in groups if field.name in group)
        kept = group[field.name]
        for edge, beyond in ((field.low, -math.inf), (field.high, math.inf)):
            group[field.name] = np.asarray([kept[0], np.nextafter(edge, beyond), kept[2]])
            assert list(model.evaluate(*groups).status) == [OK, OUT_OF_RANGE, OK], field.name
        group[field.name] = kept


def test_every_field_has_a_unit_a_meaning_a_range_and_a_default_inside_it(model):
    for field in (*model.material, *model.settings, *model.equipment):
        assert field.unit, field.name
        assert field.meaning, field.name
        assert math.isfinite(field.low) and math.isfinite(field.high) and field.low < field.high, field.name  # noqa: PT018
        assert field.default is None or field.low <= field.default <= field.high, field.name


@pytest.mark.parametrize("name", MODELS)
@settings(max_examples=12)
@given(first=st.floats(), second=st.floats())
def test_no_input_raises(name, first, second):
    model = models()[name]
    groups = some_lots(model, 2)
    for group in groups:
        for field in group:
            group[field] = np.asarray([first, second])
    assert model.evaluate(*groups).status.shape == (2,)


def test_documented_examples():
    for module in pkgutil.walk_packages(twin.physics.__path__, "twin.physics."):
        assert doctest.testmod(importlib.import_module(module.name)).failed == 0, module.name
