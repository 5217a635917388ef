"""Sweeps: many small results of one study, computed once, kept, gone on with and shared.

`variants` turns changes into compiled plants, `tasks` cuts replications into tasks, `work` computes them in
any executor, `slices` is what it writes. `plan` says what a scenario's sweep asks for, `folder` is where it
lies, `running` has it computed, `assembly` makes the files that stay, `point` opens a point as a result, and
`evaluate` answers those who search. What the files look like follows from the plan alone, however often work
was interrupted and whoever did it.
"""
