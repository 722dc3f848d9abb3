"""Chromium as judge: the figures that a page shows, against those that are loaded or set aside."""
