"""requests' exceptions as ours: one table, the most specific entry wins, and a test walks requests' own classes."""

import re
from typing import Any

from requests import exceptions as theirs
from urllib3 import exceptions as wire

from artifactory_estate.rest.errors import BadAnswer, BadCall, NotSent, RestError, Unreachable, Untrusted

TABLE: dict[type[Exception], type[RestError]] = {
    theirs.RequestException: BadCall,
    theirs.ConnectTimeout: NotSent,
    theirs.ConnectionError: Unreachable,
    theirs.ProxyError: Unreachable,
    theirs.SSLError: Unreachable,
    theirs.Timeout: Unreachable,
    theirs.ReadTimeout: Unreachable,
    theirs.RetryError: Unreachable,
    theirs.ChunkedEncodingError: Unreachable,
    theirs.ContentDecodingError: BadAnswer,
    theirs.JSONDecodeError: BadAnswer,
    theirs.HTTPError: BadAnswer,
    theirs.TooManyRedirects: BadAnswer,
    theirs.StreamConsumedError: BadAnswer,
    theirs.InvalidJSONError: BadCall,
    theirs.URLRequired: BadCall,
    theirs.MissingSchema: BadCall,
    theirs.InvalidSchema: BadCall,
    theirs.InvalidURL: BadCall,
    theirs.InvalidHeader: BadCall,
    theirs.InvalidProxyURL: BadCall,
    theirs.UnrewindableBodyError: BadCall,
}


def failure(error: theirs.RequestException, site: str, call: str, url: str) -> RestError:
    """Our error for one of requests'.

    Its text is our own and the original is not chained: requests prints a header's value when it dislikes it, and ours
    are secrets.
    """
    cls = class_of(error)
    if isinstance(error, theirs.ConnectionError) and _never_left(error):
        cls = NotSent
    if isinstance(error, theirs.SSLError) and "CERTIFICATE_VERIFY_FAILED" in str(error):
        cls = Untrusted
    if issubclass(cls, Unreachable):
        return cls(site, call, f"got no answer from {url}: {_cause(error)}")
    if cls is Untrusted:
        return cls(site, call, f"does not trust the certificate of {url}. Name its authority in `ca_bundle`.")
    return cls(site, call, f"failed at {url}: {type(error).__name__}")


def class_of(error: Exception) -> type[RestError]:
    """By the table."""
    return next(TABLE[cls] for cls in type(error).__mro__ if cls in TABLE)


def _never_left(error: Exception) -> bool:
    reason: Any = error.args[0] if error.args else None
    reason = getattr(reason, "reason", reason)
    if isinstance(reason, wire.ProxyError):
        reason = reason.original_error
    return isinstance(reason, wire.NewConnectionError | wire.ConnectTimeoutError)


def _cause(error: Exception) -> str:
    if isinstance(error, theirs.Timeout):
        return "timed out"
    text = str(error)
    if "NameResolutionError" in text:
        return "its name is not known"
    match = re.search(
        r"\[Errno -?\d+\] ([A-Za-z ]+)|(timed out|Remote end closed|IncompleteRead|Tunnel [^'\")]*)", text
    )
    return (match[1] or match[2]) if match else type(error).__name__
