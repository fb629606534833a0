"""The installer's kinds on a node: an archive is laid out as the packages are, and what is another file is not run."""

import hashlib
import http.server
import io
import ssl
import subprocess
import tarfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from artifactory_estate.site.installation import Artifactory
from artifactory_estate.site.render import bundle
from artifactory_sandbox.network.authority import Authority
from tests.clients.site.cluster import Cluster, running_cluster
from tests.clients.site.node_machine import Machine
from tests.unit.site.site_values import ARTIFACTORY, DATABASE, names, site_of

ARCHIVE = "jfrog-artifactory-pro-7.111.4-linux.tar.gz"
LISTED = [{"source": "s3://acme/nginx.rpm", "sha256": "0" * 64}]
"""That packages are listed; which ones, the lines of the bundle say."""
INSTALLER = '#!/bin/bash\nprintf "%s\\n" "installService $*" >>"$STUB_MACHINE/calls"\n'


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    with running_cluster(tmp_path) as made:
        yield made


def archive(marker: str) -> bytes:
    """As JFrog's: one folder with `app` and `var`."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as packed:
        for name, text in (
            ("app/bin/installService.sh", INSTALLER),
            ("app/marker", marker),
            ("var/etc/system.full-template.yaml", "configVersion: 1\n"),
        ):
            entry = tarfile.TarInfo(f"artifactory-pro-7.111.4/{name}")
            entry.size, entry.mode = len(text), 0o755
            packed.addfile(entry, io.BytesIO(text.encode()))
    return out.getvalue()


def declare(cluster: Cluster, content: bytes, sha256: str | None = None) -> None:
    """A bundle whose package is `content` in the site's bucket."""
    digest = sha256 or hashlib.sha256(content).hexdigest()
    release = Artifactory.from_data(
        {"version": "7.111.4", "package": {"source": f"s3://acme/{ARCHIVE}", "sha256": digest}}
    )
    key = f"packages/{digest}/{ARCHIVE}"
    cluster.cloud.put(key, content)
    url = f"s3://{names().site_bucket}/{key}"
    for name, text in bundle(names(), site_of(), release, DATABASE, url, {}).items():
        (cluster.bundle / name).write_text(text)


def test_an_archive_is_laid_out_as_a_package_is(cluster: Cluster) -> None:
    declare(cluster, archive("first"))
    node = cluster.machine("i-1")
    result = node.run(cluster.script)
    assert result.returncode == 0, result.stdout
    home = node.root / "opt/jfrog/artifactory"
    assert (home / "app/marker").read_text() == "first"
    assert (home / "var").resolve() == (node.root / "var/opt/jfrog/artifactory").resolve()
    assert (node.root / "var/opt/jfrog/artifactory/etc/system.yaml").is_file()
    assert "installService artifactory artifactory" in node.recorded()
    assert not list((node.root / "var/lib/artifactory-estate").glob("*.tar.gz"))


def test_another_archive_replaces_the_program_and_leaves_the_data(cluster: Cluster) -> None:
    declare(cluster, archive("first"))
    node = cluster.machine("i-1")
    node.run(cluster.script)
    kept = node.root / "var/opt/jfrog/artifactory/data/kept"
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text("binaries")
    declare(cluster, archive("second"))
    result = node.run(cluster.script, digest="e" * 64)
    assert result.returncode == 0, result.stdout
    assert (node.root / "opt/jfrog/artifactory/app/marker").read_text() == "second"
    assert kept.read_text() == "binaries"


def test_a_file_with_another_digest_is_not_installed(cluster: Cluster) -> None:
    declare(cluster, archive("first"), sha256="b" * 64)
    node = cluster.machine("i-1")
    result = node.run(cluster.script)
    assert result.returncode != 0
    assert "has not the declared sha256" in result.stdout
    assert "installService" not in node.recorded()


def declare_system(cluster: Cluster, packages: Any, lines: str = "") -> None:
    """A bundle that takes packages of the system from there; a list's files are in the bucket as `lines` say."""
    release = Artifactory.from_data({**ARTIFACTORY.to_data(), "system_packages": packages})
    for name, text in bundle(names(), site_of(), release, DATABASE, "sandbox", {}, system_packages=lines).items():
        (cluster.bundle / name).write_text(text)


def installed(node: Machine) -> list[str]:
    """The packages that were asked for, with where they may come from; Artifactory's own left out."""
    asked = [line for line in node.recorded().splitlines() if line.startswith("dnf ") and "artifactory-pro" not in line]
    return [line.removeprefix("dnf ").replace("install -y --quiet ", "") for line in asked]


@pytest.mark.parametrize(
    ("declared", "asks"), [(None, "--disablerepo=* --enablerepo=amazonlinux "), ("distribution", "")]
)
def test_what_the_image_lacks_comes_from_where_the_document_says(
    cluster: Cluster, declared: str | None, asks: str
) -> None:
    declare_system(cluster, declared)
    node = cluster.machine("i-1")
    result = node.run(cluster.script)
    assert result.returncode == 0, result.stdout
    assert installed(node) == [f"{asks}nginx", f"{asks}amazon-cloudwatch-agent"]


def test_with_image_a_node_asks_nobody_and_says_what_it_misses(cluster: Cluster) -> None:
    declare_system(cluster, "image")
    node = cluster.machine("i-1")
    result = node.run(cluster.script)
    assert result.returncode != 0
    assert "the image has no nginx: bring it by system_packages, pre_install or ami" in result.stdout
    (node.root / "etc/nginx").mkdir(parents=True)
    result = node.run(cluster.script)
    assert result.returncode == 0, result.stdout
    assert "no logs go to CloudWatch: the image has no amazon-cloudwatch-agent" in result.stdout
    assert installed(node) == []


def test_listed_packages_come_from_the_bucket_once_and_all_together(cluster: Cluster) -> None:
    lines = ""
    for name in ("nginx-1.28.0-1.amzn2023.x86_64.rpm", "nginx-core-1.28.0-1.amzn2023.x86_64.rpm"):
        digest = hashlib.sha256(name.encode()).hexdigest()
        cluster.cloud.put(f"packages/{digest}/{name}", name.encode())
        lines += f"s3://{names().site_bucket}/packages/{digest}/{name} {digest}\n"
    declare_system(cluster, LISTED, lines)
    node = cluster.machine("i-1")
    for bundle_digest in ("d" * 64, "e" * 64):
        result = node.run(cluster.script, digest=bundle_digest)
        assert result.returncode == 0, result.stdout
    folder = node.root / "var/lib/artifactory-estate/system-packages"
    files = " ".join(f"{folder}/{line.split()[0].rsplit('/', 1)[1]}" for line in lines.splitlines())
    assert installed(node) == [f"--disablerepo=* {files}"]
    assert not folder.exists()


def test_a_listed_package_with_another_digest_is_not_installed(cluster: Cluster) -> None:
    cluster.cloud.put("packages/0/nginx.rpm", b"another")
    declare_system(cluster, LISTED, f"s3://{names().site_bucket}/packages/0/nginx.rpm {'0' * 64}\n")
    node = cluster.machine("i-1")
    result = node.run(cluster.script)
    assert result.returncode != 0
    assert "packages/0/nginx.rpm has not the declared sha256" in result.stdout
    assert installed(node) == []


def test_a_download_at_boot_follows_redirections_over_tls_and_checks_the_digest(cluster: Cluster) -> None:
    content = archive("from elsewhere")
    with _served(cluster.folder, content) as (url, authority):
        digest = hashlib.sha256(content).hexdigest()
        package = {"source": f"{url}/moved/{ARCHIVE}", "sha256": digest, "download_at_boot": True}
        release = Artifactory.from_data({"version": "7.111.4", "package": package})
        for name, text in bundle(names(), site_of(), release, DATABASE, package["source"], {}).items():
            (cluster.bundle / name).write_text(text)
        node = cluster.machine("i-1")
        environment = node.environment("d" * 64) | {"CURL_CA_BUNDLE": str(authority), "no_proxy": "*"}
        command = ["/bin/bash", str(cluster.script)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout
    assert (node.root / "opt/jfrog/artifactory/app/marker").read_text() == "from elsewhere"


@contextmanager
def _served(folder: Path, content: bytes) -> Iterator[tuple[str, Path]]:
    """Address of a web server with TLS, and the file of the authority that signed its certificate."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            moved = self.path.startswith("/moved/")
            self.send_response(302 if moved else 200)
            if moved:
                self.send_header("Location", self.path.removeprefix("/moved"))
            self.send_header("Content-Length", "0" if moved else str(len(content)))
            self.end_headers()
            self.wfile.write(b"" if moved else content)

        def log_message(self, *_: object) -> None: ...

    authority = Authority()
    certificate, key = authority.issue(["127.0.0.1", "localhost"])
    files = {"root.pem": authority.pem, "site.pem": certificate, "site.key": key}
    for name, text in files.items():
        (folder / name).write_text(text)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "site.pem", folder / "site.key")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield f"https://localhost:{server.server_port}", folder / "root.pem"
    finally:
        server.shutdown()
        server.server_close()
