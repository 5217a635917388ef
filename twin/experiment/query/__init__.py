"""Questions about many results at once: which runs and points are there, and what came out of them.

DuckDB reads the Parquet files of sweeps, and nothing else; `connection` is the only place that opens it.
Runs are listed from the workspace's index. `twin results` and `twin report` ask here; nothing is computed
anew and nothing is written.
"""
