"""Rows of trust, and of pairing tokens that were used."""

from artifactory_sandbox.platform.state import Database, Row

SCHEMA = (
    "CREATE TABLE IF NOT EXISTS trusts (base_url TEXT PRIMARY KEY, service_id TEXT NOT NULL, scope TEXT NOT NULL,"
    " token TEXT NOT NULL, granted TEXT NOT NULL, granted_scope TEXT NOT NULL, exchange_url TEXT NOT NULL, since INTEGER NOT NULL)",
    "CREATE TABLE IF NOT EXISTS trust_services (base_url TEXT NOT NULL, use_case TEXT NOT NULL, service_id TEXT NOT NULL,"
    " token TEXT NOT NULL, granted TEXT NOT NULL, since INTEGER NOT NULL, PRIMARY KEY (base_url, use_case))",
    "CREATE TABLE IF NOT EXISTS pairings_used (id TEXT PRIMARY KEY, at INTEGER NOT NULL)",
)


class TrustState:
    """All SQL of the service."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def put(
        self, base_url: str, service_id: str, ours: tuple[str, str], theirs: tuple[str, str], exchange: str, now: int
    ) -> None:
        """Trust with a platform: the token and scope that we hold, the id and scope of the token that we gave."""
        self._db.run(
            "INSERT INTO trusts (base_url, service_id, scope, token, granted, granted_scope, exchange_url, since)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (base_url) DO UPDATE SET service_id = excluded.service_id,"
            " scope = excluded.scope, token = excluded.token, granted = excluded.granted,"
            " granted_scope = excluded.granted_scope, exchange_url = excluded.exchange_url, since = excluded.since",
            *(base_url, service_id, ours[1], ours[0], theirs[0], theirs[1], exchange, now),
        )

    def of(self, base_url: str) -> Row | None:
        """Trust with a platform."""
        return self._db.row("SELECT * FROM trusts WHERE base_url = ?", base_url)

    def by_granted(self, token_id: str) -> Row | None:
        """The platform that holds a token of ours."""
        return self._db.row("SELECT * FROM trusts WHERE granted = ?", token_id)

    def all(self) -> list[Row]:
        """Every platform that is trusted."""
        return self._db.rows("SELECT * FROM trusts ORDER BY base_url")

    def delete(self, base_url: str) -> bool:
        """Ends trust."""
        return bool(self._db.run("DELETE FROM trusts WHERE base_url = ?", base_url))

    def put_service(self, base_url: str, use_case: str, service_id: str, token: str, granted: str, now: int) -> None:
        """Trust for another use case than federated repositories."""
        self._db.run(
            "INSERT INTO trust_services (base_url, use_case, service_id, token, granted, since) VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (base_url, use_case) DO UPDATE SET service_id = excluded.service_id, token = excluded.token,"
            " granted = excluded.granted, since = excluded.since",
            *(base_url, use_case, service_id, token, granted, now),
        )

    def services(self) -> list[Row]:
        """Trust for the other use cases."""
        return self._db.rows("SELECT * FROM trust_services ORDER BY base_url, use_case")

    def service(self, base_url: str, use_case: str) -> Row | None:
        """Trust with a platform for one of them."""
        return self._db.row("SELECT * FROM trust_services WHERE base_url = ? AND use_case = ?", base_url, use_case)

    def delete_service(self, base_url: str, use_case: str) -> bool:
        """Ends trust for a use case, or with `*` for all of them."""
        return bool(
            self._db.run(
                "DELETE FROM trust_services WHERE base_url = ? AND (? = '*' OR use_case = ?)",
                *(base_url, use_case, use_case),
            )
        )

    def use(self, pairing: str, now: int) -> bool:
        """Marks a pairing token as used; False when it was already."""
        return bool(
            self._db.run("INSERT INTO pairings_used (id, at) VALUES (?, ?) ON CONFLICT (id) DO NOTHING", pairing, now)
        )
