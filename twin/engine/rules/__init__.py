"""Decision rules of the engines: pure functions of a program's tables, one file a rule."""
