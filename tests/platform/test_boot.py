"""Starting a node: what it needs, and the reason with which it stops (files reference 1, 2, 4)."""

from collections.abc import Callable
from pathlib import Path

import pytest

from artifactory_sandbox import licence
from artifactory_sandbox.platform import node
from artifactory_sandbox.platform.boot.files import Files
from artifactory_sandbox.platform.boot.refusal import CannotStart
from tests.platform import machine

ADDRESS = "127.90.0.1"


def start(files: Files, database: Path, reachable: bool = True, stale: float = 1) -> node.Platform:
    """Starts a node's inside, without listening."""
    with machine.control(database, reachable) as url:
        return node.start(files, ADDRESS, url, stale)


def test_a_whole_node_starts(tmp_path: Path) -> None:
    files = machine.write(tmp_path / "n1", "n1", licence.make(1))
    platform = start(files, tmp_path / "db.sqlite")
    try:
        assert (platform.node_id, platform.version, platform.rtfs) == ("n1", "7.111.4", False)
        assert platform.properties["artifactory.search.maxResults"] == "500"
        assert platform.licences.single()["type"] == "Enterprise Plus"
        assert "First-start-1" not in repr(platform.security.state.user("admin"))
        token = files.var / "bootstrap/etc/access/keys/token.json"
        assert token.stat().st_mode & 0o777 == 0o600
        assert '"token"' in token.read_text()
        assert platform.binaries.kind == "cache-fs"
    finally:
        platform.stop()


def replace(file: str, old: str, new: str) -> Callable[[Files], None]:
    def change(files: Files) -> None:
        path = files.etc / file
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))

    return change


def rewrite(file: str, text: str) -> Callable[[Files], object]:
    return lambda files: (files.etc / file).write_text(text)


def remove(file: str) -> Callable[[Files], None]:
    return lambda files: (files.etc / file).unlink()


STORE = "artifactory/binarystore.xml"
LICENCE = "artifactory/artifactory.cluster.license"
S3 = '<config version="2"><chain template="s3-storage-v3-direct"/><provider id="s3-storage-v3" type="s3-storage-v3">{}</provider></config>'


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (remove("system.yaml"), "system.yaml is missing"),
        (rewrite("system.yaml", "shared: [unclosed"), "is not valid YAML"),
        (rewrite("system.yaml", "shared: {}"), "configVersion must be 1"),
        (rewrite("system.yaml", "just text"), "is not a map"),
        (replace("system.yaml", "id: n1", "id: 'n 1'"), "shared.node.id: 'n 1' is no node id"),
        (replace("system.yaml", "jdbc:postgresql", "jdbc:mysql"), "is not a PostgreSQL JDBC URL"),
        (replace("system.yaml", "type: postgresql", "type: derby"), "derby is not allowed for a new installation"),
        (replace("system.yaml", "org.postgresql.Driver", "org.nowhere.Driver"), "cannot load driver class"),
        (replace("system.yaml", machine.PASSWORD, "wrong"), 'password authentication failed for user "artifactory"'),
        (remove("security/master.key"), "the master key is missing"),
        (remove("security/join.key"), "the join key is missing"),
        (rewrite("security/master.key", "abcd"), "the master key has 4 hexadecimal digits, 32 or 64 are needed"),
        (rewrite("security/join.key", "not hex at all!!"), "the join key is not hexadecimal"),
        (rewrite(STORE, "<config"), "is not valid XML"),
        (rewrite(STORE, "<store/>"), "the root element is store, not config"),
        (rewrite(STORE, "<config version='1'/>"), "there is no chain"),
        (
            rewrite(STORE, "<config version='1'><chain template='nonsense'/></config>"),
            "unknown chain template 'nonsense'",
        ),
        (rewrite(STORE, "<config version='1'><chain template='s3'/></config>"), "not supported since 7.46.3"),
        (
            rewrite(STORE, "<config version='1'><chain><provider id='x' type='nonsense'/></chain></config>"),
            "unknown provider type 'nonsense'",
        ),
        (
            rewrite(STORE, "<config version='1'><chain template='file-system'/><provider id='x' type='bad'/></config>"),
            "unknown provider type 'bad'",
        ),
        (
            rewrite(
                STORE,
                "<config version='1'><chain template='cache-fs'/>"
                "<provider id='cache-fs' type='cache-fs'><maxCacheSize>5e+10</maxCacheSize></provider></config>",
            ),
            "maxCacheSize: '5e+10' is not a plain integer",
        ),
        (rewrite(STORE, S3.format("<region>us-east-1</region>")), "bucketName is missing"),
        (rewrite(STORE, S3.format("<bucketName>b</bucketName><useHttp>maybe</useHttp>")), "is not true or false"),
        (rewrite("artifactory/artifactory.system.properties", "no equals sign"), "is not of the form key=value"),
        (rewrite(LICENCE, "nonsense"), "Invalid Artifactory license."),
        (remove(LICENCE), "the cluster's licence pool is empty"),
        (rewrite(LICENCE, licence.file_text(licence.make(2, days=-1))), "all 2 licences of the pool have expired"),
        (lambda files: (files.etc / "access/bootstrap.creds").chmod(0o644), "the mode is 0644, it must be 0600"),
        (
            lambda files: [
                change(files)
                for change in (
                    replace("system.yaml", "haEnabled: true", "haEnabled: false"),
                    rewrite(STORE, "<config version='1'><chain template='double-shards'/></config>"),
                    rewrite(LICENCE, licence.file_text(licence.make(1, type="Commercial"))),
                )
            ],
            "a sharded filestore needs a licence of the kind Enterprise or Trial; this node's is Commercial",
        ),
        (
            rewrite(LICENCE, licence.file_text(licence.make(1, type="Commercial"))),
            "Invalid Artifactory license for High Availability environment.",
        ),
        (rewrite("access/bootstrap.creds", "nonsense"), "not of the form admin@*=PASSWORD"),
        (
            replace("system.yaml", "shared:", "rtfs: {enabled: maybe}\nshared:"),
            "rtfs.enabled: 'maybe' is not a boolean",
        ),
    ],
)
def test_a_broken_node_stops_with_the_reason(tmp_path: Path, change: Callable[[Files], object], reason: str) -> None:
    files = machine.write(tmp_path / "n1", "n1", licence.make(1))
    change(files)
    with pytest.raises(CannotStart) as stopped:
        start(files, tmp_path / "db.sqlite")
    assert reason in str(stopped.value)
    assert str(tmp_path) not in str(stopped.value)


def test_an_unreachable_database_stops_it(tmp_path: Path) -> None:
    files = machine.write(tmp_path / "n1", "n1", licence.make(1))
    with pytest.raises(CannotStart, match=r"cannot reach the database at db\.example"):
        start(files, tmp_path / "db.sqlite", reachable=False)


@pytest.mark.parametrize(("file", "key"), [("master.key", "ee" * 32), ("join.key", "ee" * 16)])
def test_another_key_than_the_clusters_stops_it(tmp_path: Path, file: str, key: str) -> None:
    first = start(machine.write(tmp_path / "n1", "n1", licence.make(2)), tmp_path / "db.sqlite")
    first.stop()
    files = machine.write(tmp_path / "n2", "n2", licence.make(1))
    (files.etc / "security" / file).write_text(key)
    with pytest.raises(CannotStart, match=f"the {file.partition('.')[0]} key differs from that of the cluster"):
        start(files, tmp_path / "db.sqlite")


def test_members_take_another_join_key_one_after_another(tmp_path: Path) -> None:
    both = licence.make(2)
    machines = {name: machine.write(tmp_path / name, name, both) for name in ("n1", "n2")}
    for files in machines.values():
        start(files, tmp_path / "db.sqlite").stop()
    (machines["n1"].etc / "security/join.key").write_text("ee" * 16)
    start(machines["n1"], tmp_path / "db.sqlite").stop()
    start(machines["n2"], tmp_path / "db.sqlite").stop()
    (machines["n2"].etc / "security/join.key").write_text("ee" * 16)
    start(machines["n2"], tmp_path / "db.sqlite").stop()
    late = machine.write(tmp_path / "n3", "n3", both)
    with pytest.raises(CannotStart, match="the join key differs"):
        start(late, tmp_path / "db.sqlite")


def test_one_licence_serves_one_live_node(tmp_path: Path) -> None:
    one = licence.make(1)
    first = start(machine.write(tmp_path / "n1", "n1", one), tmp_path / "db.sqlite")
    first.start()
    files = machine.write(tmp_path / "n2", "n2", one)
    with pytest.raises(CannotStart, match="the licence is already in use by n1"):
        start(files, tmp_path / "db.sqlite")
    first.stop()
    second = start(files, tmp_path / "db.sqlite")
    assert second.licences.valid
    second.stop()


def test_a_dead_nodes_licence_is_taken_over(tmp_path: Path) -> None:
    one = licence.make(1)
    dead = start(machine.write(tmp_path / "n1", "n1", one), tmp_path / "db.sqlite")
    dead.cluster.join()  # its last heartbeat: it never says goodbye
    heir = start(machine.write(tmp_path / "n2", "n2", one), tmp_path / "db.sqlite")
    assert heir.licences.valid
    heir.stop()
    dead.stop()


def test_nodes_of_a_cluster_give_one_answer(tmp_path: Path) -> None:
    licences = licence.make(2)
    nodes = [start(machine.write(tmp_path / name, name, licences), tmp_path / "db.sqlite") for name in ("n1", "n2")]
    for one in nodes:
        one.start()
    first, second = nodes
    first.repositories.create("shared-local", {"rclass": "local"})
    assert second.repositories.get("shared-local") == first.repositories.get("shared-local")
    token = first.security.tokens.create("admin")["access_token"]
    assert second.security.tokens.read(token) is not None
    assert [entry["id"] for entry in second.cluster.nodes()] == ["n1", "n2"]
    assert first.service_id == second.service_id
    second.stop()
    assert [entry["id"] for entry in first.cluster.nodes()] == ["n1"]
    first.stop()
