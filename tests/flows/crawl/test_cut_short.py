"""A site whose answers break off, with no length that would say so."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from tests.command import Mptf
from tests.flows.pages import factsheet
from tests.flows.tables import ask
from tests.processes import http_server

WHOLE = factsheet(figures={("FAO", 2014): "400", ("FAO", 2015): "512", ("ILO", 2015): "7,345"})
CUT = WHOLE[: WHOLE.index("7,345") + 3]
PAGE = "/factsheet/project/00090001"


class _Answers(BaseHTTPRequestHandler):
    """One programme's page as it is now; the end of the connection is the end of the page."""

    shown: list[str]
    conditions: list[str | None]

    def do_GET(self) -> None:
        self.send_response(200 if self.path == PAGE else 404)
        if self.path == PAGE:
            self.conditions.append(self.headers["If-None-Match"])
            self.send_header("ETag", '"v1"')
        self.end_headers()
        self.wfile.write(self.shown[-1].encode() if self.path == PAGE else b"")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 because http.server says so
        """Nothing is logged."""


@contextmanager
def site() -> Iterator[tuple[str, list[str], list[str | None]]]:
    """A site: its URL, what it shows (the last text), and the validators that it was sent."""
    shown, conditions = [WHOLE], list[str | None]()
    handler = type("Handler", (_Answers,), {"shown": shown, "conditions": conditions})
    with http_server(handler) as base_url:
        yield base_url, shown, conditions


def test_an_answer_that_breaks_off_is_loaded_up_to_there_and_asked_for_again(
    mptf: Mptf, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It ends nothing, is a failure by name, and no later request is answered by a 304 for it."""
    monkeypatch.setenv("MPTF_SHORTEST_DELAY", "0")
    monkeypatch.setenv("MPTF_CHECK_EVERY", "1000000")
    file = home / "warehouse.duckdb"
    with site() as (base_url, shown, conditions):
        arguments = ("sync", "--base-url", base_url, "--programme", "90001", "--fresh")
        assert mptf(*arguments).exit_code == 0
        shown.append(CUT)
        cut = mptf(*arguments)
        assert cut.exit_code == 3
        assert f"failed: {base_url}{PAGE}: breaks off" in cut.stderr
        figures = ask(
            file,
            "SELECT fiscal_year, organization, expenditure_usd::INTEGER, no_longer_shown_since"
            " FROM core.expenditure_snapshot ORDER BY ALL",
        )
        assert figures == [(2014, "FAO", 400, None), (2015, "FAO", 512, None),
                           (2015, "ILO", 7345, None)]  # fmt: skip
        assert ask(file, "FROM mart.restatement") == []
        assert len(ask(file, "FROM meta.finding WHERE kind = 'cut_short'")) == 1
        shown.append(WHOLE)
        assert mptf(*arguments).exit_code == 0
    assert conditions == [None, '"v1"', None]
    assert ask(file, "FROM meta.lying_validator") == []
