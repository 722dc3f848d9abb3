"""What saved pages say of themselves: URL and time, by the programs that save pages."""

from datetime import datetime
from pathlib import Path

import pytest

from extractors.archive.inputs import CaptureOverrides
from extractors.archive.saved import read_saved
from extractors.archive.told import Told, told_by
from extractors.captures import NewCapture
from tests.extractors.archive.saved_files import MAX_BODY, OTHER_URL, URL, read, refused, write

TIME = datetime.fromisoformat("2016-06-15T13:05:00")
SCRIPT = "Wed Jun 15 2016 15:05:00 GMT+0200 (Central European Summer Time)"
REPLAY = f"https://web.archive.org/web/20160615130500/{URL}"
BARE = URL.removeprefix("https://")

PROGRAMS = {
    "singlefile": (
        f"<!DOCTYPE html> <html lang=en><!--\n Page saved with SingleFile \n url: {URL} \n"
        f" saved date: {SCRIPT}\n--><meta charset=utf-8>",
        Told("singlefile", URL, TIME),
    ),
    "singlefile, earlier": (
        f"<html><!--\n Archive processed by SingleFile \n url: {URL} \n saved date: {SCRIPT} \n-->",
        Told("singlefile", URL, TIME),
    ),
    "singlefile without a date": (
        f"<html><!--\n Page saved with SingleFile \n url: {URL}\n-->",
        Told("singlefile", URL, None),
    ),
    "httrack": (
        f"<html>\n<!-- Mirrored from {BARE} by HTTrack Website Copier/3.x [XR&CO'2014],"
        " Wed, 15 Jun 2016 13:05:00 GMT -->\n<head>",
        Told("httrack", f"http://{BARE}", TIME),
    ),
    "browser": (
        f"<!DOCTYPE html>\n<!-- saved from url=(0048){URL} -->\n<html>",
        Told("browser", URL, None),
    ),
    "browser, of a local page": (
        "<!-- saved from url=(0016)http://localhost -->",
        Told("browser", "http://localhost", None),
    ),
    "flash": ("<!-- saved from url=(0013)about:internet -->", Told("browser", None, None)),
    "savepage": (
        f'<head><meta name="savepage-url" content="{URL}">'
        f'<meta name="savepage-date" content="{SCRIPT}">',
        Told("savepage", URL, TIME),
    ),
    "webscrapbook": (
        f'<html data-scrapbook-source="{URL}" data-scrapbook-create="20160615130500123">',
        Told("webscrapbook", URL, TIME),
    ),
    "monolith": (
        f"<!-- Saved from {URL} at 2016-06-15T13:05:00Z using monolith v2.0.0 -->",
        Told("monolith", URL, TIME),
    ),
    "wayback": (
        '<script>__wm.init("https://web.archive.org/web");\n'
        f'  __wm.wombat("{URL}","20160615130500","https://web.archive.org/","web");</script>',
        Told("wayback", URL, TIME),
    ),
    "wayback, at the end": (
        "<html></html><!--\n     FILE ARCHIVED ON 13:05:00 Jun 15, 2016 AND RETRIEVED FROM THE\n"
        "     INTERNET ARCHIVE ON 10:11:12 Nov 01, 2020.\n-->",
        Told("wayback", None, TIME),
    ),
    "browser, of a replay": (
        f"<!-- saved from url=(0088){REPLAY} -->",
        Told("wayback", URL, TIME),
    ),
    "singlefile, of a replay": (
        f"<html><!--\n Page saved with SingleFile \n url: {REPLAY} \n"
        " saved date: Fri Jan 05 2024 10:00:00 GMT+0000 (UTC)\n-->",
        Told("wayback", URL, TIME),
    ),
    "nobody": ("<html><p>Saved from the flood by a dam.</p></html>", Told()),
}  # fmt: skip


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_saved_page_tells_its_url_and_time(name: str) -> None:
    page, told = PROGRAMS[name]
    assert told_by(page.encode()) == told


def capture(path: Path, overrides: CaptureOverrides | None = None) -> NewCapture:
    (found,) = read_saved(path, overrides or CaptureOverrides(), MAX_BODY)
    assert isinstance(found, NewCapture)
    return found


CLOCK = "<p>25 May 2022 9:58 AM GMT</p>"
SAVED = PROGRAMS["singlefile"][0] + CLOCK


def test_what_the_page_says_comes_behind_the_sidecar_and_before_its_clock(tmp_path: Path) -> None:
    page = write(tmp_path / "page.html", SAVED.encode())
    assert capture(page)[:3] == (URL, TIME, "singlefile")
    write(tmp_path / "page.html.json", b'{"captured_at": "2017-01-01"}')
    assert capture(page)[:3] == (URL, datetime.fromisoformat("2017-01-01"), "sidecar")
    option = CaptureOverrides(datetime.fromisoformat("2018-01-01"), OTHER_URL)
    assert capture(page, option)[:3] == (OTHER_URL, option.captured_at, "option")


def test_a_sidecar_with_a_time_that_is_no_text_is_refused_with_what_one_looks_like(
    tmp_path: Path,
) -> None:
    write(tmp_path / "page.html", CLOCK.encode())
    write(tmp_path / "page.html.json", b'{"captured_at": 1465995900}')
    (message,) = refused(read(tmp_path)).values()
    assert "1465995900 is no time such as '2016-06-15T13:05:00Z'" in message


def test_a_sidecar_with_a_replay_s_url_tells_the_archive_s_time(tmp_path: Path) -> None:
    page = write(tmp_path / "page.html", CLOCK.encode())
    write(tmp_path / "page.html.json", f'{{"url": "{REPLAY}"}}'.encode())
    assert capture(page)[:3] == (URL, TIME, "sidecar")


@pytest.mark.parametrize(
    ("name", "sidecar", "said"),
    [
        (
            "page.html",
            f'{{"url": "{OTHER_URL}"}}',
            "its sidecar names 00091002, the page names 00091001",
        ),
        ("programme_00091002.html", "{}", "the page names 00091001, its name names 00091002"),
    ],
)
def test_sources_that_name_two_programmes_are_refused(
    tmp_path: Path, name: str, sidecar: str, said: str
) -> None:
    page = write(tmp_path / name, SAVED.encode())
    write(tmp_path / f"{name}.json", sidecar.encode())
    assert refused(read(page)) == {name: f"two subjects: {said}"}


def mime(html: bytes, *, date: str = "Wed, 15 Jun 2016 13:05:00 -0000", url: str = URL) -> bytes:
    """Return a page as Chrome saves it."""
    return (
        f"From: <Saved by Blink>\r\nSnapshot-Content-Location: {url}\r\nDate: {date}\r\n"
        'MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: quoted-printable\r\n"
        f"Content-Location: {url}\r\n\r\n"
    ).encode() + html + b"\r\n--b--\r\n"  # fmt: skip


def test_an_mhtml_file_is_archived_as_it_is_with_its_url_and_time(tmp_path: Path) -> None:
    body = mime(b"<p>a page</p>")
    found = capture(write(tmp_path / "page.mhtml", body))
    assert found[:3] == (URL, TIME, "mhtml")
    assert found.body == body


def test_the_clock_of_an_mhtml_page_is_read_in_its_html(tmp_path: Path) -> None:
    body = mime(b"<p>25 May 2022 9:5=\r\n8 AM GMT</p>", date="yesterday")
    found = capture(write(tmp_path / "page.mht", body))
    assert found[:3] == (URL, datetime.fromisoformat("2022-05-25T09:58:00"), "page_clock")


def test_an_mhtml_file_of_a_replay_is_as_old_as_the_archive_s_capture(tmp_path: Path) -> None:
    body = mime(b"<p>a page</p>", date="Fri, 05 Jan 2024 10:00:00 -0000", url=REPLAY)
    assert capture(write(tmp_path / "page.mhtml", body))[:3] == (URL, TIME, "wayback")


def test_a_workbook_as_mime_has_the_url_of_its_file(tmp_path: Path) -> None:
    """Excel writes where the file lay, and no date."""
    body = mime(b"<table></table>", url="file:///C:/view.htm", date="")
    found = capture(write(tmp_path / "view.xls", body))
    assert (found.url, found.captured_at_source) == ("file:view.xls", "file_time")


def test_a_mime_message_without_html_is_refused(tmp_path: Path) -> None:
    body = b"MIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\nhello"
    found = read(write(tmp_path / "mail.mht", body))
    assert refused(found) == {"mail.mht": "a MIME message without a part of HTML"}
