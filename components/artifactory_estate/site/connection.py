"""How to reach a site, and as whom."""

from artifactory_estate.rest import Connection
from artifactory_estate.site.model import ExternalSite, Site
from artifactory_estate.site.names import names_of


def connection_to(estate: str, name: str, site: Site) -> Connection:
    """A managed site is reached with the token that its first node stored; an external one as its document says."""
    proxy = site.proxy if site.reach == "proxy" else None
    if isinstance(site, ExternalSite):
        return Connection(
            site=name,
            url=site.url,
            token=site.credentials.token,
            username=site.credentials.username,
            password=site.credentials.password,
            proxy=proxy,
            ca_bundle=site.ca_bundle,
            available=site.available,
        )
    return Connection(
        site=name,
        url=site.url,
        token=names_of(estate, name, site.aws).secret_ref("admin-token"),
        proxy=proxy,
        ca_bundle=site.ca_bundle,
        available=site.available,
    )
