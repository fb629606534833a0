"""PostgreSQL is the database of a cluster of three: the pools that its system.yaml declares are open from the start, are as
many as the arithmetic says, and come back after a failover, which loses nothing that was acknowledged."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

import psycopg
import pytest
import requests

from artifactory_estate.database.model import Database
from artifactory_estate.database.render import facts_of
from artifactory_estate.database.sizing import Opened, max_connections, opened
from artifactory_estate.site.render import bundle
from artifactory_sandbox import licence
from artifactory_sandbox.data_plane.real_postgresql import RealPostgresql
from artifactory_sandbox.platform.state.sqlite import AWAY
from tests.clients.platform.machines import Node, free_address, until
from tests.platform import machine
from tests.support import postgres
from tests.unit.site.site_values import ARTIFACTORY, names, site_of

NODES, KEY = 3, "123456789012/eu-west-1/acme-eu-west"
DECLARED = {
    "pools": {"artifactory": 24, "access": 6, "metadata": 7, "mc": 4, "idgenerator": 2, "jfconfig": 3, "topology": 2, "rtfs": 5},
    "rtfs": {},
    "external": {"url": "jdbc:postgresql://db.example:5432/artifactory", "username": "artifactory", "password": "env:DB"},
}  # fmt: skip
DATABASE = Database.from_data(DECLARED)
LIMIT = max_connections(DATABASE, NODES)


@dataclass
class Watched:
    """A server, and the most connections that it ever had."""

    url: str
    most: int = 0
    ending: threading.Event = field(default_factory=threading.Event)

    def services(self) -> dict[str, int]:
        """Connections of clients by service."""
        with psycopg.connect(self.url, autocommit=True) as asking:
            rows = asking.execute(
                "SELECT application_name, COUNT(*) FROM pg_stat_activity WHERE datname LIKE 'rds%' GROUP BY 1"
            ).fetchall()
        return {str(name): int(count) for name, count in rows}

    def settled(self, wanted: dict[str, int], within_s: float = 30) -> dict[str, int]:
        """The services once they are as wanted, or as they are at the end."""
        deadline = time.monotonic() + within_s
        while (found := self.services()) != wanted and time.monotonic() < deadline:
            time.sleep(0.1)
        return found

    def watch(self) -> None:
        with psycopg.connect(self.url, autocommit=True) as asking:
            while not self.ending.wait(0.02):
                row = asking.execute(
                    "SELECT COUNT(*) FROM pg_stat_activity WHERE backend_type = 'client backend'"
                ).fetchone()
                self.most = max(self.most, row[0] if row else 0)


@pytest.fixture(scope="module")
def watched() -> Iterator[Watched]:
    with postgres.server(max_connections=str(LIMIT)) as server:
        made = Watched(server.url())
        thread = threading.Thread(target=made.watch)
        thread.start()
        yield made
        made.ending.set()
        thread.join(20)


def system_yaml(node: str) -> str:
    """What the product renders for this database, filled in as the bootstrap does."""
    site = site_of(database=DECLARED, nodes={"count": NODES, "size": "small"})
    text = bundle(names(site), site, ARTIFACTORY, facts_of(DATABASE, "", ""), "sandbox", {})["system.yaml"]
    values = {"@@NODE:id@@": node, "@@NODE:ip@@": "127.0.0.1", "@@SECRET:database-password@@": machine.PASSWORD}
    for placeholder, value in values.items():
        text = text.replace(placeholder, value)
    return text


@pytest.fixture(scope="module")
def nodes(watched: Watched, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Node]]:
    folder = tmp_path_factory.mktemp("cluster")
    with ExitStack() as stack:
        control = stack.enter_context(machine.control(RealPostgresql(watched.url).make(KEY)))
        (folder / "shared").mkdir()
        made = []
        for number in range(1, NODES + 1):
            node = stack.enter_context(running(folder / f"n{number}", number, control))
            until(node.answers, f"node {number}", 60)
            made.append(node)
        yield made


@contextmanager
def running(root: Path, number: int, control: str) -> Iterator[Node]:
    """A node with the product's system.yaml; the first brings the licences of all."""
    files = machine.write(root, root.name, licence.make(NODES) if number == 1 else [])
    (files.etc / "system.yaml").write_text(system_yaml(root.name))
    (root / "mnt").mkdir(exist_ok=True)
    (root / "mnt/shared").symlink_to(root.parent / "shared")
    address = free_address(number)
    command = [sys.executable, "-m", "artifactory_sandbox.platform", "node", "--root", str(root)]
    command += ["--address", address, "--control", control, "--stale", "2"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        node = Node(files, address, process)
        try:
            yield node
        finally:
            node.end()


def expected(pools: Opened) -> dict[str, int]:
    """The services of all nodes, by the arithmetic of the product."""
    sizes = {service: count for service, count in asdict(pools).items() if service != "lock"}
    return {service: NODES * count for service, count in (sizes | {"artifactory-locks": sizes["artifactory"]}).items()}


def test_pools_opened_at_start_match_the_arithmetic(watched: Watched, nodes: list[Node]) -> None:
    wanted = expected(opened(DATABASE))
    assert sum(wanted.values()) == LIMIT - 50
    assert watched.settled(wanted) == wanted
    assert watched.most <= LIMIT


def test_a_failover_loses_no_acknowledged_upload(watched: Watched, nodes: list[Node]) -> None:
    body = {"rclass": "local", "packageType": "generic"}
    assert nodes[0].call("PUT", "/artifactory/api/repositories/kept", json=body).status_code == 200
    acknowledged: dict[str, bytes] = {}
    refused: list[int] = []
    done = threading.Event()

    def upload(writer: int) -> None:
        number = 0
        while not done.is_set():
            number += 1
            name, data = f"{writer}/{number}", f"{writer} {number} ".encode() * 50
            try:
                status = nodes[writer].call("PUT", f"/artifactory/kept/{name}", data=data).status_code
            except requests.RequestException:
                continue
            if status == 201:
                acknowledged[name] = data
            else:
                refused.append(status)

    threads = [threading.Thread(target=upload, args=(writer,)) for writer in range(NODES)]
    for thread in threads:
        thread.start()
    until(lambda: len(acknowledged) >= 20, "the first uploads")
    real = RealPostgresql(watched.url)
    real.say(KEY, AWAY)
    time.sleep(1)  # what the standby takes to come up
    real.say(KEY, "")
    before = len(acknowledged)
    until(lambda: len(acknowledged) >= before + 20, "uploads after the failover")
    done.set()
    for thread in threads:
        thread.join(60)
    assert refused and set(refused) <= {500, 503}
    for number, (name, data) in enumerate(acknowledged.items()):
        assert nodes[number % NODES].call("GET", f"/artifactory/kept/{name}").content == data
    wanted = expected(opened(DATABASE))
    assert watched.settled(wanted) == wanted
    assert watched.most <= LIMIT


def test_a_node_more_than_the_limit_allows_does_not_start(tmp_path: Path) -> None:
    with postgres.server(max_connections="30") as server, machine.control(server.new()) as control:
        (tmp_path / "shared").mkdir()
        with running(tmp_path / "n1", 1, control) as node:
            code, said = node.process.wait(60), node.process.communicate()[0]
    assert code == 1
    assert b"too many clients already" in said or b"remaining connection slots are reserved" in said
