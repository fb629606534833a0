"""What is there before the first `up`, and that a directory has one sandbox."""

import json
import subprocess
import sys

from tests.clients.sandbox_cloud.running import Running


def test_one_sandbox_a_directory(sandbox: Running) -> None:
    line = [sys.executable, "-m", "artifactory_sandbox", "start", "--state", str(sandbox.state)]
    second = subprocess.run(line, capture_output=True, text=True, timeout=60, check=False)
    assert second.returncode == 1
    assert "a sandbox runs already" in second.stdout
    assert json.loads(sandbox.run("status")) == sandbox.description


def test_an_estate_finds_what_its_document_refers_to(sandbox: Running) -> None:
    licences = sandbox.directory / "secrets/east.txt"
    assert len(licences.read_text().strip().split("\n\n")) == 3 + 2, "three nodes at most, two to spare"
    assert licences.stat().st_mode & 0o777 == 0o600
    zones = sandbox.aws("route53").list_hosted_zones()["HostedZones"]
    assert [zone["Name"] for zone in zones] == ["acme.example."]


def test_the_environment_is_what_a_client_process_needs(sandbox: Running) -> None:
    exported = subprocess.run(
        ["/bin/sh", "-c", f". {sandbox.state}/env && env"],
        capture_output=True,
        text=True,
        check=True,
        env={"PATH": "/usr/bin:/bin"},
    ).stdout
    assert {f"{name}={value}" for name, value in sandbox.description["env"].items()} <= set(exported.splitlines())
    assert sandbox.description["env"]["no_proxy"] == "127.0.0.1,localhost"
