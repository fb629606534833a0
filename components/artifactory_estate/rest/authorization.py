"""The Authorization header, made from a reference when a call is made."""

import base64
import re
from collections.abc import Callable
from dataclasses import dataclass

from artifactory_estate.base import EstateError
from artifactory_estate.rest.connection import Connection

Resolve = Callable[[str], str]
"""Reads the value behind a reference."""


@dataclass(frozen=True, repr=False)
class Authorization:
    """A header and the secret in it; prints as nothing."""

    header: str
    secret: str

    @property
    def hidden(self) -> tuple[str, ...]:
        """What an error text must never show."""
        return (self.header, self.header.partition(" ")[2], self.secret)


def authorization(connection: Connection, resolve: Resolve) -> Authorization:
    """Bearer from a token, or Basic (UTF-8) from user and password.

    Raises `EstateError` when neither is declared, or when the value cannot be a token: such a value would end up in the
    HTTP library's own error text.
    """
    if connection.token:
        token = resolve(connection.token).strip()
        if not re.fullmatch(r"[\x21-\x7e]+", token):
            raise EstateError(f"{connection.site}: {connection.token} is not a token: it has spaces or odd characters")
        return Authorization(f"Bearer {token}", token)
    if connection.username and connection.password:
        password = resolve(connection.password)
        pair = base64.b64encode(f"{connection.username}:{password}".encode()).decode()
        return Authorization(f"Basic {pair}", password)
    raise EstateError(f"{connection.site}: no credentials: give a token, or a user name and a password, by reference")
