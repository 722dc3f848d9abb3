"""HTML to blocks, as a browser shows it."""
