"""A real PostgreSQL behind the endpoints of RDS: a database for each, faults that its clients feel."""

import contextlib
import hashlib
from urllib.parse import urlsplit

from artifactory_sandbox.platform.state.sqlite import AWAY, FULL


class RealPostgresql:
    """`url` is an administrator's."""

    def __init__(self, url: str) -> None:
        self._url = url

    def make(self, key: str) -> str:
        """The URL of the database of a key, empty at first."""
        name = _name(key)
        self._run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)', f'CREATE DATABASE "{name}" TEMPLATE template0')
        return urlsplit(self._url)._replace(path=f"/{name}").geturl()

    def drop(self, key: str) -> None:
        """It is gone, whoever still uses it."""
        self._run(f'DROP DATABASE IF EXISTS "{_name(key)}" WITH (FORCE)')

    def say(self, key: str, word: str) -> None:
        """AWAY: no connection lives or is made; FULL: reads only; empty: as it should be."""
        name, reads_only = _name(key), "on" if word == FULL else "off"
        self._run(
            f'ALTER DATABASE "{name}" WITH ALLOW_CONNECTIONS {"false" if word == AWAY else "true"}',
            f'ALTER DATABASE "{name}" SET default_transaction_read_only = {reads_only}',
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'",  # noqa: S608  a name of ours
        )

    def _run(self, *statements: str) -> None:
        import psycopg  # noqa: PLC0415  only who uses it needs it

        with contextlib.closing(psycopg.connect(self._url, autocommit=True, connect_timeout=10)) as connection:
            for statement in statements:
                connection.execute(statement.encode())


def _name(key: str) -> str:
    return f"rds_{hashlib.sha256(key.encode()).hexdigest()[:16]}"
