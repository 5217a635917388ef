"""Whole integrations of one lot as plain loops over numbers, compiled for CPU threads and for a GPU.

A unit operation has a kernel where its array form spends its time in launching small array operations. The
array form stays the reference: a test compares the two lot by lot. `compiled` is the one way to Numba,
`launch` runs a kernel over lots, and each kernel has its own file.
"""
