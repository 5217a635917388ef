"""Unit operations as pure array functions over lots. Knows nothing of plants.

`models()` lists what there is by name: twin's own and those of installed packages. `backend` chooses between
NumPy and CuPy, `contract` says what a model is, and each unit operation has its own file.
"""

from twin.physics.registry import models

__all__ = ["models"]
