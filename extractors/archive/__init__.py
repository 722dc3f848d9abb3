"""WARC in and out, saved inputs, other people's WARCs."""
