"""Bytes to captures to records as printed. Reads files and pages; decides nothing about values."""
