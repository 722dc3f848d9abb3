"""The command line, as a test is given it."""

from collections.abc import Callable

from click.testing import Result

Mptf = Callable[..., Result]
