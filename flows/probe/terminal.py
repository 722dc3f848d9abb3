"""A probe's report for a terminal of 80 columns."""

from collections.abc import Iterator, Sequence
from textwrap import wrap

from extractors.probe.findings.report import Asked, MethodReport, ProbeReport, words_of
from flows.terminal import shown

_WIDTH = 79
_MOST_LISTED = 40  # methods, and unknown columns
_LONGEST_NAME, _INDENT = 34, 6


def terminal_lines(report: ProbeReport) -> Iterator[str]:
    """Yield the lines of a short report."""
    day = f"{report.probed_at:%Y-%m-%d %H:%M} UTC"
    yield from _wrapped(f"{report.site} on {day}: {report.conclusion}")
    yield ""
    yield from _facts(report)
    if report.methods:
        yield ""
        yield from _table(report.methods)
    unknown = list(_unknown(report.methods))
    if unknown:
        yield ""
        yield "columns that are not understood"
        yield from unknown[:_MOST_LISTED]
        if len(unknown) > _MOST_LISTED:
            yield f"  ... and {len(unknown) - _MOST_LISTED} more (--json lists all)"


def _facts(report: ProbeReport) -> Iterator[str]:
    pages = [page for page in report.pages if not page.problem]
    scripts = [script for script in report.scripts if not script.problem]
    yield from _fact("requests", str(report.requests))
    yield from _fact("robots.txt", report.robots)
    missing = [f"{_path(page.url, report)} ({page.problem})" for page in report.pages
               if page.problem]  # fmt: skip
    yield from _fact("pages", _of(len(pages), len(report.pages), missing))
    missing = [f"{_path(script.url, report)} ({script.problem})" for script in report.scripts
               if script.problem]  # fmt: skip
    yield from _fact("scripts", _of(len(scripts), len(report.scripts), missing))
    if report.truncated:
        yield from _fact("limits", "a page or script was too large to be read in full")


def _of(answered: int, asked: int, missing: Sequence[str]) -> str:
    listed = f"; not {', '.join(missing)}" if missing else ""
    return f"{answered} of {asked} answered{listed}"


def _fact(name: str, text: str) -> Iterator[str]:
    first, *others = _wrapped(text, _WIDTH - 12) or [""]
    yield f"{name:<12}{first}"
    for line in others:
        yield f"{'':<12}{line}"


def _table(methods: Sequence[MethodReport]) -> Iterator[str]:
    """Yield the methods: rows, how many columns are understood, and what they can fill."""
    longest = max(len(shown(method.method)) for method in methods)
    width = min(max(longest, 6), _LONGEST_NAME)
    yield f"{'method':<{width}}  {'rows':>6}  {'columns':<9}  can fill"
    for method in methods[:_MOST_LISTED]:
        name = shown(method.method)
        if len(name) > width:
            yield name[:_WIDTH]
            name = ""
        first, *others = _wrapped(_use(method), _WIDTH - width - 21) or [""]
        best = method.best
        yield f"{name:<{width}}  {best.rows or '-':>6}  {_understood(best):<9}  {first}"
        for line in others:
            yield f"{'':<{width + 21}}{line}"
    if len(methods) > _MOST_LISTED:
        yield f"... and {len(methods) - _MOST_LISTED} more (--json lists all)"


def _understood(asked: Asked) -> str:
    columns = asked.answer.columns if asked.answer else ()
    known = sum(column.meaning is not None for column in columns)
    return f"{known} of {len(columns)}" if columns else "-"


def _use(method: MethodReport) -> str:
    """Return what a method can fill, or why it can fill nothing."""
    best = method.best
    if best.answer and best.answer.fills:
        use = ", ".join(words_of(best.answer, kind) for kind in best.answer.fills)
        return use if best.query is None or best.query.per == "site" else f"{use}, per {_per(best)}"
    if not method.allowed:
        return "robots.txt forbids it"
    if best.problem in {"", "api_no_known_column"}:
        return "nothing that is known"
    detail = best.detail or (best.answer.detail if best.answer else "")
    return f"{best.problem}: {detail}" if detail else best.problem


def _per(asked: Asked) -> str:
    return asked.query.per if asked.query else ""


def _unknown(methods: Sequence[MethodReport]) -> Iterator[str]:
    for method in methods:
        for column in method.best.answer.columns if method.best.answer else ():
            if column.meaning is None:
                samples = ", ".join(column.samples)
                line = shown(f"  {method.method}: {column.name} ({samples})")
                yield line if len(line) <= _WIDTH else f"{line[: _WIDTH - 3]}..."


def _path(url: str, report: ProbeReport) -> str:
    return url.removeprefix(report.site) or url


def _wrapped(text: str, width: int = _WIDTH) -> list[str]:
    return wrap(shown(text), width, break_on_hyphens=False)
