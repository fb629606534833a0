"""What a node says of itself, by the real command line to moto."""

import http.server
import json
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from cryptography import x509

from artifactory_estate.site.names import names_of
from artifactory_estate.site.observability_files import monitor_sh, namespace
from artifactory_sandbox.network.authority import Authority
from tests.support.aws import REGION, running_aws
from tests.unit.site.site_values import site_of

ADDRESS = "127.77.81.1"
HOST = "us-east.repo.acme.example"
TOKEN = "planted-token"
NOW = datetime.now(UTC)


@contextmanager
def node(licences: object) -> Iterator[list[str]]:
    """Answers a node's ping and licences at port 8082; yields the authorizations that it saw."""
    seen: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append(self.headers.get("Authorization", ""))
            body = b"OK" if self.path.endswith("/ping") else json.dumps(licences).encode()
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None: ...

    server = http.server.ThreadingHTTPServer((ADDRESS, 8082), Handler)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield seen
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def web_server(folder: Path) -> Iterator[None]:
    """Ends TLS beside the node, with a certificate of its own."""
    for name, pem in zip(("site.crt", "site.key"), Authority().issue([HOST]), strict=True):
        (folder / name).write_text(pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "site.crt", folder / "site.key")
    server = http.server.ThreadingHTTPServer((ADDRESS, 8443), http.server.SimpleHTTPRequestHandler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()


def told(folder: Path, site: str, **changes: Any) -> dict[str, float]:
    """Runs the script of a site once; what CloudWatch has heard afterwards, by metric."""
    own = names_of("acme", site, site_of().aws)
    boto3.client("secretsmanager", region_name=REGION).create_secret(Name=own.secret("admin-token"), SecretString=TOKEN)
    script = folder / "monitor.sh"
    script.write_text(monitor_sh(own, site_of(**changes)))
    done = subprocess.run(["/bin/bash", script, ADDRESS], capture_output=True, text=True, check=False, timeout=120)
    assert (done.returncode, TOKEN in done.stdout + done.stderr) == (0, False), done.stderr
    cloudwatch = boto3.client("cloudwatch", region_name=REGION)
    found = {}
    for metric in cloudwatch.list_metrics(Namespace=namespace(own))["Metrics"]:
        answer = cloudwatch.get_metric_statistics(
            Namespace=metric["Namespace"],
            MetricName=metric["MetricName"],
            Dimensions=metric["Dimensions"],
            StartTime=NOW - timedelta(hours=1),
            EndTime=NOW + timedelta(hours=1),
            Period=7200,
            Statistics=["Minimum"],
        )
        found[metric["MetricName"]] = answer["Datapoints"][0]["Minimum"]
    return found


@pytest.fixture(scope="module")
def cloud() -> Iterator[None]:
    with running_aws():
        yield


def test_a_node_tells_its_storage_its_pace_and_when_a_licence_ends(cloud: None, tmp_path: Path) -> None:
    ends = [f"{NOW + timedelta(days=days):%b %-d, %Y}" for days in (400, 20)]
    with node({"licenses": [{"type": "Enterprise", "validThrough": end} for end in ends]}) as seen:
        found = told(tmp_path, "east")
    assert 0 < found["FreeStoragePercent"] <= 100
    assert 0 < found["AnswerSeconds"] < 60
    assert found["LicenceDaysLeft"] in {19, 20}
    assert seen == ["", f"Bearer {TOKEN}"]


def test_a_node_tells_when_the_sites_own_certificate_ends(cloud: None, tmp_path: Path) -> None:
    own = {"certificate": "file:site.crt", "key": "file:site.key"}
    with web_server(tmp_path):
        found = told(tmp_path, "south", url=f"https://{HOST}", load_balancer={"kind": "nginx", "own_certificate": own})
    pem = (tmp_path / "site.crt").read_bytes()
    left = x509.load_pem_x509_certificate(pem).not_valid_after_utc - NOW
    assert found["CertificateDaysLeft"] in {left.days - 1, left.days}


def test_a_node_that_does_not_answer_tells_its_storage(cloud: None, tmp_path: Path) -> None:
    assert set(told(tmp_path, "west")) == {"FreeStoragePercent"}
