"""How a home stands: its runs, what needs a person, and what waits for its bucket."""
