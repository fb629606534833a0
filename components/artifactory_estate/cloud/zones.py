"""Hosted zones of Route 53."""

from artifactory_estate.base import EstateError
from artifactory_estate.cloud.session import client


class ZoneNotFound(EstateError):
    """No hosted zone of that name, or more than one."""


def find(name: str, region: str, role: str | None) -> str:
    """Id of the hosted zone `name`: the public one, or a private one that stands alone. 1 request.

    Raises `ZoneNotFound`.
    """
    listed = client("route53", region=region, role=role).list_hosted_zones_by_name(DNSName=name)["HostedZones"]
    named = [zone for zone in listed if zone["Name"].rstrip(".") == name]
    found = [zone for zone in named if not zone.get("Config", {}).get("PrivateZone")] or named
    if len(found) != 1:
        count = f"{len(found)} hosted zones" if found else "no hosted zone"
        raise ZoneNotFound(
            f"Route 53 has {count} named {name}. Make one, name another as the site's `zone`, or say `zone: none` and "
            "make the record elsewhere."
        )
    return str(found[0]["Id"]).removeprefix("/hostedzone/")
