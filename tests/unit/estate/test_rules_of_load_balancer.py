from typing import Any

import pytest

from tests.unit.estate.judged import Rule

EU = "sites.eu-west"
LB = f"{EU}.load_balancer"
CERTIFICATE = "arn:aws:acm:eu-west-1:123456789012:certificate/1-2"
OWN = {"certificate": "file:site.crt", "key": "file:site.key"}
HTTPS = {f"{EU}.url": "https://eu-west.repo.acme.example"}


def http(**balancer: Any) -> dict[str, Any]:
    """The site, whose URL is http, with this load balancer."""
    return {LB: {"kind": "nginx", **balancer}}


def https(**balancer: Any) -> dict[str, Any]:
    """The same with an https URL and a certificate, unless another is given."""
    given = {} if "own_certificate" in balancer else {"certificate": CERTIFICATE}
    return {**HTTPS, LB: {"kind": "nginx", **given, **balancer}}


def docker(**words: Any) -> dict[str, Any]:
    return http(docker=words)


def rule(accepts: dict[str, Any], refuses: dict[str, Any], key: str, text: str) -> Rule:
    return Rule(accepts, refuses, f"{LB}.{key}", text)


IMAGES = {f"{EU}.repositories": {"local": {"images-local": {"package_type": "docker"}}}}
DOTTED = {f"{EU}.repositories": {"local": {"images.local": {"package_type": "docker"}}}}
FILES = {f"{EU}.repositories": {"local": {"files-local": {"package_type": "generic"}}}}
FRONT = {"placement": "front"}
PAIR = {
    "sites.us-east.url": "https://us-east.repo.acme.example",
    "sites.us-east.load_balancer": {"kind": "nginx"},
    "sites.us-west.url": "https://us-west.repo.acme.example",
    "sites.us-west.load_balancer": {"kind": "nginx", "certificate": CERTIFICATE.replace("eu-west-1", "us-west-2")},
    "disaster_recovery.east.service": {"name": "repo.acme.example", "switch": "hook", "command": ["./move"]},
}

RULES = {
    "https has a certificate": rule(
        {**HTTPS, **http()},
        {**HTTPS, **http(), f"{EU}.zone": "none"},
        "certificate",
        "missing (the site's URL is https://",
    ),
    "https without a zone is given one": rule(
        {**https(), f"{EU}.zone": "none"}, {**HTTPS, **http(), f"{EU}.zone": "none"}, "certificate", "can prove to ACM"
    ),
    "a certificate that is asked for covers the name of the pair": Rule(
        PAIR,
        {**PAIR, "disaster_recovery.east.service.name": "repo.elsewhere.example"},
        "sites.us-east.load_balancer.certificate",
        "repo.elsewhere.example too (design 4), which is not in the zone acme.example",
    ),
    "a name that ACM gives a certificate for": rule(
        {**http(), f"{EU}.url": f"https://{'l' * 46}.repo.acme.example"},
        {**http(), f"{EU}.url": f"https://{'l' * 47}.repo.acme.example"},
        "certificate",
        "(ACM: a certificate's first name has at most 64 characters)",
    ),
    "a certificate of https": rule(
        https(), http(certificate=CERTIFICATE), "certificate", "clients would go unencrypted"
    ),
    "an own certificate of https": rule(
        https(own_certificate=OWN), http(own_certificate=OWN), "own_certificate", "clients would go unencrypted"
    ),
    "a certificate of the region": rule(
        https(),
        https(certificate=CERTIFICATE.replace("eu-west-1", "eu-west-2")),
        "certificate",
        "a certificate of eu-west-2",
    ),
    "a certificate of the account": rule(
        https(),
        https(certificate=CERTIFICATE.replace("123456789012", "210987654321")),
        "certificate",
        "takes certificates of its own account",
    ),
    "one certificate": rule(
        https(own_certificate=OWN),
        https(own_certificate=OWN, certificate=CERTIFICATE),
        "certificate",
        "design 4: TLS ends at one place",
    ),
    "a key beside the certificate": rule(
        https(own_certificate=OWN),
        https(own_certificate={**OWN, "key": "file:site.crt"}),
        "own_certificate.key",
        "files reference 5.1",
    ),
    "an ALB's certificate is ACM's": rule(
        https(own_certificate=OWN),
        https(kind="alb", own_certificate=OWN),
        "own_certificate",
        "files reference 5.4: an ALB or NLB takes its certificate from ACM",
    ),
    "an NLB's certificate is ACM's": rule(
        https(kind="nlb"), https(kind="nlb", own_certificate=OWN), "own_certificate", "given, with kind: nlb"
    ),
    "TLS of https": rule(https(tls="1.3"), http(tls="1.3"), "tls", "files reference 5.1: nothing is encrypted"),
    "HSTS of https": rule(https(hsts="30d"), http(hsts="30d"), "hsts", "counts over https only"),
    "no HSTS of an NLB": rule(
        https(hsts="0s"), https(kind="nlb", hsts="0s"), "hsts", "a network load balancer does not understand HTTP"
    ),
    "redirect to https": rule(
        https(redirect_http=False), http(redirect_http=False), "redirect_http", "there is no https"
    ),
    "no redirect of an NLB": rule(
        https(redirect_http=False), https(kind="nlb", redirect_http=False), "redirect_http", "files reference 5.4"
    ),
    "placement of a web server": rule(http(**FRONT), http(kind="alb", **FRONT), "placement", "decision 0015"),
    "instances of a web server": rule(
        http(**FRONT, fronts={"count": 3}), http(kind="nlb", fronts={"count": 3}), "fronts", "given, with kind: nlb"
    ),
    "instances of a placement": rule(
        http(**FRONT, fronts={"count": 3}), http(fronts={"count": 3}), "fronts", "given, with placement: node"
    ),
    "two fronts of a cluster": rule(
        http(**FRONT, fronts={"count": 2}),
        http(**FRONT, fronts={"count": 1}),
        "fronts.count",
        "seed 004: high availability ends where one instance is left",
    ),
    "fronts have followed": rule(
        http(**FRONT, deregistration_delay="30s"),
        http(**FRONT, deregistration_delay="29s"),
        "deregistration_delay",
        "until it looks again, every ten seconds",
    ),
    "beside a node nobody follows": rule(
        http(deregistration_delay="0s"),
        http(**FRONT, deregistration_delay="0s"),
        "deregistration_delay",
        "0 s, with placement: front",
    ),
    "a front of x86": rule(
        http(**FRONT, fronts={"instance_type": "c7i.xlarge"}),
        http(**FRONT, fronts={"instance_type": "c8g.xlarge"}),
        "fronts.instance_type",
        "files reference 4.4, 9",
    ),
    "subdomains by a web server": rule(
        docker(method="subdomain"),
        http(kind="alb", docker={"method": "subdomain"}),
        "docker",
        "subdomain and port want nginx",
    ),
    "ports by a web server": rule(
        docker(method="port", ports={"images-local": 5001}),
        http(kind="nlb", docker={"method": "port", "ports": {"images-local": 5001}}),
        "docker",
        "files reference 5.2: a rewrite of the path",
    ),
    "ports of a method": rule(
        docker(method="port", ports={"images-local": 5001}),
        docker(method="subdomain", ports={"images-local": 5001}),
        "docker.ports",
        "given, with method: subdomain",
    ),
    "a method's ports": rule(
        docker(method="port", ports={"images-local": 5001}),
        docker(method="port"),
        "docker.ports",
        "files reference 5.2: one server block for each repository's port",
    ),
    "a port each": rule(
        docker(method="port", ports={"a-local": 5001, "b-local": 5002}),
        docker(method="port", ports={"a-local": 5001, "b-local": 5001}),
        "docker.ports",
        "5001 is the port of 2 repositories",
    ),
    "a free port": rule(
        docker(method="port", ports={"a-local": 5001}),
        docker(method="port", ports={"a-local": 8000}),
        "docker.ports.a-local",
        "8000 is taken by the web server",
    ),
    "a port that no service has": rule(
        docker(method="port", ports={"a-local": 8093}),
        docker(method="port", ports={"a-local": 8046}),
        "docker.ports.a-local",
        "8046 is taken by a service of the node",
    ),
    "a port of a registry": rule(
        {**IMAGES, **docker(method="port", ports={"images-local": 5001})},
        {**FILES, **docker(method="port", ports={"files-local": 5001})},
        "docker.ports.files-local",
        "files reference 5.2: registries have ports",
    ),
    "a registry's name in DNS": rule(
        {**IMAGES, **docker(method="subdomain")},
        {**DOTTED, **docker(method="subdomain")},
        "docker.method",
        "the registry images.local is no name in DNS",
    ),
    "override by a web server": rule(
        http(override_base_url="site"),
        http(kind="alb", override_base_url="site"),
        "override_base_url",
        "cannot set X-JFrog-Override-Base-Url",
    ),
    "override without a path": rule(
        http(override_base_url="http://repo.acme.example"),
        http(override_base_url="http://repo.acme.example/artifactory"),
        "override_base_url",
        "files reference 5.3: X-JFrog-Override-Base-Url of 7.x is without the context",
    ),
    "override in the site's scheme": rule(
        https(override_base_url="https://repo.acme.example"),
        https(override_base_url="http://repo.acme.example"),
        "override_base_url",
        "is http, the site's URL https",
    ),
    "override behind a service name": Rule(
        {"sites.us-east.load_balancer": {"kind": "nginx", "override_base_url": "http://repo.acme.example"}},
        {"sites.us-east.load_balancer": {"kind": "nginx", "override_base_url": "site"}},
        "sites.us-east.load_balancer.override_base_url",
        "generated URLs would lead clients past the service name",
    ),
    "an ALB waits": rule(
        http(kind="alb", idle_timeout="1h"),
        http(kind="alb", idle_timeout="2h"),
        "idle_timeout",
        "7200 s is out of range",
    ),
    "only an ALB waits": rule(
        http(kind="alb", idle_timeout="1h"), http(idle_timeout="1h"), "idle_timeout", "only an ALB's can be set"
    ),
    "a long read": rule(
        http(read_timeout="1h"), http(read_timeout="10s"), "read_timeout", "less than a minute breaks large uploads"
    ),
    "a read of a web server": rule(
        http(read_timeout="1h"), http(kind="alb", read_timeout="1h"), "read_timeout", "proxy_read_timeout is nginx's"
    ),
    "a limit of a web server": rule(
        http(max_body="10GiB"), http(kind="nlb", max_body="10GiB"), "max_body", "client_max_body_size is nginx's"
    ),
    "a limit that is one": rule(
        http(max_body="10GiB"), http(max_body="0GiB"), "max_body", "client_max_body_size 0 means no limit"
    ),
    "slow start of an ALB": rule(
        http(kind="alb", slow_start="60s"), http(slow_start="60s"), "slow_start", "its whole share at once"
    ),
    "slow start in range": rule(
        http(kind="alb", slow_start="0s"), http(kind="alb", slow_start="10s"), "slow_start", "30 s to 900 s, or none"
    ),
    "draining in range": rule(
        http(deregistration_delay="1h"), http(deregistration_delay="2h"), "deregistration_delay", "0 s to 3600 s"
    ),
    "asked not too often": rule(
        http(health_check={"interval": "30s"}),
        http(health_check={"interval": "4s", "timeout": "2s"}),
        "health_check.interval",
        "files reference 5.4: 15 to 30 s",
    ),
    "an answer in range": rule(
        http(health_check={"timeout": "5s"}), http(health_check={"timeout": "1s"}), "health_check.timeout", "2 to 120"
    ),
    "an answer before the next question": rule(
        http(health_check={"interval": "15s", "timeout": "14s"}),
        http(health_check={"interval": "15s", "timeout": "15s"}),
        "health_check.timeout",
        "15 s is no less than the interval of 15 s",
    ),
    "good answers": rule(
        http(health_check={"healthy": 3}), http(health_check={"healthy": 1}), "health_check.healthy", "2 to 10"
    ),
    "bad answers": rule(
        http(health_check={"unhealthy": 5}), http(health_check={"unhealthy": 11}), "health_check.unhealthy", "2 to 10"
    ),
    "a network": rule(http(allow=["10.20.0.0/16"]), http(allow=["10.20.0.1/16"]), "allow[0]", "has host bits set"),
    "a real network": rule(
        http(allow=["10.20.0.0/16"]), http(allow=["10.299.0.0/16"]), "allow[0]", "10.299.0.0/16 is no network"
    ),
    "a source once": rule(
        http(allow=["pl-12ab", "10.0.0.0/8"]), http(allow=["pl-12ab", "pl-12ab"]), "allow[1]", "stands there twice"
    ),
    "not everybody": rule(
        http(allow=["10.0.0.0/8"]), http(allow=["0.0.0.0/0"]), "allow[0]", "design 4: no public node"
    ),
    "logs of a TLS listener": rule(
        https(access_logs={"bucket": "acme-logs"}),
        http(access_logs={"bucket": "acme-logs"}),
        "access_logs",
        "writes them for TLS listeners only",
    ),
    "logs of the web server's own TLS": rule(
        {**HTTPS, **http(access_logs={"bucket": "acme-logs"})},
        https(own_certificate=OWN, access_logs={"bucket": "acme-logs"}),
        "access_logs",
        "writes them for TLS listeners only",
    ),
    "logs in a bucket of their own": rule(
        {**http(kind="alb", access_logs={"bucket": "acme-logs"}), f"{EU}.filestore.bucket.name": "acme-binaries"},
        {**http(kind="alb", access_logs={"bucket": "acme-binaries"}), f"{EU}.filestore.bucket.name": "acme-binaries"},
        "access_logs.bucket",
        "files reference 7.3: it holds binaries",
    ),
    "logs in a folder": rule(
        http(kind="alb", access_logs={"bucket": "acme-logs", "prefix": "eu"}),
        http(kind="alb", access_logs={"bucket": "acme-logs", "prefix": "/eu/"}),
        "access_logs.prefix",
        "Write it without slashes at its ends",
    ),
    "an id of a prefix list": rule(
        http(allow=["pl-12ab"]), http(allow=["pl-example"]), "allow[0]", "a prefix list, pl-…"
    ),
    "a kind there is": rule(http(), http(kind="haproxy"), "kind", "allowed: alb, nlb, nginx, apache"),
    "an old TLS": rule(https(tls="1.2"), https(tls="1.1"), "tls", "allowed: 1.2, 1.3"),
}


@pytest.mark.parametrize("rule", RULES.values(), ids=[name.replace(" ", "-") for name in RULES])
def test_accepts_and_refuses(rule: Rule) -> None:
    rule.holds()
