"""The statements by which a bootstrap prepares a database: psql's, mysql's, sqlplus's and sqlcmd's.

Users and databases are all that comes of them; other statements that prepare something are accepted by name.
"""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass, field
from pathlib import Path

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
    """The client's error text."""


@dataclass(slots=True)
class Server:
    """One RDS instance or Aurora cluster: users and databases that scripts made on it."""

    directory: Path
    users: dict[str, tuple[bytes, bytes]] = field(default_factory=dict)
    databases: set[str] = field(default_factory=lambda: {"postgres"})
    url: str = ""
    """Of its database on a real PostgreSQL; empty: a SQLite file stands for it."""

    @property
    def file(self) -> Path:
        """The SQLite file."""
        return self.directory / "artifactory.sqlite"

    def knows(self, user: str, password: str) -> bool:
        """Whether a user of a script's may come in."""
        salt, kept = self.users.get(user, (b"", b""))
        return bool(kept) and hmac.compare_digest(hashed(salt, password), kept)


def carry_out(server: Server, client: str, statements: list[str]) -> str:
    """What the client prints; raises Rejected."""
    if client == "psql":
        return "\n".join(filter(None, (_statement(server, text.strip()) for text in statements)))
    for text in statements:
        _other(server, client, text)
    return ""


def _statement(server: Server, text: str) -> str:
    if not text:
        return ""
    if text.endswith(_EXECUTE_ANSWER):
        return _statement(server, _made_unless_there(server, text.removesuffix(_EXECUTE_ANSWER)))
    if generated := _GENERATED.fullmatch(text):
        return "" if _answer(server, generated[2].strip()) else _statement(server, generated[1].replace("''", "'"))
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
        kept = hashed(salt, found[1].replace("''", "'"))
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


def hashed(salt: bytes, password: str) -> bytes:
    """What is kept of a password."""
    return hashlib.scrypt(password.encode(), salt=salt, n=1 << 12, r=8, p=1)


_OTHER_DATABASE = re.compile(r"create\s+database\s+(?:if\s+not\s+exists\s+)?([\w$`]+)", re.IGNORECASE)
_OTHER_USER = re.compile(
    r"\b(create|alter)\s+(?:user|login)\s+(?:if\s+not\s+exists\s+)?'?([\w$]+)'?(?:@'%')?\s+(?:identified\s+by|with\s+password\s*=)\s*"
    r"(?:'((?:[^']|'')*)'|\"([^\"]*)\")",
    re.IGNORECASE,
)
_UNLESS = re.compile(r"\bif\s+not\s+exists\b|\bif\s+(?:db_id|suser_id)\b", re.IGNORECASE)


def _other(server: Server, client: str, text: str) -> None:
    """Databases and users of the engines that are not PostgreSQL. A user that is there is not made again."""
    for made in _OTHER_DATABASE.finditer(text):
        if made[1] in server.databases and not _UNLESS.search(text):
            raise Rejected(f"ERROR 1007 (HY000): Can't create database '{made[1]}'; database exists")
        server.databases.add(made[1].strip("`"))
    for verb, name, plain, in_quotes in _OTHER_USER.findall(text):
        if verb.lower() == "create" and name in server.users:
            continue
        password = plain.replace("''", "'") if plain else in_quotes.replace("''", "'")
        if client == "mysql":
            password = password.replace("\\\\", "\\")
        salt = secrets.token_bytes(16)
        server.users[name] = (salt, hashed(salt, password))
