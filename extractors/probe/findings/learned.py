"""A profile of what a probe found: the queries that answered, with rows that can be loaded."""

from collections.abc import Iterator
from dataclasses import replace

from extractors.errors import MptfError
from extractors.probe.findings.report import Asked, ProbeReport
from extractors.profiles.profile import Fills, Profile, Query


class NothingLearnedError(MptfError):
    """No method answered with rows that can be loaded, so there is no profile to write."""


def profile_of(report: ProbeReport, name: str, pages: Profile) -> Profile:
    """Return a profile that asks what answered.

    Args:
        report: what was found.
        name: the profile's name.
        pages: the profile that has the paths of pages, which a probe cannot learn.

    Raises:
        NothingLearnedError: nothing answered that a profile could ask for.
    """
    queries = tuple(_queries(report))
    if not queries:
        raise NothingLearnedError(f"no profile was written: {report.conclusion}")
    host = report.site.partition("://")[2]
    return Profile(
        name=name,
        description=f"{host} as probed on {report.probed_at:%Y-%m-%d}",
        known_by=f"queries: probed; paths of pages: {pages.known_by}",
        programme_paths=pages.programme_paths,
        fund_paths=pages.fund_paths,
        queries=queries,
    )


def _queries(report: ProbeReport) -> Iterator[Query]:
    """Yield the useful queries, each under a name of its own.

    Of one method, a query whose columns earlier ones have already is left out.
    """
    names: dict[str, int] = {}
    for method in report.methods:
        known: set[tuple[Fills, str]] = set()
        for asked in method.asked:
            query, answer = asked.query, asked.answer
            if not asked.is_useful or query is None or answer is None:
                continue
            new = {
                (kind, one.meaning) for kind in answer.fills for one in answer.columns
                if one.meaning
            }  # fmt: skip
            if new <= known:
                continue
            known |= new
            names[query.name] = names.get(query.name, 0) + 1
            number = names[query.name]
            yield replace(
                query,
                name=query.name if number == 1 else f"{query.name}_{number}",
                known_by=_known_by(asked, report),
                fills=answer.fills,
            )


def _known_by(asked: Asked, report: ProbeReport) -> str:
    places = [place.removeprefix(report.site) for place in asked.found_in]
    found = f"found in {places[0]}" if places else "known before"
    return f"probed on {report.probed_at:%Y-%m-%d}: {found}, answered {asked.rows} rows"
