"""twin: a manufacturing digital twin for pharmaceutical plants.

`twin.load`, `twin.run`, `twin.compare` and `twin.open_result` are what a notebook needs; they are imported
when first used, so that `import twin` costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from twin.experiment.api import compare, load, open_result, run

__all__ = ["__version__", "compare", "load", "open_result", "run"]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from twin.experiment.run import own_version

        return own_version()
    if name in __all__:
        from twin.experiment import api

        return getattr(api, name)
    raise AttributeError(f"module 'twin' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
