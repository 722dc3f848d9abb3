"""The ten questions of docs/analysts.md, answered from each form of a release.

SQL is the document's own query. The other ways look in the places that the document names, and
compute what stands there figure by figure: pandas from CSV files, Excel from the workbook's sheets,
the page from the tables that it shows.
"""

import re

from tests.flows.pages import ROOT
from tests.flows.ten import figures, sums, texts

_LINE = re.compile(r'^# (\d+)\. .+\nmptf sql "(.+)" --release$', re.MULTILINE)
QUESTIONS = {
    1: sums.SPENT, 2: figures.INTERIM, 3: figures.KNOWN, 4: figures.RESTATED, 5: sums.DELIVERY,
    6: sums.VOUCHED, 7: figures.LATE, 8: sums.GIVEN, 9: texts.FOUND, 10: texts.LISTED,
}  # fmt: skip


def documented() -> dict[int, str]:
    """Return the query of each question, as the guide for analysts shows it."""
    text = (ROOT / "docs" / "analysts.md").read_text(encoding="utf-8")
    section = text.partition("\n## Ten questions\n")[2].partition("\n## ")[0]
    return {int(number): query for number, query in _LINE.findall(section)}
