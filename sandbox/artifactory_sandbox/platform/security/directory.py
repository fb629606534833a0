"""Users as callers, remembered by each node until a mark in the database says that something changed."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from artifactory_sandbox.platform.security.state import IDENTITIES, SecurityState

_MOST = 20_000


@dataclass(frozen=True, slots=True)
class Account:
    """A user with what its groups give it."""

    row: Mapping[str, Any]
    groups: frozenset[str]
    admin: bool


class Directory:
    """Reads a user once for each change of users or groups, whichever node made the change."""

    def __init__(self, state: SecurityState) -> None:
        self._state = state
        self._lock = threading.Lock()
        self._mark = ""
        self._accounts: dict[str, Account] = {}
        self._admin_groups: frozenset[str] = frozenset()

    def account(self, name: str, marks: Mapping[str, str]) -> Account | None:
        """A user; None when there is none. `marks` are those of the call."""
        mark = marks.get(IDENTITIES, "")
        self._renew(mark)
        found = self._accounts.get(name)
        if found is not None:
            return found
        row = self._state.user(name)
        if row is None:
            return None
        groups = frozenset(self._state.groups_of(name))
        made = Account(dict(row), groups, bool(row["admin"]) or bool(groups & self._admin_groups))
        with self._lock:
            if self._mark == mark and len(self._accounts) < _MOST:
                self._accounts[name] = made
        return made

    def administers(self, groups: frozenset[str], marks: Mapping[str, str]) -> bool:
        """Whether one of the groups makes its members administrators."""
        self._renew(marks.get(IDENTITIES, ""))
        return bool(groups & self._admin_groups)

    def _renew(self, mark: str) -> None:
        if mark == self._mark:
            return
        admin_groups = self._state.admin_groups()
        with self._lock:
            self._mark, self._accounts, self._admin_groups = mark, {}, admin_groups
