"""Frames to DuckDB. All SQL lives here; knows schemas, never pages."""
