"""Commands of the stand-in Gateway. Late imports keep --help fast."""

import os
import sys
from datetime import datetime
from typing import Any, Literal

import click


class _Fault(click.ParamType[str]):
    name = "KIND=RATE"

    def convert(self, value: Any, param: Any, ctx: Any) -> str:
        from replica.server.faults import FaultRuleError, parse_rules

        try:
            parse_rules(value)
        except FaultRuleError as error:
            self.fail(str(error), param, ctx)
        return str(value)


class _Date(click.DateTime):
    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        from replica.http import EARLIEST, LATEST

        date = super().convert(value, param, ctx)
        if not EARLIEST <= date <= LATEST:
            self.fail(f"{value} is not between {EARLIEST:%Y-%m-%d} and {LATEST:%Y-%m-%d}")
        return date


@click.group()
def replica() -> None:
    """A stand-in Gateway: the pages of the real site with invented figures."""


@replica.command()
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, show_default=True, help="0: any free port"
)
@click.option("--programmes", type=click.IntRange(1, 20_000), default=200, show_default=True)
@click.option(
    "--seed",
    type=int,
    default=0,
    show_default=True,
    help="Each seed has its own figures and faults",
)
@click.option(
    "--date", type=_Date(["%Y-%m-%d"]), default="2016-04-20", show_default=True,
    help="The site's date, until moved by /_replica/date",
)  # fmt: skip
@click.option(
    "--fault", "faults", type=_Fault(), multiple=True,
    help="For example 503=0.02 or reset=1@/factsheet/*; `all` means each kind",
)  # fmt: skip
@click.option(
    "--archive-per-minute", type=click.IntRange(1),
    help="Requests a minute that its web archive (/cdx/..., /web/...) answers  [default: no limit]",
)  # fmt: skip
@click.option(
    "--layout", type=click.Choice(["classic", "today"]), default="classic", show_default=True,
    help="The classic pages, or those since 2022, whose figures come from an API",
)  # fmt: skip
@click.option(
    "--api-headers/--no-api-headers", default=True, show_default=True,
    help="Whether the API answers 403 without drupal-page-url and Referer",
)  # fmt: skip
@click.option(
    "--api-page-rows", type=click.IntRange(0), default=0, show_default=True,
    help="The most rows in one answer of the API; 0: all at once",
)  # fmt: skip
@click.option("--robots-forbids-api", is_flag=True, help="Disallow the API in robots.txt")
@click.option(
    "--warm",
    is_flag=True,
    help="Do what can be done first, such as every factsheet, to serve faster",
)
def serve(
    port: int,
    programmes: int,
    seed: int,
    date: datetime,
    faults: tuple[str, ...],
    archive_per_minute: int | None,
    layout: Literal["classic", "today"],
    api_page_rows: int,
    *,
    api_headers: bool,
    robots_forbids_api: bool,
    warm: bool,
) -> None:
    """Serve the stand-in on loopback until interrupted; print its URL to stdout."""
    from flows.terminal import counted
    from replica.server.serving import serve_until_signalled
    from replica.server.state import State
    from replica.world import open_world

    world = open_world(
        seed,
        programmes,
        archive_requests_per_minute=archive_per_minute,
        layout=layout,
        api_headers=api_headers,
        api_page_rows=api_page_rows,
        robots_forbids_api=robots_forbids_api,
    )
    if warm:
        world.draw_all(date)
    shown = counted(programmes, "programme")
    click.echo(f"{shown} on {date:%Y-%m-%d}; press Ctrl-C to stop", err=True)
    try:
        serve_until_signalled(world, State(date, seed, faults), port, click.echo)
    except OSError as error:
        click.echo(f"mptf: port {port}: {os.strerror(error.errno or 0)}", err=True)
        sys.exit(1)


@replica.command()
@click.option("--programmes", type=click.IntRange(1, 20_000), default=200, show_default=True)
@click.option("--seed", type=int, default=0, show_default=True)
@click.option(
    "--date", type=_Date(["%Y-%m-%d"]), default="2016-04-20", show_default=True,
    help="Facts shown by the beginning of this day",
)  # fmt: skip
@click.option(
    "--layout", type=click.Choice(["classic", "today"]), default="classic", show_default=True,
    help="today: also the facts that the API shows",
)  # fmt: skip
def truth(programmes: int, seed: int, date: datetime, layout: Literal["classic", "today"]) -> None:
    """Write every fact that the stand-in's pages showed, with its time, as JSON Lines on stdout."""
    from replica.books.truth import write_truth
    from replica.pages.site import open_site
    from replica.today.truth import write_today_truth

    write = write_today_truth if layout == "today" else write_truth
    write(open_site(seed, programmes).records, date, sys.stdout)
