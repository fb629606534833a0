"""nginx's and Apache's files. That the real programs take them is seen in tests/clients/load_balancer."""

import re
from pathlib import Path

import pytest

from artifactory_estate.load_balancer.model import LoadBalancer
from artifactory_estate.load_balancer.render import apache_conf, nginx_conf
from tests.support.golden import assert_golden
from tests.unit.load_balancer.variants import NODES, OWN, variants

GOLDEN = Path(__file__).parent / "golden"
URL = "https://us-east.repo.acme.example"
VARIANTS = dict(variants())


@pytest.mark.parametrize("name", VARIANTS)
def test_reviewed_files(name: str) -> None:
    assert_golden(GOLDEN / name, VARIANTS[name])


def test_every_reviewed_file_is_of_a_variant() -> None:
    assert {file.name for file in GOLDEN.iterdir()} == set(VARIANTS)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_every_name_is_answered_in_its_own_urls_with_the_sites_scheme(scheme: str) -> None:
    url = f"{scheme}://us-east.repo.acme.example"
    assert f"X-JFrog-Override-Base-Url {scheme}://$http_host;" in nginx_conf(url)
    assert f'X-JFrog-Override-Base-Url "expr={scheme}://%{{HTTP_HOST}}"' in apache_conf(url)
    assert "us-east.repo" not in nginx_conf(url) + apache_conf(url)


@pytest.mark.parametrize(("wanted", "url"), [("site", URL), ("https://repo.acme.example", "https://repo.acme.example")])
def test_one_name_in_every_generated_url_where_asked_for(wanted: str, url: str) -> None:
    nginx = nginx_conf(URL, LoadBalancer(kind="nginx", override_base_url=wanted))
    apache = apache_conf(URL, LoadBalancer(kind="apache", override_base_url=wanted))
    assert f"X-JFrog-Override-Base-Url {url};" in nginx
    assert f'X-JFrog-Override-Base-Url "expr={url}"' in apache


def test_nodes_of_their_own_instances() -> None:
    nginx = nginx_conf(URL, LoadBalancer(kind="nginx", placement="front"), NODES)
    apache = apache_conf(URL, LoadBalancer(kind="apache", placement="front"), NODES)
    wanted = [f"{node}:{port}" for port in (8082, 8081) for node in NODES]
    assert re.findall(r"server ([0-9.:]+) max_fails=1", nginx) == wanted
    assert re.findall(r"BalancerMember http://(\S+)", apache) == wanted


def test_uploads_have_no_limit_and_long_reads_are_waited_for() -> None:
    conf = nginx_conf(URL)
    for line in ("client_max_body_size 0;", "proxy_read_timeout 2400s;", "proxy_request_buffering off;"):
        assert line in conf
    assert "LimitRequestBody 0" in apache_conf(URL)
    assert "ProxyTimeout 2400" in apache_conf(URL)


def test_no_browser_guesses_types_and_cookies_are_of_the_whole_site() -> None:
    assert "add_header X-Content-Type-Options nosniff always;" in nginx_conf(URL)
    assert 'Header always set X-Content-Type-Options "nosniff"' in apache_conf(URL)
    assert "proxy_cookie_path ~*^/.* /;" in nginx_conf(URL)


def test_a_limit_and_another_wait_where_declared() -> None:
    declared = LoadBalancer.from_data({"kind": "nginx", "max_body": "10GiB", "read_timeout": "1h"})
    assert "client_max_body_size 10737418240;" in nginx_conf(URL, declared)
    assert "proxy_read_timeout 3600s;" in nginx_conf(URL, declared)
    assert "LimitRequestBody 10737418240" in apache_conf(URL, declared)


@pytest.mark.parametrize(
    ("tls", "nginx", "apache"), [("1.2", "TLSv1.2 TLSv1.3", "+TLSv1.2 +TLSv1.3"), ("1.3", "TLSv1.3", "+TLSv1.3")]
)
def test_oldest_tls(tls: str, nginx: str, apache: str) -> None:
    declared = LoadBalancer.from_data({"kind": "nginx", "own_certificate": OWN.to_data(), "tls": tls})
    assert f"ssl_protocols {nginx};" in nginx_conf(URL, declared)
    assert f"SSLProtocol -all {apache}\n" in apache_conf(URL, declared)


def test_browsers_are_told_to_stay_with_https() -> None:
    never = LoadBalancer.from_data({"kind": "nginx", "hsts": "0s"})
    for render in (nginx_conf, apache_conf):
        assert "max-age=31536000" in render(URL)
        assert "max-age" not in render(URL.replace("https", "http"))
        assert "max-age" not in render(URL, never)
