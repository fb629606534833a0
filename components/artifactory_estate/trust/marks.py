"""Who uses an edge of trust (decision 0004).

A pairing has no field for a mark, and several resources may need the same edge. Each user therefore keeps a mark at one
of its two sites: the description of an access token that is good for nothing, whose value is thrown away unread.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from artifactory_estate.base import Owner, mark_in
from artifactory_estate.rest import Platform, tokens

USERNAME = "artifactory-estate-mark"
"""A user that does not exist, so that the token has no permission."""
_TEXT = re.compile(r"uses the trust between (\S+) and (\S+), which it (made|found)\.")


@dataclass(frozen=True)
class Mark:
    """One user of one edge."""

    token: str
    """Id of the token that carries it."""
    owner: Owner
    edge: tuple[str, str]
    """Platform URLs, in order."""
    made: bool
    """Whether the estate made the pairing; one that it found is never revoked by it."""


def edge_of(one: Platform, other: Platform) -> tuple[str, str]:
    """The edge's name: both platform URLs in order, the same from whichever side it is looked at."""
    first, second = sorted((one.connection.url, other.connection.url))
    return first, second


def home(one: Platform, other: Platform) -> Platform:
    """The site that keeps the marks of an edge: the one whose URL comes first."""
    return one if one.connection.url == edge_of(one, other)[0] else other


def read(at: Platform) -> Sequence[Mark]:
    """All marks that a site keeps. 1 request."""
    found = []
    for token in tokens.known(at):
        owner, text = mark_in(token.description), _TEXT.search(token.description)
        if owner and text:
            found.append(Mark(token.id, owner, (text[1], text[2]), text[3] == "made"))
    return found


def leave(at: Platform, owner: Owner, edge: tuple[str, str], *, made: bool) -> None:
    """Write a mark."""
    word = "made" if made else "found"
    text = f"{owner.text} uses the trust between {edge[0]} and {edge[1]}, which it {word}."
    tokens.create(at, username=USERNAME, scope="applied-permissions/user", expires_in_s=0, description=text)


def remove(at: Platform, mark: Mark) -> None:
    """Take a mark away."""
    tokens.revoke(at, mark.token)
