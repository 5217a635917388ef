"""The plant and its run as an OpenUSD stage: asset library, layout, motion, results, checks.

Importing the package tells USD of twin's own schemas, which must happen before the first stage is opened.
"""

from __future__ import annotations

from twin.scene.schemas import register

SCHEMA_IS_KNOWN = register()
