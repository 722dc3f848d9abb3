"""Answers of the site's API to records."""
