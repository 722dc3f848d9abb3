"""Bytes to captures to records as printed. May read files and sites; decides nothing about values."""
