"""Nodes as processes: two of a cluster behind their simulated nginx, killed, restarted, refused."""

import hashlib
import json
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from artifactory_estate.load_balancer.render import apache_conf, nginx_conf
from artifactory_sandbox import licence
from tests.clients.platform.machines import Node, cluster, pair, until
from tests.platform import machine

HOST = {"Host": "repo.acme.example"}
CONFS = {"nginx": nginx_conf("http://repo.acme.example"), "httpd": apache_conf("http://repo.acme.example")}


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Node]]:
    """Starts nodes of one cluster."""
    with machine.control(tmp_path / "db.sqlite") as url, cluster(tmp_path, url, CONFS) as starting:
        yield starting


def test_a_cluster_survives_the_death_of_a_node(start: Callable[..., Node]) -> None:
    first, second = pair(start)
    body = {"rclass": "local", "packageType": "generic"}
    assert first.call("PUT", "/artifactory/api/repositories/libs", json=body).status_code == 200
    data = b"0123456789" * 200_000
    assert first.call("PUT", "/artifactory/libs/a/b.bin", data=data).status_code == 201
    got = second.call("GET", "/artifactory/libs/a/b.bin", port=8081).content
    assert hashlib.sha256(got).digest() == hashlib.sha256(data).digest()
    status = second.call("GET", "/artifactory/api/system/status").json()["nodes"]
    assert [node["state"] for node in status] == ["RUNNING", "RUNNING"]
    first.process.kill()
    first.process.wait()
    assert second.call("GET", "/artifactory/libs/a/b.bin").status_code == 200
    heir = start("n3", 3)
    until(heir.answers, "the dead node's licence to be taken over")
    assert heir.call("GET", "/artifactory/libs/a/b.bin").content == data
    assert second.end()[0] == 0


def test_writers_on_both_nodes_do_not_lose_each_others_work(start: Callable[..., Node]) -> None:
    nodes = pair(start)
    nodes[0].call("PUT", "/artifactory/api/repositories/busy", json={"rclass": "local"})

    def put(number: int) -> int:
        return (
            nodes[number % 2].call("PUT", f"/artifactory/busy/d{number % 5}/{number}", data=b"x" * number).status_code
        )

    with ThreadPoolExecutor(6) as pool:
        assert set(pool.map(put, range(60))) == {201}
    for node in nodes:
        files = node.call("GET", "/artifactory/api/storage/busy?list&deep=1").json()["files"]
        assert len(files) == 60


@pytest.mark.parametrize(
    ("server", "wrong", "reason"),
    [
        (
            "nginx",
            "server { listen 8000; nonsense; }",
            'nginx: [emerg] unknown directive "nonsense" in /etc/nginx/conf.d/artifactory.conf',
        ),
        (
            "httpd",
            "Listen 8000\nNonsense on\n",
            "AH00526: Syntax error on line 2 of /etc/httpd/conf.d/artifactory.conf: Invalid command 'Nonsense', "
            "perhaps misspelled or defined by a module not included in the server configuration",
        ),
    ],
)
def test_a_web_server_runs_while_the_machine_says_so(
    start: Callable[..., Node], server: str, wrong: str, reason: str
) -> None:
    node = start("n1", 1, licence.make(1))
    until(node.answers, "the node")
    assert not node.answers(8000)
    running = node.files.front_running(server)
    running.parent.mkdir()
    running.write_text("1")
    until(lambda: node.answers(8000), server)
    listed = node.call("GET", "/artifactory/api/repositories", port=8000, headers=HOST).json()
    assert listed[0]["url"] == "http://repo.acme.example/artifactory/artifactory-build-info"
    assert node.call("GET", "/__sandbox__/counters", port=8000).status_code == 404
    assert node.call("GET", "/access/api/v1/system/ping", port=8081).status_code == 404
    assert node.call("GET", "/access/api/v1/system/ping", port=8000).status_code == 200
    running.unlink()
    until(lambda: not node.answers(8000), f"{server} to stop")
    node.files.front_conf(server).write_text(wrong)
    running.write_text("2")
    code, said = node.process.wait(20), node.process.communicate()[0]
    assert (code, json.loads(said.splitlines()[-1])["fatal"]) == (1, reason)


def test_one_web_server_takes_the_port_of_the_other(start: Callable[..., Node]) -> None:
    node = start("n1", 1, licence.make(1))
    marks = [node.files.front_running(server) for server in ("httpd", "nginx", "httpd")]
    marks[0].parent.mkdir()
    marks[0].write_text("1")
    until(lambda: node.answers(8000), "httpd")
    for before, after, name in ((marks[0], marks[1], "nginx"), (marks[1], marks[2], "Apache")):
        before.unlink()
        after.write_text("2")

        def answered_by(name: str = name) -> bool:
            try:
                return node.call("GET", "/", 8000, allow_redirects=False).headers["Server"] == name
            except requests.ConnectionError:
                return False

        until(answered_by, name)


def test_a_node_that_cannot_start_says_why(start: Callable[..., Node], tmp_path: Path) -> None:
    files = machine.write(tmp_path / "n1", "n1", licence.make(1))
    (files.etc / "security/master.key").unlink()
    node = start("n1", 1)
    code, said = node.process.wait(20), node.process.communicate()[0]
    reason = json.loads(said.splitlines()[-1])["fatal"]
    assert (code, reason.startswith("the master key is missing")) == (1, True)
    for log in ("console.log", "artifactory-service.log"):
        assert reason in (files.logs / log).read_text()


def test_a_signal_in_the_middle_of_work_leaves_a_whole_state(start: Callable[..., Node]) -> None:
    node = start("n1", 1, licence.make(1))
    until(node.answers, "the node")
    node.call("PUT", "/artifactory/api/repositories/hit", json={"rclass": "local"})
    acknowledged = []
    with ThreadPoolExecutor(4) as pool:

        def put(number: int) -> None:
            data = f"{number}".encode() * 1000
            if node.call("PUT", f"/artifactory/hit/{number}", data=data, timeout=5).status_code == 201:
                acknowledged.append((number, data))
            if number == 20:
                node.process.send_signal(signal.SIGKILL)

        tasks = [pool.submit(put, number) for number in range(60)]
        for task in tasks:
            task.exception()
    node.process.wait()
    again = start("n1", 2)
    until(again.answers, "the node to come back")
    assert len(acknowledged) >= 20
    for number, data in acknowledged:
        assert again.call("GET", f"/artifactory/hit/{number}").content == data
