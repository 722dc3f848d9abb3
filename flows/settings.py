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


class Settings(BaseSettings):
    """What can be set. Every name is also a variable (MPTF_HOME) and a key of mptf.toml (home)."""

    model_config = SettingsConfigDict(
        env_prefix="MPTF_", toml_file="mptf.toml", extra="forbid", frozen=True
    )

    home: Path = Field(Path("data"), description="Folder of all state")
    max_body_bytes: int = Field(64 * 2**20, gt=0, description="A larger page is not taken")
    batch_captures: int = Field(200, gt=0, description="Captures loaded in one transaction")
    batch_bytes: int = Field(32 * 2**20, gt=0, description="Bytes after which a batch is full")
    sql_memory: str = Field(
        "1GB", pattern=r"^\d+(\.\d+)? ?[KMGT]i?B$", description="Memory that `mptf sql` may use"
    )
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


class SettingsError(Exception):
    """A setting is wrong; the message names it and where settings come from."""


def settings(home: Path | None) -> Settings:
    """The settings, with the folder that an option gave, if one did.

    Raises:
        SettingsError: one of them is wrong.
    """
    try:
        return Settings() if home is None else Settings(home=home)
    except (tomllib.TOMLDecodeError, OSError) as error:
        raise SettingsError(f"mptf.toml cannot be read: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        raise SettingsError(
            f"setting {name!r} (MPTF_{name.upper()} or mptf.toml): {first['msg']}"
        ) from error
