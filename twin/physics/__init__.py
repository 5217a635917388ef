"""Unit operations as pure array functions over lots. Knows nothing of plants.

`models()` lists what there is by name: twin's own and those of installed packages. `evaluate_on` computes one
on a chosen device, `backend` chooses between NumPy and CuPy, `contract` says what a model is, and each unit
operation has its own file.
"""

from twin.physics.evaluation import evaluate_on
from twin.physics.registry import models

__all__ = ["evaluate_on", "models"]
