"""The licence pool (REST reference 1.2). A node without a licence answers this and the ping, and nothing else."""

import hashlib
import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from artifactory_estate.rest.errors import RestError
from artifactory_estate.rest.said import said
from artifactory_estate.rest.transport import Platform

_PATH = "/artifactory/api/system/licenses"
_UNUSED = "Not in use"
_LINE = re.compile(r"\s*\n\s*")


class InstalledLicence(NamedTuple):
    """One licence of the pool; the key itself is never told."""

    hash: str
    type: str
    """`Enterprise Plus`, `Commercial`, …"""
    valid_through: str
    """As the server writes it: `May 15, 2026`."""
    expired: bool
    node: str
    """Which node uses it; empty: none."""


class LicenceRefused(RestError):
    """The server accepted none, or not all, of the licences; says why for each, by its place in the list."""


def pool(text: str) -> Sequence[str]:
    """The licences in a text: blocks separated by an empty line (files reference 4.4).

    >>> pool("one\\nline two\\n\\n\\nanother\\n")
    ('one\\nline two', 'another')
    """
    blocks = re.split(r"\n[ \t]*(?:\n[ \t]*)+", text.replace("\r\n", "\n").strip())
    return tuple(_LINE.sub("\n", block.strip()) for block in blocks if block.strip())


def licence_hash(key: str) -> str:
    """What the platform calls a licence: SHA-1 of its text without white space at the ends. Inferred (40 hexadecimal
    digits in the reference), so nothing depends on it: `install` takes "already exists" for an answer."""
    return hashlib.sha1(key.strip().encode()).hexdigest()  # noqa: S324 an identifier that the server made


def installed(platform: Platform) -> Sequence[InstalledLicence]:
    """The pool; of a server that is not highly available its one licence, if any."""
    body = platform.get_json(_PATH)
    if isinstance(body, dict):
        body = body.get("licenses", body.get("licences", [body]))
    return tuple(_installed(item) for item in body if isinstance(item, dict) and item.get("type"))


def _installed(item: dict[str, Any]) -> InstalledLicence:
    node = str(item.get("nodeId") or "")
    return InstalledLicence(
        hash=str(item.get("licenseHash") or ""),
        type=str(item["type"]),
        valid_through=str(item.get("validThrough") or ""),
        expired=bool(item.get("expired", False)),
        node="" if node == _UNUSED else node,
    )


def install(platform: Platform, keys: Sequence[str]) -> None:
    """Add licences to the pool; one that is there already is no error. Raises `LicenceRefused` naming the others.

    The server answers 200 when it took at least one and 400 when none, with words for each (1.2). It names each by its
    own text: only its place in the list may be told.
    """
    if not keys:
        return
    body = [{"licenseKey": key} for key in keys]
    answer = platform.request("POST", _PATH, body=body, repeatable=True, hide=keys, accept=(400,))
    messages = platform.json_of(answer).get("messages")
    if not isinstance(messages, dict):
        if answer.ok:
            return
        raise LicenceRefused(platform.site, f"POST {_PATH}", f"answered 400: {said(answer.text, keys)}")
    words = {_squeezed(key): str(word) for key, word in messages.items()}
    by_place = [(place, words.get(_squeezed(key), "no word about it")) for place, key in enumerate(keys, start=1)]
    bad = [f"licence {place}: {said(word, keys)}" for place, word in by_place if not _fine(word)]
    if bad:
        raise LicenceRefused(platform.site, f"POST {_PATH}", "took not all: " + "; ".join(bad))


def _squeezed(key: str) -> str:
    return "".join(key.split())


def _fine(word: str) -> bool:
    return word == "OK" or "already exists" in word


def remove(platform: Platform, hashes: Sequence[str]) -> None:
    """Take licences out of the pool. One in use is swapped for a free one first; none free is an `Invalid`. A hash that is
    not there is an `Invalid` when it is the only one."""
    if hashes:
        platform.request("DELETE", _PATH, params={"licenseHash": ",".join(hashes)})
