"""Pages of organizations and countries, and the map: whole, small, harmless and complete."""

import json
import re
from decimal import Decimal
from importlib.resources import files
from pathlib import Path

import pytest

from tests.warehouse.histories import Seen, annual, at, load_seen, page, row
from transforms.countries import country_of
from warehouse.answers import QueryResult, opened
from warehouse.connection import open_writer
from warehouse.schema import prepare
from webpage.links import country_file_name, organization_file_name
from webpage.pages import PageFolder
from webpage.places import write_places
from webpage.subjects import find_subjects
from webpage.worldmap import class_limits, world_map

SCRIPT = "<script>alert(1)</script>"
NAMES = (SCRIPT, "=1+1", "\u202eevil", "Ж" * 300, "FJI", "none", "a\"onfocus='x'")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pages of countries and organizations with the worst names, and of programmes without one."""
    folder = tmp_path_factory.mktemp("places")
    release = folder / "mptf.duckdb"
    con = open_writer(release)
    prepare(con)
    countries = (*NAMES, "Fiji", None)
    for number, country in enumerate(countries, start=1):
        figures = annual(row(country or "FAO", 2015, expenditure=str(number)))
        said = page(figures, programme_id=f"{number:08}", country=country)
        load_seen(con, [Seen(at("2016-06-15"), said, f"https://gateway.example/{number:08}")])
    con.close()
    with opened(release) as reader:
        written = write_places(reader, PageFolder(folder), find_subjects(reader))
    assert max(file.size for file in written) < 1_000_000
    return folder


def test_each_name_has_a_page_of_its_own(folder: Path) -> None:
    """Also one that is written like a code, or like the word for no country."""
    countries = {path.stem for path in folder.glob("country/*.html")}
    assert countries == {country_file_name(f":{name}") for name in ("", *NAMES)} | {"FJI"}
    with opened(folder / "mptf.duckdb") as con:
        named = con.execute("SELECT DISTINCT organization FROM mart.expenditure_current").fetchall()
    assert len(named) == len(NAMES) + 1
    organizations = {path.stem for path in folder.glob("organization/*.html")}
    assert organizations == {organization_file_name(name) for (name,) in named}
    assert "<h1><bdi>Fiji</bdi></h1>" in (folder / "country" / "FJI.html").read_text()
    none = (folder / "country" / f"{country_file_name(':')}.html").read_text()
    assert "name no country" in none


def test_hostile_names_are_text_on_every_page_and_on_the_map(folder: Path) -> None:
    pages = [*folder.glob("*.html"), *folder.glob("*/*.html")]
    assert len(pages) > 2 * len(NAMES)
    for file in pages:
        text = file.read_text()
        assert SCRIPT not in text, file.name
        assert "\u202e" not in text, file.name
        assert "a\"onfocus='x'" not in text, file.name


def test_what_is_no_country_is_listed_beside_the_map(folder: Path) -> None:
    """By name, with a link; every country of the table is on the map or listed so."""
    text = (folder / "countries.html").read_text()
    drawn = set(re.findall(r'<a href="(country/[^"]*)" aria-label="[^"]*" data-tip', text))
    listed = set(re.findall(r'href="(country/[^"]*)"', text.partition("Not on the map:")[2]))
    assert drawn == {"country/FJI.html"}
    assert listed >= {f"country/{country_file_name(f':{name}')}.html" for name in ("", *NAMES)}


def _countries(*rows: tuple[str, str, str | None]) -> QueryResult:
    columns = ("country_key", "country_code", "country", "expenditure_usd", "basis")
    return QueryResult(
        columns,
        [(code, code, name, spent and Decimal(spent), "interim") for code, name, spent in rows],
    )


def test_a_country_is_shaded_by_its_class_and_an_absent_figure_is_not_the_lowest() -> None:
    drawn = world_map(
        _countries(("FJI", "Fiji", "5"), ("PER", "Peru", "700"), ("NRU", "Nauru", None),
                   ("TON", "Tonga", "-3"), ("GUF", "French Guiana", "9"))
    )  # fmt: skip
    assert drawn is not None
    shades = {shape.href: shape.shade for shape in drawn.shapes}
    lowest, highest = drawn.legend[0], drawn.legend[-2]
    assert shades["country/TON.html"] == lowest[0] == "m0"
    assert shades["country/PER.html"] == highest[0]
    assert shades["country/NRU.html"] == drawn.legend[-1][0] == "mx"
    assert drawn.not_drawn == [("country/GUF.html", "French Guiana")]
    assert world_map(_countries()) is None


def test_names_without_a_place_on_the_map_are_counted_where_they_are_too_many() -> None:
    """As each programme's page may name a country of its own."""
    names = [f"Nowhere {number}" for number in range(5_000)]
    drawn = world_map(_countries(*((f":{name}", name, "5") for name in names)))
    assert drawn is not None
    assert 100 < len(drawn.not_drawn) < 1_000
    assert len(drawn.not_drawn) + drawn.more_not_drawn == len(names)


@pytest.mark.parametrize("amounts", [[], ["0"], ["-5", "7"], ["3"] * 9, ["1", "10", "100", "1000"]])
def test_the_limits_of_classes_are_round_and_rise(amounts: list[str]) -> None:
    limits = class_limits([None, *map(Decimal, amounts)])
    assert limits == sorted(set(limits))
    assert len(limits) < 5
    assert all(str(limit).strip("0") in {"1", "2", "5"} for limit in limits)


def test_the_outline_has_countries_and_says_where_it_is_from() -> None:
    """By the codes that the warehouse gives: nearly all of the United Nations are on it."""
    world = json.loads(files("webpage").joinpath("world.json").read_bytes())
    codes = set(world["outlines"]) | set(world["places"])
    names = ("Fiji", "Tuvalu", "Somalia", "Palestine, State of", "South Sudan", "Ukraine", "Bhutan")
    assert {country_of(name).code for name in names} <= codes
    assert len(codes) > 230
    assert "Natural Earth" in world["note"]
    assert all(re.fullmatch(r"[MlLz0-9 -]+", path) for path in world["outlines"].values())
