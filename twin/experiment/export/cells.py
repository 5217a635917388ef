"""Texts that a spreadsheet would take for formulas.

Excel and its kin evaluate a cell of a CSV file that begins with `=`, `+`, `-`, `@`, a tab or a carriage
return, whoever wrote it: a plant's name could run a command. In CSV such a text gets an apostrophe before it,
the sign by which spreadsheets mark text; a number is never touched, a negative one neither. In Excel files
each cell has a type, and a text is written as one. The characters are those of OWASP's page on CSV injection,
https://owasp.org/www-community/attacks/CSV_Injection, with its line feed and full-width forms.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_PATTERN = "^[=+\\-@\\t\\r\\n＝＋－＠]"


def as_text(text: str) -> str:
    """A text as a CSV cell that spreadsheets read as text.

    >>> as_text("=1+1"), as_text("-5 °C"), as_text("a = b")
    ("'=1+1", "'-5 °C", 'a = b')
    """
    return f"'{text}" if text.startswith(DANGEROUS) else text


def texts_of(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """`as_text` of a whole column of texts, of shape (rows,)."""
    dangerous = pc.match_substring_regex(column, _PATTERN)
    return pc.if_else(dangerous, pc.binary_join_element_wise("'", column, ""), column)
