"""Identity providers and their mappings in the cluster's database."""

import json
from collections.abc import Mapping
from typing import Any

from artifactory_sandbox.platform.state import Database

SCHEMA = (
    "CREATE TABLE IF NOT EXISTS oidc_providers (name TEXT PRIMARY KEY, config TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS oidc_mappings (provider TEXT NOT NULL, name TEXT NOT NULL, priority INTEGER NOT NULL,"
    " config TEXT NOT NULL, PRIMARY KEY (provider, name))",
)


class OidcState:
    """All SQL about identity providers."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def provider(self, name: str) -> dict[str, Any] | None:
        """One provider."""
        found = self._db.value("SELECT config FROM oidc_providers WHERE name = ?", name)
        return None if found is None else dict(json.loads(found))

    def providers(self) -> list[dict[str, Any]]:
        """All providers by name."""
        return [json.loads(row[0]) for row in self._db.rows("SELECT config FROM oidc_providers ORDER BY name")]

    def put_provider(self, provider: Mapping[str, Any]) -> None:
        """Stores a provider."""
        self._db.run(
            "INSERT INTO oidc_providers (name, config) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET config = excluded.config",
            *(provider["name"], json.dumps(provider)),
        )

    def delete_provider(self, name: str) -> bool:
        """Removes a provider with its mappings."""
        with self._db.transaction():
            self._db.run("DELETE FROM oidc_mappings WHERE provider = ?", name)
            return bool(self._db.run("DELETE FROM oidc_providers WHERE name = ?", name))

    def mapping(self, provider: str, name: str) -> dict[str, Any] | None:
        """One mapping."""
        found = self._db.value("SELECT config FROM oidc_mappings WHERE provider = ? AND name = ?", provider, name)
        return None if found is None else dict(json.loads(found))

    def mappings(self, provider: str) -> list[dict[str, Any]]:
        """Mappings of a provider, the most important first."""
        rows = self._db.rows("SELECT config FROM oidc_mappings WHERE provider = ? ORDER BY priority, name", provider)
        return [json.loads(row[0]) for row in rows]

    def put_mapping(self, provider: str, mapping: Mapping[str, Any]) -> None:
        """Stores a mapping."""
        self._db.run(
            "INSERT INTO oidc_mappings (provider, name, priority, config) VALUES (?, ?, ?, ?) ON CONFLICT (provider, name)"
            " DO UPDATE SET priority = excluded.priority, config = excluded.config",
            *(provider, mapping["name"], mapping["priority"], json.dumps(mapping)),
        )

    def delete_mapping(self, provider: str, name: str) -> bool:
        """Removes a mapping."""
        return bool(self._db.run("DELETE FROM oidc_mappings WHERE provider = ? AND name = ?", provider, name))
