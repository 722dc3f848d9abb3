"""All settings, in one class: options, then MPTF_* variables, then mptf.toml in this folder."""

import tomllib
from pathlib import Path

from pydantic import Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)
from pydantic_settings.exceptions import SettingsError as UnreadableSourceError

from extractors.errors import UsageError

_MEMORY = r"^\d+(\.\d+)? ?[KMGT]i?B$"


class Settings(BaseSettings):
    """What can be set. Every name is also a variable (MPTF_HOME) and a key of mptf.toml (home)."""

    model_config = SettingsConfigDict(
        env_prefix="MPTF_", toml_file="mptf.toml", extra="forbid", frozen=True
    )

    home: Path = Field(Path("data"), description="Folder of all state")
    max_body_bytes: int = Field(64 * 2**20, gt=0, description="A larger page is not taken")
    batch_captures: int = Field(2000, gt=0, description="Captures loaded in one transaction")
    batch_bytes: int = Field(
        32 * 2**20, gt=0, description="Bytes of pages loaded in one transaction"
    )
    base_url: str = Field("https://mptf.undp.org", description="Where the site is asked")
    known_as: str | None = Field(
        None, description="Address by which the site's pages are known, if asked elsewhere"
    )
    allowed_hosts: tuple[str, ...] = Field(
        (), description="Other hosts (host or host:port) to which the site may redirect"
    )
    contact: str = Field("", description="Address of the operator, sent with every request")
    list_paths: tuple[str, ...] = Field(
        ("/portfolio/fund", "/portfolio/agency", "/portfolio/donor"), description="The lists"
    )
    programme_paths: tuple[str, ...] = Field(
        ("/project/{programme_id}", "/factsheet/project/{programme_id}"), min_length=1,
        description="Where a programme's page may be that no list links to, in order",
    )  # fmt: skip
    fund_paths: tuple[str, ...] = Field(
        ("/fund/{fund_code_lower}", "/factsheet/fund/{fund_code}"), min_length=1,
        description="Where a fund's page may be that no list links to, in order",
    )  # fmt: skip
    shortest_delay: float = Field(
        0.5, ge=0,
        description="Minimum seconds between requests; 0 turns throttling off, and is allowed only"
        " for a site on this machine",
    )  # fmt: skip
    longest_delay: float = Field(60, gt=0, description="Maximum seconds between requests")
    target_concurrency: float = Field(1, gt=0, le=16, description="Requests under way, on average")
    attempts: int = Field(3, gt=0, description="How often an address is asked before the run's end")
    retry_seconds: float = Field(
        2, ge=0, description="Wait before the first retry; then 4 times it"
    )
    longest_wait: float = Field(
        120, ge=0, description="A longer Retry-After (seconds) puts an address off to the end"
    )
    step_seconds: float = Field(20, gt=0, description="Silence after which a request is given up")
    answer_seconds: float = Field(60, gt=0, description="Time that a whole answer may take")
    max_page_bytes: int = Field(16 * 2**20, gt=0, description="A larger answer is not taken")
    most_pages: int = Field(1000, gt=0, description="Pages of one list that are followed")
    give_up_after: int = Field(25, gt=0, description="Failures in a row that end a run's asking")
    closed_days: int = Field(
        7, gt=0, description="How often closed programmes are visited, in days"
    )
    check_every: int = Field(
        20, gt=0, description="One request in so many is sent without conditions, as a check"
    )
    visit_batch: int = Field(
        500, gt=0, description="Programmes that one task of a scheduled visit asks for"
    )
    largest_drop: float = Field(
        0.1, ge=0, le=1, description="Share that may vanish at once before a run is incomplete"
    )
    resume_hours: float = Field(20, ge=0, description="How long unfinished work is gone on with")
    site_clock: bool | None = Field(
        None, description="Whether captures have the site's own time; unless set, on this machine"
    )
    turnstiles: Path | None = Field(
        None, description="Folder in which the runs of one user share their request rates"
    )
    processes: int | None = Field(
        None, ge=0,
        description="Worker processes. Default: one per core, but none in a sync; a release uses"
        " at least one",
    )  # fmt: skip
    writer_memory: str = Field(
        "100MB", pattern=_MEMORY, description="Memory that loading may use before it spills"
    )
    writer_threads: int = Field(1, gt=0, description="Threads that load")
    publish: bool = Field(True, description="Whether scheduled visits end with a release")
    keep_releases: int = Field(
        14, gt=0, description="Newest releases that are kept, beside the last of every month"
    )
    keep_pages: int = Field(
        2, ge=0, description="Newest releases that have their page; with 0 no page is written"
    )
    publisher: str | None = Field(
        None, description="Who publishes the releases, as datapackage.json says it"
    )
    licence: str | None = Field(
        None,
        description="Licence of the releases, there too: an address, or a name such as CC-BY-4.0",
    )
    archived_host: str = Field("mptf.undp.org", description="Host of the site in web archives")
    wayback_url: str = Field("https://web.archive.org", description="URL of the web archive")
    wayback_index_delay: float = Field(
        1.25, ge=0, description="Minimum seconds between requests to the web archive's index"
    )
    wayback_replay_delay: float = Field(
        0.125, ge=0, description="Minimum seconds between requests for archived pages"
    )
    sql_memory: str = Field("1GB", pattern=_MEMORY, description="Memory that `mptf sql` may use")
    sql_seconds: float = Field(300, gt=0, description="Time that `mptf sql` may take")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 because pydantic passes it
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 because pydantic passes it
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Options before the environment before the file."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)


class SettingsError(UsageError):
    """A setting is wrong; the message names it and where settings come from."""


def settings(home: Path | None, **options: object) -> Settings:
    """The settings, with the folder and whatever else options gave; None is what none gave.

    Raises:
        SettingsError: one of them is wrong.
    """
    try:
        given = {"home": home, **options}
        return Settings(**{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]  # pydantic checks them
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
