"""`mptf probe`: what a site has, and a profile of it."""

import sys
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

import click

from flows.cli.console import progress_of, reported

if TYPE_CHECKING:
    from extractors.probe.findings.report import ProbeReport

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.option("--base-url", help="URL of the site  [MPTF_BASE_URL]")
@click.option(
    "--requests", "most", type=click.IntRange(1), default=60, show_default=True,
    help="Maximum number of requests",
)  # fmt: skip
@click.option(
    "--from-archive", is_flag=True,
    help="Request nothing: report from what earlier probes archived",
)  # fmt: skip
@click.option("--write", "profile", type=_FILE, help="Write a profile for `mptf sync --profile`")
@click.option("--markdown", "document", type=_FILE, help="Write the whole report as Markdown")
@click.option("--json", "as_json", is_flag=True, help="Print the whole report as one JSON object")
@click.option(
    "--pace", type=click.FloatRange(0), metavar="SECONDS",
    help="Minimum time between requests; 0 only for a site on this machine  [MPTF_SHORTEST_DELAY]",
)  # fmt: skip
@click.pass_obj
def probe(
    folder: Path | None,
    base_url: str | None,
    most: int,
    *,
    from_archive: bool,
    profile: Path | None,
    document: Path | None,
    as_json: bool,
    pace: float | None,
) -> None:
    """Find out what a site has: its pages, their scripts, and the API that these call.

    Scripts are read as text, and nothing is executed. Responses are archived in probe/ in the home.
    """
    with reported(folder, base_url=base_url, shortest_delay=pace) as home:
        from flows.probe.markdown import markdown
        from flows.probe.probe import probe as ask_site
        from flows.probe.probe import probe_archive, write_profile
        from flows.terminal import counted

        started = monotonic()
        if from_archive:
            report = probe_archive(home, base_url)
        else:
            with progress_of("probe") as progress:
                report = ask_site(home, most, progress=progress)
        _print(report, as_json=as_json)
        if document is not None:
            document.write_text(markdown(report), "utf-8")
        if profile is not None:
            written = write_profile(report, profile)
            click.echo(
                f"{profile}: {counted(len(written.queries), 'query', 'queries')}; load with",
                err=True,
            )
            click.echo(f"  mptf sync --profile {profile}", err=True)
        useful = sum(any(one.is_useful for one in method.asked) for method in report.methods)
        click.echo(
            f"requests {report.requests}, methods {len(report.methods)}, useful {useful},"
            f" seconds {monotonic() - started:.1f}",
            err=True,
        )


def _print(report: "ProbeReport", *, as_json: bool) -> None:
    from flows.probe.terminal import terminal_lines

    if as_json:
        import json

        from extractors.probe.findings.report import as_json as whole

        json.dump(whole(report), sys.stdout, indent=1)
        sys.stdout.write("\n")
        return
    for line in terminal_lines(report):
        click.echo(line)
