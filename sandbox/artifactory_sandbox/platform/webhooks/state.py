"""Rows of subscriptions, and of events that wait for a handler."""

import json
from collections.abc import Mapping
from typing import Any

from artifactory_sandbox.platform.state import Database, Row

SCHEMA = (
    "CREATE TABLE IF NOT EXISTS webhooks (name TEXT PRIMARY KEY, project TEXT NOT NULL, domain TEXT NOT NULL,"
    " enabled INTEGER NOT NULL, config TEXT NOT NULL)",
    "CREATE INDEX IF NOT EXISTS webhooks_domain ON webhooks (domain)",
    "CREATE TABLE IF NOT EXISTS webhook_events (id {serial}, hook TEXT NOT NULL, handler INTEGER NOT NULL, body TEXT NOT NULL,"
    " tries INTEGER NOT NULL DEFAULT 0, due INTEGER NOT NULL)",
    "CREATE INDEX IF NOT EXISTS webhook_events_hook ON webhook_events (hook, id)",
)


class WebhookState:
    """All SQL of the service."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def put(self, config: Mapping[str, Any]) -> None:
        """Stores a subscription, secrets and all, over what is there."""
        self._db.run(
            "INSERT INTO webhooks (name, project, domain, enabled, config) VALUES (?, ?, ?, ?, ?) ON CONFLICT (name)"
            " DO UPDATE SET project = excluded.project, domain = excluded.domain, enabled = excluded.enabled,"
            " config = excluded.config",
            config["key"],
            config.get("project_key") or "",
            config["event_filter"]["domain"],
            int(config["enabled"]),
            json.dumps(config),
        )

    def get(self, name: str) -> dict[str, Any] | None:
        """One subscription."""
        found = self._db.value("SELECT config FROM webhooks WHERE name = ?", name)
        return json.loads(found) if found else None

    def all(self, project: str = "") -> list[dict[str, Any]]:
        """All subscriptions, or those of a project."""
        rows = self._db.rows("SELECT config FROM webhooks WHERE ? = '' OR project = ? ORDER BY name", project, project)
        return [json.loads(row["config"]) for row in rows]

    def listening(self, domain: str) -> list[dict[str, Any]]:
        """Enabled subscriptions to a domain."""
        rows = self._db.rows("SELECT config FROM webhooks WHERE domain = ? AND enabled = 1 ORDER BY name", domain)
        return [json.loads(row["config"]) for row in rows]

    def delete(self, name: str) -> bool:
        """Removes a subscription and what waits for it."""
        with self._db.transaction():
            self._db.run("DELETE FROM webhook_events WHERE hook = ?", name)
            return bool(self._db.run("DELETE FROM webhooks WHERE name = ?", name))

    def queue(self, hook: str, handler: int, body: str, due: int) -> None:
        """Queues an event for one handler."""
        self._db.run(
            "INSERT INTO webhook_events (hook, handler, body, due) VALUES (?, ?, ?, ?)", hook, handler, body, due
        )

    def waiting(self, now: int) -> list[str]:
        """Subscriptions whose oldest event is due."""
        rows = self._db.rows(
            "SELECT DISTINCT hook FROM webhook_events WHERE due <= ? AND id IN"
            " (SELECT MIN(id) FROM webhook_events GROUP BY hook)",
            now,
        )
        return [row["hook"] for row in rows]

    def oldest(self, hook: str) -> Row | None:
        """The event that is next for a subscription."""
        return self._db.row("SELECT * FROM webhook_events WHERE hook = ? ORDER BY id LIMIT 1", hook)

    def later(self, event: int, due: int) -> None:
        """Counts a failed attempt."""
        self._db.run("UPDATE webhook_events SET tries = tries + 1, due = ? WHERE id = ?", due, event)

    def done(self, event: int) -> None:
        """Takes an event off the queue."""
        self._db.run("DELETE FROM webhook_events WHERE id = ?", event)

    def pending(self) -> int:
        """Number of events that wait."""
        return int(self._db.value("SELECT COUNT(*) FROM webhook_events"))
