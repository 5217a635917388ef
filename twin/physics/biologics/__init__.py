"""Unit operations from seed train to bulk drug substance."""
