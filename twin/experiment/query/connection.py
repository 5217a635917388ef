"""The one place that opens DuckDB: in memory, over the Parquet files it is given, and nothing else.

Extensions are neither installed nor loaded, files other than those given cannot be opened, no socket is
asked for, Python's variables are not looked at, and the configuration is locked before the first query. One
thread by default: sums of floating-point numbers then come in one order, so the same question has the same
answer to the last bit. Whoever asks has checked the files' hashes before (`twin.experiment.integrity`).

Settings as in "Securing DuckDB", https://duckdb.org/docs/stable/operations_manual/securing_duckdb/overview.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

MEMORY = "512MB"
_CLOSED: dict[str, str] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "python_enable_replacements": "false",
    "temp_directory": "",  # a query that needs more memory fails, it does not spill beside the results
}


@contextmanager
def opened(
    tables: Mapping[str, Sequence[Path]], *, memory: str = MEMORY, threads: int = 1
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a connection with a view over each table's Parquet files; closed at the end.

    Args:
        tables: name of a view → its files, at least one each, of equal columns.
        memory: the most that DuckDB takes, such as `512MB`; a query that needs more raises.
        threads: that DuckDB may use.
    """
    import duckdb

    files = sorted({str(file) for some in tables.values() for file in some})
    connection = duckdb.connect(":memory:", config={**_CLOSED, "memory_limit": memory, "threads": threads})
    try:
        connection.execute("set allowed_paths = ?", [files])
        connection.execute("set enable_external_access = false")
        connection.execute("set lock_configuration = true")
        for name, some in tables.items():
            listed = ", ".join(literal(str(file)) for file in some)
            connection.execute(f"create view {identifier(name)} as from read_parquet([{listed}])")
        yield connection
    finally:
        connection.close()


def identifier(name: str) -> str:
    """A name as SQL's quoted identifier: whatever is in it, it is a name.

    >>> identifier("equipment.press.speed")
    '"equipment.press.speed"'
    """
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as SQL's literal.

    >>> literal("the plant's")
    "'the plant''s'"
    """
    return "'" + text.replace("'", "''") + "'"
