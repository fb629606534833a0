"""The two ends of a pair, from the whole document."""

from artifactory_estate.base import EstateError
from artifactory_estate.cloud.journal import Place
from artifactory_estate.disaster_recovery.declare import End
from artifactory_estate.estate.model import Estate
from artifactory_estate.site.connection import connection_to
from artifactory_estate.site.names import names_of


def end_of(estate: Estate, name: str) -> End:
    """One side; its AWS provider is the program's business. Raises `EstateError` for a site without account and region."""
    site = estate.sites[name]
    if site.aws is None:
        raise EstateError(f"sites.{name}.aws: a side of a pair needs an account and a region for its journal")
    names = names_of(estate.estate, name, site.aws)
    journal = Place(bucket=names.site_bucket, region=names.region, role=names.role)
    return End(
        connection=connection_to(estate.estate, name, site),
        journal=journal,
        repositories=site.repositories,
        trusts_checksums=name in estate.trusting_sites,
    )
