"""The plant and its run as an OpenUSD stage."""
