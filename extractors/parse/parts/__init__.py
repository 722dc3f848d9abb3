"""The parts of a page that are no tables of figures: identity, narrative, contacts, statement."""
