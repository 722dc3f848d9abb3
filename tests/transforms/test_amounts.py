"""Amounts and rates as printed: read back exactly, or rejected; no value is None, never zero."""

from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from transforms.amounts import (
    parse_amount,
    parse_machine_amount,
    parse_machine_rate,
    parse_rate,
)
from transforms.quarantine import RejectedError

NBSP, NARROW, THIN = "\u00a0", "\u202f", "\u2009"
NO_VALUES = [
    "",
    " ",
    NBSP,
    "-",
    "--",
    "–",
    "—",
    "−",
    "N/A",
    "n/a",
    "N/D",
    "s/o",
    "Not available",
    " - ",
    f"{NBSP}-{NBSP}",
]


@pytest.mark.parametrize(
    ("printed", "amount"),
    [
        ("0", "0"),
        ("0.00", "0"),
        ("7", "7"),
        ("1234", "1234"),
        ("1,234", "1234"),
        ("986,000,000", "986000000"),
        ("1 234 567", "1234567"),
        (f"1{NBSP}234{NBSP}567", "1234567"),
        (f"1{NARROW}234", "1234"),
        (f"1{THIN}234.5", "1234.5"),
        ("1,234.56", "1234.56"),
        ("-1,234.56", "-1234.56"),
        ("- 1,234", "-1234"),
        ("−1,234", "-1234"),
        ("–1,234", "-1234"),
        ("(1,234)", "-1234"),
        ("( 1 234.50 )", "-1234.5"),
        ("US$ 1,234", "1234"),
        ("US$1,234", "1234"),
        ("$1,234", "1234"),
        ("USD 1,234", "1234"),
        ("-US$ 1,234", "-1234"),
        ("(US$ 1,234)", "-1234"),
        (f"{NBSP}1,234{NBSP}", "1234"),
        ("1.234.567,89", "1234567.89"),
        ("1.234,56", "1234.56"),
        ("1.234.567", "1234567"),
        ("100.200.300", "100200300"),
        ("10.020.300,05", "10020300.05"),
        ("1 234,56", "1234.56"),
        (f"-1{NBSP}234{NBSP}567,8", "-1234567.8"),
        ("5 US$", "5"),
        ("1,234.50 USD", "1234.5"),
        ("(1 234,50 US$)", "-1234.5"),
        ("1000000000000", "1000000000000"),
    ],
)
def test_an_amount_is_read_in_every_form_that_pages_print(printed: str, amount: str) -> None:
    assert parse_amount(printed) == Decimal(amount)


@pytest.mark.parametrize("printed", [None, *NO_VALUES])
def test_no_value_is_none_never_zero(printed: str | None) -> None:
    assert parse_amount(printed) is None
    assert parse_rate(printed) is None


@pytest.mark.parametrize(
    "printed",
    [
        "1,23,456", "12,34", "1,2345", "1234,567", ",123", "1,,234", "1,234,", "1,234 567",
        "1.234", "1234,56", "12,3", "1.23,45", "1.234.56", "1,234.567", "1.234,567", "0.123,45",
        ".5", "5.", "1.2.3", "1 234,567", "1 234.567", "(1234", "1234)",
        "0,123", "000,001", "00,100",
        "--5", "5-", "+5", "(-5)", "((5))", "(5", "5)", "()", "(-)", "US$", "US$ -", "EUR 5", "€5",
        "5 $", "US$ 5 US$ 5", "5*", "5%", "5k", "1e3", "NaN", "Infinity", "none", "tbd", "five",
        "0x10", "1_000",
        "1\n234", "1\t234", "²", "1/2",
        "1000000000001", "1000000000000.01", "9" * 40,
    ],
)  # fmt: skip
def test_what_could_be_read_in_two_ways_or_none_is_rejected(printed: str) -> None:
    with pytest.raises(RejectedError) as rejected:
        parse_amount(printed)
    assert rejected.value.rule in {"amount", "amount_range"}
    assert repr(printed) in str(rejected.value)


AMOUNTS = st.decimals(0, 10**12, places=2)
MARKS = st.sampled_from([",", " ", NBSP, NARROW, THIN, ""])
SIGNS = st.sampled_from(["{}", "-{}", "- {}", "−{}", "–{}", "({})", "( {} )"])
CURRENCIES = st.sampled_from(["{}", "US$ {}", "US${}", "$ {}", "USD {}"])
EDGES = st.sampled_from(["{}", " {}", f"{{}}{NBSP}", f" {{}}{NARROW}"])


FORMS = st.builds(
    lambda edge, sign, currency: (edge.format(sign.format(currency)), sign),
    EDGES,
    SIGNS,
    CURRENCIES,
)


@given(amount=AMOUNTS, mark=MARKS, form=FORMS, cents=st.booleans())
def test_any_amount_in_any_allowed_form_reads_back_exactly(
    amount: Decimal, mark: str, form: tuple[str, str], cents: bool
) -> None:
    around, sign = form
    amount = amount if cents else amount.to_integral_value()
    digits = f"{amount:,.2f}" if cents else f"{amount:,.0f}"
    printed = around.format(digits.replace(",", mark))
    expected = amount if sign == "{}" else -amount
    assert parse_amount(printed) == expected


@given(
    groups=st.lists(st.integers(1, 99_999).map(str), min_size=2, max_size=4),
    mark=st.sampled_from([",", " ", NBSP]),
)
def test_thousands_in_groups_of_any_other_length_are_rejected(groups: list[str], mark: str) -> None:
    assume(len(groups[0]) > 3 or any(len(group) != 3 for group in groups[1:]))
    with pytest.raises(RejectedError):
        parse_amount(mark.join(groups))


@given(printed=st.from_regex(r"[0-9]{1,4}(,[0-9]{3}){0,4}(\.[0-9]{0,3})?", fullmatch=True))
def test_the_usual_form_is_read_as_it_is_beside_a_currency(printed: str) -> None:
    """The short way for what most pages print gives what the long way gives, to the last digit."""

    def read(text: str) -> str:
        try:
            return str(parse_amount(text))
        except RejectedError as error:
            return error.rule

    assert read(printed) == read(f"US$ {printed}")


@given(printed=st.text(max_size=12))
def test_any_text_is_an_amount_no_value_or_rejected(printed: str) -> None:
    try:
        amount = parse_amount(printed)
    except RejectedError as error:
        assert error.rule in {"amount", "amount_range"}  # noqa: PT017 because an amount is fine too
        return
    assert amount is None or (amount.is_finite() and amount == amount.quantize(Decimal("0.01")))


@pytest.mark.parametrize(
    ("printed", "rate"),
    [
        ("87.5%", "87.5"), ("87.5", "87.5"), ("87.5 %", "87.5"), ("100%", "100"), ("0%", "0"),
        ("-2.6%", "-2.6"), ("\u22122.6%", "-2.6"), ("1,234.5%", "1234.5"), ("66.6667%", "66.6667"),
        ("87,5%", "87.5"), ("87,5 %", "87.5"), ("87,55", "87.55"), ("(2,5%)", "-2.5"),
        ("87,05 %", "87.05"),
        ("10,020.05%", "10020.05"),
    ],
)  # fmt: skip
def test_a_rate_is_read_in_every_form_that_pages_print(printed: str, rate: str) -> None:
    assert parse_rate(printed) == Decimal(rate)


@pytest.mark.parametrize(
    "printed",
    [
        "87,500%",
        "1,234%",
        "1,234.567%",
        "(1234%",
        "1,2,3",
        "87.5%%",
        "% 87",
        "87.66667%",
        "1.234,5%",
        "about 80%",
        "9999999%",
        "%",
        "∞",
    ],
)
def test_what_is_no_rate_is_rejected(printed: str) -> None:
    with pytest.raises(RejectedError) as rejected:
        parse_rate(printed)
    assert rejected.value.rule == "rate"


@given(rate=st.decimals(0, 10**6, places=4))
def test_any_rate_reads_back_exactly(rate: Decimal) -> None:
    assert parse_rate(f"{rate}%") == rate
    assert parse_rate(f"-{rate}") == -rate


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("2333254635.430", "2333254635.43"),
        ("-133700.960", "-133700.96"),
        (".88", "0.88"),
        ("-.05", "-0.05"),
        (".000", "0.00"),
        ("-.000", "0.00"),
        ("12", "12.00"),
        ("0.1", "0.10"),
        ("1000000000000.000", "1000000000000.00"),
    ],
)
def test_a_decimal_of_the_api_is_an_amount_with_cents(text: str, amount: str) -> None:
    assert str(parse_machine_amount(text)) == amount


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("0.001", "more_than_cents"),
        ("2333254635.435", "more_than_cents"),
        ("1e3", "amount"),
        ("NaN", "amount"),
        ("-Infinity", "amount"),
        ("1,000.00", "amount"),
        ("(1.00)", "amount"),
        ("+1", "amount"),
        ("--1", "amount"),
        ("1.", "amount"),
        (".", "amount"),
        ("-", "amount"),
        ("", "amount"),
        (" 1", "amount"),
        ("1\n", "amount"),
        ("\u0661", "amount"),
        ("1" * 400, "amount"),
        ("1000000000000.010", "amount_range"),
    ],
)
def test_what_is_no_decimal_of_cents_is_rejected(text: str, rule: str) -> None:
    with pytest.raises(RejectedError) as caught:
        parse_machine_amount(text)
    assert caught.value.rule == rule


@given(cents=st.integers(-(10**13), 10**13), zeros=st.integers(0, 4))
def test_every_amount_in_cents_is_read_back_exactly(cents: int, zeros: int) -> None:
    amount = Decimal(cents).scaleb(-2)
    assert parse_machine_amount(f"{amount:.2f}{'0' * zeros}") == amount


@pytest.mark.parametrize(
    ("text", "rate"), [(".88", ".88"), ("-444.30", "-444.3"), ("0.1234", "0.1234"), ("12", "12")]
)
def test_a_rate_of_the_api_has_up_to_four_decimals(text: str, rate: str) -> None:
    assert parse_machine_rate(text) == Decimal(rate)


@pytest.mark.parametrize("text", ["0.12345", "88%", "1e2", "", "1000001"])
def test_what_is_no_rate_of_the_api_is_rejected(text: str) -> None:
    with pytest.raises(RejectedError) as caught:
        parse_machine_rate(text)
    assert caught.value.rule == "rate"
