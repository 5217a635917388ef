"""Names, probabilities and the greatest whole number: what every part of the language uses."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from twin.plant.shorthand import Number

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
MOST_OF_ONE = 1_000_000_000  # the greatest whole number of a plant
Probability = Annotated[Number, Field(ge=0, le=1)]
