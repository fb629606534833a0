"""What may not stand in front of a site."""

from collections.abc import Iterator

from artifactory_estate.base import Refusal
from artifactory_estate.estate.model import Estate
from artifactory_estate.load_balancer.model import LoadBalancer
from artifactory_estate.site.model import ManagedSite

_IDLE_MAX_S = 4000


def refusals(estate: Estate) -> Iterator[Refusal]:
    """Every contradiction of every managed site's load balancer."""
    for name, site in estate.managed_sites.items():
        path = ("sites", name, "load_balancer")
        yield from _certificate(site, path)
        yield from _idle_timeout(site.load_balancer, path)


def _certificate(site: ManagedSite, path: tuple[str, ...]) -> Iterator[Refusal]:
    """TLS ends at the load balancer, by a certificate of its region and account (design 4)."""
    certificate, place = site.load_balancer.certificate, (*path, "certificate")
    if site.url.startswith("https:") and certificate is None:
        yield Refusal(place, "missing", f"the site's URL is {site.url}", "Give the ARN of an ACM certificate.")
    if certificate is None:
        return
    if site.url.startswith("http:"):
        yield Refusal(place, "given, but the site's URL is http", "clients would go unencrypted", "Make the URL https.")
    region = certificate.split(":")[3]
    if region != site.aws.region:
        why = f"the load balancer is in {site.aws.region}, and takes certificates of its own region"
        yield Refusal(place, f"a certificate of {region}", why)


def _idle_timeout(balancer: LoadBalancer, path: tuple[str, ...]) -> Iterator[Refusal]:
    """files reference 5.4: an ALB's can be set up to 4000 s, an NLB's is fixed."""
    place, plain = (*path, "idle_timeout"), LoadBalancer()
    if not 1 <= balancer.idle_timeout <= _IDLE_MAX_S:
        yield Refusal(place, f"{balancer.idle_timeout} s is out of range", "files reference 5.4: 1 s to 4000 s")
    elif balancer.kind != "alb" and balancer.idle_timeout != plain.idle_timeout:
        yield Refusal(place, f"given, with kind: {balancer.kind}", "files reference 5.4: only an ALB's can be set")
