"""Where the pages of programmes and funds are: as listed, as seen, or as the profile says."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from extractors.fetch.gateway import PageRequest, Site
from extractors.ids import fund_code_of, programme_id_of
from extractors.profiles.profile import Profile
from extractors.profiles.read import load_profile
from flows.settings import Settings
from warehouse.visits import KnownSubject


def profile_of(settings: Settings, name: str | None = None) -> Profile:
    """Return the profile of a name, or that of the settings, with the paths that they override.

    Raises:
        ProfileError: there is none of that name, or it is invalid.
    """
    profile = load_profile(name or settings.profile)
    return replace(
        profile,
        lists=profile.lists if settings.list_paths is None else settings.list_paths,
        programme_paths=settings.programme_paths or profile.programme_paths,
        fund_paths=settings.fund_paths or profile.fund_paths,
    )


def programme_request(
    site: Site, profile: Profile, programme_id: str, known: KnownSubject | None
) -> PageRequest:
    """Return the request for a programme's page."""
    names = {"programme_id": programme_id, "programme_number": programme_id.lstrip("0")}
    paths = [path.format_map(names) for path in profile.programme_paths]
    return _request(site, known, lambda url: programme_id_of(url) == programme_id, paths)


def fund_request(
    site: Site, profile: Profile, code: str, known: KnownSubject | None
) -> PageRequest:
    """Return the request for a fund's page."""
    names = {"fund_code": code, "fund_code_lower": code.lower()}
    paths = [path.format_map(names) for path in profile.fund_paths]
    return _request(site, known, lambda url: fund_code_of(url) == code, paths)


def _request(
    site: Site,
    known: KnownSubject | None,
    belongs: Callable[[str], bool],
    default_paths: Iterable[str],
) -> PageRequest:
    """Return where a page is: as listed last, else as seen last, else at the default paths."""
    if known is not None and known.link is not None and known.page is not None:
        listed = site.join(known.page, known.link)
        if listed is not None and belongs(listed):
            return PageRequest(listed)
    if known is not None and known.seen_url and site.allows(site.request_url(known.seen_url)):
        return PageRequest(known.seen_url.partition("?")[0])
    first, *others = dict.fromkeys(site.known_as + path for path in default_paths)
    return PageRequest(first, alternatives=tuple(others))
