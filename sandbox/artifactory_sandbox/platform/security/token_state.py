"""Tokens in the cluster's database."""

from collections.abc import Mapping
from typing import Any

from artifactory_sandbox.platform.state import Database, Row

SCHEMA = (
    "CREATE TABLE IF NOT EXISTS tokens (id TEXT PRIMARY KEY, subject TEXT NOT NULL, username TEXT NOT NULL, scope TEXT NOT NULL,"
    " audience TEXT NOT NULL, issued INTEGER NOT NULL, expiry INTEGER, description TEXT NOT NULL, refreshable INTEGER NOT NULL,"
    " refresh TEXT, reference TEXT, listed INTEGER NOT NULL, revocable INTEGER NOT NULL, project TEXT NOT NULL,"
    " last_used INTEGER NOT NULL)",
    "CREATE INDEX IF NOT EXISTS tokens_reference ON tokens (reference)",
    "CREATE INDEX IF NOT EXISTS tokens_refresh ON tokens (refresh)",
    "CREATE INDEX IF NOT EXISTS tokens_username ON tokens (username)",
    "CREATE INDEX IF NOT EXISTS tokens_expiry ON tokens (expiry)",
)

_COLUMNS = (
    *("id", "subject", "username", "scope", "audience", "issued", "expiry", "description", "refreshable", "refresh"),
    *("reference", "listed", "revocable", "project", "last_used"),
)
_INSERT = f"INSERT INTO tokens ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' for _ in _COLUMNS)})"  # noqa: S608  our own names


class TokenState:
    """All SQL about tokens."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def put_token(self, token: Mapping[str, Any]) -> None:
        """Stores a token."""
        values = (token[name] for name in _COLUMNS)
        self._db.run(_INSERT, *(int(value) if isinstance(value, bool) else value for value in values))

    def token(self, token_id: str) -> Row | None:
        """One token."""
        return self._db.row("SELECT * FROM tokens WHERE id = ?", token_id)

    def token_by_reference(self, reference: str) -> Row | None:
        """The token that a reference token stands for."""
        return self._db.row("SELECT * FROM tokens WHERE reference = ?", reference)

    def token_by_refresh(self, refresh: str) -> Row | None:
        """The token that a refresh token renews."""
        return self._db.row("SELECT * FROM tokens WHERE refresh = ?", refresh)

    def tokens(self, now: int, username: str = "") -> list[Row]:
        """Tokens that are kept and have not expired; of one user when it is named."""
        return self._db.rows(
            "SELECT * FROM tokens WHERE listed = 1 AND (expiry IS NULL OR expiry > ?) AND (? = '' OR username = ?)"
            " ORDER BY issued, id",
            *(now, username, username),
        )

    def delete_token(self, token_id: str) -> bool:
        """Revokes."""
        return bool(self._db.run("DELETE FROM tokens WHERE id = ?", token_id))

    def delete_tokens_of(self, username: str) -> None:
        """Revokes whatever a user has."""
        self._db.run("DELETE FROM tokens WHERE username = ?", username)

    def forget_expired_tokens(self, now: int) -> None:
        """Removes tokens that have expired."""
        self._db.run("DELETE FROM tokens WHERE expiry < ?", now)
