"""Pages that were drawn, kept in gzip so that asking for one again costs next to nothing."""

from collections import OrderedDict
from typing import NamedTuple

from replica.http import gzipped

_MOST_BYTES = 120 * 2**20


class Page(NamedTuple):
    """A page's body and what it is."""

    media_type: str
    body: bytes
    in_gzip: bool = False


class Pages:
    """The pages asked for last, each under its name with a stamp of what it was drawn from."""

    def __init__(self) -> None:
        self._kept: OrderedDict[object, tuple[object, Page]] = OrderedDict()
        self._bytes = 0

    def get(self, name: object, stamp: object) -> Page | None:
        """The page of that name, if it was drawn from the same."""
        found = self._kept.get(name)
        if found is None or found[0] != stamp:
            return None
        self._kept.move_to_end(name)
        return found[1]

    def keep(self, name: object, stamp: object, page: Page) -> Page:
        """The page in gzip, which is kept in place of an earlier one of its name."""
        page = Page(page.media_type, gzipped(page.body), in_gzip=True)
        earlier = self._kept.pop(name, None)
        self._bytes += len(page.body) - (len(earlier[1].body) if earlier else 0)
        self._kept[name] = (stamp, page)
        while self._bytes > _MOST_BYTES:
            self._bytes -= len(self._kept.popitem(last=False)[1][1].body)
        return page
