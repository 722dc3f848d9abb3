"""Everything the stand-in serves: the Gateway, and a web archive of its past."""

from datetime import datetime

from replica.http import Answer, ContentFault, Request
from replica.pages.site import Gateway, open_site
from replica.webarchive.site import WebArchive

_ARCHIVED = ("/cdx/", "/web/")


class World:
    """One seed's Gateway with its web archive, as one site."""

    def __init__(self, gateway: Gateway, archive: WebArchive) -> None:
        self.gateway = gateway
        self.archive = archive

    def answer(self, request: Request, now: datetime, fault: ContentFault | None = None) -> Answer:
        """Return the answer of the site to which the path belongs."""
        site = self.archive if request.path.startswith(_ARCHIVED) else self.gateway
        return site.answer(request, now, fault)


def open_world(
    seed: int, programmes: int, *, archive_requests_per_minute: int | None = None
) -> World:
    """Return the stand-in's world, optionally with a limit of its web archive's requests."""
    gateway = open_site(seed, programmes)
    archive = WebArchive(
        gateway, gateway.addresses, seed, requests_per_minute=archive_requests_per_minute
    )
    return World(gateway, archive)
