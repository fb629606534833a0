"""One site and what surrounds it, for tests of this room."""

from typing import Any

from artifactory_estate.database.render import DatabaseFacts
from artifactory_estate.site.installation import Artifactory
from artifactory_estate.site.model import ManagedSite
from artifactory_estate.site.names import SiteNames, names_of

ARTIFACTORY = Artifactory.from_data({"version": "7.111.4", "package": {"source": "sandbox", "sha256": "0" * 64}})
DATABASE = DatabaseFacts(
    url="jdbc:postgresql://db.example:5432/artifactory?sslmode=require",
    username="artifactory",
    host="db.example",
    master_secret="arn:aws:secretsmanager:us-east-1:123456789012:secret:rds!db-1-AbCdEf",
)


def site_of(**changes: Any) -> ManagedSite:
    """The sample's us-east with `changes` to its plain data."""
    return ManagedSite.from_data(
        {
            "platform": "managed",
            "url": "http://us-east.repo.acme.example",
            "aws": {"account": "123456789012", "region": "us-east-1"},
            "network": {"create": {"cidr": "10.10.0.0/16"}},
            "nodes": {"count": 2, "max": 3, "size": "small"},
            "licences": "file:licences.txt",
            "system_properties": {"artifactory.search.maxResults": 500},
            "load_balancer": {"kind": "nginx"},
            "filestore": {"cache": "1GiB"},
            **changes,
        }
    )


def names(site: ManagedSite | None = None) -> SiteNames:
    """Its names in the estate acme."""
    return names_of("acme", "us-east", (site or site_of()).aws)
