"""What a site's nodes have to reach outside their network."""

from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from artifactory_estate.base import Refusal
from artifactory_estate.database.jdbc import parsed
from artifactory_estate.estate.model import Estate
from artifactory_estate.filestore.traits import mounts_of
from artifactory_estate.site.model import ManagedSite

HTTPS_PORT, NFS_PORT = 443, 2049
_SCHEMES = {"http": 80, "https": HTTPS_PORT}
_DATABASES = {"postgresql": 5432, "mysql": 3306, "mariadb": 3306, "oracle": 1521, "mssql": 1433}


def ports_of(site: ManagedSite, others: Sequence[str] = ()) -> list[int]:
    """The declared ports, and those of what the document names: upstreams, a database and shares that exist already;
    `others`: URLs of the sites that this one sends to."""
    found = set(site.network.outward_ports)
    if site.database.external and (url := parsed(site.database.external.url)):
        found.add(int(url.port) if url.port else _DATABASES.get(url.type, 5432))
    if any(mount.export for mount in mounts_of(site.filestore)):
        found.add(NFS_PORT)
    if site.filestore.s3.endpoint and site.filestore.s3.port:
        found.add(site.filestore.s3.port)
    urls = [*others, *(remote.url for remote in site.repositories.remote.values())]
    return sorted(found | {port_of(url) for url in urls})


def port_of(url: str) -> int:
    """Its port, or its scheme's.

    >>> port_of("http://lab.acme.example:8082"), port_of("https://lab.acme.example")
    (8082, 443)
    """
    parts = urlsplit(url)
    return parts.port or _SCHEMES[parts.scheme]


def others_of(estate: Estate, name: str) -> list[str]:
    """URLs of the sites that `name` sends to: members of its federations, its pair's other side, targets of its pushes."""
    members = {member for federation in estate.federations_of(name).values() for member in federation.members}
    return [estate.sites[other].url for other in sorted(members - {name} | estate.replicates_to(name))]


def refusals(name: str, site: ManagedSite) -> Iterator[Refusal]:
    """AWS is reached, and each port is named once."""
    ports, path = site.network.outward_ports, ("sites", name, "network", "outward_ports")
    if HTTPS_PORT not in ports:
        yield Refusal(path, "443 is missing", "AWS is reached there: bundle, secrets, commands")
    for number, port in enumerate(ports):
        if port in ports[:number]:
            yield Refusal((*path, number), f"{port} is there twice", "each port is opened once")
