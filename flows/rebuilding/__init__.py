"""Reading the archive anew: into parts, into a new file, or beside the old one to compare."""
