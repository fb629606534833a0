"""Users, groups and memberships in the cluster's database, and the marks by which nodes see that something changed."""

import json
import secrets
from collections.abc import Iterable, Mapping
from typing import Any

from artifactory_sandbox.platform.state import Database, Row

SCHEMA = (
    "CREATE TABLE IF NOT EXISTS security_marks (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS users (name TEXT PRIMARY KEY, email TEXT NOT NULL, salt TEXT, hash TEXT, admin INTEGER NOT NULL,"
    " profile_updatable INTEGER NOT NULL, disable_ui_access INTEGER NOT NULL, internal_password_disabled INTEGER NOT NULL,"
    " realm TEXT NOT NULL, status TEXT NOT NULL, managers TEXT NOT NULL, password_changed INTEGER NOT NULL,"
    " password_expired INTEGER NOT NULL, failures INTEGER NOT NULL, locked INTEGER NOT NULL, last_login INTEGER NOT NULL,"
    " api_key TEXT)",
    "CREATE INDEX IF NOT EXISTS users_api_key ON users (api_key)",
    "CREATE TABLE IF NOT EXISTS groups (name TEXT PRIMARY KEY, description TEXT NOT NULL, auto_join INTEGER NOT NULL,"
    " admin_privileges INTEGER NOT NULL, external_id TEXT NOT NULL, realm TEXT NOT NULL, realm_attributes TEXT NOT NULL,"
    " managers TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS members (user_name TEXT NOT NULL, group_name TEXT NOT NULL, PRIMARY KEY (user_name, group_name))",
    "CREATE INDEX IF NOT EXISTS members_group ON members (group_name)",
)

IDENTITIES, GRANTS = "identities", "grants"
USER_FLAGS = ("admin", "profile_updatable", "disable_ui_access", "internal_password_disabled")
_USER = (
    *("name", "email", "salt", "hash", *USER_FLAGS, "realm", "status", "managers", "password_changed"),
    *("password_expired", "failures", "locked", "last_login", "api_key"),
)
_GROUP = (
    *("name", "description", "auto_join", "admin_privileges", "external_id", "realm", "realm_attributes", "managers"),
)


def _upsert(table: str, columns: tuple[str, ...]) -> str:
    marks, rest = ", ".join("?" for _ in columns), columns[1:]
    changes = ", ".join(f"{column} = excluded.{column}" for column in rest)
    return (
        f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})"  # noqa: S608  names of our own
        f" ON CONFLICT ({columns[0]}) DO UPDATE SET {changes}"
    )


_PUT_USER, _PUT_GROUP = _upsert("users", _USER), _upsert("groups", _GROUP)


class IdentityState:
    """All SQL about who there is."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def marks(self) -> Mapping[str, str]:
        """The marks of what is cached: one that differs from the one a cache was filled under makes it worthless."""
        return {row[0]: row[1] for row in self._db.rows("SELECT name, value FROM security_marks")}

    def changed(self, name: str) -> None:
        """Gives a new mark; never one that was there before, so that a transaction taken back leaves no wrong cache."""
        self._db.run(
            "INSERT INTO security_marks (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            name,
            secrets.token_hex(8),
        )

    def user(self, name: str) -> Row | None:
        """One user."""
        return self._db.row("SELECT * FROM users WHERE name = ?", name)

    def user_by_key(self, api_key: str) -> str | None:
        """Name of the user who has an API key."""
        found: str | None = self._db.value("SELECT name FROM users WHERE api_key = ?", api_key)
        return found

    def users(self, after: str, limit: int, descending: bool = False) -> list[Row]:
        """Users by name, after a name."""
        if descending:
            return self._db.rows(
                "SELECT * FROM users WHERE (? = '' OR name < ?) ORDER BY name DESC LIMIT ?", after, after, limit
            )
        return self._db.rows("SELECT * FROM users WHERE name > ? ORDER BY name LIMIT ?", after, limit)

    def put_user(self, user: Mapping[str, Any]) -> None:
        """Stores a user whole."""
        with self._db.transaction():
            self._db.run(_PUT_USER, *(_column(user[name]) for name in _USER))
            self.changed(IDENTITIES)

    def delete_user(self, name: str) -> bool:
        """Removes a user and its memberships."""
        with self._db.transaction():
            self._db.run("DELETE FROM members WHERE user_name = ?", name)
            self.changed(IDENTITIES)
            return bool(self._db.run("DELETE FROM users WHERE name = ?", name))

    def logged_in(self, name: str, at: int) -> None:
        """Remembers when a user was here last; that alone changes nothing that is cached."""
        self._db.run("UPDATE users SET last_login = ? WHERE name = ?", at, name)

    def failed(self, name: str, attempts: int) -> None:
        """Counts a wrong password; the user is locked when there were too many."""
        with self._db.transaction():
            self._db.run("UPDATE users SET failures = failures + 1 WHERE name = ?", name)
            self._db.run("UPDATE users SET locked = 1 WHERE name = ? AND failures >= ?", name, attempts)
            self.changed(IDENTITIES)

    def unlock(self, names: Iterable[str] | None) -> None:
        """Takes locks away; all of them for None."""
        with self._db.transaction():
            if names is None:
                self._db.run("UPDATE users SET locked = 0, failures = 0 WHERE failures > 0 OR locked = 1")
            for name in names or ():
                self._db.run("UPDATE users SET locked = 0, failures = 0 WHERE name = ?", name)
            self.changed(IDENTITIES)

    def locked(self) -> list[str]:
        """Names of locked users."""
        return [row[0] for row in self._db.rows("SELECT name FROM users WHERE locked = 1 ORDER BY name")]

    def expire(self, names: Iterable[str] | None, expired: bool) -> None:
        """Makes passwords invalid, or valid again; everybody's for None."""
        with self._db.transaction():
            if names is None:
                self._db.run("UPDATE users SET password_expired = ? WHERE name <> 'anonymous'", int(expired))
            for name in names or ():
                self._db.run("UPDATE users SET password_expired = ? WHERE name = ?", int(expired), name)
            self.changed(IDENTITIES)

    def set_key(self, name: str | None, api_key: str | None) -> int:
        """Sets or takes away an API key; takes all away for no name. The number of users it touched."""
        with self._db.transaction():
            if name is None:
                count = self._db.run("UPDATE users SET api_key = NULL WHERE api_key IS NOT NULL")
            else:
                count = self._db.run("UPDATE users SET api_key = ? WHERE name = ?", api_key, name)
            self.changed(IDENTITIES)
        return count

    def groups_of(self, user: str) -> list[str]:
        """Names of a user's groups."""
        found = self._db.rows("SELECT group_name FROM members WHERE user_name = ? ORDER BY group_name", user)
        return [row[0] for row in found]

    def join(self, user: str, groups: Iterable[str]) -> None:
        """Adds memberships."""
        with self._db.transaction():
            self._db.run_many(
                "INSERT INTO members (user_name, group_name) VALUES (?, ?) ON CONFLICT DO NOTHING",
                [(user, group) for group in groups],
            )
            self.changed(IDENTITIES)

    def leave(self, user: str, groups: Iterable[str]) -> None:
        """Removes memberships."""
        with self._db.transaction():
            self._db.run_many(
                "DELETE FROM members WHERE user_name = ? AND group_name = ?", [(user, group) for group in groups]
            )
            self.changed(IDENTITIES)

    def group(self, name: str) -> Row | None:
        """One group."""
        return self._db.row("SELECT * FROM groups WHERE name = ?", name)

    def groups(self, after: str = "", limit: int = 1_000_000) -> list[Row]:
        """Groups by name, after a name."""
        return self._db.rows("SELECT * FROM groups WHERE name > ? ORDER BY name LIMIT ?", after, limit)

    def members_of(self, group: str) -> list[str]:
        """Names of a group's users."""
        found = self._db.rows("SELECT user_name FROM members WHERE group_name = ? ORDER BY user_name", group)
        return [row[0] for row in found]

    def put_group(self, group: Mapping[str, Any]) -> None:
        """Stores a group whole."""
        with self._db.transaction():
            self._db.run(_PUT_GROUP, *(_column(group[name]) for name in _GROUP))
            self.changed(IDENTITIES)

    def delete_group(self, name: str) -> bool:
        """Removes a group and its memberships."""
        with self._db.transaction():
            self._db.run("DELETE FROM members WHERE group_name = ?", name)
            self.changed(IDENTITIES)
            return bool(self._db.run("DELETE FROM groups WHERE name = ?", name))

    def admin_groups(self) -> frozenset[str]:
        """Groups whose members are administrators."""
        return frozenset(row[0] for row in self._db.rows("SELECT name FROM groups WHERE admin_privileges = 1"))


def _column(value: Any) -> Any:
    if isinstance(value, bool):
        return int(value)
    return json.dumps(value) if isinstance(value, (dict, list)) else value
