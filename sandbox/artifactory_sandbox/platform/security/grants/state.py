"""Permission targets in the cluster's database: one JSON text each, in the form of Access."""

import json
import secrets
from typing import Any

from artifactory_sandbox.platform.security.identity_state import GRANTS, IdentityState

SCHEMA = (
    "CREATE TABLE IF NOT EXISTS permissions (name TEXT PRIMARY KEY, resources TEXT NOT NULL, mark TEXT NOT NULL,"
    " modified INTEGER NOT NULL)",
)


class GrantState(IdentityState):
    """All SQL about permission targets."""

    def permission(self, name: str) -> dict[str, Any] | None:
        """Resources of a permission target."""
        found = self._db.value("SELECT resources FROM permissions WHERE name = ?", name)
        return None if found is None else dict(json.loads(found))

    def permission_names(self, after: str = "", limit: int = 1_000_000) -> list[str]:
        """Names, in order, after a name."""
        found = self._db.rows("SELECT name FROM permissions WHERE name > ? ORDER BY name LIMIT ?", after, limit)
        return [row[0] for row in found]

    def permissions(self) -> list[tuple[str, dict[str, Any]]]:
        """All permission targets by name."""
        found = self._db.rows("SELECT name, resources FROM permissions ORDER BY name")
        return [(row[0], json.loads(row[1])) for row in found]

    def permission_marks(self) -> dict[str, str]:
        """Name and mark of each: what changed has another mark."""
        return {row[0]: row[1] for row in self._db.rows("SELECT name, mark FROM permissions")}

    def put_permission(self, name: str, resources: dict[str, Any], now: int = 0) -> None:
        """Stores a permission target whole."""
        with self._db.transaction():
            self._db.run(
                "INSERT INTO permissions (name, resources, mark, modified) VALUES (?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET"
                " resources = excluded.resources, mark = excluded.mark, modified = excluded.modified",
                *(name, json.dumps(resources), secrets.token_hex(6), now),
            )
            self.changed(GRANTS)

    def delete_permission(self, name: str) -> bool:
        """Removes a permission target."""
        with self._db.transaction():
            self.changed(GRANTS)
            return bool(self._db.run("DELETE FROM permissions WHERE name = ?", name))
