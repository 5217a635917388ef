"""Unit operations from bulk to inspected vial, and how vessels are cleaned and sterilised."""
