"""What a token's scope says (4.5, 12.5.4): read once, and asked about callers and calls."""

import re
from dataclasses import dataclass
from functools import lru_cache

from artifactory_sandbox.platform.security.words import LETTERS

ADMIN_SCOPE = "applied-permissions/admin"
USER_SCOPE = "applied-permissions/user"
LIMIT = 500
_PART = re.compile(r'(?:[^\s"]|"[^"]*")+')
_GROUPS = ("applied-permissions/groups:", "member-of-groups:")
_ROLES = "applied-permissions/roles:"
_ARTIFACT = re.compile(r"artifact:([^:/]+)(?:[:/](.+))?:([rwdamxs*,]+)\Z")
_SYSTEM = re.compile(r"system:([a-z/*-]+):([a-z*,]+)\Z")
_ACTION_LETTERS = {**LETTERS, "a": "ANNOTATE", "s": "SCAN"}
_PLACES = {
    "/artifactory/api/v1/metrics": "metrics",
    "/artifactory/api/system/metrics": "metrics",
    "/access/api/v1/metrics": "metrics",
    "/artifactory/api/openmetrics": "metrics",
    "/artifactory/api/storageinfo": "info/storage",
    "/artifactory/api/system/license": "info/licenses",
    "/artifactory/api/system/licenses": "info/licenses",
    "/artifactory/api/system/logs": "livelogs",
    "/access/api/v2/users": "identities",
    "/access/api/v2/groups": "identities",
    "/artifactory/api/security/users": "identities",
    "/artifactory/api/security/groups": "identities",
    "/access/api/v2/permissions": "permissions",
    "/artifactory/api/security/permissions": "permissions",
    "/artifactory/api/v2/security/permissions": "permissions",
}


@dataclass(frozen=True, slots=True)
class ItemScope:
    """`artifact:<repository>[/<pattern>]:<letters>`; a colon divides as well."""

    repository: str
    pattern: str
    words: frozenset[str]


@dataclass(frozen=True, slots=True)
class Scope:
    """Everything a token may use; `groups` None means those of its user."""

    admin: bool = False
    user: bool = False
    groups: frozenset[str] = frozenset()
    all_groups: bool = False
    roles: frozenset[tuple[str, str]] = frozenset()
    items: tuple[ItemScope, ...] = ()
    system: frozenset[tuple[str, str]] = frozenset()
    unknown: tuple[str, ...] = ()


@lru_cache(maxsize=4096)
def read(text: str) -> Scope:
    """The scope; parts that nobody knows are named, not refused."""
    groups: set[str] = set()
    roles: set[tuple[str, str]] = set()
    items: list[ItemScope] = []
    system: set[tuple[str, str]] = set()
    unknown: list[str] = []
    parts = _PART.findall(text)
    for part in parts:
        prefix = next((one for one in _GROUPS if part.startswith(one)), "")
        if prefix:
            groups |= set(_names(part.removeprefix(prefix)))
        elif part.startswith(_ROLES):
            project, _, names = part.removeprefix(_ROLES).partition(":")
            roles |= {(project, name) for name in _names(names)}
        elif found := _ARTIFACT.match(part):
            items.append(ItemScope(found[1].strip('"'), (found[2] or "**").strip('"'), _words(found[3])))
        elif found := _SYSTEM.match(part):
            system.add((found[1], found[2]))
        elif part not in {ADMIN_SCOPE, USER_SCOPE} and not _harmless(part):
            unknown.append(part)
    return Scope(
        admin=ADMIN_SCOPE in parts or any(part.endswith(":admin") and "@" in part for part in parts),
        user=USER_SCOPE in parts,
        groups=frozenset(groups - {"*"}),
        all_groups="*" in groups,
        roles=frozenset(roles),
        items=tuple(items),
        system=frozenset(system),
        unknown=tuple(unknown),
    )


def admits(scope: Scope, method: str, path: str) -> bool:
    """Whether a `system:` scope opens a call that is an administrator's otherwise."""
    if not scope.system:
        return False
    wanted = next((area for place, area in _PLACES.items() if path == place or path.startswith(f"{place}/")), None)
    letter = "r" if method in {"GET", "HEAD"} else "d" if method == "DELETE" else "w"
    return wanted is not None and any(
        area in {wanted, "*"} and ("*" in letters or letter in letters) for area, letters in scope.system
    )


def is_user(text: str) -> bool:
    """Whether a caller with this scope is its user in everything, not only in what a narrower token names."""
    found = read(text)
    return not text or found.user or found.admin


def _harmless(part: str) -> bool:
    known = part.startswith(("api:", "internal:")) or (part.endswith(":admin") and "@" in part)
    return known or bool(re.match(r"jf[a-z]{2,3}@[^:]+:", part))


def _names(text: str) -> list[str]:
    return [name.strip('"') for name in re.findall(r'"[^"]*"|[^,"]+', text) if name.strip('"')]


def _words(letters: str) -> frozenset[str]:
    if "*" in letters:
        return frozenset(LETTERS.values())
    return frozenset(_ACTION_LETTERS[letter] for letter in letters if letter in _ACTION_LETTERS)
