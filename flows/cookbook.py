"""`make docs`: run the demo, and the queries of docs/cookbook on its newest release."""

import sys
import tempfile
from contextlib import chdir
from pathlib import Path

from flows.demo import demonstrate
from flows.pipeline.home import Home
from flows.releases import LATEST_FILE
from flows.settings import settings
from warehouse.cookbook import as_markdown


def main() -> None:
    """Write the page to stdout."""
    recipes = Path("docs", "cookbook").absolute()
    with tempfile.TemporaryDirectory() as folder, chdir(folder):
        home = Home(settings(Path(folder))).changed(archive=None)
        demonstrate(home, sys.stderr, sys.stderr)
        sys.stdout.write(as_markdown(home.releases / LATEST_FILE, recipes))


if __name__ == "__main__":
    main()
