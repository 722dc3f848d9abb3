"""Frames to DuckDB. All SQL lives here; knows schemas, never pages."""

import transforms  # noqa: F401 because it keeps DuckDB from looking for pandas
