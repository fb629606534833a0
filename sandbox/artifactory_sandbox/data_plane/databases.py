"""RDS as the nodes see it: an endpoint that stands for a SQLite file or for a database of a real PostgreSQL, users with
salted hashes, failovers, full storage, a region that may be gone.

Every engine's endpoint is there, with its own client and protocol; what is behind it is always the same.
"""

import hmac
import json
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from artifactory_sandbox.aws import backends
from artifactory_sandbox.data_plane.real_postgresql import RealPostgresql
from artifactory_sandbox.data_plane.sql_clients import Rejected, Server, carry_out
from artifactory_sandbox.platform.state.sqlite import AWAY, FULL, say

FAILOVER_S = 3.0
"""How long an endpoint leads nowhere; at AWS 60 to 120 s, for Aurora about 30."""
_PROTOCOLS = {"postgres": "postgresql", "aurora-postgresql": "postgresql", "mysql": "mysql", "mariadb": "mariadb"}
_CLIENTS = {
    "postgresql": {"psql"},
    "mysql": {"mysql"},
    "mariadb": {"mysql"},
    "oracle": {"sqlplus"},
    "mssql": {"sqlcmd"},
}
_PORTS = {"psql": 5432, "mysql": 3306, "sqlplus": 1521, "sqlcmd": 1433}


@dataclass(frozen=True, slots=True)
class _Endpoint:
    """A host name of RDS: moto's row, and whether it leads to a reader."""

    account: str
    region: str
    identifier: str
    row: Any
    reads_only: bool = False

    @property
    def key(self) -> str:
        """Of its server."""
        return f"{self.account}/{self.region}/{self.identifier}"


class Databases:
    """Every RDS database's data plane. `region_answers` says whether a region is up; `postgresql` is the administrator's
    URL of a real server on which every database gets its own, without it a SQLite file stands for each."""

    def __init__(self, directory: Path, region_answers: Callable[[str], bool], postgresql: str = "") -> None:
        self._directory = directory
        self._region_answers = region_answers
        self._real = RealPostgresql(postgresql) if postgresql else None
        self._lock = threading.RLock()
        self._servers: dict[str, Server] = {}
        self._said: dict[str, str] = {}
        self.unreachable: set[str] = set()
        """Identifiers that do not answer."""
        self.full: set[str] = set()
        """Identifiers that take no writes."""
        self._failing_over: dict[str, float] = {}

    def look_up(self, host: str) -> dict[str, Any] | None:
        """`{"path" or "url", "reachable", ...}` of an endpoint host; None for a host that is no endpoint."""
        found = self._find(host)
        if found is None:
            return None
        server = self._server(found)
        where = {"url": server.url} if server.url else {"path": str(server.file)}
        return {
            "host": host,
            "id": found.identifier,
            "region": found.region,
            "kind": _protocol(found.row.engine),
            "databases": sorted(server.databases),
            "reachable": self._reachable(found),
            "reads_only": found.reads_only,
            **where,
        }

    def log_in(self, host: str, user: str, password: str) -> bool:
        """Whether a user may come in; the master user is RDS's own."""
        found = self._find(host)
        return found is not None and self._reachable(found) and self._knows(found, user, password)

    def run(self, host: str, user: str, password: str, statements: list[str], client: str = "psql") -> str:
        """Carries out what a bootstrap sends by a client; raises Rejected with the client's text."""
        found = self._find(host)
        if found is None:
            raise Rejected(
                f'{client}: error: could not translate host name "{host}" to address: Name or service not known'
            )
        where = f'{client}: error: connection to server at "{host}", port {_PORTS[client]} failed'
        if not self._reachable(found) or client not in _CLIENTS[_protocol(found.row.engine)]:
            raise Rejected(f"{where}: Connection timed out")
        if not self._knows(found, user, password):
            raise Rejected(
                f'{client}: error: connection to server at "{host}" failed: FATAL:  password authentication failed for user "{user}"'
            )
        if found.reads_only:
            raise Rejected("ERROR:  cannot execute CREATE ROLE in a read-only transaction")
        with self._lock:
            return carry_out(self._server(found), client, statements)

    def fail_over(self, identifier: str, seconds: float = FAILOVER_S) -> None:
        """The standby takes over under the same endpoint: every connection is cut, and for a while none is made."""
        self._failing_over[identifier] = time.monotonic() + seconds
        self.sync()
        timer = threading.Timer(seconds, self.sync)
        timer.daemon = True
        timer.start()

    def heal(self) -> None:
        """Ends every fault."""
        self.unreachable.clear()
        self.full.clear()
        self._failing_over.clear()
        self.sync()

    def sync(self) -> None:
        """Tells the nodes, and a real server, what does not answer; forgets servers whose RDS database is gone, with their
        data: another one of the name begins empty."""
        known = {found.key: found for found in _endpoints() if not found.reads_only}
        with self._lock:
            for key in [key for key in self._servers if key not in known]:
                shutil.rmtree((gone := self._servers.pop(key)).directory, ignore_errors=True)
                self._said.pop(key, None)
                if self._real and gone.url:
                    self._real.drop(key)
            for key, server in self._servers.items():
                self._tell(key, server, known[key])

    def _tell(self, key: str, server: Server, found: _Endpoint) -> None:
        word = "" if self._reachable(found) else AWAY
        if not word and found.identifier in self.full:
            word = FULL
        if self._said.get(key, "") == word:
            return
        if self._real and server.url:
            self._real.say(key, word)
        else:
            say(server.file, word)
        self._said[key] = word

    def _find(self, host: str) -> _Endpoint | None:
        wanted = host.rstrip(".").lower().split(":")[0]
        return next((found for name, found in _names() if name == wanted), None)

    def _server(self, found: _Endpoint) -> Server:
        with self._lock:
            server = self._servers.get(found.key)
            if server is None:
                directory = self._directory / found.key
                directory.mkdir(parents=True, exist_ok=True)
                server = self._servers[found.key] = Server(
                    directory, url=self._real.make(found.key) if self._real else ""
                )
                name = getattr(found.row, "db_name", None) or getattr(found.row, "database_name", None)
                if name:
                    server.databases.add(name)
            return server

    def _reachable(self, found: _Endpoint) -> bool:
        stopped = getattr(found.row, "status", "available") == "stopped"
        away = found.identifier in self.unreachable or self._fails_over(found.identifier)
        return self._region_answers(found.region) and not stopped and not away

    def _fails_over(self, identifier: str) -> bool:
        return self._failing_over.get(identifier, 0.0) > time.monotonic()

    def _knows(self, found: _Endpoint, user: str, password: str) -> bool:
        if user == found.row.master_username:
            return hmac.compare_digest(_master_password(found.row).encode(), password.encode())
        return self._server(found).knows(user, password)


def _endpoints() -> Iterator[_Endpoint]:
    return (found for _, found in _names())


def _names() -> Iterator[tuple[str, _Endpoint]]:
    """Every host name, and where it leads. A member of a cluster shares the cluster's data."""
    for account, region, row in backends.databases():
        cluster = getattr(row, "cluster", None)
        if cluster is None:
            yield row.address.lower(), _Endpoint(account, region, row.db_instance_identifier, row)
        else:
            writes = bool(row.is_cluster_writer)
            yield row.address.lower(), _Endpoint(account, region, cluster.db_cluster_identifier, cluster, not writes)
    for account, region, row in backends.clusters():
        name = row.db_cluster_identifier
        yield row.endpoint.lower(), _Endpoint(account, region, name, row)
        yield row.reader_endpoint.lower(), _Endpoint(account, region, name, row, reads_only=True)


def _protocol(engine: str) -> str:
    """`oracle-se2` is `oracle`, `sqlserver-se` is `mssql`."""
    family = engine.split("-", maxsplit=1)[0]
    return _PROTOCOLS.get(engine) or {"oracle": "oracle", "sqlserver": "mssql"}.get(family, "postgresql")


def _master_password(database: Any) -> str:
    secret = getattr(database, "master_user_secret", None)
    if secret is None:
        return str(getattr(database, "_master_user_password", "") or "")
    value = secret.secretsmanager.get_secret_value(secret.secret.arn, "", "AWSCURRENT")
    return str(json.loads(value["SecretString"])["password"])
