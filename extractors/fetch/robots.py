"""Rules of robots.txt as RFC 9309 defines them: what may be requested, and how slowly."""

from typing import NamedTuple, Self

from protego import Protego

from extractors.fetch.errors import FetchError, SiteClosedError
from extractors.fetch.http import Response

_MAX_BYTES = 500 * 1024  # the RFC requires no more to be parsed
_OK, _SERVER_ERROR = 200, 500
_LONGEST_DELAY = 3600.0  # seconds
PRODUCT = "mptf-warehouse"


class Robots(NamedTuple):
    """The rules for this program; without a file everything is allowed."""

    rules: Protego | None

    @classmethod
    def from_response(cls, response: Response) -> Self:
        """Parse the rules in a response, after its redirects.

        Raises:
            SiteClosedError: a 5xx, or a crawl delay so long that a run would fetch nothing.
        """
        if response.status >= _SERVER_ERROR:
            raise SiteClosedError(f"robots.txt was answered {response.status}")
        if response.status != _OK:
            return cls(None)
        text = response.body[:_MAX_BYTES].decode("utf-8", errors="replace")
        robots = cls(Protego.parse(text.removeprefix("\ufeff")))
        if not robots.crawl_delay <= _LONGEST_DELAY:  # NaN too
            raise SiteClosedError(f"robots.txt asks for {robots.crawl_delay:g} seconds a request")
        return robots

    @classmethod
    def unreachable(cls, error: FetchError) -> SiteClosedError:
        """Return the error for a robots.txt that cannot be fetched."""
        return SiteClosedError(f"robots.txt could not be fetched: {error}")

    def allows(self, url: str) -> bool:
        """Return whether a URL may be requested."""
        return self.rules is None or self.rules.can_fetch(url, PRODUCT)

    @property
    def crawl_delay(self) -> float:
        """Return the seconds between requests that the site asks for; 0 if it does not."""
        return (self.rules.crawl_delay(PRODUCT) or 0.0) if self.rules else 0.0
