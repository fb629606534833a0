"""What can go wrong on the way to a platform, and what it said.

RestError
├── Unreachable        no answer, or half of one: refused, reset, timed out, name not found
│   └── NotSent        the request never left: repeating is safe whatever the method
├── Untrusted          the certificate is not signed by an authority that we know
├── BadCall            it cannot be sent at all: a bad URL, proxy or header
├── BadAnswer          an answer that is not Artifactory's
└── Answered           it answered with an error
    ├── Unauthorized       401
    ├── Forbidden          403
    ├── NotThere           404
    ├── NotAllowed         405: this version or mode does not have the call
    ├── Conflict           409
    ├── Invalid            other 4xx
    └── ServerFailed       5xx
"""

from artifactory_estate.base import EstateError


class RestError(EstateError):
    """Carries the site and the call; never a header or a body that was sent."""

    def __init__(self, site: str, call: str, text: str) -> None:
        self.site = site
        self.call = call
        super().__init__(f"{site}: {call} {text}")


class Unreachable(RestError):
    """No answer. The request may have been carried out."""


class NotSent(Unreachable):
    """The connection could not be made, so nothing was carried out."""


class Untrusted(RestError):
    """TLS: the certificate is not signed by a known authority, or not for this name. Nothing was carried out."""


class BadCall(RestError):
    """The request cannot be sent as it is. Nothing was carried out."""


class BadAnswer(RestError):
    """Something between us and Artifactory answered, or a version that we do not know."""


class Answered(RestError):
    """Artifactory's own refusal; `said` is its text without our secrets, on which callers may decide."""

    def __init__(self, site: str, call: str, status: int, said: str) -> None:
        self.status = status
        self.said = said
        super().__init__(site, call, f"answered {status}: {said or '(no text)'}")


class Unauthorized(Answered):
    """401: the credentials are wrong or expired."""


class Forbidden(Answered):
    """403: no permission, or the licence lacks the feature."""


class NotThere(Answered):
    """404. Of a repository, recent servers say 400 (REST reference 2.1): `rest.repositories` knows."""


class NotAllowed(Answered):
    """405."""


class Conflict(Answered):
    """409."""


class Invalid(Answered):
    """Any other 4xx."""


class ServerFailed(Answered):
    """5xx."""


_BY_STATUS: dict[int, type[Answered]] = {
    401: Unauthorized,
    403: Forbidden,
    404: NotThere,
    405: NotAllowed,
    409: Conflict,
}


def answered(site: str, call: str, status: int, said: str) -> Answered:
    """The error type for a status."""
    cls = _BY_STATUS.get(status, ServerFailed if status >= 500 else Invalid)
    return cls(site, call, status, said)
