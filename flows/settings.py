"""Settings from options, MPTF_* variables and mptf.toml, in this order of precedence."""

import os
import tomllib
from pathlib import Path

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)
from pydantic_settings.exceptions import SettingsError as UnreadableSourceError

from extractors.errors import UsageError
from extractors.objects import checked_place
from extractors.profiles.read import load_profile

_FILE = "mptf.toml"  # in the current folder
AUTO = "auto"  # the profile that the site's first answers decide
_CENTURY = 36_500  # days; much longer turns would reach back before the first year
_MEMORY = r"^\d+(\.\d+)? ?[KMGT]i?B$"


class Settings(BaseSettings):
    """The settings. Each is also a variable (MPTF_HOME) and a key of mptf.toml (home)."""

    model_config = SettingsConfigDict(
        env_prefix="MPTF_", toml_file=_FILE, extra="forbid", frozen=True
    )

    home: Path = Field(
        Path("data"), description="Folder that holds the archive, the warehouse and the releases"
    )
    archive: str | None = Field(
        None,
        description="Where the archive is: a folder, or s3://bucket/prefix (docs/operators.md)."
        " Default: `archive` in the home",
    )
    lease_seconds: float = Field(
        300, ge=5, le=3600,
        description="Seconds after which another home may write to a bucket whose run was killed",
    )  # fmt: skip
    max_body_bytes: int = Field(
        64 * 2**20, gt=0, description="Maximum size of a saved page, in bytes"
    )
    batch_captures: int = Field(2000, gt=0, description="Captures loaded in one transaction")
    batch_bytes: int = Field(
        32 * 2**20, gt=0, description="Bytes of pages loaded in one transaction"
    )
    base_url: str = Field("https://mptf.undp.org", description="URL of the site")
    known_as: str | None = Field(
        None,
        description="URL under which the site's pages are stored, if base_url is a mirror",
    )
    allowed_hosts: tuple[str, ...] = Field(
        (), description="Other hosts (host or host:port) to which the site may redirect"
    )
    contact: str = Field(
        "", description="How to reach the operator (email or URL); sent with every request"
    )
    profile: str = Field(
        AUTO, min_length=1,
        description="What to request from the site: classic, today, or a file (docs/site.md);"
        " auto lets its first answers decide",
    )  # fmt: skip
    list_paths: tuple[str, ...] | None = Field(
        None, description="Paths of the portfolio lists. Default: the profile's"
    )
    programme_paths: tuple[str, ...] | None = Field(
        None, min_length=1,
        description="Paths to try, in order, for a programme that no list links to. Default: the"
        " profile's",
    )  # fmt: skip
    fund_paths: tuple[str, ...] | None = Field(
        None, min_length=1,
        description="Paths to try, in order, for a fund that no list links to. Default: the"
        " profile's",
    )  # fmt: skip
    shortest_delay: float = Field(
        0.5, ge=0,
        description="Minimum seconds between requests; 0 turns throttling off, and is allowed only"
        " for a site on this machine",
    )  # fmt: skip
    longest_delay: float = Field(60, gt=0, description="Maximum seconds between requests")
    target_concurrency: float = Field(
        1, gt=0, le=16, description="Average number of requests in flight"
    )
    attempts: int = Field(
        3, gt=0, description="Requests for a URL that fails, before one more at the end of the run"
    )
    retry_seconds: float = Field(
        2, ge=0, description="Seconds before the first retry; each later delay is 4 times as long"
    )
    longest_wait: float = Field(
        120,
        ge=0,
        description="A URL with a longer Retry-After (seconds) is put off to the end of the run",
    )
    step_seconds: float = Field(
        20, gt=0, description="Seconds without data after which a request fails"
    )
    answer_seconds: float = Field(60, gt=0, description="Maximum seconds for a whole response")
    max_page_bytes: int = Field(
        16 * 2**20, gt=0, description="Maximum size of a response, in bytes"
    )
    most_pages: int = Field(1000, gt=0, description="Maximum pages of one list or subject")
    give_up_after: int = Field(
        25, gt=0, description="Consecutive failures after which a run stops fetching"
    )
    figures_turn_days: int = Field(
        28, gt=0, le=_CENTURY,
        description="Days within which a page that prints figures is visited, whatever lists say",
    )  # fmt: skip
    texts_turn_days: int = Field(
        120, gt=0, le=_CENTURY,
        description="The same for a page without figures, since they come from the site's API",
    )  # fmt: skip
    closed_days: int = Field(
        91, gt=0, le=_CENTURY,
        description="The same for a financially closed programme, if that is longer",
    )  # fmt: skip
    most_visits: int = Field(
        5000,
        gt=0,
        description="Programmes requested before that a sync visits at most; the next ones go on",
    )
    check_every: int = Field(
        20,
        gt=0,
        description="One request in this many is unconditional, to check the site's validators",
    )
    visit_batch: int = Field(500, gt=0, description="Programmes in one task of a scheduled sync")
    largest_drop: float = Field(
        0.1,
        ge=0,
        le=1,
        description="Share of rows or figures that may disappear before a run is marked incomplete",
    )
    fail_above: float = Field(
        0.25, ge=0, le=1,
        description="Share of pages that may fail or be quarantined before a run has failed",
    )  # fmt: skip
    resume_hours: float = Field(
        20, ge=0, description="Hours during which an unfinished run can be continued"
    )
    site_clock: bool = Field(
        default=False,
        description="Whether capture times come from the site's Date header, not from this machine",
    )
    alert_url: SecretStr | None = Field(
        None,
        description="Where alerts of the schedule are sent: a webhook, or an Apprise URL",
    )
    turnstiles: Path | None = Field(
        None, description="Folder in which the runs of one user share their request rates"
    )
    processes: int | None = Field(
        None, ge=0,
        description="Worker processes. Default: one per core, but none in a sync; a release uses"
        " at least one",
    )  # fmt: skip
    min_free_mb: int = Field(
        200, ge=0, description="Megabytes free on the home's disk below which a run stops"
    )
    writer_memory: str = Field(
        "150MB", pattern=_MEMORY, description="Memory for loading before it spills to disk"
    )
    writer_threads: int = Field(1, gt=0, description="Threads for loading")
    expect_every_hours: float = Field(
        36, ge=0,
        description="Hours after which `mptf status` calls the next sync overdue; 0: never",
    )  # fmt: skip
    look_days: float = Field(
        7, ge=0,
        description="Days during which `mptf status --check` asks for a look at something new",
    )  # fmt: skip
    publish: bool = Field(True, description="Whether scheduled syncs publish a release")
    keep_releases: int = Field(
        14, gt=0, description="Newest releases to keep, besides the last of every month"
    )
    keep_pages: int = Field(
        2, ge=0, description="Newest releases that keep their web page; 0 writes none"
    )
    lake: SecretStr | None = Field(
        None,
        description="Lake to which releases are published, too: ducklake:postgres: and a connection"
        " string, or ducklake: and a file (docs/operators.md)",
    )
    lake_data: str | None = Field(
        None, description="Where the lake's rows are: a folder, or s3://bucket/prefix"
    )
    publisher: str | None = Field(
        None, description="Publisher of the releases, for datapackage.json and citations"
    )
    licence: str | None = Field(
        None,
        description="Licence of the releases, for datapackage.json: a URL or a name (CC-BY-4.0)",
    )
    archived_host: str = Field("mptf.undp.org", description="Host of the site in web archives")
    wayback_url: str = Field("https://web.archive.org", description="URL of the web archive")
    wayback_index_delay: float = Field(
        1.25, ge=0, description="Minimum seconds between requests to the web archive's index"
    )
    wayback_replay_delay: float = Field(
        0.125, ge=0, description="Minimum seconds between requests for archived pages"
    )
    sql_memory: str = Field("1GB", pattern=_MEMORY, description="Memory for `mptf sql`")
    sql_seconds: float = Field(300, gt=0, description="Maximum seconds for a query of `mptf sql`")

    @field_validator("archive")
    @classmethod
    def _check_archive(cls, place: str | None) -> str | None:
        try:
            return None if place is None else checked_place(place)
        except UsageError as error:  # which pydantic does not report
            raise ValueError(str(error)) from None

    @field_validator("profile")
    @classmethod
    def _check_profile(cls, name: str) -> str:
        if name != AUTO:
            load_profile(name)
        return name

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 because pydantic passes it
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 because pydantic passes it
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Prefer options to the environment, and the environment to the file."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)


class SettingsError(UsageError):
    """A setting is invalid; the message names it and where settings come from."""


def settings(home: Path | None, **options: object) -> Settings:
    """Return the settings, with the options that are not None.

    Raises:
        SettingsError: one of them is invalid, or the file is another user's.
    """
    try:
        _check_owner(Path(_FILE))
        all_options = {"home": home, **options}
        return Settings(**{name: value for name, value in all_options.items() if value is not None})  # type: ignore[arg-type]  # pydantic checks them
    except (tomllib.TOMLDecodeError, OSError) as error:
        raise SettingsError(f"mptf.toml cannot be read: {error}") from error
    except UnreadableSourceError as error:
        raise SettingsError(
            f"environment: {error}; in a variable a list is JSON, as MPTF_ALLOWED_HOSTS='[\"a\"]'"
        ) from error
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        raise SettingsError(
            f"setting {name!r} (MPTF_{name.upper()} or mptf.toml): {first['msg']}"
        ) from error


def _check_owner(file: Path) -> None:
    """Refuse another user's file: it could send requests and figures wherever that user wants."""
    if file.exists() and file.stat().st_uid not in {0, os.geteuid()}:
        raise SettingsError(
            f"{file.absolute()} belongs to another user, so it is not read: work in another folder,"
            " or make it your own file (chown)"
        )
