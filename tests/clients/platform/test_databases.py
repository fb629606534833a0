"""The layer under every service's SQL, on SQLite and on PostgreSQL: the same text, the same answers."""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from artifactory_sandbox import licence
from artifactory_sandbox.platform import bare
from artifactory_sandbox.platform.boot.refusal import CannotStart
from artifactory_sandbox.platform.node import start
from artifactory_sandbox.platform.schema import SCHEMA
from artifactory_sandbox.platform.state import Database, Locks, Settings, Unstorable
from artifactory_sandbox.platform.state.postgresql import marked
from artifactory_sandbox.platform.state.sqlite import Sqlite
from tests.platform import machine
from tests.platform.running import serving
from tests.support import postgres
from tests.support.postgres import Server

TABLES = (
    "CREATE TABLE IF NOT EXISTS things (id {serial}, name TEXT NOT NULL, size INTEGER, UNIQUE (name))",
    "CREATE TABLE IF NOT EXISTS sums (name TEXT PRIMARY KEY, value INTEGER NOT NULL)",
)
Where = Callable[[], Path | str]


@pytest.fixture(params=["sqlite", "postgresql"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> Path | str:
    """A database that nobody has used."""
    if request.param == "sqlite":
        return tmp_path / "cluster.sqlite"
    server: Server = request.getfixturevalue("postgres_server")
    return server.new()


@pytest.fixture
def database(where: Path | str) -> Iterator[Database]:
    made = Database(where, TABLES)
    yield made
    made.close()


def add(database: Database, *names: str) -> None:
    database.run_many("INSERT INTO things (name, size) VALUES (?, ?)", [(name, len(name)) for name in names])


def test_rows_are_read_by_name_and_by_place(database: Database) -> None:
    add(database, "one")
    row = database.row("SELECT id, name, size FROM things")
    assert row is not None
    assert (row["name"], row[1], row["size"], len(row)) == ("one", "one", 3, 3)
    assert dict(row) == {"id": row[0], "name": "one", "size": 3}
    _, name, _ = row
    assert name == "one"
    assert database.row("SELECT * FROM things WHERE name = ?", "none") is None


def test_texts_are_ordered_by_byte(database: Database) -> None:
    add(database, "b", "B", "a", "é", "Z", "-", "_")
    assert [row[0] for row in database.rows("SELECT name FROM things ORDER BY name")] == sorted("bBaéZ-_")
    assert database.value("SELECT COUNT(*) FROM things WHERE name > 'Z' AND name LIKE ?", "B%") == 0


def test_sums_and_counts_are_whole_numbers(database: Database) -> None:
    add(database, "a", "bb")
    database.run("UPDATE things SET size = ? WHERE name = 'a'", 2**62)
    row = database.row("SELECT SUM(size), COUNT(*), COALESCE(SUM(size), 0), AVG(id) FROM things")
    assert row is not None
    assert [type(value) for value in row][:3] == [int, int, int]
    assert row[0] == 2**62 + 2


def test_texts_with_marks_and_percents_stay_as_they_are(database: Database) -> None:
    add(database, "what?", "100%", "it's %s")
    assert database.value("SELECT COUNT(*) FROM things WHERE name LIKE '%?' OR name = ?", "100%") == 2
    assert database.value("SELECT name FROM things WHERE name LIKE ? ESCAPE '\\'", "100\\%") == "100%"
    assert marked("a = ? AND b LIKE '%?' AND c % 2 = ?") == b"a = %s AND b LIKE '%%?' AND c %% 2 = %s"


@pytest.mark.parametrize("value", ["a\0b", "\ud800", 2**70, ["list"], {"a": 1}], ids=repr)
def test_what_no_column_takes_is_refused_alike(database: Database, value: object) -> None:
    with pytest.raises(Unstorable):
        database.run("INSERT INTO things (name, size) VALUES ('x', ?)", value)
    assert database.rows("SELECT * FROM things") == []


def test_a_number_goes_into_a_text_and_a_flag_into_a_number(database: Database) -> None:
    database.run("INSERT INTO things (name, size) VALUES (?, ?)", 5, True)
    assert tuple(database.rows("SELECT name, size FROM things")[0]) == ("5", 1)


def test_touched_rows_are_counted(database: Database) -> None:
    add(database, "a", "b")
    assert database.run("UPDATE things SET size = 7") == 2
    assert database.run("INSERT INTO things (name) VALUES ('a') ON CONFLICT (name) DO NOTHING") == 0


def test_a_transaction_is_all_or_nothing_and_joins_the_one_it_stands_in(database: Database) -> None:
    done: list[str] = []

    def note() -> None:
        done.append("noted")

    with pytest.raises(ZeroDivisionError), database.transaction():
        database.after_commit(note)
        with database.transaction():
            add(database, "a")
        raise ZeroDivisionError
    assert (database.rows("SELECT * FROM things"), done) == ([], [])
    with database.transaction():
        add(database, "a")
        database.after_commit(note)
        database.after_commit(note)
        assert not done
    assert (len(database.rows("SELECT * FROM things")), done) == (1, ["noted"])
    database.after_commit(note)
    assert len(done) == 2


def test_writers_of_two_nodes_wait_for_each_other(where: Path | str) -> None:
    nodes = [Database(where, TABLES) for _ in range(2)]
    nodes[0].run("INSERT INTO sums (name, value) VALUES ('n', 0)")

    def add_up(node: Database) -> None:
        for _ in range(25):
            with node.transaction():
                value = node.value("SELECT value FROM sums WHERE name = 'n'")
                time.sleep(0.0005)
                node.run("UPDATE sums SET value = ? WHERE name = 'n'", value + 1)
            node.run("UPDATE sums SET value = value + 1 WHERE name = 'n'")

    run_all([threading.Thread(target=add_up, args=(node,)) for node in nodes * 2])
    assert nodes[0].value("SELECT value FROM sums WHERE name = 'n'") == 200
    for node in nodes:
        node.close()


def test_nodes_that_start_at_once_make_one_schema(where: Path | str) -> None:
    made: list[Database] = []
    run_all([threading.Thread(target=lambda: made.append(Database(where, SCHEMA))) for _ in range(4)])
    assert len(made) == 4
    once = {Settings(node).once("id", time.monotonic) for node in made}
    assert len(once) == 1
    assert [Locks(node, str(n)).take("job") for n, node in enumerate(made)] == [True, False, False, False]
    for node in made:
        node.close()


def test_a_new_file_is_opened_while_another_node_makes_it_ready(tmp_path: Path) -> None:
    path = tmp_path / "cluster.sqlite"
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")  # SQLite refuses a switch to write-ahead mode then, and waits for nobody
    ending = threading.Timer(0.3, other.commit)
    ending.start()
    connection = Sqlite(path).connect()
    assert connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    ending.join()
    connection.close()
    other.close()


def test_a_lost_connection_is_replaced_but_not_inside_a_transaction(postgres_server: Server) -> None:
    database = Database(postgres_server.new(), TABLES)
    add(database, "a")
    postgres_server.break_connections()
    assert database.value("SELECT name FROM things") == "a"
    postgres_server.break_connections()
    add(database, "b")
    with pytest.raises(Exception, match=r"terminat|closed|lost"), database.transaction():
        add(database, "c")
        postgres_server.break_connections()
        add(database, "d")
    assert [row[0] for row in database.rows("SELECT name FROM things ORDER BY name")] == ["a", "b"]
    database.close()


def test_an_error_that_was_caught_does_not_pass_for_a_commit(postgres_server: Server) -> None:
    database = Database(postgres_server.new(), TABLES)
    with pytest.raises(RuntimeError, match="nothing of it can be kept"), database.transaction():
        add(database, "a")
        with pytest.raises(Unstorable):
            database.run("UPDATE things SET size = ?", "many")
    assert database.rows("SELECT * FROM things") == []
    database.close()


def test_clusters_that_share_a_server_keep_apart(postgres_server: Server) -> None:
    url = postgres_server.new()
    first, second = (Database(f"{url}&options=-csearch_path%3D{name}", TABLES) for name in ("one", "two"))
    add(first, "a")
    assert (len(first.rows("SELECT * FROM things")), len(second.rows("SELECT * FROM things"))) == (1, 0)
    first.close()
    second.close()


def test_a_thread_that_ended_keeps_no_connection(postgres_server: Server) -> None:
    database = Database(postgres_server.new(), TABLES)
    for _ in range(5):
        run_all([threading.Thread(target=lambda: database.value("SELECT 1"))])
    assert database.value("SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database()") <= 3
    database.close()
    with pytest.raises(RuntimeError, match="closed"):
        database.value("SELECT 1")


def test_a_node_keeps_its_cluster_where_the_control_api_says(postgres_server: Server, tmp_path: Path) -> None:
    files = machine.write(tmp_path, "node-1", licence.make(1))
    url = postgres_server.new()
    with machine.control(url) as control:
        platform = start(files, "127.0.0.1", control)
    platform.stop()
    kept = Database(url, ())
    assert kept.value("SELECT COUNT(*) FROM users") >= 1
    kept.close()


def test_a_node_does_not_start_without_its_server(tmp_path: Path) -> None:
    files = machine.write(tmp_path, "node-1", licence.make(1))
    with (
        machine.control(f"postgresql://tests@/tests?host={tmp_path}") as control,
        pytest.raises(CannotStart, match="cannot reach the database"),
    ):
        start(files, "127.0.0.1", control)


def test_a_node_survives_lost_connections_and_answers_without_its_server(tmp_path: Path) -> None:
    with ExitStack() as ending:
        server = ending.enter_context(postgres.server())
        place = bare.Place(tmp_path, database=server.new())
        (node,) = ending.enter_context(serving([place.node(0, 0)]))
        node.make("kept-local")
        server.break_connections()
        assert node.api("GET", "repositories/kept-local").status_code == 200
        assert node.put("kept-local/a").status_code == 201
        postgres.end(server.process)
        answer = node.api("GET", "repositories/kept-local")
        assert answer.status_code == 500
        assert answer.json()["errors"][0]["message"].startswith("An unexpected error has occurred")
        assert "psycopg" not in answer.text


def run_all(threads: list[threading.Thread]) -> None:
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
