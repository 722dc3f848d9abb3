"""The body of an API answer: its rows as JSON values, or a refusal.

The API answers with a JSON string that holds JSON: an object whose `data` is a list of rows.
Numbers stay the text that they are printed as and never pass through a float. Objects come as
tuples of pairs, so that a key that stands twice in one is seen.
"""

import json
import re
from typing import Any, NamedTuple

from extractors.page_kinds import PageKind, PageRefusedError
from extractors.parse.base.charset import DAMAGED

Pairs = tuple[tuple[str, Any], ...]

_LARGEST_ANSWER = 64 * 2**20  # characters
# A row takes up to 6 KB until it is loaded, a value up to 800 bytes: half a gigabyte in all. A site
# of 20,000 programmes has 30,000 rows a year.
_MOST_ROWS = 100_000
_MOST_VALUES = 600_000
_ASK_FOR_LESS = "a profile can ask year by year, for each fund, or in pages"
_MOST_KEYS = 1_000  # beside the data
_DEEPEST = 50
_QUOTED_CHARACTERS = 200
_LONGEST_NUMBER = 9  # digits
_STRING = re.compile(r'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
_BRACKET = re.compile(r"[\[{]|([\]}])")
# All that can stand behind the last whole token of JSON that breaks off.
_BROKEN_TOKEN = re.compile(
    r"\s*(?:t|tr|tru|f|fa|fal|fals|n|nu|nul|-|-?I[nfity]*|Na?|\.|(?:\.[0-9]+)?[eE][+-]?)?"
)
_BROKEN_ESCAPE = re.compile(r"\\?u?[0-9a-fA-F]{0,4}(?:\\u?[0-9a-fA-F]{0,3})?")
_ERRORS = frozenset({"error", "errors", "exception"})
_STATUSES = frozenset({"status", "code", "status_code", "statuscode"})
_FAILED = frozenset({"error", "fail", "failed", "failure"})
_FINE = frozenset({"ok", "success", "true"})
_FIRST_ERROR_STATUS = 400
_TOTALS = frozenset(
    {"total", "count", "total_count", "totalcount", "total_rows", "totalrows", "recordstotal"}
)
# Characters that no page can have, but an escape can make.
_UNPRINTABLE = re.compile("[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff]")
_NOTHING: tuple[Any, ...] = (None, False, "", "0", [], ())


class Answer(NamedTuple):
    """The rows of an answer, each an object's pairs if it is as it should be.

    `total` is the number of all rows, if the answer holds fewer; `others` are the keys beside
    `data` that nothing is known of.
    """

    rows: list[Any]
    total: str | None
    others: Pairs


def rows_of(text: str) -> Answer:
    """Return the rows of an answer.

    Raises:
        PageRefusedError: the text is no answer, a part of one, an error, or has none of its rows.
    """
    if len(text) > _LARGEST_ANSWER:
        raise refused("page_too_large", f"the answer has more than {_LARGEST_ANSWER:,} characters")
    stripped = text.strip()
    value = _loaded(stripped)
    if isinstance(value, str) and stripped.startswith('"'):
        inner = value.strip()
        if not inner:
            raise refused("api_null", "the answer is an empty string")
        value = _loaded(inner)
        if isinstance(value, str):
            raise refused("api_unknown_shape", "the answer is a string within a string", inner)
    answer = _answer(value, stripped)
    if not answer.rows and answer.total is not None:
        message = f"the answer lists none of {answer.total} rows, which says nothing"
        raise refused("api_empty", message)
    if len(answer.rows) > _MOST_ROWS:
        message = f"the answer has more than {_MOST_ROWS:,} rows: {_ASK_FOR_LESS}"
        raise refused("table_too_large", message)
    return answer


def refused(rule: str, message: str, text: str = "") -> PageRefusedError:
    """Return the refusal of an answer, with the beginning of its text."""
    quoted = printable(text[:_QUOTED_CHARACTERS])
    return PageRefusedError(rule, message, quoted, PageKind.API_ANSWER)


def printable(text: str) -> str:
    """Return a text with U+FFFD for every character that no page can have."""
    return _UNPRINTABLE.sub(DAMAGED, text)


def _loaded(text: str) -> Any:
    """Return a JSON value: text (numbers too), a boolean, None, a list, or a tuple of pairs."""
    if text.startswith("<"):
        raise refused("api_error_page", "the API answered with a page in place of JSON", text)
    _check_structure(text)
    try:
        return json.loads(
            text, parse_float=str, parse_int=str, parse_constant=str, object_pairs_hook=tuple
        )
    except json.JSONDecodeError as error:
        if _breaks_off(text, error):
            raise refused("api_cut_short", f"the JSON breaks off: {error}", text) from error
        raise refused("api_not_json", f"the answer is not JSON: {error}", text) from error


def _check_structure(text: str) -> None:
    """Refuse JSON that nests deeper, or has more values, than any answer, before it is decoded."""
    bare = _STRING.sub("", text)
    if sum(map(bare.count, "[{,")) > _MOST_VALUES:
        message = f"the answer has more than {_MOST_VALUES:,} values: {_ASK_FOR_LESS}"
        raise refused("table_too_large", message, text)
    depth = 0
    for bracket in _BRACKET.finditer(bare):
        depth += -1 if bracket[1] else 1
        if depth > _DEEPEST:
            raise refused("nested_too_deep", f"values stand more than {_DEEPEST} deep", text)


def _breaks_off(text: str, error: json.JSONDecodeError) -> bool:
    """Return whether the JSON is right as far as it goes."""
    if error.msg.startswith("Unterminated string"):
        return True
    if error.msg.startswith("Invalid \\uXXXX"):
        return _BROKEN_ESCAPE.fullmatch(text, error.pos) is not None
    return _BROKEN_TOKEN.fullmatch(text, error.pos) is not None


def _answer(value: Any, text: str) -> Answer:
    if value is None:
        raise refused("api_null", "the answer is null")
    if isinstance(value, list):
        return Answer(value, None, ())
    if not isinstance(value, tuple):
        raise refused("api_unknown_shape", "the answer is neither a list nor an object", text)
    if len(value) > _MOST_KEYS:
        raise refused("table_too_large", f"the answer has more than {_MOST_KEYS:,} keys", text)
    parts = {key.lower(): part for key, part in value}
    if len(parts) < len(value):
        raise refused("api_unknown_shape", "a key of the answer stands there twice", text)
    _check_error(parts, text)
    if "data" not in parts:
        raise refused("api_unknown_shape", "the answer has no data", text)
    rows = parts["data"]
    if rows is None:
        raise refused("api_null", "the answer's data is null", text)
    if not isinstance(rows, list):
        raise refused("api_unknown_shape", "the answer's data is not a list", text)
    return Answer(rows, _total(parts, len(rows)), _others(value))


def _check_error(parts: dict[str, Any], text: str) -> None:
    """Refuse an answer that says that it is an error."""
    failed = (
        any(parts.get(key) not in _NOTHING for key in _ERRORS)
        or parts.get("success") in (False, "false", "0")
        or any(_is_failure(parts.get(key)) for key in _STATUSES)
        or ("message" in parts and "data" not in parts)
    )
    if failed:
        raise refused("api_error", "the API answered with an error", text)


def _is_failure(status: Any) -> bool:
    if not isinstance(status, str):
        return False
    if _is_number(status):
        return int(status) >= _FIRST_ERROR_STATUS
    return status.lower() in _FAILED


def _is_number(value: Any) -> bool:
    return (
        isinstance(value, str)
        and len(value) <= _LONGEST_NUMBER
        and value.isascii()
        and value.isdigit()
    )


def _total(parts: dict[str, Any], rows: int) -> str | None:
    """Return the greatest of the answer's totals, if it is greater than the number of rows."""
    totals = [parts[key] for key in _TOTALS if _is_number(parts.get(key))]
    greatest = max(totals, key=int, default="0")
    return greatest if int(greatest) > rows else None


def _others(pairs: Pairs) -> Pairs:
    """Return the parts beside the data that say something, and that nothing is known of."""
    return tuple((key, part) for key, part in pairs if not _is_understood(key.lower(), part))


def _is_understood(key: str, part: Any) -> bool:
    if key in _STATUSES:
        return part is True or _is_number(part) or str(part).lower() in _FINE
    return key in {"data", "success"} or part in _NOTHING or (key in _TOTALS and _is_number(part))
