"""The site as the settings have it: where it is asked, how, and at which pace."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from ipaddress import ip_address

from extractors.fetch.clock import Clock
from extractors.fetch.gateway import Gateway, Site
from extractors.fetch.http import HttpClient, Limits
from extractors.fetch.robots import PRODUCT
from extractors.fetch.throttle import Delays, HostThrottle, NoThrottle, RateLimiter, user_folder
from flows.settings import Settings, SettingsError


def site_of(settings: Settings) -> Site:
    """Return the site of the settings.

    Raises:
        BadBaseError: its address is none.
    """
    return Site(settings.base_url, settings.known_as, settings.allowed_hosts)


def _check_manners(settings: Settings, host: str) -> None:
    """Raise `SettingsError` for a remote site without a contact or without a delay."""
    if is_loopback(host):
        return
    if settings.shortest_delay == 0:
        raise SettingsError(
            "setting 'shortest_delay' (MPTF_SHORTEST_DELAY or --pace): 0 is allowed only for a site"
            " on this machine"
        )
    if not settings.contact:
        raise SettingsError(
            "setting 'contact' (MPTF_CONTACT or mptf.toml): give an address at which the site's"
            " operators can reach you; it is sent with every request"
        )


@contextmanager
def open_gateway(settings: Settings, clock: Clock) -> Iterator[Gateway]:
    """Open the site for `request_threads(settings)` requests at a time.

    Raises:
        SettingsError: the site is remote, and the contact or the delay between requests is missing.
        BadBaseError: the base URL is invalid.
    """
    site = site_of(settings)
    _check_manners(settings, site.host)
    with open_client(settings, site.host, request_threads(settings)) as exchange:
        pace = rate_limiter(
            settings, site.netloc, clock, settings.shortest_delay, settings.target_concurrency
        )
        yield Gateway(site, exchange, pace, clock, by_its_clock=settings.site_clock)


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
    settings: Settings, name: str, clock: Clock, shortest_delay: float, concurrency: float = 1
) -> RateLimiter:
    """Return the limiter for one host; a delay of 0 seconds turns it off."""
    if shortest_delay == 0:
        return NoThrottle()
    delays = Delays(shortest_delay, settings.longest_delay, concurrency)
    return HostThrottle(settings.turnstiles or user_folder(), name, delays, clock)


def is_loopback(host: str) -> bool:
    """Return whether a host is this machine itself."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
