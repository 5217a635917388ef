"""The agenda gives its entries back in their order, whatever the order in which they came.

Run as plain Python in a process of its own, since Python cannot call a part of the compiled functions.
"""

from __future__ import annotations

import os
import subprocess
import sys

ENTRIES_THAT_COLLIDE = """
import numpy as np
from twin.engine.compiled_engine import agenda
from twin.engine.compiled_engine.tables import head

s = np.zeros(4000, dtype=np.int64)
s[head.AGENDA], s[head.AGENDA_ROOM], s[head.DUE] = 200, 400, 2000
stream = np.random.Generator(np.random.PCG64(7))
entries = [tuple(int(each) for each in stream.integers(0, (9, 3, 4, 3, 2))) for _ in range(300)]
for time, kind, index, lot, version in entries:
    agenda.schedule(s, time, kind, index, lot, version)
taken = []
while s[head.AGENDA_N]:
    agenda.take_due(s)
    for row in s[2000 : 2000 + 4 * s[head.DUE_N]].reshape(-1, 4).tolist():
        taken.append((row[0], agenda.kind_of(row[1]), agenda.index_of(row[1]), row[2], row[3]))
print(taken == sorted(entries), len(taken))
"""


def test_entries_come_back_by_time_then_kind_then_file_order_then_lot():
    plain = os.environ | {"NUMBA_DISABLE_JIT": "1"}
    ran = subprocess.run(
        [sys.executable, "-c", ENTRIES_THAT_COLLIDE], env=plain, capture_output=True, text=True
    )
    assert ran.stderr == ""
    assert ran.stdout.split() == ["True", "300"]
