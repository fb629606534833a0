"""A site's licences as declarations: one that comes before its nodes, one that comes after them."""

from collections.abc import Mapping

from artifactory_estate.base import Owner
from artifactory_estate.rest import Connection
from artifactory_estate.site.editions import Feature
from artifactory_estate.site.licence_bucket import HeldLicences
from artifactory_estate.site.licence_supply import LicenceSupplyDeclaration
from artifactory_estate.site.lifecycle import LicencesDeclaration
from artifactory_estate.site.model import BucketLicences, ManagedSite
from artifactory_estate.site.names import SiteNames

BUCKET_SECRET = "bucket-licences"  # noqa: S105 (a name)


def references_of(names: SiteNames, site: ManagedSite) -> tuple[str, ...]:
    """Where the licences are read: as declared, or in the secret that holds those of the bucket."""
    if isinstance(site.licences, BucketLicences):
        return (names.secret_ref(BUCKET_SECRET),)
    return site.licence_references


def before_nodes(
    names: SiteNames, site: ManagedSite, connection: Connection, owner: Owner, tags: Mapping[str, str]
) -> LicenceSupplyDeclaration:
    """What must be there when a node starts."""
    bucket = _held(names, site, owner, tags)
    return LicenceSupplyDeclaration(
        connection=connection,
        references=() if bucket else site.licence_references,
        bucket=bucket,
        nodes=site.nodes.count,
        surge=site.nodes.refresh == "surge",
    )


def after_nodes(
    names: SiteNames,
    site: ManagedSite,
    connection: Connection,
    owner: Owner,
    tags: Mapping[str, str],
    *,
    features: tuple[Feature, ...],
) -> LicencesDeclaration:
    """What must be true once they run. Of references, the number was held against the nodes before: it does not stand
    here, so that one node more changes nothing here."""
    bucket = _held(names, site, owner, tags)
    needed = site.nodes.count + (site.nodes.refresh == "surge")
    return LicencesDeclaration(
        connection=connection,
        pool=() if isinstance(site.licences, BucketLicences) else site.licences,
        bucket=bucket,
        nodes=needed if bucket else 1,
        features=features,
    )


def _held(names: SiteNames, site: ManagedSite, owner: Owner, tags: Mapping[str, str]) -> HeldLicences | None:
    if not isinstance(site.licences, BucketLicences):
        return None
    bucket = site.licences.bucket
    return HeldLicences(
        bucket=bucket.name,
        url=bucket.url,
        token=bucket.token,
        label=names.secret_prefix,
        secret=names.secret(BUCKET_SECRET),
        region=names.region,
        role=names.role,
        owner=owner,
        tags=dict(tags),
        kms_key=site.aws.kms_key or names.key_alias,
    )
