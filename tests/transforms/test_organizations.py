"""One name per organization over time."""

import csv
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.organizations import canonical_organization


def listed() -> list[dict[str, str]]:
    with files("transforms").joinpath("organizations.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def names_of(row: dict[str, str]) -> list[str]:
    listing = f"{row['organization']};{row['printed_names']};{row['successor_of']}"
    return [name for name in listing.split(";") if name]


@pytest.mark.parametrize(
    ("printed", "name"),
    [
        ("UNIFEM", "UN Women"),
        ("United Nations Development Fund for Women", "UN Women"),
        ("UN WOMEN", "UN Women"),
        ("UNWOMEN", "UN Women"),
        ("UNICEF", "UNICEF"),
        ("United Nations Children's Fund", "UNICEF"),
        ("United Nations Children\u2019s Fund", "UNICEF"),
        ("united  nations\u00a0children's fund", "UNICEF"),
        ("Food and Agriculture Organization", "FAO"),
        ("UNDP", "UNDP"),
        ("UN-Habitat", "UN-HABITAT"),
        ("PAHO / WHO", "PAHO/WHO"),
        ("WHO", "WHO"),
        ("International Labour Organisation", "ILO"),
    ],
)
def test_an_organization_has_one_name_whatever_is_printed(printed: str, name: str) -> None:
    assert canonical_organization(printed) == (name, True)


@pytest.mark.parametrize(
    ("printed", "name"),
    [
        ("Ministry of Wells", "Ministry of Wells"),
        ("  Ministry \u00a0of  Wells ", "Ministry of Wells"),
        ("UN", "UN"),
        ("-", "-"),
    ],
)
def test_an_unknown_organization_keeps_its_printed_name(printed: str, name: str) -> None:
    assert canonical_organization(printed) == (name, False)


def test_every_listed_name_maps_to_its_own_organization() -> None:
    rows = listed()
    assert len(rows) > 50
    wrong = [
        (name, row["organization"])
        for row in rows
        for name in names_of(row)
        if canonical_organization(name) != (row["organization"], True)
    ]
    assert wrong == []


def test_no_name_is_listed_for_two_organizations() -> None:
    owners: dict[str, set[str]] = {}
    for row in listed():
        for name in names_of(row):
            owners.setdefault(name.casefold(), set()).add(row["organization"])
    assert len(owners) > 150
    assert {name: found for name, found in owners.items() if len(found) > 1} == {}


def test_no_organization_is_listed_twice_and_none_has_stray_blanks() -> None:
    names = [row["organization"] for row in listed()]
    assert len(names) == len(set(names))
    everything = [name for row in listed() for name in names_of(row)]
    assert [name for name in everything if name != " ".join(name.split())] == []


@given(row=st.sampled_from(listed()), data=st.data())
def test_case_and_blanks_do_not_matter(row: dict[str, str], data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(names_of(row)))
    blank = data.draw(st.sampled_from([" ", "  ", "\u00a0"]))
    change = data.draw(st.sampled_from([str.upper, str.lower, str.title]))
    printed = f" {change(name).replace(' ', blank)} "
    assert canonical_organization(printed) == (row["organization"], True)
