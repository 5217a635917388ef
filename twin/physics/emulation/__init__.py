"""Emulators: fast stand-ins for unit operations that are too dear to solve for every lot.

`design` makes one for the lots that reach an operation, `cache` keeps it on disk by content, and `emulator`
answers with it, lot by lot, handing to the model itself each lot that it was not made for. Nothing here knows
of plants: whoever asks says what lots there are.
"""
