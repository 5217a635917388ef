"""Folds a replication's rows into the sums of all measures as they come, where too many replications run to
keep their records.

`Folder` is what an engine hands rows to. The sums equal those of `counting/`, which counts a whole record;
so the measures are the same, but for quantiles of the lead time beyond so many lots, which are sketched.
"""

from twin.experiment.folding.folder import Folder
from twin.experiment.folding.room import EXACT

__all__ = ["EXACT", "Folder"]
