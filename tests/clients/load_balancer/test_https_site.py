"""A whole https site in the sandbox: the load balancer ends TLS, then the web server beside each node does."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from artifactory_sandbox.network.authority import Authority
from tests.support.documents import EAST, HEAD
from tests.support.sandbox import SandboxProject

HOST = "us-east.repo.small.example"
ALB = "{kind: alb}"
OWN = (
    "{kind: nginx, own_certificate: "
    '{certificate: "file:.sandbox/site.crt", key: "file:.sandbox/site.key"}, docker: {method: subdomain}}'
)
DOCUMENT = (
    (HEAD + EAST)
    .replace(f"http://{HOST}", f"https://{HOST}\n    ca_bundle: .sandbox/ca.pem")
    .replace("{kind: nginx}", ALB)
    .replace("      local:\n", "      local:\n        images: {package_type: docker}\n")
)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProject]:
    project = SandboxProject(tmp_path_factory.mktemp("https") / "project", DOCUMENT)
    with project.running():
        project.estate("up")
        yield project


def client(project: SandboxProject, ca: str) -> requests.Session:
    """Somebody outside, who trusts one authority."""
    made = requests.Session()
    made.trust_env = False
    made.proxies = dict.fromkeys(("http", "https"), project.about["proxy"])
    made.verify = ca
    return made


def listed(answer: requests.Response) -> set[str]:
    """What generated URLs begin with."""
    rows: list[dict[str, Any]] = answer.json()
    return {row["url"].partition("/artifactory/")[0] for row in rows}


def test_the_load_balancer_ends_tls(project: SandboxProject) -> None:
    outside = client(project, str(project.sandbox_folder / "ca.pem"))
    token = project.aws("secretsmanager").get_secret_value(SecretId="small/us-east/admin-token")["SecretString"]
    bearer = {"Authorization": f"Bearer {token}"}
    answer = outside.get(f"https://{HOST}/artifactory/api/repositories", headers=bearer, timeout=30)
    assert listed(answer) == {f"https://{HOST}"}
    realm = outside.get(f"https://{HOST}/v2/", timeout=30).headers["WWW-Authenticate"]
    assert f'realm="https://{HOST}/' in realm
    plain = outside.get(f"http://{HOST}/ui/", timeout=30, allow_redirects=False)
    assert (plain.status_code, plain.headers["Location"]) == (301, f"https://{HOST}/ui/")
    (issued,) = project.aws("acm").list_certificates()["CertificateSummaryList"]
    assert (issued["DomainName"], issued["Status"]) == (HOST, "ISSUED")
    assert "to update" not in project.estate("preview")


def test_the_web_server_ends_it_then(project: SandboxProject) -> None:
    """Another authority's certificate, by reference; registries by subdomain."""
    own = Authority()
    certificate, key = own.issue([HOST, f"*.{HOST}"])
    (project.sandbox_folder / "site.crt").write_text(certificate)
    (project.sandbox_folder / "site.key").write_text(key)
    (project.sandbox_folder / "own.pem").write_text(own.pem)
    project.replace(ALB, OWN)
    project.replace(".sandbox/ca.pem", ".sandbox/own.pem")
    project.estate("up")
    outside = client(project, str(project.sandbox_folder / "own.pem"))
    assert outside.get(f"https://{HOST}/router/api/v1/system/health", timeout=30).status_code == 200
    realm = outside.get(f"https://images.{HOST}/v2/", timeout=30).headers["WWW-Authenticate"]
    assert f'realm="https://images.{HOST}/' in realm
