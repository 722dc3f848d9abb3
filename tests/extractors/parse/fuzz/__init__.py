"""Damaged pages by the hundred thousand: each is parsed or refused by a rule, in bounded time."""
