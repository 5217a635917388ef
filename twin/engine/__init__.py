"""The compiled plant, addressed draws, rules, engines and the record."""
