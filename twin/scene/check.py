"""Checking a stage: USD's own validators, and rules for the mistakes that no validator names.

`problems` runs the rules of `twin.scene.rules` on one file, `validate` these and every validator of
UsdValidation on a root layer and each asset of its library. Both return sentences; none is a sound stage.
"""

from __future__ import annotations

from pathlib import Path

from pxr import Tf, Usd, UsdValidation

from twin.scene.rules import composition, instancers, values

RULES = (*composition.RULES, *instancers.RULES, *values.RULES)


def problems(path: str | Path) -> list[str]:
    """Return what the rules find in one file, as sentences.

    Raises `OSError` where the file is no stage.
    """
    stage = _opened(Path(path))
    return [sentence for rule in RULES for sentence in rule(stage)]


def validate(path: str | Path) -> list[str]:
    """Return what all validators and rules find in a root layer and in every asset of its library.

    Raises `OSError` where a file is no stage.
    """
    root = Path(path)
    found = []
    for file in [root, *assets(root)]:
        found += [f"{file.name}: {sentence}" for sentence in [*validator_errors(file), *problems(file)]]
    return found


def assets(root: Path) -> list[Path]:
    """Return the interface layers of the assets in the library beside a root layer."""
    return sorted(root.parent.glob("library/*/*.usda"))


def validator_errors(path: Path) -> list[str]:
    """Return what the validators of UsdValidation find in one file."""
    validators = UsdValidation.ValidationRegistry().GetOrLoadAllValidators()
    errors = UsdValidation.ValidationContext(validators).Validate(_opened(path))
    return [f"{error.GetName()}: {error.GetMessage()}" for error in errors]


def _opened(path: Path) -> Usd.Stage:
    """Return the stage as it is on disk now, whatever this process opened before."""
    if not path.is_file():
        raise OSError(f"{path}: there is no such file")
    try:
        stage = Usd.Stage.Open(str(path))
    except Tf.ErrorException as error:
        raise OSError(f"{path}: this is no OpenUSD stage") from error
    stage.Reload()
    return stage
