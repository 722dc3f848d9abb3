"""The files that run the project on a schedule: prefect*.yaml, and those of deploy/."""

from pathlib import Path

from extractors.errors import MptfError

_PACKAGE = Path(__file__).parent
_IN_THE_WHEEL = _PACKAGE / "files"  # pyproject.toml puts them there
_NAMES = ("prefect*.yaml", "requirements.lock", "deploy/*")


class ChangedFilesError(MptfError):
    """Files that differ would be replaced; the message names them."""

    hint = "--force replaces them"


def deploy_folder() -> Path:
    """Return the folder that holds `prefect.yaml` and `deploy/`: the wheel's, or the checkout."""
    return _IN_THE_WHEEL if _IN_THE_WHEEL.is_dir() else _PACKAGE.parent


def deploy_files() -> dict[str, Path]:
    """Return every file by its path below the folder, such as `deploy/compose.yaml`."""
    folder = deploy_folder()
    found = sorted(file for name in _NAMES for file in folder.glob(name) if file.is_file())
    return {file.relative_to(folder).as_posix(): file for file in found}


def write_deploy_files(to: Path, *, force: bool = False) -> list[Path]:
    """Write the files to a folder and return those that were new or have changed.

    Raises:
        ChangedFilesError: some are there already, with other content; nothing was written.
    """
    wanted = {to / name: file.read_bytes() for name, file in deploy_files().items()}
    there = {target for target in wanted if target.exists()}
    changed = [name for name in wanted if name in there and name.read_bytes() != wanted[name]]
    if changed and not force:
        raise ChangedFilesError(f"already there, and changed: {', '.join(map(str, changed))}")
    written = [name for name in wanted if name in changed or name not in there]
    for name in written:
        name.parent.mkdir(parents=True, exist_ok=True)
        name.write_bytes(wanted[name])
    return written
