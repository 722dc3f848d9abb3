"""The site as the settings describe it: its URL, the pace of requests, and who sends them."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from ipaddress import ip_address
from typing import Literal

from extractors.fetch.clock import Clock
from extractors.fetch.gateway import Gateway, Site
from extractors.fetch.http import HttpClient, Limits
from extractors.fetch.robots import PRODUCT
from extractors.fetch.throttle import (
    Budget,
    Delays,
    HostThrottle,
    LimitedRequests,
    NoThrottle,
    RateLimiter,
    user_folder,
)
from flows.settings import Settings, SettingsError


@contextmanager
def open_gateway(
    settings: Settings, clock: Clock, budget: Budget | None = None
) -> Iterator[Gateway]:
    """Open the site for `request_threads(settings)` requests at a time.

    Requests beyond the budget are not sent, and fail as not asked.

    Raises:
        SettingsError: the site is remote, and the contact or the delay between requests is missing.
        BadBaseError: the base URL is invalid.
    """
    site = checked_site(settings)
    limiter: RateLimiter = rate_limiter(
        settings, "shortest_delay", site.host, site.netloc, clock, settings.target_concurrency
    )
    if budget is not None:
        limiter = LimitedRequests(limiter, budget)
    with open_client(settings, site.host, request_threads(settings)) as client:
        yield Gateway(site, client, limiter, clock, by_its_clock=settings.site_clock)


def checked_site(settings: Settings) -> Site:
    """Return the site of the settings.

    Raises:
        SettingsError: it is remote, and its operators could not reach us.
        BadBaseError: the base URL is invalid.
    """
    site = Site(settings.base_url, settings.known_as, settings.allowed_hosts)
    if not settings.contact and not is_loopback(site.host):
        raise SettingsError(
            "setting 'contact' (MPTF_CONTACT or mptf.toml): give an address at which the site's"
            " operators can reach you; it is sent with every request"
        )
    return site


def request_threads(settings: Settings) -> int:
    """Return how many requests this process may have in flight."""
    return max(1, round(settings.target_concurrency))


def open_client(settings: Settings, host: str, connections: int = 1) -> HttpClient:
    """Open an HTTP client for a host; its limits and the operator's contact are settings."""
    about = f"; {settings.contact}" if settings.contact else ""
    agent = f"{PRODUCT}/{version(PRODUCT)} (archive of public pages{about})"
    limits = Limits(settings.max_page_bytes, settings.answer_seconds, settings.step_seconds)
    return HttpClient(agent, limits, trusted_hosts=[host], connections=connections)


def rate_limiter(
    settings: Settings,
    setting: Literal["shortest_delay", "wayback_index_delay", "wayback_replay_delay"],
    host: str,
    name: str,
    clock: Clock,
    concurrency: float = 1,
) -> RateLimiter:
    """Return the limiter of requests to a host; a delay of 0 seconds turns it off.

    Args:
        settings: the settings.
        setting: the name of the one that has the shortest delay between two requests.
        host: where the requests go.
        name: the name under which the runs of one user share the limiter.
        clock: the clock that it goes by.
        concurrency: how many requests may be in flight, on average.

    Raises:
        SettingsError: the delay is 0, and the host is not this machine.
    """
    shortest_delay: float = getattr(settings, setting)
    if shortest_delay > 0:
        delays = Delays(shortest_delay, settings.longest_delay, concurrency)
        return HostThrottle(settings.turnstiles or user_folder(), name, delays, clock)
    if not is_loopback(host):
        option = " or --pace" if setting == "shortest_delay" else ""
        raise SettingsError(
            f"setting '{setting}' (MPTF_{setting.upper()}{option}): 0 is allowed only for a site"
            " on this machine"
        )
    return NoThrottle()


def is_loopback(host: str) -> bool:
    """Return whether a host is this machine itself."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
