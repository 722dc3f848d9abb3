"""A real browser without a window: the Chromium of this machine, where there is one."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Locator, Page, sync_playwright

from tests.processes import PATIENCE

_MILLISECONDS = PATIENCE * 1000  # by default half a minute, which a busy machine may take
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
_QUIET = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip


@contextmanager
def opened_page() -> Iterator[Page]:
    """An empty page, 1,400 by 1,000."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=_QUIET, timeout=_MILLISECONDS
        )
        try:
            page = browser.new_page(viewport={"width": 1400, "height": 1000})
            page.context.set_default_timeout(_MILLISECONDS)
            yield page
        finally:
            browser.close()


def follow(page: Page, link: Locator) -> None:
    """Click a link, and wait for the page that it leads to."""
    with page.expect_navigation():
        link.click()


def address_of(page: Page) -> str:
    """Return the page's address by the page itself; its `url` may still be the one before."""
    return str(page.evaluate("location.href"))
