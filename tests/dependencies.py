"""Write docs/dependencies.md: every locked package that runs, and who publishes it (`make docs`).

Nothing is asked of a network: it is what the installed packages say of themselves.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

_ROOT = Path(__file__).parents[1]
_LOCKED = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;]+)", re.MULTILINE)
_REQUIRED = re.compile(r"[A-Za-z0-9._-]+")
_ADDRESS = re.compile(r"<[^>]*>|\S+@\S+")
_MOST_SHOWN = 3
_SOURCES = ("source", "source code", "repository", "github", "code", "homepage", "home")
_HEAD = """\
# Dependencies

The packages of `requirements.lock`, what needs each, and who publishes it, as it says of itself:
whom the project trusts besides PyPI. `make docs` writes this list from the installed packages.
Dashes are for what a package does not say, and for packages that only other systems or versions of
Python need. No package says when it was released; `make audit` asks for known vulnerabilities.

| package | version | needed by | published by | source |
| --- | --- | --- | --- | --- |
"""


def locked() -> dict[str, str]:
    """Return the version of each locked package that runs."""
    return dict(_LOCKED.findall((_ROOT / "requirements.lock").read_text()))


def document() -> str:
    """Return the document."""
    packages = {name: _found(name) for name in locked()}
    needed: defaultdict[str, list[str]] = defaultdict(list)
    for needing in ["mptf-warehouse", *packages]:
        found = packages.get(needing) or _found(needing)
        for name in dict.fromkeys(_needs(found)):
            needed[name].append("**this project**" if needing == "mptf-warehouse" else needing)
    rows = [
        [name, version, _few(needed[name]) or "an extra of another", *_told(packages[name])]
        for name, version in locked().items()
    ]
    return _HEAD + "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _found(name: str) -> Distribution | None:
    try:
        return distribution(name)
    except PackageNotFoundError:
        return None


def _needs(package: Distribution | None) -> Iterator[str]:
    """Yield the names of the packages that a package needs without any of its extras."""
    for required in (package.requires if package else None) or ():
        name = _REQUIRED.match(required)
        if name and "extra ==" not in required:
            yield re.sub(r"[._-]+", "-", name[0]).lower()


def _few(names: list[str]) -> str:
    more = f" and {len(names) - _MOST_SHOWN} more" if len(names) > _MOST_SHOWN else ""
    return ", ".join(names[:_MOST_SHOWN]) + more


def _told(package: Distribution | None) -> tuple[str, str]:
    """Return who publishes a package, and where its source is."""
    if package is None:
        return "—", "—"
    told = package.metadata
    fields = ("Maintainer", "Maintainer-email", "Author", "Author-email")
    said = [one for name in fields for one in told.get_all(name) or ()]
    who = next(filter(None, map(_persons, said)), "—")
    urls = [line.partition(",")[::2] for line in told.get_all("Project-URL") or ()]
    by_label = {label.strip().lower(): url.strip() for label, url in urls}
    source = next((by_label[label] for label in _SOURCES if label in by_label), None)
    return who, source or next(iter(told.get_all("Home-page") or ()), "—")


def _persons(told: str) -> str:
    """Return some names in a field of persons, without their addresses."""
    names = _ADDRESS.sub("", told).replace("|", "/").replace('"', "").split(",")
    return _few([name for each in names if (name := " ".join(each.split()))])


if __name__ == "__main__":
    print(document(), end="")
