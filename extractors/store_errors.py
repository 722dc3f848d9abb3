"""What goes wrong with an object store, in words that quote nothing of its answers."""

import re

from extractors.errors import MptfError

_STATUS = re.compile(r"status code: (\d{3})")
_CODE = re.compile(r"<Code>(\w{1,60})</Code>")
_BAD_NAME = re.compile(r'[Pp]ath "([^"\n]{1,200})"')
_REASONS = {
    "NoSuchBucket": "the bucket does not exist",
    "AccessDenied": "access is denied",
    "InvalidAccessKeyId": "the access key is unknown",
    "SignatureDoesNotMatch": "the secret key does not fit the access key",
    "ExpiredToken": "the credentials have expired",
}
_SIGNS = {
    "CredentialProvider": "there are no credentials in the environment (AWS_ACCESS_KEY_ID)",
    "169.254.169.254": "there are no credentials in the environment (AWS_ACCESS_KEY_ID)",
    "BadScheme": "its endpoint is not HTTPS, and AWS_ALLOW_HTTP is not true",
    "TimedOut": "it does not answer in time",
}


class StoreUnreachableError(MptfError):
    """A store does not answer, or refuses; the message names the store and says why."""

    retry_helps = True


class NoObjectError(MptfError):
    """A store has no object of this name."""


def reason_of(error: Exception) -> str:
    """Return why a request to a store failed.

    An answer may name the endpoint and the access key, so only its code is told.
    """
    if isinstance(error, OSError) and not isinstance(error, FileNotFoundError):
        return error.strerror or type(error).__name__
    told = str(error)
    if type(error).__name__ == "InvalidPathError" and (name := _BAD_NAME.search(told)):
        return f"it has an object whose name no file can have; remove it: {name[1]!r}"
    if code := _CODE.search(told):
        return _REASONS.get(code[1], f"it answers {code[1]}")
    found = next((reason for sign, reason in _SIGNS.items() if sign in told), None)
    if found is not None:
        return found
    if status := _STATUS.search(told):
        return f"it answers with status {status[1]}"
    return "it cannot be reached"
