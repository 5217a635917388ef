"""The compiled engine: thousands of replications of the program that the SimPy engine runs, exactly alike.

`image` lays a program out as flat tables, `memory` a replication; the other files are the SimPy engine's
rules, file by file, as functions that Numba compiles, and call the same decisions. `instant.run` is the
kernel, `simulate` drives it.

In all kernels `p` and `q` are the integers and reals of the plant, `s` and `f` those of the replication. A
unit is called `i`, a lot `slot`, an operation `number`; `u`, `b`, `o`, `g`, `w`, `c` are where the rows of a
unit, a lot ("batch"), an operation, a storage or pool, a line, and a mode, calendar or container begin.
"""
