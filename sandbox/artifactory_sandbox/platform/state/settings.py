"""Values of the whole cluster, by name: base URL, secrets, the configuration descriptor."""

import json
from collections.abc import Callable
from typing import Any

from artifactory_sandbox.platform.state.database import Database

SCHEMA = ("CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL)",)


class Settings:
    """Small JSON values."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, name: str, default: Any = None) -> Any:
        """The value, or the default."""
        found = self._database.value("SELECT value FROM settings WHERE name = ?", name)
        return default if found is None else json.loads(found)

    def set(self, name: str, value: Any) -> None:
        """Stores a value."""
        self._database.run(
            "INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            name,
            json.dumps(value),
        )

    def once(self, name: str, make: Callable[[], Any]) -> Any:
        """The value that the first node of the cluster made."""
        if (found := self.get(name)) is not None:
            return found
        with self._database.transaction():
            self._database.run(
                "INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT (name) DO NOTHING",
                name,
                json.dumps(make()),
            )
        return self.get(name)
