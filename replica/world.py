"""Everything the stand-in serves: the Gateway in a layout, and a web archive of its past."""

from datetime import datetime
from typing import Literal

from replica.books.moments import moment
from replica.http import Answer, ContentFault, Request, Site
from replica.pages.answers import in_new_scheme
from replica.pages.site import Gateway, open_site
from replica.today.api import Options
from replica.today.site import Today
from replica.webarchive.site import WebArchive

Layout = Literal["classic", "today"]
_ARCHIVED = ("/cdx/", "/web/")


class World:
    """One seed's Gateway with its web archive, as one site.

    With the layout `today` its pages are those of `today` at any time. What the archive holds of
    them begins in mid-2022; older captures are of the classic pages, which `gateway` answers.
    """

    def __init__(
        self, gateway: Gateway, today: Today, archive: WebArchive, layout: Layout = "classic"
    ) -> None:
        self.gateway = gateway
        self.today = today
        self.archive = archive
        self.layout = layout

    @property
    def site(self) -> Site:
        """Return the site in its layout."""
        return self.today if self.layout == "today" else self.gateway

    def answer(self, request: Request, now: datetime, fault: ContentFault | None = None) -> Answer:
        """Return the answer of the site to which the path belongs."""
        site = self.archive if request.path.startswith(_ARCHIVED) else self.site
        return site.answer(request, now, fault)

    def draw_all(self, now: datetime) -> None:
        """Do ahead what the first requests at a time would wait for."""
        (self.today if self.layout == "today" else self.gateway).draw_all(now)


class _Rebuilt:
    """The site as a web archive has seen it: classic pages, and today's from mid-2022 on."""

    def __init__(self, gateway: Gateway, today: Today) -> None:
        self._gateway = gateway
        self._today = today

    def answer(self, request: Request, now: datetime, fault: ContentFault | None = None) -> Answer:
        """Return the answer of the site as it was at that time."""
        site: Site = self._today if in_new_scheme(moment(now)) else self._gateway
        return site.answer(request, now, fault)

    def linked_addresses(self, now: datetime) -> list[str]:
        """Return the sorted paths of the pages that were public by that time."""
        paths = self._gateway.linked_addresses(now)
        if in_new_scheme(moment(now)):
            paths = sorted({*paths, *self._today.addresses(now)})
        return paths


def open_world(
    seed: int,
    programmes: int,
    *,
    archive_requests_per_minute: int | None = None,
    layout: Layout = "classic",
    api_headers: bool = True,
    api_page_rows: int = 0,
    robots_forbids_api: bool = False,
) -> World:
    """Return the stand-in's world.

    Args:
        seed: decides the books, and the names of today's API.
        programmes: the number of programmes.
        archive_requests_per_minute: a limit of its web archive's requests; None for no limit.
        layout: whether the site shows its classic pages, or those since 2022 with their API.
        api_headers: whether the API answers 403 without `drupal-page-url` and `Referer`.
        api_page_rows: the most rows in one answer of the API; 0 for all at once.
        robots_forbids_api: whether robots.txt disallows the API.
    """
    gateway = open_site(seed, programmes)
    today = Today(gateway.records, Options(api_headers, api_page_rows, robots_forbids_api))
    archived = _Rebuilt(gateway, today) if layout == "today" else gateway
    archive = WebArchive(
        archived, archived.linked_addresses, seed, requests_per_minute=archive_requests_per_minute
    )
    return World(gateway, today, archive, layout)
