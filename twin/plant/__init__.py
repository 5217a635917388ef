"""The plant language: schema, YAML with positions, units, layout and changes. Imports nothing of twin."""
