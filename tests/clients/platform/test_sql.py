"""Every statement that stands in the sources, planned by both databases: a slip shows before a client finds it."""

import ast
import re
import sqlite3
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest

import artifactory_sandbox.platform
from artifactory_sandbox.platform.schema import SCHEMA
from artifactory_sandbox.platform.state import Database
from tests.support.postgres import Server

SOURCES = Path(artifactory_sandbox.platform.__file__).parent
STATEMENT = re.compile(r"(SELECT|UPDATE|DELETE FROM|INSERT INTO|WITH) ")
MARK = re.compile(r"'[^']*'|\?")


def statements() -> Iterator[tuple[str, str]]:
    """Place and text of every statement that is whole where it stands; what is put together at run time is not."""
    for path in sorted(SOURCES.rglob("*.py")):
        tree = ast.parse(path.read_text())
        parts = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
        parts |= {
            id(side) for node in ast.walk(tree) if isinstance(node, ast.BinOp) for side in (node.left, node.right)
        }
        for node in ast.walk(tree):
            if not isinstance(node, ast.Constant) or not isinstance(node.value, str) or id(node) in parts:
                continue
            if STATEMENT.match(node.value) and re.search(r" (FROM|SET|VALUES|INTO) ", node.value):
                yield f"{path.relative_to(SOURCES)}:{node.lineno}", node.value


FOUND = list(statements())


def test_statements_are_found() -> None:
    assert len(FOUND) > 100


def test_sqlite_knows_them(tmp_path: Path) -> None:
    database = Database(tmp_path / "cluster.sqlite", SCHEMA)
    wrong = {}
    for place, sql in FOUND:
        try:
            database.rows(f"EXPLAIN {sql}", *[None] * sum(found == "?" for found in MARK.findall(sql)))
        except sqlite3.Error as error:
            wrong[place] = f"{error}: {sql}"
    database.close()
    assert wrong == {}


def test_postgresql_knows_them(postgres_server: Server) -> None:
    url = postgres_server.new()
    Database(url, SCHEMA).close()
    wrong = {}
    with psycopg.connect(url, autocommit=True) as connection:
        for place, sql in FOUND:
            try:
                connection.execute(f"PREPARE one AS {numbered(sql)}".encode())
                connection.execute("DEALLOCATE one")
            except psycopg.Error as error:
                wrong[place] = f"{str(error).splitlines()[0]}: {sql}"
    assert wrong == {}


def test_both_databases_have_the_same_tables(tmp_path: Path, postgres_server: Server) -> None:
    url = postgres_server.new()
    sqlite, postgresql = Database(tmp_path / "cluster.sqlite", SCHEMA), Database(url, SCHEMA)
    tables = {row[0] for row in sqlite.rows("SELECT name FROM sqlite_master WHERE type = 'table'")} - {
        "sqlite_sequence"
    }
    for table in tables:
        here = [row["name"] for row in sqlite.rows(f"PRAGMA table_info({table})")]
        there = postgresql.rows(
            "SELECT column_name FROM information_schema.columns WHERE table_name = ? ORDER BY ordinal_position", table
        )
        assert here == [row[0] for row in there], table
    sqlite.close()
    postgresql.close()


def numbered(sql: str) -> str:
    """With PostgreSQL's own marks."""
    numbers = count(1)
    return MARK.sub(lambda found: f"${next(numbers)}" if found[0] == "?" else found[0], sql)


@pytest.mark.parametrize(
    "slip",
    [
        "SELECT rowid FROM items",
        "SELECT GROUP_CONCAT(name) FROM items",
        "SELECT repo, name FROM items GROUP BY repo",
        'SELECT * FROM items WHERE repo = "x"',
        "SELECT repo, path FROM items LIMIT ?, ?",
    ],
)
def test_what_only_sqlite_knows_is_noticed(postgres_server: Server, slip: str) -> None:
    url = postgres_server.new()
    Database(url, SCHEMA).close()
    with psycopg.connect(url, autocommit=True) as connection, pytest.raises(psycopg.Error):
        connection.execute(f"PREPARE one AS {numbered(slip)}".encode())
