"""Rules of faults and their chance; the faults themselves are in test_server_faults.py."""

from datetime import datetime, timedelta
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replica.http import ContentFault
from replica.server.faults import KINDS, FaultKind, FaultRuleError, Faults, Rule, parse_rules
from tests.replica.fixed_site import utc

NOON = utc(2016, 4, 20, 12)
addresses = st.sampled_from([f"/factsheet/project/{number:08}" for number in range(40)])
OF_LISTS = {"short_list", "bad_filter", "cut_json", "renamed_column", "repeated_key"}
kinds = st.sampled_from([kind for kind in KINDS if kind not in OF_LISTS])  # these are factsheets
rates = st.floats(0, 1)


def drawn(faults: Faults, address: str, now: datetime = NOON) -> FaultKind | None:
    hit = faults.draw(address, "", now)
    return hit.kind if hit else None


def test_a_rule_is_kind_rate_and_perhaps_a_pattern() -> None:
    assert parse_rules("503=0.02") == (Rule("503", 0.02, None),)
    assert parse_rules("reset=1@/factsheet/*") == (Rule("reset", 1.0, "/factsheet/*"),)
    assert parse_rules("404=1@/a@b=c") == (Rule("404", 1.0, "/a@b=c"),)


def test_all_is_each_kind_at_that_rate() -> None:
    assert parse_rules("all=0.5@/x") == tuple(Rule(kind, 0.5, "/x") for kind in KINDS)


@pytest.mark.parametrize(
    "text", ["", "503", "nap=1", "503=", "503=2", "503=-1", "503=nan", "503=1@"]
)
def test_what_is_no_rule_is_quoted_beside_the_kinds(text: str) -> None:
    with pytest.raises(FaultRuleError) as caught:
        parse_rules(text)
    assert repr(text) in str(caught.value)
    assert all(kind in str(caught.value) for kind in KINDS)


@given(st.lists(addresses, min_size=1), st.randoms(), kinds, rates, st.integers())
def test_what_an_address_gets_does_not_depend_on_the_order_of_others(
    asked: list[str], random: object, kind: str, rate: float, seed: int
) -> None:
    """Each address sees its own sequence of faults, however the requests are interleaved."""

    def seen(order: list[str]) -> dict[str, list[FaultKind | None]]:
        faults = Faults([f"{kind}={rate!r}"], seed)
        found: dict[str, list[FaultKind | None]] = {}
        for address in order:
            found.setdefault(address, []).append(drawn(faults, address))
        return found

    shuffled = list(asked)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert seen(asked) == seen(shuffled)


@given(addresses, kinds, rates, rates, st.integers())
def test_a_higher_rate_keeps_the_faults_of_a_lower_one(
    address: str, kind: str, one: float, other: float, seed: int
) -> None:
    low, high = sorted((one, other))
    if drawn(Faults([f"{kind}={low!r}"], seed), address):
        assert drawn(Faults([f"{kind}={high!r}"], seed), address)


@given(addresses, kinds, st.integers())
def test_rate_one_always_hits_and_rate_zero_never(address: str, kind: str, seed: int) -> None:
    assert drawn(Faults([f"{kind}=1"], seed), address) == kind
    assert drawn(Faults([f"{kind}=0"], seed), address) is None


@pytest.mark.parametrize("kind", KINDS)
def test_a_rate_is_about_the_share_of_addresses(kind: str) -> None:
    faults = Faults([f"{kind}=0.1"], seed=1)
    folder = "mptf_rest_api/get" if kind in OF_LISTS else "factsheet/project"
    hits = [drawn(faults, f"/{folder}/{number:08}") for number in range(4000)]
    assert 320 < hits.count(kind) < 480  # type: ignore[arg-type]


def test_a_fault_of_content_befalls_only_pages_that_can_have_it() -> None:
    """So the log names no fault that did not happen, and no rule stands in another's way."""
    pages = ["/project/00060001", "/factsheet/project/00060001/figures/excel"]
    funds = ["/fund/abc00", "/factsheet/fund/ABC00"]
    lists = ["/portfolio/fund", *funds]
    calls = ["/mptf_rest_api/getRows/,BUDGET,/year:2015"]
    others = ["/robots.txt", "/document/download/7", "/cdx/search/cdx", "/web/2016id_/x/project/1"]
    of_kinds = {
        "other_programme": pages, "no_tables": [*pages, *funds], "lying_validator": pages + calls,
        "short_list": lists + calls, "bad_filter": calls, "cut_json": calls,
        "renamed_column": calls, "repeated_key": calls,
    }  # fmt: skip
    assert of_kinds.keys() == set(get_args(ContentFault))
    for kind, befallen in of_kinds.items():
        faults = Faults([f"{kind}=1", "500=1"])
        hits = {address: drawn(faults, address) for address in (*pages, *lists, *calls, *others)}
        spared = {address: "500" for address in hits if address not in befallen}
        spared["/robots.txt"] = None  # type: ignore[assignment]  # no rule without a pattern
        assert hits == dict.fromkeys(befallen, kind) | spared


def test_a_retry_draws_anew_and_a_day_fault_stays_for_the_day() -> None:
    retried = Faults(["503=0.5"])
    assert {drawn(retried, "/a") for _ in range(20)} == {"503", None}
    stays = Faults(["404=0.5"])
    assert len({drawn(stays, "/a") for _ in range(20)}) == 1
    days = [drawn(stays, "/a", NOON + timedelta(days=day)) for day in range(20)]
    assert set(days) == {"404", None}


def test_a_validator_that_lies_lies_for_ever() -> None:
    faults = Faults(["lying_validator=0.5"])
    for number in range(20):
        seen = {
            drawn(faults, f"/project/{number}", NOON + timedelta(days=day)) for day in range(20)
        }
        assert len(seen) == 1


def test_the_first_rule_that_hits_wins() -> None:
    assert drawn(Faults(["404=0", "login=1", "maintenance=1"]), "/a") == "login"


def test_a_pattern_is_matched_against_the_path() -> None:
    faults = Faults(["404=1@/factsheet/*"])
    assert drawn(faults, "/factsheet/project/00067193") == "404"
    assert drawn(faults, "/portfolio/fund") is None


def test_robots_txt_is_spared_unless_named() -> None:
    assert drawn(Faults(["all=1"]), "/robots.txt") is None
    assert drawn(Faults(["503=1@/robots.txt"]), "/robots.txt") == "503"
