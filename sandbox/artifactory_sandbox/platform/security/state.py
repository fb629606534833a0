"""Users, groups, tokens and permission targets in the cluster's database."""

import json
from collections.abc import Iterable
from typing import Any

from artifactory_sandbox.platform.state import Database, Row

SCHEMA = (
    "CREATE TABLE IF NOT EXISTS users (name TEXT PRIMARY KEY, email TEXT NOT NULL, salt TEXT, hash TEXT, admin INTEGER NOT NULL,"
    " profile_updatable INTEGER NOT NULL, disable_ui_access INTEGER NOT NULL, internal_password_disabled INTEGER NOT NULL,"
    " realm TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS groups (name TEXT PRIMARY KEY, description TEXT NOT NULL, auto_join INTEGER NOT NULL,"
    " admin_privileges INTEGER NOT NULL, external_id TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS members (user_name TEXT NOT NULL, group_name TEXT NOT NULL, PRIMARY KEY (user_name, group_name))",
    "CREATE TABLE IF NOT EXISTS tokens (id TEXT PRIMARY KEY, subject TEXT NOT NULL, scope TEXT NOT NULL, issued INTEGER NOT NULL,"
    " expiry INTEGER, description TEXT NOT NULL, refreshable INTEGER NOT NULL, refresh TEXT, reference TEXT, listed INTEGER NOT NULL)",
    "CREATE INDEX IF NOT EXISTS tokens_reference ON tokens (reference)",
    "CREATE TABLE IF NOT EXISTS permissions (name TEXT PRIMARY KEY, resources TEXT NOT NULL)",
)

_USER_FLAGS = ("admin", "profile_updatable", "disable_ui_access", "internal_password_disabled")


class SecurityState:
    """All SQL of the service."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def user(self, name: str) -> Row | None:
        """One user."""
        return self._db.row("SELECT * FROM users WHERE name = ?", name)

    def users(self, after: str, limit: int) -> list[Row]:
        """Users by name, after a name."""
        return self._db.rows("SELECT * FROM users WHERE name > ? ORDER BY name LIMIT ?", after, limit)

    def put_user(self, user: dict[str, Any]) -> None:
        """Stores a user whole."""
        flags = [int(user[name]) for name in _USER_FLAGS]
        self._db.run(
            "INSERT INTO users (name, email, salt, hash, admin, profile_updatable, disable_ui_access,"
            " internal_password_disabled, realm) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET"
            " email = excluded.email, salt = excluded.salt, hash = excluded.hash, admin = excluded.admin,"
            " profile_updatable = excluded.profile_updatable, disable_ui_access = excluded.disable_ui_access,"
            " internal_password_disabled = excluded.internal_password_disabled",
            *(user["name"], user["email"], user["salt"], user["hash"], *flags, user["realm"]),
        )

    def delete_user(self, name: str) -> bool:
        """Removes a user and its memberships."""
        with self._db.transaction():
            self._db.run("DELETE FROM members WHERE user_name = ?", name)
            return bool(self._db.run("DELETE FROM users WHERE name = ?", name))

    def groups_of(self, user: str) -> list[str]:
        """Names of a user's groups."""
        found = self._db.rows("SELECT group_name FROM members WHERE user_name = ? ORDER BY group_name", user)
        return [row[0] for row in found]

    def join(self, user: str, groups: Iterable[str]) -> None:
        """Adds memberships."""
        self._db.run_many(
            "INSERT INTO members (user_name, group_name) VALUES (?, ?) ON CONFLICT DO NOTHING",
            [(user, group) for group in groups],
        )

    def leave(self, user: str, groups: Iterable[str]) -> None:
        """Removes memberships."""
        for group in groups:
            self._db.run("DELETE FROM members WHERE user_name = ? AND group_name = ?", user, group)

    def group(self, name: str) -> Row | None:
        """One group."""
        return self._db.row("SELECT * FROM groups WHERE name = ?", name)

    def groups(self) -> list[Row]:
        """All groups by name."""
        return self._db.rows("SELECT * FROM groups ORDER BY name")

    def members_of(self, group: str) -> list[str]:
        """Names of a group's users."""
        found = self._db.rows("SELECT user_name FROM members WHERE group_name = ? ORDER BY user_name", group)
        return [row[0] for row in found]

    def put_group(self, group: dict[str, Any]) -> None:
        """Stores a group whole."""
        self._db.run(
            "INSERT INTO groups (name, description, auto_join, admin_privileges, external_id) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (name) DO UPDATE SET description = excluded.description, auto_join = excluded.auto_join,"
            " admin_privileges = excluded.admin_privileges, external_id = excluded.external_id",
            *(group["name"], group["description"], int(group["auto_join"])),
            *(int(group["admin_privileges"]), group["external_id"]),
        )

    def delete_group(self, name: str) -> bool:
        """Removes a group and its memberships."""
        with self._db.transaction():
            self._db.run("DELETE FROM members WHERE group_name = ?", name)
            return bool(self._db.run("DELETE FROM groups WHERE name = ?", name))

    def admin_group_among(self, groups: Iterable[str]) -> bool:
        """Whether one of the groups makes its members administrators."""
        wanted = set(groups)
        return any(row["name"] in wanted for row in self._db.rows("SELECT name FROM groups WHERE admin_privileges = 1"))

    def put_token(self, token: dict[str, Any]) -> None:
        """Stores a token."""
        self._db.run(
            "INSERT INTO tokens (id, subject, scope, issued, expiry, description, refreshable, refresh, reference, listed)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            *(token["id"], token["subject"], token["scope"], token["issued"], token["expiry"], token["description"]),
            *(int(token["refreshable"]), token["refresh"], token["reference"], int(token["listed"])),
        )

    def token(self, token_id: str) -> Row | None:
        """One token."""
        return self._db.row("SELECT * FROM tokens WHERE id = ?", token_id)

    def token_by_reference(self, reference: str) -> Row | None:
        """The token that a reference token stands for."""
        return self._db.row("SELECT * FROM tokens WHERE reference = ?", reference)

    def token_by_refresh(self, refresh: str) -> Row | None:
        """The token that a refresh token renews."""
        return self._db.row("SELECT * FROM tokens WHERE refresh = ?", refresh)

    def tokens(self, now: int) -> list[Row]:
        """Tokens that are kept and have not expired."""
        return self._db.rows(
            "SELECT * FROM tokens WHERE listed = 1 AND (expiry IS NULL OR expiry > ?) ORDER BY issued, id", now
        )

    def delete_token(self, token_id: str) -> bool:
        """Revokes."""
        return bool(self._db.run("DELETE FROM tokens WHERE id = ?", token_id))

    def forget_expired(self, now: int) -> None:
        """Removes tokens that have expired."""
        self._db.run("DELETE FROM tokens WHERE expiry < ?", now)

    def permission(self, name: str) -> dict[str, Any] | None:
        """Resources of a permission target."""
        found = self._db.value("SELECT resources FROM permissions WHERE name = ?", name)
        return None if found is None else dict(json.loads(found))

    def permissions(self) -> list[tuple[str, dict[str, Any]]]:
        """All permission targets by name."""
        found = self._db.rows("SELECT name, resources FROM permissions ORDER BY name")
        return [(row[0], json.loads(row[1])) for row in found]

    def put_permission(self, name: str, resources: dict[str, Any]) -> None:
        """Stores a permission target whole."""
        self._db.run(
            "INSERT INTO permissions (name, resources) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET"
            " resources = excluded.resources",
            name,
            json.dumps(resources),
        )

    def delete_permission(self, name: str) -> bool:
        """Removes a permission target."""
        return bool(self._db.run("DELETE FROM permissions WHERE name = ?", name))
