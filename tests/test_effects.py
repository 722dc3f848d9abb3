"""Nothing that the project does reaches into the whole process, or outlives its owner."""

import pytest

from tests.effects import caches, effects
from tests.test_project import ROOMS, ROOT

# Effects that are wanted, with the reason.
_WANTED = {
    ("flows/cookbook.py", "contextlib.chdir"):
        "a program by itself, which runs the commands of a page as a reader would",
    ("flows/pipeline/stopping.py", "signal.signal"):
        "of commands alone: SIGINT and SIGTERM stop a run after its batch, and are put back",
}  # fmt: skip
# Tables that never change, read once from files or code of the package.
_TABLES = {
    "transforms/contributors.py:_packaged", "transforms/countries.py:_codes",
    "transforms/organizations.py:_listed", "transforms/validate.py:frame_schema",
    "warehouse/connection.py:sql", "webpage/assets.py:_specifications",
    "webpage/render.py:_environment", "webpage/worldmap.py:_world",
    "replica/books/agencies.py:_codes", "replica/books/texts.py:_plain",
    "replica/books/words/__init__.py:load", "replica/pages/furniture.py:_menu",
    "replica/server/fault_answers.py:bomb", "replica/server/fault_answers.py:stacked_bomb",
}  # fmt: skip
# What one short value or the headings of a table mean, whatever the home; so many at most.
_OF_A_TEXT = {
    "extractors/parse/sheets/number_formats.py:_sections", "transforms/amounts.py:parse_amount",
    "transforms/amounts.py:parse_rate", "transforms/countries.py:country_of",
    "transforms/dates.py:parse_date", "transforms/organizations.py:canonical_organization",
    "webpage/cells.py:text_cell", "webpage/cells.py:date_cell", "webpage/cells.py:moment_cell",
    "webpage/api.py:_time", "webpage/known.py:_day", "webpage/known.py:_shown",
    "webpage/tables.py:_head", "webpage/tables.py:_less_important", "replica/http.py:accepts_gzip",
}  # fmt: skip
_MODULES = {
    str(path.relative_to(ROOT)): path.read_text()
    for room in ROOMS
    for path in sorted((ROOT / room).rglob("*.py"))
}


def test_nothing_reaches_into_the_whole_process() -> None:
    """No import hooks, tuning of memory or threads, patches, changes of the environment."""
    found = {
        (module, effect.partition(": ")[2]): f"{module}:{effect}"
        for module, text in _MODULES.items()
        for effect in effects(text)
    }
    assert [where for key, where in found.items() if key not in _WANTED] == []
    assert set(_WANTED) <= set(found), "an exemption that nothing needs"


def test_every_cache_of_the_process_is_a_table_or_has_a_limit() -> None:
    """Data of a home, a page or a run is kept by an object, and goes with it."""
    found = {
        f"{module}:{name}": limited
        for module, text in _MODULES.items()
        for name, limited in caches(text).items()
    }
    assert sorted(set(found) - _TABLES - _OF_A_TEXT) == []
    assert sorted((_TABLES | _OF_A_TEXT) - set(found)) == [], "exemptions that nothing needs"
    assert [name for name in sorted(_OF_A_TEXT) if not found[name]] == []


@pytest.mark.parametrize(
    "planted",
    [
        "import gc",
        "from gc import freeze",
        "import ctypes; ctypes.CDLL(None).mallopt(-8, 1)",
        "import sys; sys.meta_path.insert(0, None)",
        "from sys import setswitchinterval",
        "import sys as system\nsystem.path_hooks.clear()",
        "import importlib.machinery\nimportlib.machinery.SOURCE_SUFFIXES.append('x')",
        "import os\ndef run():\n    os.environ['TZ'] = 'UTC'",
        "from os import environ\nenviron.setdefault('TZ', 'UTC')",
        "import httpx\nhttpx.Client.get = None",
        "from httpx import Client\nsetattr(Client, 'get', None)",
        "import signal\nsignal.signal(2, None)",
        "import warnings\nwarnings.simplefilter('ignore')",
        "_SEEN = {}\ndef see(page):\n    _SEEN[page] = 1",
        "_SEEN: set[str] = set()\ndef see(page):\n    _SEEN.add(page)",
        "_now = 0\ndef tick():\n    global _now\n    _now += 1",
    ],
)  # fmt: skip
def test_a_planted_effect_is_found(planted: str) -> None:
    assert list(effects(planted)) != []


@pytest.mark.parametrize(
    "harmless",
    [
        "import os\nwhere = os.environ.get('HOME')",
        "class One:\n    def __init__(self):\n        self.seen = {}",
        "def read():\n    found = {}\n    found['x'] = 1",
        "from importlib.resources import files\nfiles('warehouse')",
        "import sys\nsys.stderr.write('x')\nsys.exit(1)",
    ],
)  # fmt: skip
def test_what_stays_with_its_owner_is_no_effect(harmless: str) -> None:
    assert list(effects(harmless)) == []


def test_a_planted_cache_is_found_and_its_limit_is_known() -> None:
    """One that a function makes is that function's own."""
    text = """
from functools import cache, lru_cache
import functools as tools
@cache
def endless(page): ...
@lru_cache(maxsize=None)
def endless_too(page): ...
@tools.lru_cache(64)
def limited(page): ...
class Pages:
    @lru_cache
    def read(self, page): ...
_of = cache(len)
def own():
    @cache
    def within(page): ...
"""
    assert caches(text) == {
        "endless": False, "endless_too": False, "limited": True, "read": True, "_of": False,
    }  # fmt: skip
