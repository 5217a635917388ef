"""Every unit operation over the whole of its stated ranges: lots in range have answers in the stated ones."""

import warnings

import numpy as np
import pytest

from twin.physics import models
from twin.physics.contract import OK

LOTS = 600
MAY_BE_NEGATIVE = {"collapse_margin", "dissolution_margin", "overfill_mass", "pore_saturation"}
ALL = models()


def anywhere(field, draws):
    """Values from all over a field's range: by decades where it spans many, now and then at its ends."""
    low, high = field.low, field.high
    if low > 0.0 and high > 30.0 * low:
        values = np.exp(draws.uniform(np.log(low), np.log(high), LOTS))
    else:
        values = draws.uniform(low, high, LOTS)
        small = high * 10.0 ** draws.uniform(-6.0, 0.0, LOTS)
        values = np.where((low == 0.0) & (draws.random(LOTS) < 0.5), small, values)
    at_end = np.where(draws.random(LOTS) < 0.5, low, high)
    return np.clip(np.where(draws.random(LOTS) < 0.05, at_end, values), low, high)


def usual(field, draws):
    """Values near the default; where there is none, anywhere."""
    if field.default is None:
        return anywhere(field, draws)
    return np.clip(field.default * draws.uniform(0.9, 1.1, LOTS), field.low, field.high)


@pytest.mark.parametrize("share", [0.05, 0.3, 1.0])
@pytest.mark.parametrize("name", sorted(ALL))
def test_lots_in_range_have_answers_in_the_stated_ranges(name, share):
    model, draws = ALL[name], np.random.default_rng(13)

    def inputs(fields):
        return {
            field.name: np.where(draws.random(LOTS) < share, anywhere(field, draws), usual(field, draws))
            for field in fields
        }

    groups = [inputs(fields) for fields in (model.material, model.settings, model.equipment)]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        outcome = model.evaluate(*groups)
    good = outcome.status == OK
    assert np.all(outcome.duration[good] >= 0.0)
    assert np.all((outcome.yield_[good] >= 0.0) & (outcome.yield_[good] <= 1.0))
    for field in model.attributes:
        values = outcome.attributes[field.name][good]
        assert np.all(np.isfinite(values)), field.name
        assert np.all((values >= field.low) & (values <= field.high)), (
            field.name,
            values.min(),
            values.max(),
        )
