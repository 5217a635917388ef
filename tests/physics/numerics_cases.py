"""Systems that the tests of the numerical methods share: many lots, each with its own parameters."""

import array_api_strict
import numpy as np

LOTS = 53


def observed_order(errors, steps):
    """Return the order in the step by regression of log error on log step."""
    slope, _ = np.polyfit(-np.log(steps), np.log(errors), 1)
    return slope


def predators(rates):
    """Lotka and Volterra's two populations, `rates` of growth, shape (n,): not stiff, not linear."""

    def rhs(t, state):
        xp = state.__array_namespace__()
        hares, lynxes = state[0, ...], state[1, ...]
        return xp.stack([rates * hares - hares * lynxes, hares * lynxes - lynxes])

    return rhs


def van_der_pol(stiffness):
    """Van der Pol's oscillator, `stiffness` of shape (n,): y'' = mu ((1 - y**2) y' - y)."""

    def rhs(t, state):
        xp = state.__array_namespace__()
        y, z = state[0, ...], state[1, ...]
        return xp.stack([z, stiffness * ((1.0 - y * y) * z - y)])

    return rhs


def van_der_pol_jacobian(stiffness):
    def jacobian(t, state):
        xp = state.__array_namespace__()
        y, z = state[0, ...], state[1, ...]
        top = xp.stack([xp.zeros_like(y), xp.ones_like(y)])
        bottom = xp.stack([stiffness * (-2.0 * y * z - 1.0), stiffness * (1.0 - y * y)])
        return xp.stack([top, bottom])

    return jacobian


def robertson(t, state):
    """Robertson's three reactions, rates from 0.04 to 3e7: Hairer and Wanner II, section IV.1."""
    xp = state.__array_namespace__()
    a, b, c = state[0, ...], state[1, ...], state[2, ...]
    slow, fast, mid = 0.04 * a, 3e7 * b * b, 1e4 * b * c
    return xp.stack([mid - slow, slow - mid - fast, fast])


def strict(array):
    return array_api_strict.asarray(array)


def parts(lots=LOTS):
    """Ways to take lots: in another order, split, every other one."""
    order = np.random.default_rng(5).permutation(lots)
    return [order, slice(0, 1), slice(1, 9), slice(9, lots), slice(None, None, 2), slice(None, None, -1)]


def assert_lots_apart(method, *inputs):
    """Assert that `method(*inputs)`, lots on the last axis of all arrays, does the same for any part."""
    whole = method(*inputs)
    for part in parts(inputs[0].shape[-1]):
        some = method(*(np.ascontiguousarray(values[..., part]) for values in inputs))
        assert np.ascontiguousarray(some).tobytes() == np.ascontiguousarray(whole[..., part]).tobytes()
