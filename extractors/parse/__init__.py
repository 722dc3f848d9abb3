"""Bytes to records as printed, a module for each thing that a page shows."""
