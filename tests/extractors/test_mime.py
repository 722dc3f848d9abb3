"""MIME HTML is decoded as it says, or refused; never half of it."""

import base64

import pytest

from extractors.mime import NotMimeHtmlError, is_mime, read_mime

HTML = "<p>Coopération, 431 207 €</p>"


def message(encoding: str, charset: str, payload: bytes, *, end: bytes = b"\r\n--b--\r\n") -> bytes:
    top = 'MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary="b"\r\n\r\n--b\r\n'
    head = f"Content-Type: text/html{charset}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
    return (top + head).encode() + payload + end


@pytest.mark.parametrize(
    ("encoding", "charset", "payload"),
    [
        ("8bit", "", HTML.encode()),
        ("binary", "; charset=utf-8", HTML.encode()),
        ("8bit", '; charset="windows-1252"', HTML.encode("cp1252")),
        ("Base64", "; charset=iso-8859-15", base64.encodebytes(HTML.encode("iso-8859-15"))),
        ("base64", "; charset=utf-16", base64.b64encode(HTML.encode("utf-16"))),
        ("base64", "; charset=unicode", base64.b64encode(HTML.encode("utf-16"))),
        ("quoted-printable", "", b"<p>Coop=C3=A9ration, 431=\r\n 207 =E2=82=AC</p>"),
        ("quoted-printable", "; charset=cp1252", b"<p>Coop=E9ration, 431 207 =80</p>"),
    ],
)
def test_html_is_decoded_to_utf_8(encoding: str, charset: str, payload: bytes) -> None:
    body = message(encoding, charset, payload)
    assert is_mime(body)
    assert read_mime(body).html.decode().strip() == HTML


@pytest.mark.parametrize(
    ("encoding", "charset", "payload"),
    [
        ("base64", "", b"no base64 at all!"),
        ("x-gzip", "", b"x"),
        ("8bit", "; charset=klingon", HTML.encode("cp1252")),
        ("8bit", "; charset=Punycode", HTML.encode("cp1252")),
        ("8bit", "; charset=unicode-escape", HTML.encode("cp1252")),
    ],
)
def test_html_that_cannot_be_decoded_is_refused(
    encoding: str, charset: str, payload: bytes
) -> None:
    with pytest.raises(NotMimeHtmlError, match="a MIME part"):
        read_mime(message(encoding, charset, payload))


def test_a_message_that_ends_within_the_page_is_not_whole() -> None:
    payload = HTML.encode()
    assert read_mime(message("8bit", "", payload)).is_whole
    assert not read_mime(message("8bit", "", payload, end=b"")).is_whole
    later = b"\r\n--b\r\nContent-Type: image/png\r\n\r\nPNG"
    assert read_mime(message("8bit", "", payload, end=later)).is_whole


def test_messages_within_messages_are_refused_and_not_a_fault() -> None:
    nested = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n)
        for n in range(5_000)
    )
    with pytest.raises(NotMimeHtmlError):
        read_mime(b"MIME-Version: 1.0\r\n" + nested)


@pytest.mark.parametrize(
    "header",
    [
        b'Content-Type: text/html; x="' + b";" * 2_000,
        b"Content-Type: text/html" + b";\n x=y" * 500,
        b"Content-Type:\r multipart/mixed; boundary=b\n\n--b\n" * 31 + b"X: y",
        b"\r" * 2_000_001,
    ],
    ids=["a long header", "a folded header", "groups within each other", "too many lines"],
)
def test_a_message_that_takes_long_to_read_is_refused(header: bytes) -> None:
    """The mail library takes time that grows as the square of these."""
    with pytest.raises(NotMimeHtmlError, match=r"a MIME message (?:of more|with a longer)"):
        read_mime(b"MIME-Version: 1.0\n" + header + b"\n\n<p>")


def styled(html: bytes, css: bytes, encoding: str = "8bit") -> bytes:
    """A message of a page and a style sheet, `s.css`."""
    head = "Content-Type: text/css\r\nContent-Location: s.css\r\nContent-Transfer-Encoding: "
    head += encoding
    return message(
        "8bit", "", html, end=f"\r\n--b\r\n{head}\r\n\r\n".encode() + css + b"\r\n--b--\r\n"
    )


LINK = b"<link rel=stylesheet href=s.css>"


def test_a_style_sheet_that_many_links_name_is_decoded_once_and_never_fills_the_memory() -> None:
    """A megabyte of links to a megabyte of rules would be 32 GB."""
    assert read_mime(styled(LINK * 3, b"p{}")).html.count(b"<style>p{}") == 3
    with pytest.raises(NotMimeHtmlError, match="longer style sheets than any page has"):
        read_mime(styled(LINK * 32_000, b"p{}" * 350_000))
    nothing = b"=\r\n" * 300_000  # line ends that quoted-printable leaves out
    assert read_mime(styled(LINK * 32_000, nothing, "quoted-printable")).html.count(LINK) == 32_000


@pytest.mark.parametrize("part", [b"<link ", b"<link rel=stylesheet href=", b"<link rel ", b"<"])
def test_links_that_are_never_closed_take_linear_time(part: bytes) -> None:
    html = part * (2 * 10**6 // len(part))
    assert read_mime(styled(html, b"p{}")).html.strip() == html.strip()


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"Project ID:00067193\n\nMIME-Version: 1.0", b"a,b\n1,2", b"\x89PNG\r\n"],
)
def test_other_pages_are_no_mime_messages(body: bytes) -> None:
    assert not is_mime(body)
