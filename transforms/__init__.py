"""Records as printed to typed, validated frames. Pure: reads and writes nothing."""

import sys
from importlib.abc import MetaPathFinder


class _NoPandas(MetaPathFinder):
    """Says that there is no pandas.

    Where it is installed, pandera imports it in every process, and DuckDB at the first value that
    it is given: a second of work, for what nothing here uses. Where it is not, DuckDB searches the
    disk for it at every value. Who wants it has imported it before.
    """

    def find_spec(self, name: str, *_: object) -> None:
        """Fail at once for pandas; leave all else to others."""
        if name == "pandas":
            raise ModuleNotFoundError("No module named 'pandas'", name="pandas")


sys.meta_path.insert(0, _NoPandas())
