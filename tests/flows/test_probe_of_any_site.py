"""`mptf probe` on sites as they might be: what scripts leave open, personal data, hostile names."""

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from extractors.archive.reader import Archive
from extractors.archive.writer import ArchiveWriter
from extractors.captures import NewCapture, NonCapture
from extractors.profiles.profile import Paging
from extractors.profiles.read import load_profile
from tests.command import Mptf

SITE = "https://mptf.example"
NOW = datetime(2025, 3, 1, 12)  # noqa: DTZ001 because every time here is naive UTC
PAGE = "/partners/organizations"
SHELL = "<html><body>{}<script src='/js/a.js'></script></body></html>"
ROW = {"agency_code": "002100", "ORGANIZATION": "UNDP", "BUDGET": "12.500"}


def rows(*found: Mapping[str, Any]) -> str:
    """The body of an answer."""
    return json.dumps(json.dumps({"data": found}))


def archive_site(home: Path, responses: Mapping[str, str], robots: str = "") -> None:
    """Archive a site as if it had been probed; a path that is not named was answered 404."""
    archive = Archive(home / "probe", 2**24)
    with ArchiveWriter(archive, "20250301T120000Z-0", NOW, lambda _: None) as writer:
        url = f"{SITE}/robots.txt"
        writer.add_non_capture(NonCapture(url, NOW, "robots", 200, (), robots.encode()))
        for path in ("/", "/analyze-all-contributions", "/fund/pb000"):
            if path not in responses:
                url = SITE + path
                writer.add_non_capture(NonCapture(url, NOW, "not_found", 404, (), b""))
        for path, body in responses.items():
            capture = NewCapture(SITE + path, NOW, "fetch", "gateway", body.encode(), 200)
            writer.add(capture)


def site_with(script: str, answers: Mapping[str, str], links: str = "") -> dict[str, str]:
    return {PAGE: SHELL.format(links), "/js/a.js": script, **answers}


def report_of(mptf: Mptf, *arguments: str | Path) -> dict[str, Any]:
    result = mptf("probe", "--from-archive", "--json", *arguments)
    assert result.exit_code == 0, result.stderr
    report: dict[str, Any] = json.loads(result.stdout)
    return report


def asked_of(report: dict[str, Any], method: str) -> dict[str, Any]:
    (found,) = [one["asked"][0] for one in report["methods"] if one["method"] == method]
    asked: dict[str, Any] = found
    return asked


def test_what_a_script_leaves_open_is_filled_in_by_its_name(
    mptf: Mptf, home: Path, tmp_path: Path
) -> None:
    """Years, a fund's code and the page of rows; what has no known name is left out."""
    script = """
      function load(from, to, code, sort) {
        fetch("/my_api/getMoney/" + ["BUDGET", "ORGANIZATION"].join(",") + "/fromYear:" + from
          + ",toYear:" + to + ",fundCode:" + code + ",colour:" + sort + ",offset:" + 0 + ",limit:"
          + limit, { headers: { "X-Kind": "money", "X-Token": token() } });
      }
    """
    path = "/my_api/getMoney/BUDGET,ORGANIZATION/fromYear:2024,toYear:2024,fundCode:{},offset:{}"
    answers = {
        path.format("MDG00", 0) + ",limit:100": rows(ROW),
        path.format("MDG00", 1) + ",limit:1": rows(),
    }
    archive_site(home, site_with(script, answers, "<a href='/fund/mdg00'>a fund</a>"))
    report = report_of(mptf)
    asked = asked_of(report, "getMoney")
    assert asked["url"] == SITE + path.format("MDG00", 0) + ",limit:100"
    assert (asked["rows"], asked["problem"]) == (1, "")
    assert asked["headers"] == {"X-Kind": "money"}
    assert asked["left_out"] == ["filter colour", "header X-Token"]
    assert asked["filters_asked"] == [
        "fromYear:{from_year}", "toYear:{to_year}", "fundCode:{fund_code}",
    ]  # fmt: skip


def test_another_year_is_asked_for_if_the_last_one_has_no_rows(mptf: Mptf, home: Path) -> None:
    """First the one in the script."""
    script = "fetch('/my_api/getMoney/BUDGET,agency_code/year:2019')"
    path = "/my_api/getMoney/BUDGET,agency_code/year:"
    archive_site(home, site_with(script, {f"{path}2024": rows(), f"{path}2019": rows(ROW)}))
    asked = asked_of(report_of(mptf), "getMoney")
    assert asked["url"] == f"{SITE}{path}2019"
    assert asked["filters_asked"] == ["year:{year}"]


def test_a_call_whose_filters_are_unknown_is_asked_with_the_years_of_another(
    mptf: Mptf, home: Path
) -> None:
    script = """
      fetch("/my_api/getKnown/BUDGET/firstYear:2020,lastYear:2021");
      fetch("/my_api/getOpen/BUDGET,agency_code/" + filters());
    """
    path = "/my_api/getOpen/BUDGET,agency_code/"
    answers = {path: "null", f"{path}firstYear:2024,lastYear:2024": rows(ROW)}
    archive_site(home, site_with(script, answers))
    asked = asked_of(report_of(mptf), "getOpen")
    assert (asked["rows"], asked["fills"]) == (1, ["organization years"])


ONE, TWO = (rows({**ROW, "agency_code": code}) for code in ("002100", "001981"))


@pytest.mark.parametrize(
    ("filters", "answers", "words", "paging"),
    [
        (
            "page:' + at", {"page:0": ONE, "page:1": TWO}, "1 row an answer, by page",
            Paging("page", "page", 1),
        ),
        (
            "page:' + at", {"page:0": ONE, "page:1": ONE, "page:2": TWO},
            "1 row an answer, by page", Paging("page", "page", 1, first=1),
        ),
        (
            "page:' + at", {"page:0": ONE, "page:1": ONE, "page:2": ONE},
            "all rows at once; its paging changes nothing", None,
        ),
        (
            "skip:' + at + ',limit:50'", {"skip:0,limit:50": ONE, "skip:1,limit:1": TWO},
            "1 row an answer, by skip", Paging("offset", "skip", 1, "limit"),
        ),
        (
            "skip:' + at + ',limit:50'", {"skip:0,limit:50": ONE, "skip:1,limit:1": rows()},
            "by skip, though one answer had all rows", Paging("offset", "skip", 50, "limit"),
        ),
        (
            "skip:' + at + ',limit:50'", {"skip:0,limit:50": ONE},
            "by skip, which could not be tried (not_asked)", Paging("offset", "skip", 50, "limit"),
        ),
    ],
)  # fmt: skip
def test_how_further_rows_are_asked_for_is_tried(
    filters: str, answers: dict[str, str], words: str, paging: Paging | None,
    mptf: Mptf, home: Path, tmp_path: Path,
) -> None:  # fmt: skip
    """Where pages count from, whether the filter does anything, and how many rows come at most."""
    path = "/my_api/getMoney/BUDGET,agency_code/"
    site = site_with(
        f"fetch('{path}{filters})", {path + asked: body for asked, body in answers.items()}
    )
    archive_site(home, site)
    asked = asked_of(report_of(mptf, "--write", tmp_path / "p.toml"), "getMoney")
    assert asked["paging"] == words
    (query,) = load_profile(tmp_path / "p.toml").queries
    assert query.paging == paging


def test_the_known_call_is_asked_if_no_script_shows_how(mptf: Mptf, home: Path) -> None:
    """Scripts may build it from what only a browser knows."""
    columns = "implementing_agent_group_description,FUCOUNT,BUDGET,NET_FUNDED,EXPENDITURE"
    path = (
        f"/mptf_rest_api/getAnalyzeAllProjects/,{columns},delivery_rate,"
        "/fromYear:2024,toYear:2024,--budget:DESC"
    )
    script = "fetch(base + '/mptf_rest_api/getAnalyzeAllProjects/' + columns + '/' + filters)"
    archive_site(home, site_with(script, {path: rows(ROW)}))
    asked = asked_of(report_of(mptf), "getAnalyzeAllProjects")
    assert (asked["rows"], asked["problem"]) == (1, "")


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("fetch('https://other.example/my_api/getMoney/A/year:2024')", "another host"),
        ("fetch('/my_api/' + method + '/A/year:2024')", "only when the script runs"),
        ("fetch('/my_api/deleteMoney/A/year:2024')", "changes something"),
        ("fetch('/my_api/../A/year:2024')", "leads elsewhere"),
        ("fetch('/my_api/%2e%2e/A/year:2024')", "leads elsewhere"),
        ("fetch('/my_api/getMoney/../year:2024')", "leads elsewhere"),
    ],
)
def test_what_may_do_harm_or_cannot_be_known_is_not_asked(
    script: str, reason: str, mptf: Mptf, home: Path
) -> None:
    """It is reported, with the reason."""
    archive_site(home, site_with(script, {}))
    found = [one for one in report_of(mptf)["methods"] if one["calls_found"]]
    assert len(found) <= 1
    for method in found:
        assert method["asked"][0]["url"] == ""
        assert reason in method["asked"][0]["detail"]


def test_personal_data_is_not_in_a_report(mptf: Mptf, home: Path, tmp_path: Path) -> None:
    """Neither values of columns about persons nor e-mail addresses; names of columns are."""
    row = {
        **ROW, "CONTACT_NAME": "Jane Roe", "manager_phone": "+41 22 000 00 00",
        "note": "ask jane.roe@example.org", "AUTHOR": "Richard Roe",
        "people": [{"contact": "John Doe"}],
    }  # fmt: skip
    script = "fetch('/my_api/getMoney/BUDGET,agency_code/year:2024')"
    path = "/my_api/getMoney/BUDGET,agency_code/year:2024"
    archive_site(home, site_with(script, {path: rows(row)}))
    document, profile = tmp_path / "r.md", tmp_path / "p.toml"
    report = report_of(mptf, "--markdown", document, "--write", profile)
    shown = mptf("probe", "--from-archive").stdout
    assert "CONTACT_NAME" in shown
    for text in (json.dumps(report), document.read_text(), shown, profile.read_text()):
        for secret in ("Jane", "Roe", "41 22", "jane.roe", "John"):
            assert secret not in text


def test_what_a_site_says_cannot_become_markup_or_control_a_terminal(
    mptf: Mptf, home: Path, tmp_path: Path
) -> None:
    """In names of columns, samples, methods, and scripts."""
    name = "X`|<img src=x onerror=alert(1)>\x1b[31m\u202e\n# Title"
    script = "/* ` <b> */ fetch('/my_api/get\\u0060Money|<b>/BUDGET,agency_code/year:2024');"
    script += "fetch('/my_api/getOther/BUDGET,agency_code/year:2024')"
    path = "/my_api/getOther/BUDGET,agency_code/year:2024"
    archive_site(home, site_with(script, {path: rows({**ROW, name: name})}))
    document = tmp_path / "r.md"
    report_of(mptf, "--markdown", document, "--write", tmp_path / "p.toml")
    shown, text = mptf("probe", "--from-archive").stdout, document.read_text()
    for one in (shown, text):
        assert "\x1b" not in one
        assert "\u202e" not in one
        assert "\n# Title" not in one
    for markup in text.splitlines():
        outside = "".join(markup.replace("\\|", "").split("`")[::2])
        assert "<" not in outside or markup.startswith("    ")
    assert load_profile(tmp_path / "p.toml").queries


def test_a_file_that_no_probe_wrote_is_ignored(mptf: Mptf, home: Path) -> None:
    archive_site(home, site_with("", {}))
    (home / "probe" / "a.warc.gz").write_bytes(b"no gzip")
    (home / "probe" / "z.warc.gz").write_bytes(b"")
    assert report_of(mptf)["site"] == SITE
    result = mptf("probe", "--from-archive", "--base-url", "https://other.example")
    assert result.exit_code == 1
    assert "no probe of https://other.example is archived" in result.stderr


def test_redirects_are_followed_in_the_archive(mptf: Mptf, home: Path) -> None:
    archive_site(home, {"/en/start": SHELL.format(""), "/js/a.js": "", PAGE: SHELL.format("")})
    archive = Archive(home / "probe", 2**24)
    with ArchiveWriter(archive, "20250301T120001Z-1", NOW, lambda _: None) as writer:
        moved = (("Location", "/en/start"),)
        for path, reason, headers in (("/robots.txt", "robots", ()), ("/", "redirect", moved)):
            status = 302 if headers else 200
            writer.add_non_capture(NonCapture(SITE + path, NOW, reason, status, headers, b""))
    pages = {page["url"]: page["problem"] for page in report_of(mptf)["pages"]}
    assert pages[f"{SITE}/"] == ""
