"""One name per organization over time."""

import csv
import json
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.organizations import canonical_organization

REAL = Path(__file__).parents[2] / "../shared/real/api_organizations_2016_2025.json"


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


@pytest.mark.parametrize(
    ("printed", "name"),
    [
        ("UNDP (United Nations Development Programme)", "UNDP"),
        ("United Nations Development Programme (UNDP)", "UNDP"),
        ("UNICEF (United Nations Children\u2019s Fund)", "UNICEF"),
        ("UN Children's Fund (UNICEF)", "UNICEF"),
        ("UN Children\u2019s Fund [UNICEF]", "UNICEF"),
        ("UNICEF, U.N. Children\u00b4s Fund", "UNICEF"),
        ("Fonds des Nations Unies pour l\u2019enfance (UNICEF)", "UNICEF"),
        ("United Nations Office of the High Commissioner for Human Rights (OHCHR)", "OHCHR"),
        ("Food & Agriculture Organization (FAO)", "FAO"),
        ("UNAIDS (The Joint United Nations Programme on HIV/AIDS)", "UNAIDS"),
        ("UNHCR - UN High Commissioner for Refug", "UNHCR"),
        ("IAEA (International Atomic Energy Agenc)", "IAEA"),
        ("UNDP - UNDP(MDTF/PUNO only).", "UNDP"),
        ("UNDP(UNV)", "UNV"),
        ("OSRSG_SVC", "OSRSG-SVC"),
        ("NGO/UNDP", "NGO/UNDP"),
        ("UNWOMN NGO", "NGO/UN Women"),
    ],
)
def test_a_short_and_a_full_name_together_name_one_organization(printed: str, name: str) -> None:
    assert canonical_organization(printed) == (name, True)


@pytest.mark.parametrize(
    "printed",
    [
        "UNDP - Sudan",
        "UNICEF (UNDP)",
        "UNICEF/UNDP",
        "UNDP, Ministry of Health",
        "UN Volunteers (UNDP)",
        "UN Country Team (UNDP)",
        "Health Fund (WHO)",
        "Ministry of Health (WHO)",
        "WHO (Ministry of Health)",
        "UNU-WIDER",
        "UNHCR - UN",
        "SFCG (Search for Common Ground)",
    ],
)
def test_a_known_name_beside_another_is_not_guessed_from(printed: str) -> None:
    assert canonical_organization(printed) == (printed, False)


@pytest.fixture(scope="module")
def real_rows() -> list[dict[str, str]]:
    if not REAL.is_file():
        pytest.skip("the real answer is not kept in the repository, and not beside it here")
    rows: list[dict[str, str]] = json.loads(json.loads(REAL.read_bytes()))["data"]
    return rows


def test_no_two_organizations_of_the_real_answer_merge(real_rows: list[dict[str, str]]) -> None:
    """A row without organization has its group's name: `Unidentified`, `Fiscal Agent`."""
    names = {
        canonical_organization(
            row["ORGANIZATION"] or row["implementing_agent_group_description"], row["agency_code"]
        )[0]
        for row in real_rows
    }
    assert len(names) == len(real_rows) == 238
    assert {"Unidentified", "Fiscal Agent", "UNDP", "NGO/UNDP", "WWF", "WWF Malaysia"} <= names


def test_the_real_answer_s_two_columns_name_one_organization_but_for_those_of_ngos(
    real_rows: list[dict[str, str]],
) -> None:
    both = [
        (
            canonical_organization(row["ORGANIZATION"], row["agency_code"]),
            canonical_organization(row["implementing_agent_group_description"], row["agency_code"]),
        )
        for row in real_rows
    ]
    known = [(short, full) for short, full in both if short[1] or full[1]]
    assert len(known) >= 55
    assert sorted((short[0], full[0]) for short, full in known if short != full) == [
        ("NGO/OCHA", "OCHA"), ("NGO/UN Women", "UN Women"), ("NGO/UNDP", "UNDP"),
    ]  # fmt: skip
