"""robots.txt as RFC 9309 has it: what may be asked, and how slowly."""

from typing import NamedTuple, Self

from protego import Protego

from extractors.fetch.errors import FetchError, SiteClosedError
from extractors.fetch.http import Response

_MOST_BYTES = 500 * 1024  # what the RFC says must be read; what follows is not
_OK, _CLIENT_ERROR, _SERVER_ERROR = 200, 400, 500
_LONGEST_DELAY = 3600.0  # seconds
PRODUCT = "mptf-warehouse"


class Robots(NamedTuple):
    """The rules for this program; without a file everything may be asked."""

    rules: Protego | None

    @classmethod
    def of(cls, answer: Response) -> Self:
        """The rules that an answer means, its redirects already followed.

        Raises:
            SiteClosedError: the site could not say (5xx), or asks for so slow a pace that nothing
                would come of it.
        """
        if answer.status >= _SERVER_ERROR:
            raise SiteClosedError(f"robots.txt was answered {answer.status}")
        if answer.status >= _CLIENT_ERROR or answer.status != _OK:
            return cls(None)
        text = answer.body[:_MOST_BYTES].decode("utf-8", errors="replace")
        robots = cls(Protego.parse(text.removeprefix("\ufeff")))
        if not robots.crawl_delay <= _LONGEST_DELAY:
            raise SiteClosedError(f"robots.txt asks for {robots.crawl_delay:g} seconds a request")
        return robots

    @classmethod
    def unreachable(cls, error: FetchError) -> SiteClosedError:
        """What it means that robots.txt could not be asked for."""
        return SiteClosedError(f"robots.txt could not be had: {error}")

    def allows(self, url: str) -> bool:
        """Whether an address may be asked for."""
        return self.rules is None or self.rules.can_fetch(url, PRODUCT)

    @property
    def crawl_delay(self) -> float:
        """Seconds between requests that the site asks for; 0 where it asks for none."""
        return (self.rules.crawl_delay(PRODUCT) or 0.0) if self.rules else 0.0
