"""Bytes to text: the charsets that the site's pages are in, said or unsaid."""

import random

import pytest

from extractors.parse.base.charset import NotTextError, decode


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("Tomé".encode(), "Tomé"),
        (b"\xef\xbb\xbf" + "Tomé".encode(), "Tomé"),
        (b'<meta charset="iso-8859-1">' + "Tomé".encode(), '<meta charset="iso-8859-1">Tomé'),
        ("Tomé – l’eau".encode("cp1252"), "Tomé – l’eau"),
        (
            b'<meta charset="iso-8859-1">' + "l’eau".encode("cp1252"),
            '<meta charset="iso-8859-1">l’eau',
        ),
        (b'<meta charset="utf-8">' + "Tomé".encode("cp1252"), '<meta charset="utf-8">Tomé'),
        (
            b'<meta charset="windows-1251">' + "вода".encode("cp1251"),
            '<meta charset="windows-1251">вода',
        ),
        (b'<meta charset="no-such-set">Tom\xe9', '<meta charset="no-such-set">Tomé'),
        (b'<meta charset="punycode">Tom\xe9', '<meta charset="punycode">Tomé'),
        (b'<meta charset="utf-16">Tom\xe9', '<meta charset="utf-16">Tomé'),
        (b"<!--" + b"-" * 3_000 + b'--><meta charset="windows-1251">\xe2',
         "<!--" + "-" * 3_000 + '--><meta charset="windows-1251">в'),
        (b"Tom\xe9 \x81", "Tomé \ufffd"),
        ("Tomé".encode("utf-16"), "Tomé"),
        ("no mark, Tomé".encode("utf-16-le"), "no mark, Tomé"),
        ("no mark, Tomé".encode("utf-16-be"), "no mark, Tomé"),
        ("page\0".encode("utf-16"), "page"),
        (b'<meta charset="utf-7">+ADw-', '<meta charset="utf-7">+ADw-'),
        (b"plain", "plain"),
    ],
    ids=[
        "utf8", "utf8_with_mark", "utf8_declaring_latin1", "windows1252", "latin1_with_curly_quote",
        "windows1252_declaring_utf8", "declared_windows1251", "declared_nonsense", "punycode",
        "utf16_in_name_only", "declared_late", "no_charset_s_byte", "utf16",
        "utf16_le_without_mark", "utf16_be_without_mark", "utf16_with_nul", "utf7_never", "ascii",
    ],
)  # fmt: skip
def test_text_is_read_in_the_charset_that_it_is_in(body: bytes, text: str) -> None:
    assert decode(body).text == text


@pytest.mark.parametrize("declared", [b"", b'<meta charset="iso-8859-1">'])
def test_a_damaged_byte_does_not_turn_a_utf8_page_into_another_charset(declared: bytes) -> None:
    body = "São Tomé, Côte d’Ivoire".encode().replace("ô".encode(), b"\xc3")
    assert decode(declared + body).text == declared.decode() + "São Tomé, C\ufffdte d’Ivoire"


def test_a_surrogate_never_gets_through() -> None:
    """Neither encoded as if it were a character, nor alone in UTF-16."""
    text = decode("São Tomé à côté, ".encode() + b"\xed\xa0\x80").text
    assert text == "São Tomé à côté, \ufffd\ufffd\ufffd"
    alone = "page".encode("utf-16-le") + b"\x00\xd8" + "!".encode("utf-16-le")
    assert decode(b"\xff\xfe" + alone).text == "page\ufffd!"


@pytest.mark.parametrize(
    "body",
    [
        b"\x89PNG\r\n\x1a\n" + b"x" * 100,
        b"\xff\xd8\xff\xe0 JFIF",
        b"GIF89a",
        b"%PDF-1.7\n%text",
        b"PK\x03\x04 zipped",
        b"\x1f\x8b\x08 gzipped",
        b"\xd0\xcf\x11\xe0 Office",
        b"<html>" + b"\x00\x01\x02" * 3 + b"</html>",
        b"<html>" + b"x" * 10_000 + b"\x00" * 200 + b"</html>",
        *(random.Random(seed).randbytes(4096) for seed in range(5)),  # noqa: S311 because nothing is secret here
    ],
    ids=[
        "png", "jpeg", "gif", "pdf", "zip", "gzip", "office", "controls",
        "late_nuls",
        *(f"random{seed}" for seed in range(5)),
    ],
)  # fmt: skip
def test_what_is_no_text_is_refused(body: bytes) -> None:
    with pytest.raises(NotTextError):
        decode(body)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"see\x1fdlings\x00", "seedlings"),
        (b"<td>43\x001,207</td>", "<td>43\ufffd1,207</td>"),
        (b"<td>\x1431,207</td>", "<td>\ufffd31,207</td>"),
        (b"<td>431,20\x17</td>", "<td>431,20\ufffd</td>"),
        (b"<td>431,\x12\x1307</td>", "<td>431,\ufffd07</td>"),
        (b"<td>(\x7f431,207)</td>", "<td>(\ufffd431,207)</td>"),
    ],
    ids=["prose", "within", "before", "behind", "two", "in_parentheses"],
)
def test_a_control_byte_costs_that_byte_and_the_number_that_it_stands_in(
    body: bytes, text: str
) -> None:
    assert decode(body).text == text
    assert decode(body).controls
