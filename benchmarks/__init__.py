"""Benchmarks: rates, peak memory and ratios to named baselines of the same run (`make bench`)."""
