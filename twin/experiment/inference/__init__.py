"""Statistics of finished replications beyond means and pairs: counts and shares, simultaneous comparisons,
sequential stopping, selection of the best, control variates.

Pure functions and state machines of values; `statistics.py` beside this package holds what every run needs.
"""
