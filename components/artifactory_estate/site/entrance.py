"""The way in: load balancer and web servers, their certificate, and the site's name in DNS."""

from collections.abc import Sequence

import pulumi
from pulumi_aws import route53

from artifactory_estate.cloud.lifecycle import HostedZone
from artifactory_estate.load_balancer.component import LoadBalancer
from artifactory_estate.site.certificate import SiteCertificate
from artifactory_estate.site.encryption import SiteKey
from artifactory_estate.site.fronts import Fronts
from artifactory_estate.site.names import host_of, zone_of
from artifactory_estate.site.network import Place
from artifactory_estate.site.nodes import NodeSecurity
from artifactory_estate.site.parts import Parts


def find_zone(parts: Parts) -> pulumi.Output[str] | None:
    """Id of the hosted zone that the site's records stand in; None for none."""
    name = zone_of(host_of(parts.site), parts.site.zone)
    if name is None:
        return None
    zone_id: pulumi.Output[str] = parts.managed("zone", HostedZone, {"name": name, **parts.where()}).observed["zone_id"]
    return zone_id


def make_balancer(
    parts: Parts, place: Place, zone_id: pulumi.Output[str] | None, service: str | None = None
) -> LoadBalancer:
    """And its certificate. `service`: the name of a pair, which the site answers to as well."""
    site = parts.site
    return parts.keep(
        LoadBalancer(
            f"{parts.name}-balancer",
            site.load_balancer,
            url=site.url,
            short_name=parts.names.short,
            vpc_id=place.vpc_id,
            subnet_ids=place.private_subnets if site.load_balancer.internal else place.public_subnets,
            protected=not site.database.allow_delete,
            certificate_arn=_certificate(parts, zone_id, service),
            tags=parts.tags,
            opts=parts.opts(),
        )
    )


def _certificate(parts: Parts, zone_id: pulumi.Output[str] | None, service: str | None) -> pulumi.Output[str] | None:
    """One of our own for an https site that names none, where its zone is ours to write to."""
    site, balancer = parts.site, parts.site.load_balancer
    if site.url.startswith("http:") or balancer.certificate or balancer.own_certificate or not zone_id:
        return None
    made = SiteCertificate(
        f"{parts.name}-certificate",
        host_of(site),
        zone_id,
        parts.tags,
        parts.opts(),
        names_below=balancer.docker.method == "subdomain",
        also=[service] if service else [],
    )
    return parts.keep(made).arn


def make_fronts(
    parts: Parts,
    place: Place,
    security: NodeSecurity,
    balancer: LoadBalancer,
    key: SiteKey,
    after: Sequence[pulumi.Resource],
) -> Sequence[pulumi.Resource]:
    """Machines of the web server, where it is not on the nodes."""
    if not parts.site.load_balancer.on_fronts:
        return ()
    made = Fronts(
        f"{parts.name}-fronts",
        parts.names,
        parts.site,
        place=place,
        nodes=security.id,
        balancer=balancer,
        kms_key_arn=key.arn,
        tags=parts.tags,
        after=after,
        opts=parts.opts(),
    )
    return (parts.keep(made),)


def make_records(parts: Parts, balancer: LoadBalancer, zone_id: pulumi.Output[str] | None) -> Sequence[pulumi.Resource]:
    """Aliases of the load balancer: the site's host, and the names below it of registries."""
    if zone_id is None:
        return ()
    alias = {"name": balancer.dns_name, "zone_id": balancer.zone_id, "evaluate_target_health": False}
    host = host_of(parts.site)
    names = {"record": host}
    if parts.site.load_balancer.docker.method == "subdomain":
        names["registries-record"] = f"*.{host}"
    return [
        parts.keep(
            route53.Record(
                f"{parts.name}-{key}", zone_id=zone_id, name=name, type="A", aliases=[alias], opts=parts.opts()
            )
        )
        for key, name in names.items()
    ]
