"""Numerical methods for many lots at once: each lot its own steps, sums in fixed order, work bounded."""
