"""Rows that sum others are totals, whatever they are called."""

from decimal import Decimal

import pytest

from extractors.parse.pages import parse_page
from transforms.observe import ReadBody, observe
from transforms.organizations import ALL_ORGANIZATIONS, canonical_organization, names_statistic
from transforms.sums import SUMMED, find_sums
from transforms.typed import Row


def row(name: str, year: int | None, budget: str | None, expenditure: str | None = None) -> Row:
    values: Row = dict.fromkeys(SUMMED)
    for measure, text in (("approved_budget_usd", budget), ("expenditure_usd", expenditure)):
        values[measure] = None if text is None else Decimal(text)
    organization = name if name == ALL_ORGANIZATIONS else canonical_organization(name)[0]
    return values | {"organization": organization, "fiscal_year": year}


def found(rows: list[Row], totals: list[Row] | None = None) -> dict[str, list[str]]:
    """Return `Sum 2014` and so on, each with the names of the rows that it sums."""
    sums = find_sums(rows, totals or [])
    return {
        f"{rows[at]['organization']} {rows[at]['fiscal_year'] or ''}".strip(): [
            rows[other]["organization"] for other in covered
        ]
        for at, covered in sums.items()
    }


FAO, UNICEF = row("FAO", 2014, "380000", "431207"), row("UNICEF", 2014, "310000", "352415")
WHO, ILO = row("WHO", 2014, "41500", "29377"), row("ILO", 2014, "52900", "18461")


@pytest.mark.parametrize("name", ["Gesamt", "All agencies", "Ensemble", "Grand sum of it all"])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_row_that_sums_all_others_of_its_year_is_found_wherever_it_stands(
    name: str, place: int
) -> None:
    rows = [FAO, UNICEF]
    rows.insert(place, row(name, 2014, "690000", "783622"))
    assert found(rows) == {f"{name} 2014": ["FAO", "UNICEF"]}


def test_each_year_is_summed_by_itself() -> None:
    rows = [
        FAO, row("FAO", 2015, "260400", "214069"), UNICEF, row("UNICEF", 2015, "291300", "191230"),
        row("Tutto", 2014, "690000", "783622"), row("Insieme", 2015, "551700", "405299"),
    ]  # fmt: skip
    assert found(rows) == {"Tutto 2014": ["FAO", "UNICEF"], "Insieme 2015": ["FAO", "UNICEF"]}


def test_sums_of_blocks_and_the_sum_of_these_are_found() -> None:
    rows = [
        FAO, UNICEF, row("North", 2014, "690000", "783622"),
        WHO, ILO, row("South", 2014, "94400", "47838"), row("Both", 2014, "784400", "831460"),
    ]  # fmt: skip
    assert found(rows) == {
        "North 2014": ["FAO", "UNICEF"],
        "South 2014": ["WHO", "ILO"],
        "Both 2014": ["FAO", "UNICEF", "WHO", "ILO"],
    }


def test_a_sum_above_its_block_is_found() -> None:
    rows = [row("North", 2014, "690000", "783622"), FAO, UNICEF, WHO]
    assert found(rows) == {"North 2014": ["FAO", "UNICEF"]}


def test_a_known_organization_is_never_a_sum() -> None:
    assert found([FAO, UNICEF, row("UNDP", 2014, "690000", "783622")]) == {}


def test_a_row_that_misses_the_sum_in_one_measure_is_an_organization() -> None:
    assert found([FAO, UNICEF, row("Reef Trust", 2014, "690000", "783620")]) == {}
    assert found([FAO, UNICEF, row("Reef Trust", 2014, "690100", "783622")]) == {}


def test_a_sum_may_miss_by_the_rounding_of_its_rows_only() -> None:
    assert found([FAO, UNICEF, row("Gesamt", 2014, "690001", "783621")]) != {}
    small = [row("FAO", 2014, "1", "3"), row("ILO", 2014, "2", "4")]
    assert found([*small, row("Reef Trust", 2014, "4", "7")]) == {}


def test_a_single_organization_is_not_enough() -> None:
    assert found([FAO, row("Reef Trust", 2014, "380000", "431207")]) == {}
    nothing = row("ILO", 2014, "0", "0")
    assert found([FAO, nothing, row("Reef Trust", 2014, "380000", "431207")]) == {}


def test_a_year_of_one_organization_is_judged_by_the_name_s_other_years() -> None:
    rows = [
        FAO, UNICEF, row("Gesamt", 2014, "690000", "783622"),
        row("FAO", 2015, "5000", "4000"), row("Gesamt", 2015, "5000", "4000"),
    ]  # fmt: skip
    assert found(rows) == {"Gesamt 2014": ["FAO", "UNICEF"], "Gesamt 2015": ["FAO"]}


def test_an_organization_that_equals_a_sum_in_one_year_of_many_loses_that_year_alone() -> None:
    rows = [FAO, UNICEF, row("Reef Trust", 2014, "690000", "783622")]
    for year in (2015, 2016):
        rows += [row("FAO", year, "10", "20"), row("ILO", year, "30", "40")]
        rows += [row("Reef Trust", year, "512", "77")]
    assert list(found(rows)) == ["Reef Trust 2014"]


def test_with_one_measure_only_the_sum_of_all_others_is_found() -> None:
    rows = [row("FAO", None, "100"), row("ILO", None, "200"), row("WHO", None, "50")]
    assert found([*rows, row("Reef Trust", None, "300")]) == {}
    assert found([*rows, row("Gesamt", None, "350")]) == {"Gesamt": ["FAO", "ILO", "WHO"]}


def test_two_measures_that_show_the_same_count_as_one() -> None:
    rows = [row("FAO", None, "100", "100"), row("ILO", None, "200", "200"), row("WHO", None, "5")]
    assert found([*rows, row("Reef Trust", None, "300", "300")]) == {}


def test_sub_totals_of_one_measure_are_found_if_a_total_leaves_no_other_reading() -> None:
    rows = [
        row("FAO", None, "100"), row("ILO", None, "200"), row("North", None, "300"),
        row("WHO", None, "40"), row("UPU", None, "20"), row("South", None, "60"),
    ]  # fmt: skip
    assert found(rows) == {}
    expected = {"North": ["FAO", "ILO"], "South": ["WHO", "UPU"]}
    assert found(rows, [row(ALL_ORGANIZATIONS, None, "360")]) == expected
    both = {"Both": ["FAO", "ILO", "WHO", "UPU"]}
    assert found([*rows, row("Both", None, "360")]) == expected | both


def test_a_printed_total_that_counts_the_row_in_proves_it_an_organization() -> None:
    rows = [FAO, UNICEF, row("Reef Trust", 2014, "690000", "783622")]
    assert found(rows, [row(ALL_ORGANIZATIONS, 2014, "1380000", "1567244")]) == {}
    assert found(rows, [row(ALL_ORGANIZATIONS, None, "1380000", "1567244")]) == {}
    assert found(rows, [row(ALL_ORGANIZATIONS, 2014, "690000", "783622")]) != {}


def test_a_name_that_says_it_sums_is_one_though_a_row_of_it_could_not_be_read() -> None:
    assert found([FAO, row("All agencies", 2014, "690000", "783622")]) == {
        "All agencies 2014": ["FAO"]
    }


def test_twenty_thousand_unknown_rows_cost_no_search_of_subsets() -> None:
    """The work is that of one pass for each round, not of every pair of rows."""
    rows = [row(f"Trust {n}", 2014, str(n * 7919), str(n * 104729)) for n in range(1, 20_001)]
    assert found(rows) == {}


def test_a_table_of_thousands_of_sums_of_one_name_has_one_total() -> None:
    """The sum of each would cost a pass over the whole table."""
    rows = [f"All agencies,2014,{n},{n}" for n in range(1000, 1300)]
    text = "\n".join([
        "Project ID: 00090063", "Organization,Fiscal Year,Net Funded Amount,Expenditure",
        *rows, "FAO,2014,700,500", "ILO,2014,300,499",
    ])  # fmt: skip
    said = observe([ReadBody("0" * 64, parse_page(f"{text}\n".encode()))])
    totals = said.frames["observed.figure_total"].to_dicts()
    assert [(one["printed_usd"], one["summed_usd"]) for one in totals] == [
        (1000, 1000),
        (1000, 999),
    ]
    assert said.frames["observed.figure"]["organization"].to_list() == ["FAO", "ILO"]


@pytest.mark.parametrize("name", ["Average", "Avg.", "the mean:", "Median per agency", "Moyenne"])
def test_a_row_of_a_statistic_is_no_organization(name: str) -> None:
    """It says nothing of the other rows: their sum is found."""
    text = "\n".join([
        "Project ID: 00090063", "Organization,Fiscal Year,Net Funded Amount,Expenditure",
        "FAO,2014,700,500", "ILO,2014,123,499", "Gesamt,2014,823,999", f"{name},2014,411.5,499.5",
    ])  # fmt: skip
    said = observe([ReadBody("0" * 64, parse_page(f"{text}\n".encode()))])
    assert said.frames["observed.figure"]["organization"].to_list() == ["FAO", "ILO"]
    assert [(one.rule, one.row_text) for one in said.quarantined] == [
        ("not_an_organization", f"{name} | 2014 | 411.5 | 499.5")
    ]


@pytest.mark.parametrize("name", ["Meanwhile Trust", "Max Planck Institute", "Average Joe Fund"])
def test_a_name_that_begins_like_a_statistic_is_none(name: str) -> None:
    assert not names_statistic(name)


def test_a_sum_is_found_where_an_amount_that_it_sums_cannot_be_read() -> None:
    """The measures that all rows of the year show readably tell."""
    text = "\n".join([
        "Project ID: 00090063", "Organization,Fiscal Year,Net Funded Amount,Expenditure",
        "FAO,2014,700,500", "ILO,2014,\"1,2,3\",499", "Gesamt,2014,823,999",
    ])  # fmt: skip
    said = observe([ReadBody("0" * 64, parse_page(f"{text}\n".encode()))])
    figures = said.frames["observed.figure"].select("organization", "net_funded_usd").rows()
    assert figures == [("FAO", 700), ("ILO", None)]
    assert [one.rule for one in said.quarantined] == ["amount"]
    assert "sums_other_rows" in said.frames["observed.finding"]["kind"].to_list()
