"""What may not stand in front of a site."""

import ipaddress
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from artifactory_estate.base import Refusal
from artifactory_estate.estate.model import Estate
from artifactory_estate.load_balancer.model import HealthCheck, LoadBalancer
from artifactory_estate.load_balancer.render import REDIRECT_PORT, TLS_PORT, WEB_SERVER_PORT
from artifactory_estate.site.model import ManagedSite
from artifactory_estate.site.names import host_of, zone_of

Path = tuple[str | int, ...]

_PROXY_ONLY = {
    "placement": "decision 0015: an ALB or NLB is in front already",
    "fronts": "decision 0015: an ALB or NLB has no instances",
    "docker": "files reference 5.2: a rewrite of the path, which neither ALB nor NLB makes; subdomain and port want nginx",
    "override_base_url": "files reference 5.4: an ALB or NLB cannot set X-JFrog-Override-Base-Url",
    "own_certificate": "files reference 5.4: an ALB or NLB takes its certificate from ACM",
    "read_timeout": "files reference 5.1: proxy_read_timeout is nginx's, ProxyTimeout Apache's",
    "max_body": "files reference 5.1: client_max_body_size is nginx's, LimitRequestBody Apache's",
}
_ALB_ONLY = {
    "idle_timeout": "files reference 5.4: only an ALB's can be set",
    "slow_start": "files reference 5.4: a network load balancer sends every target its whole share at once",
}
_HTTPS_ONLY = {
    "certificate": "clients would go unencrypted",
    "own_certificate": "clients would go unencrypted",
    "tls": "files reference 5.1: nothing is encrypted",
    "hsts": "files reference 5.1: Strict-Transport-Security counts over https only",
    "redirect_http": "there is no https to send anybody to",
}
_RANGES = {
    "idle_timeout": (1, 4000, "files reference 5.4"),
    "deregistration_delay": (0, 3600, "AWS takes a target group's deregistration delay in this range"),
    "read_timeout": (60, 86400, "files reference 5.1: 2400 s; less than a minute breaks large uploads"),
}
_CHECK_RANGES = {
    "interval": (5, 300, "AWS takes a target group's interval in this range (files reference 5.4: 15 to 30 s)"),
    "timeout": (2, 120, "AWS takes a target group's timeout in this range"),
    "healthy": (2, 10, "AWS takes a threshold in this range (files reference 5.4: healthy 2)"),
    "unhealthy": (2, 10, "AWS takes a threshold in this range (files reference 5.4: unhealthy 3)"),
}
_TAKEN = {22: "SSH", 80: "the site's http", 443: "the site's https", WEB_SERVER_PORT: "the web server"} | {
    REDIRECT_PORT: "the web server's redirect",
    TLS_PORT: "the web server's https",
}
_NODE_PORTS = range(8025, 8093)
_ARM = re.compile(r"(a1|[a-z]+[0-9]+[a-z]*g[a-z]*)\..*")
_REGISTRIES = ("docker", "oci", "helmoci")
_ACM_MAX = 64
_FOLLOWED_S = 30
"""Two rounds of a front's timer, and time for what they begin (decision 0015)."""


def refusals(estate: Estate) -> Iterator[Refusal]:
    """Every contradiction of every managed site's load balancer."""
    for name, site in estate.managed_sites.items():
        path = ("sites", name, "load_balancer")
        yield from _certificate(site, path)
        yield from _certificate_of_service(estate, name, site, path)
        yield from _misplaced(site, path)
        yield from _ranges(site.load_balancer, path)
        yield from _health_check(site.load_balancer.health_check, (*path, "health_check"))
        yield from _fronts(site, path)
        yield from _docker(site, (*path, "docker"))
        yield from _override(estate, name, site, (*path, "override_base_url"))
        yield from _allow(site.load_balancer, (*path, "allow"))
        yield from _access_logs(site, (*path, "access_logs"))


def _certificate(site: ManagedSite, path: Path) -> Iterator[Refusal]:
    """TLS ends at the load balancer, by a certificate of its region and account, or at the web server (design 4). None is
    given: one is asked for, which a record in the site's zone proves."""
    balancer, place = site.load_balancer, (*path, "certificate")
    certificate, own = balancer.certificate, balancer.own_certificate
    if site.url.startswith("https:") and certificate is None and own is None and site.zone == "none":
        why = f"the site's URL is {site.url}, and with zone: none no record can prove to ACM that its host is ours"
        yield Refusal(place, "missing", why, "Give the ARN of an ACM certificate, or the Route 53 zone of the host.")
    if own and own.certificate == own.key:
        why = "nginx and Apache read two files (files reference 5.1), and a key is read by fewer eyes"
        yield Refusal((*path, "own_certificate", "key"), "the same reference as the certificate's", why)
    if certificate is None:
        if site.url.startswith("https:") and own is None and len(host_of(site)) > _ACM_MAX:
            why = f"ACM: a certificate's first name has at most {_ACM_MAX} characters"
            do = "Take a shorter host name, or give the ARN of a certificate of yours."
            yield Refusal(place, f"missing, for {host_of(site)}", why, do)
        return
    if own:
        yield Refusal(place, "given, with own_certificate", "design 4: TLS ends at one place", "Leave one of them out.")
    region, account = certificate.split(":")[3:5]
    if region != site.aws.region:
        why = f"the load balancer is in {site.aws.region}, and takes certificates of its own region"
        yield Refusal(place, f"a certificate of {region}", why)
    if account != site.aws.account:
        why = f"the load balancer is in the account {site.aws.account}, and takes certificates of its own account"
        yield Refusal(place, f"a certificate of the account {account}", why)


def _certificate_of_service(estate: Estate, name: str, site: ManagedSite, path: Path) -> Iterator[Refusal]:
    """A certificate that is asked for covers the pair's name too, which a record in the site's own zone proves."""
    service, balancer = estate.service_name(name), site.load_balancer
    if not service or site.url.startswith("http:") or balancer.certificate or balancer.own_certificate:
        return
    zone = zone_of(host_of(site), site.zone)
    if zone and not f".{service}".endswith(f".{zone}"):
        why = f"clients come by {service} too (design 4), which is not in the zone {zone}"
        do = f"Give the ARN of an ACM certificate of both, {host_of(site)} and {service}."
        yield Refusal((*path, "certificate"), "missing", why, do)


def _misplaced(site: ManagedSite, path: Path) -> Iterator[Refusal]:
    """Words that this kind, or this URL, gives no meaning to."""
    balancer, plain = site.load_balancer, LoadBalancer()

    def said(keys: dict[str, str]) -> Iterator[tuple[Path, str, Any]]:
        for key, why in keys.items():
            if (value := getattr(balancer, key)) != getattr(plain, key):
                yield (*path, key), why, value

    if not balancer.proxies:
        for place, why, _ in said(_PROXY_ONLY):
            yield Refusal(place, f"given, with kind: {balancer.kind}", why, "Take kind: nginx or apache.")
    if balancer.kind != "alb":
        for place, why, _ in said(_ALB_ONLY):
            yield Refusal(place, f"given, with kind: {balancer.kind}", why)
    if site.url.startswith("http:"):
        for place, why, _ in said(_HTTPS_ONLY):
            yield Refusal(place, "given, but the site's URL is http", why, "Make the URL https.")
    elif balancer.kind == "nlb":
        for place, _, _ in said(dict.fromkeys(("hsts", "redirect_http"), "")):
            why = "files reference 5.4: a network load balancer does not understand HTTP"
            yield Refusal(place, "given, with kind: nlb", why)


def _ranges(balancer: LoadBalancer, path: Path) -> Iterator[Refusal]:
    for key, (least, most, why) in _RANGES.items():
        if not least <= (value := getattr(balancer, key)) <= most:
            yield Refusal((*path, key), f"{value} s is out of range", f"{why}: {least} s to {most} s")
    if balancer.slow_start and not 30 <= balancer.slow_start <= 900:
        why = "AWS takes a slow start of 30 s to 900 s, or none"
        yield Refusal((*path, "slow_start"), f"{balancer.slow_start} s is out of range", why)
    if balancer.max_body == 0:
        why = "files reference 5.1: client_max_body_size 0 means no limit"
        yield Refusal((*path, "max_body"), "0", why, "Leave it out for no limit.")


def _health_check(check: HealthCheck, path: Path) -> Iterator[Refusal]:
    for key, (least, most, why) in _CHECK_RANGES.items():
        if not least <= (value := getattr(check, key)) <= most:
            yield Refusal((*path, key), f"{value} is out of range", f"{why}: {least} to {most}")
    if check.timeout >= check.interval:
        found = f"{check.timeout} s is no less than the interval of {check.interval} s"
        yield Refusal((*path, "timeout"), found, "AWS asks the next time only when the last answer is judged")


def _fronts(site: ManagedSite, path: Path) -> Iterator[Refusal]:
    balancer, fronts = site.load_balancer, site.load_balancer.fronts
    if balancer.proxies and balancer.placement == "node" and fronts != type(fronts)():
        yield Refusal(
            (*path, "fronts"), "given, with placement: node", "only placement: front has instances of its own"
        )
    if balancer.on_fronts and balancer.deregistration_delay < _FOLLOWED_S:
        why = "decision 0015: a front hands requests to a node that leaves until it looks again, every ten seconds"
        found = f"{balancer.deregistration_delay} s, with placement: front"
        yield Refusal((*path, "deregistration_delay"), found, why, f"Make it at least {_FOLLOWED_S}s.")
    if fronts.count == 1 and site.nodes.ceiling > 1:
        found = f"1, before {site.nodes.ceiling} nodes"
        yield Refusal((*path, "fronts", "count"), found, "seed 004: high availability ends where one instance is left")
    if fronts.instance_type and _ARM.fullmatch(fronts.instance_type):
        why = "files reference 4.4, 9: the image is x86, as the nodes' is"
        place = (*path, "fronts", "instance_type")
        yield Refusal(place, f"{fronts.instance_type} is an ARM type", why, "Take an x86 type such as c7i.")


def _docker(site: ManagedSite, path: Path) -> Iterator[Refusal]:
    docker = site.load_balancer.docker
    registries = {key: repo for key, repo in site.repositories.all().items() if repo.package_type in _REGISTRIES}
    if docker.method != "port" and docker.ports:
        yield Refusal(
            (*path, "ports"), f"given, with method: {docker.method}", "files reference 5.2: method: port has them"
        )
    if docker.method == "port" and not docker.ports:
        why = "files reference 5.2: one server block for each repository's port"
        yield Refusal((*path, "ports"), "missing", why, "Give a port for each repository.")
    for port, times in Counter(docker.ports.values()).items():
        if times > 1:
            why = "files reference 5.2: a port leads to one repository"
            yield Refusal((*path, "ports"), f"{port} is the port of {times} repositories", why)
    for key, port in docker.ports.items():
        user = "a service of the node" if port in _NODE_PORTS else _TAKEN.get(port)
        if user:
            yield Refusal((*path, "ports", key), f"{port} is taken by {user}", "files reference 4.4, 5.1: ports in use")
        declared = site.repositories.all().get(key)
        if declared and key not in registries:
            found = f"a repository of package type {declared.package_type}"
            yield Refusal((*path, "ports", key), found, "files reference 5.2: registries have ports")
    if docker.method == "subdomain":
        for key in registries:
            if not re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", key):
                why = (
                    "files reference 5.2: the repository is a label of a host name: lower-case letters, digits, dashes"
                )
                yield Refusal((*path, "method"), f"subdomain, and the registry {key} is no name in DNS", why)


def _override(estate: Estate, name: str, site: ManagedSite, path: Path) -> Iterator[Refusal]:
    override, scheme = site.load_balancer.override_base_url, urlsplit(site.url).scheme
    for pair in estate.disaster_recovery.values():
        if pair.service and name in pair.sides and override not in ("client", f"{scheme}://{pair.service.name}"):
            found = f"{override}, behind the service name {pair.service.name}"
            why = "files reference 5.4: generated URLs would lead clients past the service name"
            yield Refusal(path, found, why, "Leave it out, or name the service's URL.")
    if override in ("client", "site"):
        return
    given = urlsplit(override)
    if given.path:
        why = "files reference 5.3: X-JFrog-Override-Base-Url of 7.x is without the context"
        yield Refusal(path, f"{override} has a path", why, "Leave the path out.")
    if given.scheme != scheme:
        found = f"{override} is {given.scheme}, the site's URL {scheme}"
        yield Refusal(path, found, "files reference 5.1: generated URLs have the scheme that clients come with")


def _allow(balancer: LoadBalancer, path: Path) -> Iterator[Refusal]:
    for number, source in enumerate(balancer.allow):
        place = (*path, number)
        if source in balancer.allow[:number]:
            yield Refusal(place, f"{source} stands there twice", "AWS takes a security group's rule once")
        if source.startswith("pl-"):
            continue
        try:
            network = ipaddress.ip_network(source)
        except ValueError as error:
            yield Refusal(place, f"{source} is no network: {error}", "EC2 takes a network by its first address")
            continue
        if balancer.internal and network.prefixlen == 0:
            why = "design 4: no public node; an internal load balancer has no public address"
            yield Refusal(place, f"{source}, and internal", why, "Name your networks, or say internal: false.")


def _access_logs(site: ManagedSite, path: Path) -> Iterator[Refusal]:
    balancer, logs = site.load_balancer, site.load_balancer.access_logs
    if logs is None:
        return
    if balancer.kind != "alb" and (site.url.startswith("http:") or balancer.own_certificate):
        why = "AWS: a network load balancer writes them for TLS listeners only, and this one has none"
        yield Refusal(path, f"given, with kind: {balancer.kind} that ends no TLS", why)
    if site.filestore.bucket.name and logs.bucket == site.filestore.bucket.name:
        yield Refusal(
            (*path, "bucket"), "the filestore's", "files reference 7.3: it holds binaries, and GC deletes there"
        )
    if logs.prefix.startswith("/") or logs.prefix.endswith("/") or "AWSLogs" in logs.prefix:
        why = "AWS puts /AWSLogs/ACCOUNT behind it itself"
        yield Refusal((*path, "prefix"), f"{logs.prefix}", why, "Write it without slashes at its ends.")
