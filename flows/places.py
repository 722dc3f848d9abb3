"""The places of a home: all that a command needs which only reads its tables."""

from flows.settings import Settings


class Places:
    """The places of one home, with its settings."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.folder = settings.home
        self.warehouse = self.folder / "warehouse.duckdb"
        self.releases = self.folder / "releases"
