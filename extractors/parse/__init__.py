"""Bytes to records as printed, in rooms that know only the rooms before them."""
