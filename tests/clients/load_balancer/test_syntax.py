"""nginx and Apache httpd themselves read every reviewed file."""

import subprocess
from pathlib import Path

import pytest

from artifactory_sandbox.network.authority import Authority
from tests.clients.load_balancer.web_servers import Kind, certify, command, written
from tests.unit.load_balancer.variants import variants

VARIANTS = dict(variants())


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@pytest.mark.parametrize("name", VARIANTS)
def test_the_real_program_takes_the_file(tmp_path: Path, authority: Authority, name: str) -> None:
    kind: Kind = "nginx" if name.startswith("nginx") else "apache"
    main = written(kind, tmp_path, VARIANTS[name])
    certify(tmp_path / "tls", authority, "us-east.repo.acme.example")
    found = subprocess.run(command(kind, main, "-t"), capture_output=True, text=True, check=False, timeout=60)
    assert found.returncode == 0, found.stderr
    assert "warn" not in found.stderr, found.stderr


@pytest.mark.parametrize("kind", ["nginx", "apache"])
def test_a_wrong_file_is_noticed(tmp_path: Path, kind: Kind) -> None:
    main = written(kind, tmp_path, VARIANTS[f"{kind}-node-repository-path-plain.conf"] + "\nnonsense on;\n")
    found = subprocess.run(command(kind, main, "-t"), capture_output=True, text=True, check=False, timeout=60)
    assert found.returncode != 0
    assert "nonsense" in found.stderr
