"""https through the sandbox: listeners that end TLS, the authority that clients trust, redirects, wildcard names."""

import hashlib
import subprocess
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.clients.sandbox_cloud.running import Fleet, Running, put_record

HOST = {"application": "http-tls.repo.acme.example", "network": "tcp-tls.repo.acme.example"}
LISTENS = {
    "application": ("HTTPS", "ELBSecurityPolicy-TLS13-1-2-2021-06"),
    "network": ("TLS", "ELBSecurityPolicy-TLS13-1-3-2021-06"),
}


@pytest.fixture(scope="module", params=["application", "network"])
def secure(sandbox: Running, request: pytest.FixtureRequest) -> Fleet:
    """A fleet whose load balancer has a certificate of ACM's at port 443."""
    kind = str(request.param)
    made = Fleet(sandbox, f"tls-{kind[:3]}", "us-east-1", HOST[kind], size=1, kind=kind)
    acm, elb = sandbox.aws("acm"), sandbox.aws("elbv2")
    certificate = acm.request_certificate(DomainName=made.host, SubjectAlternativeNames=[f"*.{made.host}"])
    (balancer,) = elb.describe_load_balancers(Names=[made.name])["LoadBalancers"]
    protocol, policy = LISTENS[kind]
    elb.create_listener(
        LoadBalancerArn=balancer["LoadBalancerArn"], Protocol=protocol, Port=443, SslPolicy=policy,
        Certificates=[{"CertificateArn": certificate["CertificateArn"]}],
        DefaultActions=[{"Type": "forward", "TargetGroupArn": made.group_arn}],
    )  # fmt: skip
    alias = {
        "HostedZoneId": balancer["CanonicalHostedZoneId"],
        "DNSName": balancer["DNSName"],
        "EvaluateTargetHealth": True,
    }
    put_record(sandbox, {"Name": f"*.{made.host}", "Type": "A", "AliasTarget": alias})
    made.wait_healthy(1)
    return made


def session(sandbox: Running, ca: str | bool | None = None) -> requests.Session:
    """A client that trusts the sandbox's authority, and knows nothing but its proxy."""
    made = requests.Session()
    made.trust_env = False
    made.proxies = {"http": sandbox.description["proxy"], "https": sandbox.description["proxy"]}
    made.verify = str(sandbox.state / "ca.pem") if ca is None else ca
    return made


def test_a_client_that_trusts_the_authority_is_served(sandbox: Running, secure: Fleet) -> None:
    client = session(sandbox)
    for path in ("/a?b=%20c", "/again"):
        seen = client.get(f"https://{secure.host}{path}", timeout=20).json()
        assert seen["path"] == path
        assert seen["headers"]["Host"] == secure.host
    if secure.host == HOST["application"]:
        assert (seen["headers"]["X-Forwarded-Proto"], seen["headers"]["X-Forwarded-Port"]) == ("https", "443")


def test_one_that_does_not_is_not(sandbox: Running, secure: Fleet) -> None:
    with pytest.raises(requests.exceptions.SSLError, match="certificate verify failed"):
        session(sandbox, ca=True).get(f"https://{secure.host}/", timeout=20)


def test_a_name_below_is_covered_too(sandbox: Running, secure: Fleet) -> None:
    seen = session(sandbox).get(f"https://images.{secure.host}/v2/", timeout=20).json()
    assert seen["headers"]["Host"] == f"images.{secure.host}"


def test_a_big_upload_streams_through(sandbox: Running, secure: Fleet) -> None:
    body = b"0123456789abcdef" * (1 << 20)
    sent: Any = (body[start : start + 100_000] for start in range(0, len(body), 100_000))
    answer = session(sandbox).put(f"https://{secure.host}/x", data=sent, timeout=60).json()
    assert answer == {"sha256": hashlib.sha256(body).hexdigest(), "size": len(body)}


def test_curl_takes_it_in_the_policys_versions(sandbox: Running, secure: Fleet, tmp_path: Path) -> None:
    def status(*options: str) -> str:
        line = [
            "curl",
            "-s",
            "-o",
            str(tmp_path / "out"),
            "-w",
            "%{http_code}",
            "--proxy",
            sandbox.description["proxy"],
        ]
        line += ["--cacert", str(sandbox.state / "ca.pem"), *options, f"https://{secure.host}/"]
        return subprocess.run(line, capture_output=True, text=True, check=False, timeout=30).stdout

    assert status("--tlsv1.3") == "200"
    assert status("--tls-max", "1.2") == ("200" if secure.host == HOST["application"] else "000")


def test_http_is_redirected(sandbox: Running, secure: Fleet) -> None:
    if secure.host != HOST["application"]:
        return
    (balancer,) = secure.elb.describe_load_balancers(Names=[secure.name])["LoadBalancers"]
    listed = secure.elb.describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])["Listeners"]
    (plain,) = [row for row in listed if row["Port"] == 80]
    to = {"Type": "redirect", "RedirectConfig": {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"}}
    secure.elb.modify_listener(ListenerArn=plain["ListenerArn"], DefaultActions=[to])
    answer = session(sandbox).get(f"http://{secure.host}/a?b=c", timeout=20, allow_redirects=False)
    assert (answer.status_code, answer.headers["Location"]) == (301, f"https://{secure.host}/a?b=c")
    assert session(sandbox).get(f"http://{secure.host}/a", timeout=20).json()["path"] == "/a"


def test_a_platform_outside_has_one_too(sandbox: Running) -> None:
    ping = session(sandbox).get("https://lab.repo.acme.example/artifactory/api/system/ping", timeout=20)
    assert (ping.status_code, ping.text) == (200, "OK")


def test_a_certificate_that_a_document_names_is_there(sandbox: Running) -> None:
    found = sandbox.aws("acm", "us-west-2").describe_certificate(
        CertificateArn="arn:aws:acm:us-west-2:123456789012:certificate/west"
    )["Certificate"]
    assert (found["Status"], found["DomainName"]) == ("ISSUED", "west.repo.acme.example")
