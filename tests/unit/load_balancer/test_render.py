"""nginx's and Apache's files."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from artifactory_estate.load_balancer.render import apache_conf, nginx_conf
from tests.support.golden import assert_golden

GOLDEN = Path(__file__).parent / "golden"
URL = "https://us-east.repo.acme.example"


def test_reviewed_files() -> None:
    assert_golden(GOLDEN / "nginx.conf", nginx_conf(URL))
    assert_golden(GOLDEN / "apache.conf", apache_conf(URL))


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_every_name_is_answered_in_its_own_urls_with_the_sites_scheme(scheme: str) -> None:
    url = f"{scheme}://us-east.repo.acme.example"
    assert f"X-JFrog-Override-Base-Url {scheme}://$http_host;" in nginx_conf(url)
    assert f'X-JFrog-Override-Base-Url "expr={scheme}://%{{HTTP_HOST}}"' in apache_conf(url)
    assert "us-east.repo" not in nginx_conf(url) + apache_conf(url)


def test_nodes_of_their_own_instances() -> None:
    nodes = ("10.0.0.4", "10.0.16.4")
    assert re.findall(r"server (\S+);", nginx_conf(URL, nodes)) == [
        *(f"{node}:8082" for node in nodes),
        *(f"{node}:8081" for node in nodes),
    ]
    assert re.findall(r"BalancerMember http://(\S+)", apache_conf(URL, nodes)) == [
        *(f"{node}:8082" for node in nodes),
        *(f"{node}:8081" for node in nodes),
    ]


def test_uploads_have_no_limit_and_long_reads_are_waited_for() -> None:
    conf = nginx_conf(URL)
    for line in ("client_max_body_size 0;", "proxy_read_timeout 2400s;", "proxy_request_buffering off;"):
        assert line in conf
    assert "LimitRequestBody 0" in apache_conf(URL)
    assert "ProxyTimeout 2400" in apache_conf(URL)


@pytest.mark.skipif(not shutil.which("nginx"), reason="nginx is not installed")
def test_nginx_itself_accepts_the_file(tmp_path: Path) -> None:
    (tmp_path / "site.conf").write_text(nginx_conf(URL))
    main = tmp_path / "nginx.conf"
    main.write_text(f"pid {tmp_path}/pid; error_log stderr; events {{}} http {{ include {tmp_path}/site.conf; }}")
    found = subprocess.run(["nginx", "-t", "-c", main], capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr


APACHE = shutil.which("httpd") or shutil.which("apache2")
MODULES = next(filter(Path.is_dir, map(Path, ("/etc/httpd/modules", "/usr/lib/apache2/modules"))), Path())
USED = (
    "mpm_event",
    "proxy",
    "proxy_http",
    "proxy_balancer",
    "lbmethod_byrequests",
    "slotmem_shm",
    "rewrite",
    "headers",
)


@pytest.mark.skipif(not APACHE, reason="Apache httpd is not installed")
def test_httpd_itself_accepts_the_file(tmp_path: Path) -> None:
    (tmp_path / "site.conf").write_text(apache_conf(URL))
    loaded = "".join(f"LoadModule {name}_module {MODULES}/mod_{name}.so\n" for name in USED)
    main = tmp_path / "httpd.conf"
    main.write_text(
        f"ServerRoot {tmp_path}\nServerName localhost\nErrorLog /dev/stderr\n{loaded}Include {tmp_path}/site.conf\n"
    )
    found = subprocess.run([str(APACHE), "-t", "-f", main], capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr
