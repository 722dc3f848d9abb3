"""Rates, peak memory, and the ratio to a named baseline of the same run: `make bench`."""
