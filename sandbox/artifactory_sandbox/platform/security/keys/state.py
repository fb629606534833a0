"""Keys and certificates in the cluster's database."""

from typing import Any

from artifactory_sandbox.platform.state import Database, Row

SCHEMA = (
    "CREATE TABLE IF NOT EXISTS key_pairs (name TEXT PRIMARY KEY, kind TEXT NOT NULL, alias TEXT NOT NULL,"
    " public_key TEXT NOT NULL, private_key TEXT NOT NULL, passphrase TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS trusted_keys (kid TEXT PRIMARY KEY, alias TEXT NOT NULL UNIQUE, kind TEXT NOT NULL,"
    " fingerprint TEXT NOT NULL, public_key TEXT NOT NULL, issued_by TEXT NOT NULL, issued INTEGER NOT NULL,"
    " expiry INTEGER)",
    "CREATE TABLE IF NOT EXISTS client_certificates (alias TEXT PRIMARY KEY, pem TEXT NOT NULL, issued_to TEXT NOT NULL,"
    " issued_by TEXT NOT NULL, issued INTEGER NOT NULL, expiry INTEGER NOT NULL, fingerprint TEXT NOT NULL)",
)


class KeyState:
    """All SQL about keys."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def pair(self, name: str) -> Row | None:
        """One key pair."""
        return self._db.row("SELECT * FROM key_pairs WHERE name = ?", name)

    def pairs(self) -> list[Row]:
        """All key pairs by name."""
        return self._db.rows("SELECT * FROM key_pairs ORDER BY name")

    def pair_with_alias(self, alias: str) -> str | None:
        """Name of the pair that has an alias."""
        found: str | None = self._db.value("SELECT name FROM key_pairs WHERE alias = ?", alias)
        return found

    def put_pair(self, name: str, kind: str, alias: str, public_key: str, private_key: str, passphrase: str) -> None:
        """Stores a key pair."""
        self._db.run(
            "INSERT INTO key_pairs (name, kind, alias, public_key, private_key, passphrase) VALUES (?, ?, ?, ?, ?, ?)",
            *(name, kind, alias, public_key, private_key, passphrase),
        )

    def delete_pair(self, name: str) -> bool:
        """Removes a key pair."""
        return bool(self._db.run("DELETE FROM key_pairs WHERE name = ?", name))

    def trusted(self) -> list[Row]:
        """All trusted keys by alias."""
        return self._db.rows("SELECT * FROM trusted_keys ORDER BY alias")

    def trusted_like(self, kid: str, alias: str) -> Row | None:
        """A trusted key that has the id or the alias."""
        return self._db.row("SELECT * FROM trusted_keys WHERE kid = ? OR alias = ?", kid, alias)

    def put_trusted(self, key: dict[str, Any]) -> None:
        """Stores a trusted key."""
        self._db.run(
            "INSERT INTO trusted_keys (kid, alias, kind, fingerprint, public_key, issued_by, issued, expiry)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            *(key["kid"], key["alias"], key["kind"], key["fingerprint"], key["public_key"], key["issued_by"]),
            *(key["issued"], key["expiry"]),
        )

    def delete_trusted(self, kid: str) -> bool:
        """Removes a trusted key."""
        return bool(self._db.run("DELETE FROM trusted_keys WHERE kid = ?", kid))

    def certificates(self) -> list[Row]:
        """All client certificates by alias."""
        return self._db.rows("SELECT * FROM client_certificates ORDER BY alias")

    def put_certificate(self, found: dict[str, Any]) -> None:
        """Stores a client certificate; one of the same alias is replaced."""
        self._db.run(
            "INSERT INTO client_certificates (alias, pem, issued_to, issued_by, issued, expiry, fingerprint)"
            " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (alias) DO UPDATE SET pem = excluded.pem,"
            " issued_to = excluded.issued_to, issued_by = excluded.issued_by, issued = excluded.issued,"
            " expiry = excluded.expiry, fingerprint = excluded.fingerprint",
            *(found["alias"], found["pem"], found["issued_to"], found["issued_by"], found["issued"]),
            *(found["expiry"], found["fingerprint"]),
        )

    def delete_certificate(self, alias: str) -> bool:
        """Removes a client certificate."""
        return bool(self._db.run("DELETE FROM client_certificates WHERE alias = ?", alias))
