"""Workbooks and CSV to blocks, as Excel shows them."""
