"""A probe's report as Markdown, to send around; what the site says cannot become markup."""

from collections.abc import Iterator

from extractors.probe.findings.report import Asked, MethodReport, ProbeReport, words_of
from flows.terminal import counted, shown


def markdown(report: ProbeReport) -> str:
    """Return the whole report: pages, scripts, and each method with its columns and a sample."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: ProbeReport) -> Iterator[str]:
    yield f"# What {_code(report.site)} has"
    yield ""
    yield (
        f"Probed on {report.probed_at:%Y-%m-%d %H:%M} UTC with"
        f" {counted(report.requests, 'request')}: {_plain(report.conclusion)}."
    )
    yield f"Its robots.txt {report.robots}."
    if report.truncated:
        yield "A page or script was too large to be read in full."
    yield from _methods(report)
    for method in report.methods:
        yield from _method(method)
    yield from _requested(report)


def _methods(report: ProbeReport) -> Iterator[str]:
    if not report.methods:
        return
    yield from ("", "## Methods", "", "| method | rows | can fill |", "| --- | --- | --- |")
    for method in report.methods:
        yield f"| {_code(method.method)} | {method.best.rows} | {_use(method)} |"


def _use(method: MethodReport) -> str:
    best = method.best
    if best.answer and best.answer.fills:
        return ", ".join(words_of(best.answer, kind) for kind in best.answer.fills)
    if not method.allowed:
        return "robots.txt forbids it"
    return f"nothing ({best.problem or 'no column that is known'})"


def _method(method: MethodReport) -> Iterator[str]:
    yield from ("", f"### {_code(method.method)}", "")
    allowed = "allows" if method.allowed else "forbids"
    yield f"- API: {_code(method.base)}; robots.txt {allowed} it; calls in scripts: {method.calls}"
    for asked in method.asked:
        yield from _asked(asked)


def _asked(asked: Asked) -> Iterator[str]:
    if asked.found_in:
        yield f"- found in {', '.join(map(_code, asked.found_in))}"
    if asked.url:
        yield f"- asked: {_code(asked.url)}"
    if asked.query and (asked.query.headers or asked.query.on_behalf_of):
        headers = {**dict(asked.query.headers), "drupal-page-url": asked.query.on_behalf_of}
        listed = ", ".join(_code(f"{name}: {value}") for name, value in headers.items())
        yield f"- sent with {listed}"
    if asked.left_out:
        yield f"- left out, as only the running script knows it: {_codes(asked.left_out)}"
    if asked.problem:
        detail = asked.detail or (asked.answer.detail if asked.answer else "")
        yield f"- problem: {_code(asked.problem)} {_plain(detail)}".rstrip()
    if asked.rows:
        paging = f"; {_plain(asked.paging)}" if asked.paging else ""
        yield f"- answered {counted(asked.rows, 'row')}{paging}"
    if asked.text:
        yield from ("- in the script:", "", f"      {shown(asked.text)}", "")
    if asked.answer and asked.answer.columns:
        yield from _columns(asked)


def _columns(asked: Asked) -> Iterator[str]:
    if asked.answer is None:
        return
    yield from ("", "| column | meaning | how | values |", "| --- | --- | --- | --- |")
    for column in asked.answer.columns:
        meaning = column.meaning or "unknown"
        how = column.how if column.meaning else ""
        yield f"| {_code(column.name)} | {meaning} | {_plain(how)} | {_codes(column.samples)} |"
    yield from ("", "A row:", "", f"    {shown(asked.answer.sample)}")


def _requested(report: ProbeReport) -> Iterator[str]:
    yield from ("", "## Pages and scripts", "", "| URL | answer |", "| --- | --- |")
    for page in report.pages:
        loaded = f"{counted(page.scripts, 'script')}, {page.foreign_scripts} of other hosts"
        links = f"links to {counted(page.funds, 'fund')}, {counted(page.programmes, 'programme')}"
        yield f"| {_code(page.url)} | {page.problem or f'{loaded}; {links}'} |"
    for script in report.scripts:
        yield f"| {_code(script.url)} | {script.problem or f'{script.bytes:,} bytes'} |"


def _codes(texts: tuple[str, ...]) -> str:
    return ", ".join(map(_code, texts))


def _code(text: str) -> str:
    """Return a text of the site as code, which can hold no markup and end no cell of a table."""
    return f"`{shown(text).replace('`', chr(39)).replace('|', chr(92) + '|') or ' '}`"


def _plain(text: str) -> str:
    """Return a text without characters that Markdown or HTML take for markup."""
    return "".join(f"\\{one}" if one in "\\`*_[]|#<>!" else one for one in shown(text))
