"""Small faults, put into the code one by one: does a test notice?

    python tests/mutants.py basis amounts restatement --most 200

Kept libraries (mutmut, cosmic-ray) change Python alone; half of what matters here is SQL. A fault
is one word, sign or number that becomes another, in the working tree, and is taken back at once. A
fault that no test notices is printed with its line; `EXPLAINED` are those that change no meaning.
"""

import argparse
import random
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
_WAREHOUSE = [
    "tests/warehouse/test_warehouse_basis.py", "tests/warehouse/test_warehouse_figures.py",
    "tests/warehouse/test_warehouse_history_views.py", "tests/warehouse/test_warehouse_marts.py",
    "tests/warehouse/test_warehouse_checks.py", "tests/warehouse/test_warehouse_against_model.py",
]  # fmt: skip


class Area(NamedTuple):
    """Some code, and the tests that are to notice what is wrong in it."""

    files: list[str]
    tests: list[str]


AREAS = {
    "basis": Area(["warehouse/sql/macros/basis.sql"], ["tests/warehouse/test_warehouse_basis.py"]),
    "amounts": Area(["transforms/amounts.py"], ["tests/transforms/test_amounts.py"]),
    "figures": Area(
        ["transforms/figures.py"],
        ["tests/transforms/test_observe.py", "tests/extractors/parse/test_expectations.py"],
    ),
    "reconciliation": Area(
        ["warehouse/sql/derive/15_reconciliation.sql",
         "warehouse/sql/mart/6_voucher_reconciliation.sql"],
        ["tests/warehouse/test_warehouse_history_views.py",
         "tests/warehouse/test_warehouse_checks.py"],
    ),
    "restatement": Area(
        ["warehouse/sql/mart/4_restatement.sql", "warehouse/sql/mart/6_revision_triangle.sql"],
        ["tests/warehouse/test_warehouse_history_views.py"],
    ),
    "evidence": Area(
        [f"warehouse/sql/{step}.sql" for step in (
            "compare/1_evidence", "compare/2_status_so_far", "compare/3_page_segment",
            "compare/4_contradiction", "derive/01_open_page", "derive/02_segment",
        )],
        ["tests/warehouse/test_warehouse_unchanged.py", *_WAREHOUSE],
    ),
    "vintages": Area(
        [f"warehouse/sql/derive/{step}.sql" for step in (
            "07_absence", "08_figure", "09_restatement", "10_current_figure",
        )],
        ["tests/warehouse/test_derive_figures.py", *_WAREHOUSE],
    ),
}  # fmt: skip

# What becomes what: a pattern, and what stands in its place. Longer signs come first.
_SQL = {
    r"<>": "=", r"<=": "<", r">=": ">", r"(?<![<>!])=": "<>", r"<(?![=>])": "<=",
    r"(?<!<)>(?!=)": ">=",
    r"\bAND\b": "OR", r"\bOR\b": "AND", r"\bDESC\b": "", r"\bLEFT JOIN\b": "JOIN",
    r"\bANTI JOIN\b": "SEMI JOIN", r"\bSEMI JOIN\b": "ANTI JOIN", r"\bIS NULL\b": "IS NOT NULL",
    r"\bIS NOT NULL\b": "IS NULL", r"\bIS DISTINCT FROM\b": "=", r"\bIS NOT DISTINCT FROM\b": "=",
    r"\bmax\b": "min", r"\bmin\b": "max", r"\barg_max\b": "arg_min", r"\barg_min\b": "arg_max",
    r"\bNOT (?!NULL|DISTINCT|EXISTS|IN\b)": "", r"\btrue\b": "false", r"\bfalse\b": "true",
    r" \+ ": " - ", r" - ": " + ", r"\b1\b": "2", r"\b4\b": "5", r"\b30\b": "29",
}  # fmt: skip
_PYTHON = {
    r"==": "!=", r"!=": "==", r"<=": "<", r">=": ">", r" < ": " <= ", r" > ": " >= ",
    r"\band\b": "or", r"\bor\b": "and", r"\bnot (?!in\b)": "", r"\bis None\b": "is not None",
    r"\bis not None\b": "is None", r"\bTrue\b": "False", r"\bFalse\b": "True", r" \+ ": " - ",
    r" - ": " + ", r" & ": " | ", r" \| ": " & ", r"\bis_null\b": "is_not_null",
    r"\bis_not_null\b": "is_null", r"\bne_missing\b": "eq_missing", r"\beq_missing\b": "ne_missing",
    r"\bforward_fill\b": "backward_fill", r"\bbackward_fill\b": "forward_fill",
    r"\bshift\(\)": "shift(-1)", r"\bshift\(-1\)": "shift()", r"\bmin\b": "max", r"\bmax\b": "min",
    r"\{1,2\}": "{1,3}", r"\{3\}": "{2}", r"\{2,\}": "{1,}", r"\b0\b": "1",
    r"\b12\b": "11", r"\bnegate\b": "abs",
}  # fmt: skip
# A comment, a docstring or a text, in which nothing is changed; in Python a regular expression is.
_PASSED_OVER = {
    ".sql": re.compile(r"--[^\n]*|'[^']*'"),
    ".py": re.compile(r'"""(?s:.*?)"""|#[^\n]*|f?"[^"\n]*"'),
}

# Known to change nothing that a table could show, with the reason.
_STARTED = "WHERE programme_id IN (FROM changed_subject)"
EXPLAINED: dict[str, str] = {
    "warehouse/sql/derive/15_reconciliation.sql:34: "
    f"{_STARTED} AND start_date IS NOT NULL  ->  {_STARTED} OR start_date IS NOT NULL": (
        "max_by ignores NULL, and a programme that did not change is joined to nothing"
    ),
}


class Mutant(NamedTuple):
    """One fault: the text that stands from `start` to `end` of a file is another."""

    file: Path
    start: int
    end: int
    instead: str

    def described(self, text: str) -> str:
        """Its place, and the line as it was and as it is."""
        line = text.count("\n", 0, self.start) + 1
        begin, stop = text.rfind("\n", 0, self.start) + 1, text.find("\n", self.end)
        was = text[begin:stop]
        now = text[begin : self.start] + self.instead + text[self.end : stop]
        return f"{self.file.relative_to(ROOT)}:{line}: {was.strip()}  ->  {now.strip()}"


def mutants(file: Path) -> Iterator[Mutant]:
    """Every fault that can be put into a file."""
    text = file.read_text(encoding="utf-8")
    spans = [
        found.span()
        for found in _PASSED_OVER[file.suffix].finditer(text)
        if not (file.suffix == ".py" and "(?P<" in found[0])
    ]
    for pattern, instead in (_SQL if file.suffix == ".sql" else _PYTHON).items():
        for found in re.finditer(pattern, text):
            if not any(start <= found.start() < end for start, end in spans):
                yield Mutant(file, *found.span(), instead)


def is_noticed(mutant: Mutant, tests: list[str]) -> bool:
    """Whether a test fails; the file is as it was afterwards, whatever happens."""
    sound = mutant.file.read_text(encoding="utf-8")
    try:
        mutant.file.write_text(
            sound[: mutant.start] + mutant.instead + sound[mutant.end :], encoding="utf-8"
        )
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *tests]
        return subprocess.run(command, cwd=ROOT, capture_output=True, check=False).returncode != 0
    finally:
        mutant.file.write_text(sound, encoding="utf-8")


def main() -> None:
    """Print how many faults each area's tests noticed, and those that they did not."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("areas", nargs="*", default=list(AREAS), help=", ".join(AREAS))
    parser.add_argument("--most", type=int, default=10_000, help="faults per area, drawn by --seed")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the code is as it was even then
    dice = random.Random(given.seed)  # noqa: S311 because nothing is secret
    left = 0
    for name in given.areas:
        area = AREAS[name]
        found = [mutant for file in area.files for mutant in mutants(ROOT / file)]
        drawn = dice.sample(found, min(given.most, len(found)))
        noticed = 0
        for mutant in drawn:
            told = mutant.described(mutant.file.read_text(encoding="utf-8"))
            if is_noticed(mutant, area.tests):
                noticed += 1
            elif told in EXPLAINED:
                print(f"explained: {told}: {EXPLAINED[told]}", flush=True)
            else:
                left += 1
                print(f"survived: {told}", flush=True)
        print(f"{name}: {noticed} of {len(drawn)} noticed ({len(found)} in all)", flush=True)
    sys.exit(left > 0)


if __name__ == "__main__":
    main()
