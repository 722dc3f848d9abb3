"""The agencies of today's API: each organization's code and group.

An organization may hold two agencies: `UNDP` and, for some programmes approved since the site was
rebuilt, `NGO/UNDP`. No classic page shows such a programme, so that the two forms of the site never
differ over an organization.
"""

from functools import cache
from typing import NamedTuple

from replica.books.dice import share
from replica.books.layouts import NEW_SCHEME
from replica.books.moments import midnight
from replica.books.portfolio import Outline
from replica.books.programme import forms_at
from replica.books.words import Organization, load

_WITH_NGO = ("UNDP", "UNICEF", "WHO")
_NGO_SHARE = 0.4  # of the programmes of these organizations approved since the rebuild
_FIRST_CODE, _CODES = 1_000, 29_000


class Agency(NamedTuple):
    """An organization as the accounting system has it."""

    code: str
    organization: int  # its number in the words' list
    through_ngo: bool

    @property
    def name(self) -> str:
        """Return the one name over time, as in the truth."""
        return self._marked(_organization(self.organization).name)

    @property
    def group_code(self) -> str:
        """Return the code of the group that holds the agency."""
        letters = (c for c in _organization(self.organization).name.upper() if c.isascii())
        return f"{''.join(c for c in letters if c.isalpha())[:12]}_GROUP_0001"

    def printed(self, now: int) -> str:
        """Return the name that the API answers at a moment."""
        return self._marked(forms_at(_organization(self.organization), now)[0])

    def group_description(self, now: int) -> str:
        """Return the group's short name with its full name in parentheses."""
        forms = forms_at(_organization(self.organization), now)
        return f"{forms[0]} ({forms[-1]})" if len(forms) > 1 else forms[0]

    def _marked(self, name: str) -> str:
        return f"NGO/{name}" if self.through_ngo else name


def agency_of(seed: int, outline: Outline, organization: int) -> Agency:
    """Return the agency as which an organization takes part in a programme."""
    through_ngo = (
        outline.approved >= midnight(NEW_SCHEME)
        and _organization(organization).name in _WITH_NGO
        and share(seed, "through ngo", outline.number, organization) < _NGO_SHARE
    )
    return Agency(_codes()[organization, through_ngo], organization, through_ngo)


def _organization(number: int) -> Organization:
    return load().organizations[number]


@cache
def _codes() -> dict[tuple[int, bool], str]:
    """Return a code of six digits for each agency, no two alike."""
    codes: dict[tuple[int, bool], str] = {}
    used: set[int] = set()
    for number, organization in enumerate(load().organizations):
        for through_ngo in (False, True):
            code = _FIRST_CODE + int(_CODES * share("agency", organization.name, through_ngo))
            while code in used:
                code += 1
            used.add(code)
            codes[number, through_ngo] = f"{code:06d}"
    return codes
