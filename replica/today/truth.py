"""The truth of today's site: what its API and pages show that classic pages do not.

Figures of page `api` are in cents, and their delivery rates in hundredths of a percent. An agency's
figures of a year are the sums of its programmes'; what nobody reported counts as nothing there.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import groupby
from typing import TextIO

from replica.books.agencies import Agency
from replica.books.cents import AgencyTotals, Source, programme_measures, sources_of
from replica.books.contributions import Contribution
from replica.books.facts import Facts, Key, Value, spells
from replica.books.moments import moment
from replica.books.programme import Amounts
from replica.books.records import Records
from replica.books.truth import truth
from replica.today.documents import document_path


def write_today_truth(records: Records, until: datetime, out: TextIO) -> int:
    """Write the classic truth and today's as JSON Lines; return the number of facts."""
    count = 0
    for facts in (truth(records, until), today_truth(records, until)):
        for fact in facts:
            out.write(json.dumps(fact, ensure_ascii=False) + "\n")
            count += 1
    return count


def today_truth(records: Records, until: datetime) -> Iterator[dict[str, Value]]:
    """Yield every fact that today's layout shows by a time, beyond those of the classic pages."""
    end = moment(until)
    by_agency: defaultdict[tuple[Agency, int], list[Source]] = defaultdict(list)
    for outline in records.portfolio.outlines:
        if outline.approved > end:
            continue
        for source in sources_of(records, outline):
            by_agency[source.agency, source.cell.fiscal_year].append(source)
            yield from _source_facts(source, end)
        for shown, document in records.books(outline).documents:
            url = document_path(document, shown)
            key = (("kind", "document"), ("programme_id", outline.programme_id), ("url", url))
            if shown <= end:
                yield from spells([shown], lambda _, facts={key: document.title}: facts)  # type: ignore[misc]
    for (agency, year), sources in by_agency.items():
        yield from _agency_facts(agency, year, sources, end)
    for contribution in records.all_contributions():
        moments = [at for at in contribution.changes if at <= end]
        yield from spells(moments, lambda at, one=contribution: _contribution_facts(one, at))  # type: ignore[misc]


def _source_facts(source: Source, end: int) -> Iterator[dict[str, Value]]:
    about: Key = (
        ("kind", "figure"), ("programme_id", source.outline.programme_id), ("page", "api"),
        ("grain", "organization_year"), ("organization", source.agency.name),
        ("fiscal_year", source.cell.fiscal_year),
    )  # fmt: skip

    def facts_at(at: int) -> Facts:
        row = source.at(at)
        return _measured(about, programme_measures(row.amounts)) if row else {}

    yield from spells((at for at in source.changes() if at <= end), facts_at)


def _agency_facts(
    agency: Agency, year: int, sources: Iterable[Source], end: int
) -> Iterator[dict[str, Value]]:
    """Yield an agency's figures of one year, summed anew wherever one of its rows changes."""
    about: Key = (
        ("kind", "organization_year"), ("agency_code", agency.code),
        ("organization", agency.name), ("fiscal_year", year),
    )  # fmt: skip
    changes = sorted(
        ((at, number, source) for number, source in enumerate(sources) for at in source.changes()
         if at <= end),
        key=lambda change: change[:2],
    )  # fmt: skip
    rows: dict[int, Amounts] = {}
    totals: dict[int, Facts] = {}
    sums = AgencyTotals()
    for at, changed in groupby(changes, key=lambda change: change[0]):
        for _, number, source in changed:
            if (before := rows.pop(number, None)) is not None:
                sums = sums.plus(before, -1)
            if (row := source.at(at)) is not None:
                rows[number] = row.amounts
                sums = sums.plus(row.amounts)
        totals[at] = _measured(about, sums.measures()) if rows else {}
    yield from spells(totals, totals.__getitem__)


def _contribution_facts(one: Contribution, at: int) -> Facts:
    about: Key = (
        ("kind", "contribution"), ("page", "api"), ("fund_code", one.fund.code),
        ("contributor", one.contributor), ("fiscal_year", one.fiscal_year),
    )  # fmt: skip
    committed = one.commitments.at(at)
    if committed is None:
        return {}
    return _measured(about, {"commitments": committed, "deposits": one.deposits.at(at) or 0})


def _measured(about: Key, measures: Mapping[str, int | None]) -> Facts:
    return {
        (*about, ("measure", measure)): value
        for measure, value in measures.items()
        if value is not None
    }
