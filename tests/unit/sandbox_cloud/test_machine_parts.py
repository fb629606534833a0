"""Parts of a simulated machine, without one running: psql's statements, packages, units, addresses, the document."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from artifactory_sandbox import faults
from artifactory_sandbox.data_plane import boot, packages
from artifactory_sandbox.data_plane.addresses import Addresses
from artifactory_sandbox.data_plane.machine import Machine
from artifactory_sandbox.data_plane.stubs import ask, write
from artifactory_sandbox.data_plane.units import Units, hands_to
from artifactory_sandbox.document import Unreadable, read
from artifactory_sandbox.platform.boot.files import Files
from artifactory_sandbox.processes import Processes


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    made = Machine("i-1", "123456789012", "us-east-1", "us-east-1a", "10.0.0.4", "127.0.0.1", tmp_path, {})
    boot.prepare(made)
    return made


@pytest.fixture
def processes() -> Iterator[Processes]:
    made = Processes()
    yield made
    made.end_all()


def units(processes: Processes, *command: str) -> Units:
    def environment(_machine: Machine) -> dict[str, str]:
        return dict(os.environ)

    return Units(processes, environment, environment, lambda: "http://127.0.0.1:1", lambda: None, command)


def wait_for(unit_state: str, machine: Machine) -> None:
    deadline = time.monotonic() + 10
    while machine.unit("artifactory").state != unit_state:
        assert time.monotonic() < deadline, machine.unit("artifactory")
        time.sleep(0.01)


@pytest.mark.parametrize(
    ("text", "statements"),
    [
        ("a; b;\nc", ["a", "b", "c"]),
        ("alter role x password 'a;''b';", ["alter role x password 'a;''b'"]),
        ("-- a comment; with a mark\nselect 1;", ["select 1"]),
        ("select 'x' where true \\gexec\nnext;", ["select 'x' where true \\gexec", "next"]),
        ("alter role :\"role\" password :'word';", ["alter role \"app\" password 'it''s'"]),
    ],
)
def test_psql_statements_are_told_apart(text: str, statements: list[str]) -> None:
    assert ask._statements(text, {"role": "app", "word": "it's"}) == statements


def test_a_variable_can_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APP_PASSWORD", "secret")
    assert ask._statements("\\getenv word APP_PASSWORD\nalter role x password :'word';", {}) == [
        "alter role x password 'secret'"
    ]


def test_a_package_leaves_its_directories_and_version(machine: Machine) -> None:
    assert packages.rpm(machine, ["-q", "jfrog-artifactory-pro"]).code == 1
    assert packages.dnf(machine, ["install", "-y", "--quiet", "jfrog-artifactory-pro-7.111.4"]).code == 0
    assert (machine.root / "opt/jfrog/artifactory/app/version.txt").read_text() == "7.111.4\n"
    assert packages.rpm(machine, ["-q", "jfrog-artifactory-pro"]).code == 0
    assert packages.dnf(machine, ["install", "-y", "nginx"]).code == 0
    assert (machine.root / "etc/nginx/conf.d").is_dir()


@pytest.mark.parametrize(
    ("repositories", "package", "found"),
    [
        (["--disablerepo=*", "--enablerepo=amazonlinux"], "nginx", True),
        (["--disablerepo=*", "--enablerepo=amazonlinux"], "jfrog-artifactory-pro-7.111.4", False),
        (["--disablerepo=*", "--enablerepo=sandbox"], "jfrog-artifactory-pro-7.111.4", True),
        (["--disablerepo=*", "--enablerepo=sandbox"], "nginx", False),
        (["--disablerepo=*"], "nginx", False),
        ([], "nginx", True),
    ],
)
def test_a_package_comes_from_a_repository_that_may_be_asked(
    machine: Machine, repositories: list[str], package: str, found: bool
) -> None:
    answer = packages.dnf(machine, [*repositories, "install", "-y", package])
    assert answer.code == (0 if found else 1)
    assert found or answer.output.endswith(f"Unable to find a match: {package}")
    assert (package in machine.packages) == found


def test_a_package_file_that_is_not_there_is_refused(machine: Machine) -> None:
    refused = packages.dnf(machine, ["install", "-y", "/tmp/nowhere/artifactory.rpm"])
    assert (refused.code, refused.output) == (1, "Error: Can not load RPM file: /tmp/nowhere/artifactory.rpm")


def test_a_service_that_is_not_installed_does_not_start(machine: Machine, processes: Processes) -> None:
    answer = units(processes, "true").systemctl(machine, ["enable", "--now", "artifactory"])
    assert (answer.code, answer.output) == (
        5,
        "Failed to start artifactory.service: Unit artifactory.service not found.",
    )


def test_a_node_that_ends_is_failed_with_its_fatal_line(machine: Machine, processes: Processes) -> None:
    packages.dnf(machine, ["install", "artifactory"])
    systemd = units(processes, "/bin/sh", "-c", """echo started; echo '{"fatal": "no master key"}'; exit 1""", "node")
    assert systemd.systemctl(machine, ["start", "artifactory.service"]).code == 0
    wait_for("failed", machine)
    assert machine.start_failure == "no master key"
    assert systemd.systemctl(machine, ["is-active", "artifactory"]).code == 3
    assert systemd.systemctl(machine, ["is-active", "--quiet", "artifactory"]).output == ""
    assert systemd.systemctl(machine, ["is-failed", "artifactory"]).code == 0


def test_a_running_node_is_restarted_and_stopped(machine: Machine, processes: Processes) -> None:
    packages.dnf(machine, ["install", "artifactory"])
    systemd = units(processes, "/bin/sh", "-c", "exec sleep 60", "node")
    systemd.systemctl(machine, ["enable", "--now", "artifactory"])
    first = machine.unit("artifactory").process
    systemd.systemctl(machine, ["restart", "artifactory"])
    second = machine.unit("artifactory").process
    assert first is not None and second is not None
    assert (first.poll() is not None, second.poll(), machine.unit("artifactory").state) == (True, None, "active")
    systemd.systemctl(machine, ["disable", "--now", "artifactory"])
    assert (second.poll() is not None, machine.unit("artifactory").state) == (True, "inactive")
    assert systemd.systemctl(machine, ["is-enabled", "artifactory"]).code == 1


@pytest.mark.parametrize("server", ["nginx", "httpd"])
def test_a_web_server_is_a_mark_that_reload_renews(machine: Machine, processes: Processes, server: str) -> None:
    systemd, mark = units(processes, "true"), machine.root / "run" / f"{server}.pid"
    assert systemd.systemctl(machine, ["enable", "--now", server]).code == 5
    packages.dnf(machine, ["install", server])
    assert systemd.systemctl(machine, ["enable", "--now", server]).code == 0
    before = mark.stat().st_mtime_ns
    systemd.systemctl(machine, ["reload", server])
    assert mark.stat().st_mtime_ns > before
    systemd.systemctl(machine, ["stop", server])
    assert not mark.exists()


@pytest.mark.parametrize(
    ("said", "running", "site", "hands"),
    [
        ("server 10.0.0.5:8082 max_fails=1;", True, "us", True),
        ("BalancerMember http://10.0.0.5:8082", True, "us", True),
        ("server 10.0.0.5:8082 max_fails=1;", False, "us", False),
        ("server 10.0.0.5:8082 max_fails=1;", True, "eu", False),
        ("server 10.0.0.55:8082;\nserver 210.0.0.5:8082;", True, "us", False),
    ],
)
def test_a_front_hands_to_the_nodes_of_its_file(
    machine: Machine, processes: Processes, tmp_path: Path, said: str, running: bool, site: str, hands: bool
) -> None:
    packages.dnf(machine, ["install", "nginx"])
    (machine.root / "etc/nginx/conf.d/artifactory.conf").write_text(said)
    machine.tags["artifactory-estate-site"] = "us"
    tags = {"artifactory-estate-site": site}
    node = Machine("i-2", "123456789012", "us-east-1", "us-east-1a", "10.0.0.5", "127.0.0.2", tmp_path, tags)
    if running:
        units(processes, "true").systemctl(machine, ["start", "nginx"])
    assert (hands_to(machine, node), hands_to(node, machine)) == (hands, False)


def test_an_unknown_verb_is_refused(machine: Machine, processes: Processes) -> None:
    assert (
        "Unknown command verb 'isolate'"
        in units(processes, "true").systemctl(machine, ["isolate", "artifactory"]).output
    )


def test_stubs_are_programs_and_install_forgets_owners(tmp_path: Path) -> None:
    stubs = write(tmp_path / "stubs")
    assert subprocess.run([stubs / "chown", "-R", "artifactory:artifactory", "/"], check=False).returncode == 0
    line = [stubs / "install", "-d", "-o", "artifactory", "-g", "artifactory", "-m", "0700", str(tmp_path / "made")]
    subprocess.run(line, check=True)
    assert (tmp_path / "made").stat().st_mode & 0o777 == 0o700


def test_an_address_is_kept_by_id_and_never_shared_between_sandboxes() -> None:
    one, other = Addresses(), Addresses()
    other._first = one._first
    first = one.take("us-east-1", "i-1")
    assert one.take("us-east-1", "i-1") == first
    assert len({first, one.take("us-east-1", "i-2"), other.take("us-east-1", "i-1"), one.take("us-west-2", "i-3")}) == 4
    for held in (one, other):
        for machine_id in ("i-1", "i-2", "i-3"):
            held.free(machine_id)


def test_processes_end_with_everything_they_started(processes: Processes, tmp_path: Path) -> None:
    started = processes.start(["/bin/sh", "-c", "sleep 60 & echo $! > child; wait"], env=dict(os.environ), cwd=tmp_path)
    deadline = time.monotonic() + 10
    while not (tmp_path / "child").is_file() or not (tmp_path / "child").read_text().strip():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    child = int((tmp_path / "child").read_text())
    processes.end_all()
    assert started.poll() is not None
    while (
        Path(f"/proc/{child}").exists()
        and "Z" not in Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()[0]
    ):
        assert time.monotonic() < deadline
        time.sleep(0.01)


DOCUMENT = """
estate: acme
state: {backend: "file://.sandbox/state"}
defaults: &d {aws: {account: "1"}, licences: "file:a.txt"}
sites:
  one: {platform: managed, url: "http://one.repo.acme.example", aws: {region: us-east-1}, nodes: {count: 2, max: 4}}
  two: {platform: external, url: "https://two.other.example", credentials: {token: "file:secrets/two"}}
disaster_recovery: {pair: {service: {name: repo.acme.example}}}
"""


def test_a_document_is_read_with_its_defaults(tmp_path: Path) -> None:
    (tmp_path / "estate.yaml").write_text(DOCUMENT)
    document = read(tmp_path / "estate.yaml", tmp_path)
    one, two = document.sites
    assert (one.account, one.region, one.most_nodes, one.licence_files) == ("1", "us-east-1", 4, (tmp_path / "a.txt",))
    assert (two.managed, two.host, two.token_file, two.licence_files) == (
        False,
        "two.other.example",
        tmp_path / "secrets/two",
        (),
    )
    assert document.zones == {("1", "acme.example")}
    assert (document.service_names, document.backend_directory) == (("repo.acme.example",), tmp_path / ".sandbox/state")


@pytest.mark.parametrize("text", ["", "sites: [", "sites: 3", "[1, 2]"])
def test_what_is_no_document_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "estate.yaml").write_text(text)
    with pytest.raises(Unreadable):
        read(tmp_path / "estate.yaml", tmp_path)


def test_the_sandbox_imports_nothing_of_the_product() -> None:
    program = """
import sys, artifactory_sandbox.cli, artifactory_sandbox.document
print([name for name in sys.modules if name.startswith("artifactory_estate")])
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_machine_is_found_by_the_name_of_its_node_and_by_its_own(machine: Machine) -> None:
    world = SimpleNamespace(plane=SimpleNamespace(machines={machine.id: machine}))
    with pytest.raises(faults.NoSuchFault, match="no such node: us-east-1; there are i-1"):
        faults._machines(world, {"node": "us-east-1"})
    etc = Files(machine.root).etc
    etc.mkdir(parents=True, exist_ok=True)
    (etc / "system.yaml").write_text("configVersion: 1\nshared: {node: {id: us-east-1}}\n")
    assert faults._machines(world, {"node": "us-east-1"}) == faults._machines(world, {"node": "i-1"}) == [machine]
    machine.state = "terminated"
    with pytest.raises(faults.NoSuchFault):
        faults._machines(world, {"node": "us-east-1"})
