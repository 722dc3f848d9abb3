"""What every command does with captures: one run, parse, load, report."""
