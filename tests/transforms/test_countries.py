"""Countries from their names as printed: matched, never guessed."""

import csv
from importlib.resources import files

import pycountry
import pytest

from transforms.countries import country_of


@pytest.mark.parametrize(
    ("printed", "code"),
    [
        ("Chad", "TCD"),
        ("  viet  nam ", "VNM"),
        ("Tanzania, United Republic of", "TZA"),
        ("United Republic of Tanzania", "TZA"),
        ("Democratic Republic of the Congo", "COD"),
        ("Congo, Dem. Rep.", "COD"),
        ("Congo", "COG"),
        ("Republic of the Congo", "COG"),
        ("Cote d\u2019Ivoire", "CIV"),
        ("Lao PDR", "LAO"),
        ("Bolivia (Plurinational State of)", "BOL"),
        ("occupied Palestinian territory", "PSE"),
        ("Swaziland", "SWZ"),
        ("Türkiye", "TUR"),
        ("Turkey", "TUR"),
        ("S\u00e3o Tom\u00e9 & Pr\u00edncipe", "STP"),
        ("Guinea-Bissau", "GNB"),
        ("Guinée", "GIN"),
        ("República Democrática del Congo", "COD"),
        ("Moçambique", "MOZ"),
        ("Zaire, Republic of", "COD"),
        ("Burma", "MMR"),
    ],
)
def test_a_country_has_the_code_of_any_of_its_names(printed: str, code: str) -> None:
    iso = pycountry.countries.get(alpha_3=code)
    assert iso is not None
    assert country_of(printed) == (code, iso.name, True)


@pytest.mark.parametrize("printed", ["Global", "Multiple", "Western Africa (regional)", "N/A"])
def test_what_is_known_to_be_no_country_has_no_code(printed: str) -> None:
    assert country_of(printed) == (None, printed, True)


@pytest.mark.parametrize(
    "printed",
    ["Kosovo", "Korea", "Yugoslavia", "Czechoslovakia", "Kenya, Uganda", "Chadd", "Virgin Islands",
     ""],
)  # fmt: skip
def test_a_name_of_no_country_or_of_several_is_not_known(printed: str) -> None:
    """It keeps its text: a former country that was divided has no one successor."""
    assert country_of(printed) == (None, printed, False)


def test_every_country_is_found_by_iso_s_names() -> None:
    countries = list(pycountry.countries)
    assert len(countries) > 240
    for country in countries:
        assert country_of(country.name).code == country.alpha_3
        assert country_of(getattr(country, "official_name", country.name)).code == country.alpha_3


def test_every_listed_spelling_stands_once_with_a_code_of_today_and_a_source() -> None:
    with files("transforms").joinpath("countries.csv").open(encoding="utf-8") as f:
        listed = list(csv.DictReader(f))
    assert all(row["source"] for row in listed)
    codes = {row["country_code"] for row in listed if row["country_code"]}
    assert codes <= {country.alpha_3 for country in pycountry.countries}
    assert len({row["printed"].casefold() for row in listed}) == len(listed)
