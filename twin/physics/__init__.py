"""Unit operations as pure array functions over lots. Knows nothing of plants."""
