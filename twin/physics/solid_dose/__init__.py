"""Unit operations from powder to coated tablet, and how a tablet dissolves."""
