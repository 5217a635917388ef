"""Commands of the command line, one file for each or for each group; `cli` puts them together."""
