"""Text as geometry: dot-matrix letters that lie on the floor or stand as a sign.

OpenUSD's own text schemas are not in every client; a mesh is. Pure: a text and a size go in, a `Solid` comes
out.
"""

from __future__ import annotations

import numpy as np

from twin.scene.mesh import Solid

ROWS, COLUMNS = 7, 5
_LINES = [
    "",
    "A01110 10001 10001 11111 10001 10001 10001",
    "B11110 10001 10001 11110 10001 10001 11110",
    "C01110 10001 10000 10000 10000 10001 01110",
    "D11110 10001 10001 10001 10001 10001 11110",
    "E11111 10000 10000 11110 10000 10000 11111",
    "F11111 10000 10000 11110 10000 10000 10000",
    "G01110 10001 10000 10111 10001 10001 01111",
    "H10001 10001 10001 11111 10001 10001 10001",
    "I01110 00100 00100 00100 00100 00100 01110",
    "J00111 00010 00010 00010 00010 10010 01100",
    "K10001 10010 10100 11000 10100 10010 10001",
    "L10000 10000 10000 10000 10000 10000 11111",
    "M10001 11011 10101 10101 10001 10001 10001",
    "N10001 11001 10101 10011 10001 10001 10001",
    "O01110 10001 10001 10001 10001 10001 01110",
    "P11110 10001 10001 11110 10000 10000 10000",
    "Q01110 10001 10001 10001 10101 10010 01101",
    "R11110 10001 10001 11110 10100 10010 10001",
    "S01111 10000 10000 01110 00001 00001 11110",
    "T11111 00100 00100 00100 00100 00100 00100",
    "U10001 10001 10001 10001 10001 10001 01110",
    "V10001 10001 10001 10001 10001 01010 00100",
    "W10001 10001 10001 10101 10101 11011 10001",
    "X10001 10001 01010 00100 01010 10001 10001",
    "Y10001 10001 01010 00100 00100 00100 00100",
    "Z11111 00001 00010 00100 01000 10000 11111",
    "001110 10001 10011 10101 11001 10001 01110",
    "100100 01100 00100 00100 00100 00100 01110",
    "201110 10001 00001 00110 01000 10000 11111",
    "311110 00001 00001 01110 00001 00001 11110",
    "400010 00110 01010 10010 11111 00010 00010",
    "511111 10000 11110 00001 00001 10001 01110",
    "600110 01000 10000 11110 10001 10001 01110",
    "711111 00001 00010 00100 01000 01000 01000",
    "801110 10001 10001 01110 10001 10001 01110",
    "901110 10001 10001 01111 00001 00010 01100",
    "-00000 00000 00000 11111 00000 00000 00000",
    "_00000 00000 00000 00000 00000 00000 11111",
    ":00000 01100 01100 00000 01100 01100 00000",
    ".00000 00000 00000 00000 00000 01100 01100",
    ",00000 00000 00000 00000 01100 00100 01000",
    "/00001 00001 00010 00100 01000 10000 10000",
    "(00010 00100 01000 01000 01000 00100 00010",
    ")01000 00100 00010 00010 00010 00100 01000",
    "+00000 00100 00100 11111 00100 00100 00000",
    "%11000 11001 00010 00100 01000 10011 00011",
    "",
]
GLYPHS = {line[0]: tuple(line[1:].split()) for line in _LINES if line}


def runs(text: str) -> list[tuple[int, int, int]]:
    """Return the strokes of one line of text: (column, row from below, length) in dots.

    Signs that the font lacks become a space.
    """
    strokes = []
    for position, sign in enumerate(text.upper()):
        for row, dots in enumerate(GLYPHS.get(sign, ())):
            column = 0
            for stroke in dots.replace("1", "x").split("0"):
                if stroke:
                    strokes.append((position * (COLUMNS + 1) + column, ROWS - 1 - row, len(stroke)))
                column += len(stroke) + 1
    return strokes


def width(text: str, height: float) -> float:
    """Return the width in metres of one line of text whose letters are `height` metres high."""
    return (len(text) * (COLUMNS + 1) - 1) * height / ROWS


def floor_text(
    name: str, lines: list[str], height: float, at: tuple[float, float], material: str
) -> Solid | None:
    """Return lines of text lying on the floor, first line uppermost, around `at` (x of the middle, y of the
    top).

    `height` is the height of a letter in metres; the space between lines is half of it. None where the font
    has no sign of the text.
    """
    dot = height / ROWS
    gap = 0.06 * dot
    points, faces = [], 0
    for number, line in enumerate(lines):
        left = at[0] - width(line, height) / 2
        below = at[1] - number * 1.5 * height - height
        for column, row, length in runs(line):
            x0, x1 = left + column * dot + gap, left + (column + length) * dot - gap
            y0, y1 = below + row * dot + gap, below + (row + 1) * dot - gap
            points += [(x0, y0, 0.012), (x1, y0, 0.012), (x1, y1, 0.012), (x0, y1, 0.012)]
            faces += 1
    if not points:
        return None
    normals = np.tile([0.0, 0.0, 1.0], (4 * faces, 1))
    return Solid(name, np.array(points), np.full(faces, 4), np.arange(4 * faces), normals, material)
