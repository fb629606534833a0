"""The bootstrap script run for real, with the operating system and AWS stood in for by small programs."""

import json
import os
import signal
import stat
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from artifactory_estate.site.render import user_data
from tests.clients.site.cluster import MASTER, SECRETS, TOKEN, Cluster, running_cluster
from tests.unit.site.site_values import DATABASE, names


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    with running_cluster(tmp_path) as made:
        yield made


def impatient(cluster: Cluster) -> None:
    """The script renews its lock, and looks at the node, as often as it can."""
    text = cluster.script.read_text()
    assert "LOCK_RENEW_S=60" in text
    assert "POLL_S=3" in text
    cluster.script.write_text(text.replace("LOCK_RENEW_S=60", "LOCK_RENEW_S=0").replace("POLL_S=3", "POLL_S=0.05"))


def test_first_node_prepares_the_database_starts_and_stores_its_token(cluster: Cluster) -> None:
    node = cluster.machine("i-1")
    result = node.run(cluster.script)
    assert result.returncode == 0, result.stdout
    sql = (cluster.cloud.folder / "sql").read_text()
    assert sql.startswith("postgres@db.example mastersecret require\n")
    assert "ALTER ROLE artifactory WITH LOGIN PASSWORD 'it''s\"a\\$pass&';" in sql
    at_start = node.folder / "etc-at-start"
    assert (at_start / "access/bootstrap.creds").read_text() == 'admin@*=adm"in\\pass$word&1'
    assert stat.S_IMODE((at_start / "access/bootstrap.creds").stat().st_mode) == 0o600
    assert (at_start / "artifactory/artifactory.cluster.license").read_text() == "licence-one\n\nlicence-two"
    assert (at_start / "security/master.key").read_text() == "ab" * 32
    assert cluster.cloud.secret("acme/us-east/admin-token") == TOKEN
    assert json.loads(cluster.cloud.object("nodes/i-1.json").read_text())["status"] == "ready"
    assert not cluster.cloud.object("boot/lock").exists()


def test_system_yaml_gets_the_node_and_the_password_whatever_characters_it_has(cluster: Cluster) -> None:
    node = cluster.machine("i-1")
    node.run(cluster.script)
    shared = yaml.safe_load((node.var / "etc/system.yaml").read_text())["shared"]
    assert shared["node"]["id"] == "us-east-1"
    assert shared["node"]["ip"] == node.address
    assert shared["database"]["password"] == SECRETS["acme/us-east/database-password"]
    assert stat.S_IMODE((node.var / "etc/system.yaml").stat().st_mode) == 0o600


def test_credentials_and_token_files_are_gone_afterwards(cluster: Cluster) -> None:
    node = cluster.machine("i-1")
    node.run(cluster.script)
    left = {path.name for path in node.root.rglob("*")}
    assert not left & {"bootstrap.creds", "generate.token.json", "token.json"}
    assert list((node.root / "run").iterdir()) == []


def test_second_node_joins_without_credentials(cluster: Cluster) -> None:
    cluster.machine("i-1").run(cluster.script)
    second = cluster.machine("i-2")
    assert second.run(cluster.script).returncode == 0
    assert not (second.folder / "etc-at-start/access/bootstrap.creds").exists()
    assert not (second.folder / "etc-at-start/artifactory/artifactory.cluster.license").exists()
    assert (cluster.cloud.folder / "sql").read_text().count("CREATE ROLE") == 1
    assert "psql" not in second.recorded()


def test_second_boot_changes_nothing(cluster: Cluster) -> None:
    node = cluster.machine("i-1")
    node.run(cluster.script)
    before = node.recorded()
    result = node.run(cluster.script)
    assert result.returncode == 0
    assert "already" in result.stdout
    assert not {"put-object", "put-secret-value", "restart"} & set(node.recorded().removeprefix(before).split())


def test_another_bundle_restarts_a_running_node(cluster: Cluster) -> None:
    node = cluster.machine("i-1")
    node.run(cluster.script)
    (cluster.bundle / "artifactory.system.properties").write_text("artifactory.search.maxResults=7\n")
    assert node.run(cluster.script, digest="e" * 64).returncode == 0
    assert "systemctl restart artifactory" in node.recorded()
    properties = node.var / "etc/artifactory/artifactory.system.properties"
    assert properties.read_text() == "artifactory.search.maxResults=7\n"
    assert (cluster.cloud.folder / "sql").read_text().count("CREATE ROLE") == 1


def test_another_database_is_a_first_start_again(cluster: Cluster) -> None:
    cluster.cloud.put("boot/started", b"arn:of-a-database-that-is-gone")
    node = cluster.machine("i-1")
    assert node.run(cluster.script).returncode == 0
    assert cluster.cloud.object("boot/started").read_text() == DATABASE.master_secret
    assert "psql" in node.recorded()


def test_nodes_wait_for_the_one_that_starts(cluster: Cluster) -> None:
    impatient(cluster)
    cluster.cloud.put("boot/lock", b"i-9 1 1", owner="i-9")
    node = cluster.machine("i-1")
    process = node.start(cluster.script)
    deadline = time.monotonic() + 30
    while not node.log.exists() or "waiting for i-9 to start" not in node.log.read_text():
        assert time.monotonic() < deadline, node.log.read_text()
        time.sleep(0.05)
    assert "systemctl enable" not in node.recorded()
    cluster.cloud.object("boot/lock").unlink()
    out, _ = process.communicate(timeout=30)
    assert process.returncode == 0, out


@pytest.mark.parametrize(("owner", "age_s"), [("i-9", 1000), ("i-1", 0)], ids=["not renewed", "own"])
def test_lock_of_a_dead_run_is_taken_over(cluster: Cluster, owner: str, age_s: int) -> None:
    cluster.cloud.put("boot/lock", b"dead", owner=owner, age_s=age_s)
    result = cluster.machine("i-1").run(cluster.script)
    assert result.returncode == 0
    assert f"taking over the boot lock of {owner}" in result.stdout
    assert not cluster.cloud.object("boot/lock").exists()


def test_lock_is_renewed_while_the_node_starts(cluster: Cluster) -> None:
    impatient(cluster)
    node = cluster.machine("i-1")
    node.is_ready = lambda: node.recorded().count("--if-match") >= 3
    assert node.run(cluster.script).returncode == 0
    assert not cluster.cloud.object("boot/lock").exists()


def test_node_that_lost_its_lock_stops_and_leaves_the_others_alone(cluster: Cluster) -> None:
    impatient(cluster)
    node = cluster.machine("i-1")

    def taken_over() -> bool:
        cluster.cloud.put("boot/lock", b"i-9 took it", owner="i-9")
        return False

    node.is_ready = taken_over
    result = node.run(cluster.script)
    assert result.returncode != 0
    assert "lost the boot lock" in result.stdout
    assert cluster.cloud.object("boot/lock").read_bytes() == b"i-9 took it"


def test_missing_secret_stops_the_node_with_the_reason(cluster: Cluster) -> None:
    (cluster.cloud.folder / "secrets" / "acme%us-east%join-key").unlink()
    node = cluster.machine("i-1")
    result = node.run(cluster.script)
    assert result.returncode != 0
    report = json.loads(cluster.cloud.object("nodes/i-1.json").read_text())
    assert report["status"] == "failed"
    assert "acme/us-east/join-key: Secrets Manager can't find" in report["reason"]
    assert "acme/us-east/join-key" in node.log.read_text()
    assert "systemctl enable" not in node.recorded()


def test_node_that_does_not_start_reports_why_and_frees_the_lock(cluster: Cluster) -> None:
    result = cluster.machine("i-1", writes_token=False).run(cluster.script)
    assert result.returncode != 0
    reason = json.loads(cluster.cloud.object("nodes/i-1.json").read_text())["reason"]
    assert "unknown provider s3-storage-v9" in reason
    assert not cluster.cloud.object("boot/lock").exists()
    assert not cluster.cloud.object("boot/started").exists()


def test_killed_run_leaves_no_secret_and_is_finished_by_the_next(cluster: Cluster) -> None:
    cluster.cloud.put("boot/lock", b"i-9 1 1", owner="i-9")
    node = cluster.machine("i-1")
    process = node.start(cluster.script)
    deadline = time.monotonic() + 30
    while "head-object" not in node.recorded():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGTERM)
    out, _ = process.communicate(timeout=30)
    assert process.returncode != 0, out
    assert list((node.root / "run").iterdir()) == []
    cluster.cloud.object("boot/lock").unlink()
    assert node.run(cluster.script).returncode == 0
    assert cluster.cloud.secret("acme/us-east/admin-token") == TOKEN


def test_no_secret_in_arguments_logs_reports_or_rendered_files(cluster: Cluster) -> None:
    node = cluster.machine("i-1")
    result = node.run(cluster.script)
    planted = [*SECRETS.values(), MASTER["password"], TOKEN, "licence-one"]
    seen = {
        "arguments": node.recorded(),
        "output": result.stdout,
        "log": node.log.read_text(),
        "report": cluster.cloud.object("nodes/i-1.json").read_text(),
        "bundle": "".join(path.read_text() for path in cluster.bundle.iterdir()),
        "user data": user_data(names()),
    }
    assert "batch-get-secret-value" in seen["arguments"]
    assert [(where, secret) for where, text in seen.items() for secret in planted if secret in text] == []


def test_hooks_run_around_the_installation_only(cluster: Cluster) -> None:
    for hook in ("pre_install", "post_install"):
        (cluster.bundle / f"{hook}.sh").write_text(
            f'ls "$ESTATE_ROOT/opt/jfrog/artifactory" >"$ESTATE_ROOT/{hook}" 2>&1; true'
        )
    node = cluster.machine("i-1")
    node.run(cluster.script)
    assert "app" not in (node.root / "pre_install").read_text().split()
    assert "app" in (node.root / "post_install").read_text().split()
    (node.root / "pre_install").unlink()
    node.run(cluster.script, digest="e" * 64)
    assert not (node.root / "pre_install").exists()


def test_another_web_server_takes_the_place_of_the_former(cluster: Cluster) -> None:
    node = cluster.machine("i-1")
    node.run(cluster.script)
    assert "systemctl disable" not in node.recorded()
    nginx, httpd = (node.root / "etc" / name / "conf.d/artifactory.conf" for name in ("nginx", "httpd"))
    assert (nginx.exists(), httpd.exists()) == (True, False)
    cluster.declare(load_balancer={"kind": "apache"})
    assert node.run(cluster.script, digest="e" * 64).returncode == 0
    calls = node.recorded().splitlines()
    assert calls.index("systemctl disable --now nginx") < calls.index("systemctl enable --now httpd")
    assert (nginx.exists(), httpd.exists()) == (False, True)


def test_failing_hook_stops_the_node(cluster: Cluster) -> None:
    (cluster.bundle / "pre_install.sh").write_text("exit 7")
    result = cluster.machine("i-1").run(cluster.script)
    assert result.returncode != 0
    assert "the pre_install hook ended with status 7" in result.stdout
