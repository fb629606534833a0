"""Rows of repositories; the configuration is one JSON text, whole, so that reading thousands is one query."""

import json
from typing import Any

from artifactory_sandbox.platform.state import Database, Row

SCHEMA = (
    "CREATE TABLE IF NOT EXISTS repositories (key TEXT PRIMARY KEY, folded TEXT NOT NULL UNIQUE, rclass TEXT NOT NULL,"
    " package_type TEXT NOT NULL, project TEXT NOT NULL, description TEXT NOT NULL, url TEXT NOT NULL, config TEXT NOT NULL,"
    " secrets TEXT NOT NULL)",
    "CREATE INDEX IF NOT EXISTS repositories_class ON repositories (rclass, key)",
)

_WRITE = (
    "INSERT INTO repositories (key, folded, rclass, package_type, project, description, url, config, secrets)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO UPDATE SET project = excluded.project, rclass = excluded.rclass,"
    " description = excluded.description, url = excluded.url, config = excluded.config, secrets = excluded.secrets"
)


class RepositoryState:
    """All SQL of the service."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def get(self, key: str) -> dict[str, Any] | None:
        """One configuration."""
        found = self._db.value("SELECT config FROM repositories WHERE key = ?", key)
        return None if found is None else dict(json.loads(found))

    def secrets(self, key: str) -> dict[str, str]:
        """Write-only values of a repository."""
        return dict(json.loads(self._db.value("SELECT secrets FROM repositories WHERE key = ?", key) or "{}"))

    def class_of(self, key: str) -> str | None:
        """`local`, `remote`, `virtual` or `federated`; None when there is no such repository."""
        found: str | None = self._db.value("SELECT rclass FROM repositories WHERE key = ?", key)
        return found

    def taken(self, key: str) -> bool:
        """Whether a key is in use, whatever its case."""
        return self._db.value("SELECT 1 FROM repositories WHERE folded = ?", key.lower()) is not None

    def put(self, config: dict[str, Any], secrets: dict[str, str]) -> None:
        """Stores a configuration whole."""
        key = config["key"]
        self._db.run(
            _WRITE,
            *(key, key.lower(), config["rclass"], config["packageType"], config.get("projectKey", "")),
            *(config.get("description", ""), config.get("url", ""), json.dumps(config), json.dumps(secrets)),
        )

    def delete(self, key: str) -> None:
        """Removes a definition."""
        self._db.run("DELETE FROM repositories WHERE key = ?", key)

    def listed(self, rclass: str, package_type: str, project: str, outside: bool = False) -> list[Row]:
        """What the list call prints of repositories; empty filters let all through, `outside` keeps those of no project."""
        return self._db.rows(
            "SELECT key, rclass, package_type, description, url,"
            " CASE WHEN rclass = 'remote' AND config LIKE '%\"shareConfiguration\": true%' THEN 1 ELSE 0 END AS shared"
            " FROM repositories WHERE (? = '' OR rclass = ?) AND (? = '' OR package_type = ?) AND (? = '' OR project = ?)"
            " AND (? = 0 OR project = '') ORDER BY rclass, key",
            *(rclass, rclass, package_type, package_type, project, project, int(outside)),
        )

    def any(self, rclass: str, project: str) -> bool:
        """Whether there is a repository of a class in a project; empty filters let all through."""
        return bool(
            self._db.rows(
                "SELECT key FROM repositories WHERE (? = '' OR rclass = ?) AND (? = '' OR project = ?) LIMIT 1",
                *(rclass, rclass, project, project),
            )
        )

    def texts(self) -> list[Row]:
        """Class, package type, project and JSON text of every configuration."""
        return self._db.rows("SELECT rclass, package_type, project, config FROM repositories ORDER BY rclass, key")

    def counts(self) -> dict[str, int]:
        """Number of repositories by class."""
        return {row[0]: row[1] for row in self._db.rows("SELECT rclass, COUNT(*) FROM repositories GROUP BY rclass")}

    def virtuals(self, naming: str = "") -> list[dict[str, Any]]:
        """Configurations of the virtual repositories; with `naming` those whose text has this key in it."""
        rows = self._db.rows("SELECT config FROM repositories WHERE rclass = 'virtual'")
        return [json.loads(row[0]) for row in rows if f'"{naming}"' in row[0] or not naming]

    def keys(self, rclass: str) -> list[str]:
        """Keys of one class."""
        return [row[0] for row in self._db.rows("SELECT key FROM repositories WHERE rclass = ? ORDER BY key", rclass)]
