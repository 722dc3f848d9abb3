"""What breaks on a bad night: processes are killed, disks fill, clocks jump, bytes rot.

    python -m chaos BASE_URL HOME STARTED_AT SETTINGS

is one night as a process of its own: the same plain functions, the stand-in's time. The home's
other settings come as JSON.
"""

import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import httpx

from flows.pipeline.home import Home
from tests.flows.nights import home_for, night
from tests.processes import PATIENCE

ROOT = Path(__file__).parents[2]
_DISK_MEGABYTES = 3_000


class Elsewhere:
    """The stand-in, as another process knows it."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        self._control = httpx.Client(base_url=f"{base_url}/_replica/", timeout=60)

    @property
    def now(self) -> datetime:
        return datetime.fromisoformat(self._control.get("date").text.strip())

    def move_to(self, now: datetime) -> None:
        self._control.post("date", params={"to": now.isoformat()}).raise_for_status()


def start(
    base_url: str, home: Path, started_at: datetime, settings: dict[str, Any]
) -> subprocess.Popen[str]:
    """One night in a process of its own; it prints its counts, or the one line why it failed."""
    paths = os.pathsep.join(map(str, (ROOT, ROOT / "tests", ROOT / "tests" / "flows")))
    arguments = [base_url, str(home), started_at.isoformat(), json.dumps(settings)]
    command = [sys.executable, "-m", "chaos", *arguments]
    return subprocess.Popen(
        command, env={**os.environ, "PYTHONPATH": paths}, text=True, start_new_session=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def main() -> None:
    base_url, folder, started_at, settings = sys.argv[1:]
    site = Elsewhere(base_url)
    try:
        home = home_for(Path(folder), site, **json.loads(settings))
        counts, _ = night(home, site, datetime.fromisoformat(started_at))
    except Exception as error:
        sys.exit(f"{type(error).__name__}: {str(error).splitlines()[0]}")
    print(json.dumps(counts._asdict()))


class Disk:
    """A disk of its own for one home, where this may be had: it can be full, or read-only."""

    def __init__(self, folder: Path, *, own: bool) -> None:
        self.folder = folder
        self.own = own

    @contextmanager
    def full(self, leaving: int) -> Iterator[None]:
        """Nothing fits any more but so many bytes."""
        ballast = self.folder / "ballast"
        try:
            with ballast.open("wb") as file:
                os.posix_fallocate(
                    file.fileno(), 0, max(1, shutil.disk_usage(self.folder).free - leaving)
                )
            yield
        finally:
            ballast.unlink(missing_ok=True)

    @contextmanager
    def read_only(self) -> Iterator[None]:
        """Nothing can be written."""
        _mount("-o", "remount,ro", str(self.folder))
        try:
            yield
        finally:
            _mount("-o", "remount,rw", str(self.folder))


@contextmanager
def disk(folder: Path) -> Iterator[Disk]:
    """A mounted tmpfs; a plain folder where mounting is not permitted."""
    folder.mkdir(parents=True)
    own = _mount("-t", "tmpfs", "-o", f"size={_DISK_MEGABYTES}m", "tmpfs", str(folder))
    try:
        yield Disk(folder, own=own)
    finally:
        if own:
            subprocess.run(["umount", "--lazy", str(folder)], check=True, timeout=PATIENCE)


def _mount(*arguments: str) -> bool:
    return shutil.which("mount") is not None and not subprocess.run(
        ["mount", *arguments], capture_output=True, check=False, timeout=PATIENCE
    ).returncode  # fmt: skip


# Damage to what lies on the disk.


def tear_archive(home: Home, dice: random.Random) -> bool:
    """A record that a power cut left half written, at the end of the file under way."""
    files = sorted((home.folder / "archive").glob("*.open"))
    whole = sorted((home.folder / "archive").glob("*.warc.gz"))
    if not files or not whole:
        return False
    with files[-1].open("ab") as file:
        file.write(whole[0].read_bytes()[: dice.randrange(20, 200)])
    return True


def tear_log(home: Home, dice: random.Random) -> bool:
    """The database's log, of which the end never reached the disk."""
    log = home.warehouse.with_name(f"{home.warehouse.name}.wal")
    if not log.exists() or log.stat().st_size == 0:
        return False
    os.truncate(log, dice.randrange(log.stat().st_size))
    return True


@contextmanager
def rotten_record(home: Home, dice: random.Random) -> Iterator[tuple[list[str], str]]:
    """A bit of one record of the archive is another: the words that name it, and its subject."""
    with duckdb.connect(str(home.warehouse), read_only=True) as con:
        places = con.execute(
            "SELECT warc_file, warc_offset, capture_id, programme_id FROM raw.capture"
            " WHERE NOT unchanged AND programme_id IS NOT NULL ORDER BY ALL"
        ).fetchall()
    name, offset, capture_id, subject = dice.choice(places)
    file = home.archive.folder / name
    sound = file.read_bytes()
    rotten = bytearray(sound)
    rotten[offset + dice.randrange(40, 200)] ^= 0xFF
    file.write_bytes(rotten)
    try:
        yield [f"byte {offset}: capture {capture_id}", f"{name}, bytes {offset}-"], subject
    finally:
        file.write_bytes(sound)


@contextmanager
def lost_file(home: Home, dice: random.Random) -> Iterator[str]:
    """A file of the archive is not there: its name."""
    file = dice.choice(sorted(home.archive.folder.glob("*.warc.gz")))
    aside = home.folder / file.name
    file.rename(aside)
    try:
        yield file.name
    finally:
        aside.rename(file)


def falsify(home: Home, dice: random.Random, *, but: str) -> str:
    """A figure is another than its page says; the programme of which it is, any but one."""
    with duckdb.connect(str(home.warehouse)) as con:
        rows = con.execute(
            "SELECT programme_id, organization, fiscal_year, known_from FROM vintage.figure"
            " WHERE expenditure_usd IS NOT NULL AND fiscal_year IS NOT NULL AND programme_id <> ?"
            " ORDER BY ALL",
            [but],
        ).fetchall()
        row = dice.choice(rows)
        con.execute(
            "UPDATE vintage.figure SET expenditure_usd = expenditure_usd + 1 WHERE programme_id = ?"
            " AND organization = ? AND fiscal_year = ? AND known_from = ?",
            list(row),
        )
    return str(row[0])


if __name__ == "__main__":
    main()
