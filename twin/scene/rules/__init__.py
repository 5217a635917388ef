"""Rules for mistakes that no public validator names: each is a function from a stage to sentences."""
