"""The site as the settings have it: where it is asked, how, and at which pace."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from ipaddress import ip_address
from pathlib import Path

from extractors.fetch.clock import Clock
from extractors.fetch.gateway import Gateway, Site
from extractors.fetch.http import HttpClient, Limits
from extractors.fetch.robots import PRODUCT
from extractors.fetch.throttle import HostThrottle, NoThrottle, Rules, shared_folder
from flows.settings import Settings, SettingsError


def site_of(settings: Settings) -> Site:
    """The site that is asked.

    Raises:
        BadBaseError: its address is none.
    """
    return Site(settings.base_url, settings.known_as, settings.allowed_hosts)


def is_polite(settings: Settings, host: str) -> bool:
    """Whether requests to a host are paced: everywhere but on this machine itself."""
    return bool(settings.polite) or not is_loopback(host)


def _check_manners(settings: Settings, host: str) -> None:
    """Refuse to ask a site elsewhere that is to be asked flat out, or by nobody in particular.

    Raises:
        SettingsError: it is one.
    """
    if is_loopback(host):
        return
    if settings.polite is False:
        raise SettingsError("setting 'polite': only a site on this machine may be asked flat out")
    if not settings.contact:
        raise SettingsError(
            "setting 'contact' (MPTF_CONTACT or mptf.toml): give an address at which the site's"
            " keepers can reach you; it is sent with every request"
        )


@contextmanager
def opened_gateway(settings: Settings, clock: Clock) -> Iterator[Gateway]:
    """The site, to be asked by as many threads as may be under way at a time.

    Raises:
        SettingsError: a site elsewhere, without a contact or without politeness.
        BadBaseError: the site's address is none.
    """
    site = site_of(settings)
    _check_manners(settings, site.host)
    polite = is_polite(settings, site.host)
    with opened_exchange(settings, site.host, threads(settings)) as exchange:
        rules = Rules(settings.shortest_delay, settings.longest_delay, settings.target_concurrency)
        pace = (
            HostThrottle(turnstiles(settings), site.place, rules, clock) if polite else NoThrottle()
        )
        here = is_loopback(site.host)
        by_its_clock = here if settings.site_clock is None else settings.site_clock
        yield Gateway(site, exchange, pace, clock, by_its_clock=by_its_clock)


def threads(settings: Settings) -> int:
    """How many requests of this process may be under way at a time."""
    return max(1, round(settings.target_concurrency))


def opened_exchange(settings: Settings, host: str, connections: int = 1) -> HttpClient:
    """Requests to a host, within the limits that are set; they say who asks."""
    about = f"; {settings.contact}" if settings.contact else ""
    agent = f"{PRODUCT}/{version(PRODUCT)} (archive of public pages{about})"
    limits = Limits(settings.max_page_bytes, settings.answer_seconds, settings.step_seconds)
    return HttpClient(agent, limits, trusted_hosts=[host], connections=connections)


def turnstiles(settings: Settings) -> Path:
    """The folder in which the machine's processes share their pace."""
    if settings.turnstiles is None:
        return shared_folder()
    settings.turnstiles.mkdir(parents=True, exist_ok=True)
    return settings.turnstiles


def is_loopback(host: str) -> bool:
    """Whether a host is this machine itself."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
