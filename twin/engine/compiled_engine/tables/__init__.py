"""The tables of the compiled engine: where each column of each row stands.

Four arrays hold all: `p` and `q`, the integers and reals of the plant, made once from its program and never
changed; `s` and `f`, those of one replication. The arrays begin with `head`. A module here is a table; it
names the columns, and `plan(p, number)` and `now(s, number)` say where a row begins. Whatever refers to a row
holds its number; -1 stands for none. Nothing is allocated while a replication runs, and on a GPU every
replication is a lane of one array, its numbers a stride apart.
"""
