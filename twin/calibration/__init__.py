"""Plant data to distributions, and the validation of the model against plant data."""
