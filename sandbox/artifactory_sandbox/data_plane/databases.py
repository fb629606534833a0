"""RDS as the nodes see it: an endpoint that stands for a SQLite file, users with salted hashes, a region that may be gone."""

import hashlib
import hmac
import json
import re
import secrets
import shutil
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from artifactory_sandbox.aws import backends

_ROLE = re.compile(r"(create|alter)\s+(?:role|user)\s+(\S+)\s+(?:with\s+)?(.*)", re.IGNORECASE | re.DOTALL)
_PASSWORD = re.compile(r"(?:encrypted\s+)?password\s+'((?:[^']|'')*)'", re.IGNORECASE)
_CREATE_DATABASE = re.compile(r"create\s+database\s+(\S+)", re.IGNORECASE)
_GENERATED = re.compile(
    r"select\s+'((?:[^']|'')*)'\s+where\s+not\s+exists\s*\((.*)\)\s*\\gexec", re.IGNORECASE | re.DOTALL
)
"""psql's `\\gexec`: carry out the statement that the query gives, here unless something exists."""
_EXECUTE_ANSWER = "\\gexec"
_UNLESS_THERE = re.compile(
    r"select\s+'((?:[^']|'')*)'\s+where\s+not\s+exists\s*\(\s*select\s+(?:.*?\s)?from\s+(pg_roles|pg_database)\s+where\s+\w+\s*=\s*'([^']*)'\s*\)",
    re.IGNORECASE | re.DOTALL,
)
_ALLOWED = re.compile(r"(grant|revoke|alter\s+database|set|select)\b", re.IGNORECASE)


class Rejected(Exception):
    """psql's error text."""


@dataclass(slots=True)
class Server:
    """One RDS instance: users and databases that scripts made on it."""

    directory: Path
    users: dict[str, tuple[bytes, bytes]] = field(default_factory=dict)
    databases: set[str] = field(default_factory=lambda: {"postgres"})


class Databases:
    """Every RDS instance's data plane. `region_answers` says whether a region is up."""

    def __init__(self, directory: Path, region_answers: Callable[[str], bool]) -> None:
        self._directory = directory
        self._region_answers = region_answers
        self._lock = threading.Lock()
        self._servers: dict[str, Server] = {}
        self.unreachable: set[str] = set()

    def look_up(self, host: str) -> dict[str, Any] | None:
        """`{"path", "reachable", ...}` of an endpoint host; None for a host that is no endpoint."""
        found = self._find(host)
        if found is None:
            return None
        region, database, server = found
        return {
            "host": host,
            "id": database.db_instance_identifier,
            "region": region,
            "path": str(server.directory / "artifactory.sqlite"),
            "databases": sorted(server.databases),
            "reachable": self._reachable(region, database),
        }

    def log_in(self, host: str, user: str, password: str) -> bool:
        """Whether a user may come in; the master user is RDS's own."""
        found = self._find(host)
        if found is None or not self._reachable(found[0], found[1]):
            return False
        return self._knows(found[1], found[2], user, password)

    def run(self, host: str, user: str, password: str, statements: list[str]) -> str:
        """Carries out what a bootstrap sends by psql; raises Rejected with psql's text."""
        found = self._find(host)
        if found is None:
            raise Rejected(f'psql: error: could not translate host name "{host}" to address: Name or service not known')
        region, database, server = found
        if not self._reachable(region, database):
            raise Rejected(f'psql: error: connection to server at "{host}", port 5432 failed: Connection timed out')
        if not self._knows(database, server, user, password):
            raise Rejected(
                f'psql: error: connection to server at "{host}" failed: FATAL:  password authentication failed for user "{user}"'
            )
        with self._lock:
            return "\n".join(filter(None, (self._statement(server, text.strip()) for text in statements)))

    def forget(self, known: set[str]) -> None:
        """Drops servers whose RDS instance is gone, with their data: another one of the name begins empty."""
        with self._lock:
            for key in [key for key in self._servers if key not in known]:
                shutil.rmtree(self._servers.pop(key).directory, ignore_errors=True)

    def _find(self, host: str) -> tuple[str, Any, Server] | None:
        wanted = host.rstrip(".").lower().split(":")[0]
        for account, region, database in backends.databases():
            if database.address.lower() == wanted:
                return region, database, self._server(f"{account}/{region}/{database.db_instance_identifier}", database)
        return None

    def _server(self, key: str, database: Any) -> Server:
        with self._lock:
            server = self._servers.get(key)
            if server is None:
                directory = self._directory / key
                directory.mkdir(parents=True, exist_ok=True)
                server = self._servers[key] = Server(directory)
                if database.db_name:
                    server.databases.add(database.db_name)
            return server

    def _reachable(self, region: str, database: Any) -> bool:
        stopped = getattr(database, "status", "available") == "stopped"
        return self._region_answers(region) and not stopped and database.db_instance_identifier not in self.unreachable

    def _knows(self, database: Any, server: Server, user: str, password: str) -> bool:
        if user == database.master_username:
            return hmac.compare_digest(_master_password(database).encode(), password.encode())
        salt, kept = server.users.get(user, (b"", b""))
        return bool(kept) and hmac.compare_digest(_hashed(salt, password), kept)

    def _statement(self, server: Server, text: str) -> str:
        if not text:
            return ""
        if text.endswith(_EXECUTE_ANSWER):
            return self._statement(server, _made_unless_there(server, text.removesuffix(_EXECUTE_ANSWER)))
        if generated := _GENERATED.fullmatch(text):
            return (
                ""
                if _answer(server, generated[2].strip())
                else self._statement(server, generated[1].replace("''", "'"))
            )
        if role := _ROLE.match(text):
            return _change_role(server, role[1].lower(), _name(role[2]), role[3])
        if made := _CREATE_DATABASE.match(text):
            name = _name(made[1])
            if name in server.databases:
                raise Rejected(f'ERROR:  database "{name}" already exists')
            server.databases.add(name)
            return "CREATE DATABASE"
        if _ALLOWED.match(text):
            return _answer(server, text)
        raise Rejected(f"ERROR:  the sandbox's psql does not know this statement: {text.split(None, 2)[:2]}")


def _made_unless_there(server: Server, text: str) -> str:
    r"""The statement that `SELECT '<statement>' WHERE NOT EXISTS (SELECT FROM pg_roles|pg_database ... 'name') \gexec` runs."""
    found = _UNLESS_THERE.fullmatch(text.strip())
    if found is None:
        raise Rejected(
            "ERROR:  the sandbox's psql knows \\gexec after SELECT '...' WHERE NOT EXISTS (... pg_roles or pg_database ...) only"
        )
    there = server.users if found[2].lower() == "pg_roles" else server.databases
    return "" if found[3] in there else found[1].replace("''", "'")


def _change_role(server: Server, verb: str, name: str, options: str) -> str:
    if verb == "create" and name in server.users:
        raise Rejected(f'ERROR:  role "{name}" already exists')
    if verb == "alter" and name not in server.users:
        raise Rejected(f'ERROR:  role "{name}" does not exist')
    salt, kept = server.users.get(name, (b"", b""))
    if found := _PASSWORD.search(options):
        salt = secrets.token_bytes(16)
        kept = _hashed(salt, found[1].replace("''", "'"))
    server.users[name] = (salt, kept)
    return f"{verb.upper()} ROLE"


def _answer(server: Server, text: str) -> str:
    """A catalogue query by name answers 1 or nothing; grants and settings answer their tag."""
    if not text.lower().startswith("select"):
        return text.split(None, 1)[0].upper()
    names = set(re.findall(r"'([^']+)'", text))
    lowered = text.lower()
    rows = (
        server.users
        if "pg_roles" in lowered or "pg_user" in lowered
        else server.databases
        if "pg_database" in lowered
        else {}
    )
    return "1" if "pg_" not in lowered or names & set(rows) else ""


def _name(text: str) -> str:
    return text.strip().strip(";").strip('"')


def _hashed(salt: bytes, password: str) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=1 << 12, r=8, p=1)


def _master_password(database: Any) -> str:
    secret = getattr(database, "master_user_secret", None)
    if secret is None:
        return str(database._master_user_password or "")
    value = secret.secretsmanager.get_secret_value(secret.secret.arn, "", "AWSCURRENT")
    return str(json.loads(value["SecretString"])["password"])
