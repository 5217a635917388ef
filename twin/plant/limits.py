"""How large and how small the numbers of a random quantity may be, for an engine to draw and count them.

Called by `distributions.py`; the limits of other values stand with them in `schema/`.
"""

from __future__ import annotations

from collections.abc import Mapping

_YEAR = 365.25 * 86400.0
_LARGEST = 1e30  # in SI; far beyond what is real, far below where arithmetic ends
_RANGES = {
    ("weibull", "shape"): (0.05, 100.0),
    ("lognormal", "cv"): (0.0, 1000.0),
    ("gamma", "cv"): (0.001, 100.0),
    ("poisson", "mean"): (0.0, 1e6),
}
_PLAIN = ("cv", "shape", "weights")


def beyond_limits(kind: str, numbers: Mapping[str, tuple[float, ...]], unit: str) -> tuple[str, str] | None:
    """The first parameter of a distribution in `unit` (SI) that no engine can draw from, and why."""
    for key, items in numbers.items():
        if (kind, key) in _RANGES:
            low, high = _RANGES[(kind, key)]
            if not all(low <= item <= high for item in items):
                return key, f"needs a `{key}` between {low:g} and {high:,.10g}"
        if unit == "s" and key not in _PLAIN and max(items) > 100 * _YEAR:
            return key, "must be at most 100 years"
        if any(abs(item) > _LARGEST for item in items):
            return key, "is too large"
    if kind == "normal" and unit == "s" and numbers["mean"][0] < -30 * numbers["sd"][0]:
        return "mean", "lies so far below zero that no time is left, as times are cut off at zero"
    return None
