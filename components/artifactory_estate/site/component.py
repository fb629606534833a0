"""A whole site on AWS, from an empty account to a cluster that serves."""

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi

from artifactory_estate.cloud.lifecycle import DeletionGuard
from artifactory_estate.database.component import Database
from artifactory_estate.engine import ManagedResource
from artifactory_estate.filestore.copies import Copy
from artifactory_estate.filestore.storage import Storage
from artifactory_estate.load_balancer.component import LoadBalancer
from artifactory_estate.repositories.component import Repositories
from artifactory_estate.site.alarms import Watched
from artifactory_estate.site.configuration import make_bundle, make_licence_supply, make_secrets
from artifactory_estate.site.encryption import SiteKey
from artifactory_estate.site.entrance import find_zone, make_balancer, make_fronts, make_records
from artifactory_estate.site.foundation import (
    make_database,
    make_filestore,
    make_key,
    make_surroundings,
    open_ways,
)
from artifactory_estate.site.installation import Artifactory, Package
from artifactory_estate.site.model import BucketLicences, ManagedSite, Nodes
from artifactory_estate.site.names import names_of
from artifactory_estate.site.network import place_of
from artifactory_estate.site.nodes import NodeGroup, NodeSecurity
from artifactory_estate.site.observability import SiteAlarms
from artifactory_estate.site.outward import ports_of
from artifactory_estate.site.parts import Parts
from artifactory_estate.site.platform import make_platform
from artifactory_estate.site.program import account_and_region, declared_artifactory, declared_site, default_estate
from artifactory_estate.site.site_bucket import SiteBucket


class Site(pulumi.ComponentResource):
    """One managed site.

    Pulumi type `artifactory-estate:index:Site`. Makes, each below `{name}`:

    * around the nodes: `-key`, `-network` (or `-given`, which looks at a network of others), `-logs`, `-flow-logs`,
      `-endpoints`, `-nodes-security`;
    * what they keep: `-filestore`, `-files-MOUNT`, `-data`, `-database`, `-connections`, `-site` (the site's own
      bucket);
    * what they read: `-licence-supply`, `-secrets`, `-package`, `-system-package-DIGEST`, `-driver`, `-place`, `-upgrade`,
      `-bundle`;
    * the way in: `-zone`, `-certificate`, `-balancer`, `-nodes`, `-fronts`, `-record`, `-registries-record`, `-alarms`;
    * on the platform: `-instances`, `-readiness`, `-licences`, `-entitlement`, `-base-url`, `-checksum-trust`,
      `-repositories`.

    Not every site has all of them. Last comes `-guard`, which refuses a destruction before anything is gone. Needs an AWS
    provider of the site's region and account, and the `pulumi-python` provider of the lifecycles, in `opts.providers`.
    """

    url: str
    """Platform URL."""
    group: pulumi.Output[str]
    """Auto Scaling group of the nodes."""
    site_bucket: pulumi.Output[str]
    """The site's own bucket."""
    filestore_bucket: pulumi.Output[str] | None
    """Where binaries are; None when they are on mounts."""
    database_host: pulumi.Output[str] | None
    """Address of the database; None when it is not ours."""
    repositories: Repositories | None = None
    """What the site declares; None when that is nothing."""

    def __init__(
        self,
        name: str,
        estate: str | None = None,
        declared: ManagedSite | None = None,
        *,
        url: str | None = None,
        nodes: int | Mapping[str, Any] | Nodes | None = None,
        licences: Any = None,
        package: Mapping[str, Any] | Package | None = None,
        artifactory: Artifactory | None = None,
        tags: Mapping[str, str] | None = None,
        made_elsewhere: Mapping[str, str] | None = None,
        others: Sequence[str] = (),
        copy: Copy | None = None,
        service: str | None = None,
        looks_before_sending: bool = False,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Either `declared`, a whole site of the document, or `url`, `nodes` (their number, or more of their words),
        `licences` and `package`: then account and region are the AWS provider's, the estate is named after the Pulumi
        project, and the rest has the document's defaults. `artifactory` is the estate's, for a site that does not name
        its own; `tags` are the estate's too. `made_elsewhere`: as of `Repositories`. `others`: URLs of the sites that
        this one sends to. `copy`: where `filestore.bucket.replicate_to` leads. `service`: the host name of its pair,
        which its certificate covers too. `looks_before_sending`: whether a replication of this site goes to one with
        `filestore.checksum_replication`, which takes another licence."""
        super().__init__("artifactory-estate:index:Site", name, {}, opts)
        if declared is None:
            if url is None or nodes is None or licences is None:
                raise ValueError(f"{name}: give `declared`, or `url`, `nodes` and `licences`.")
            declared = declared_site(url, nodes, licences, *account_and_region(self))
        release = declared.artifactory or artifactory or (declared_artifactory(package) if package else None)
        if release is None:
            raise ValueError(f"{name}: which Artifactory? Give `package` or `artifactory`, or declare it at the site.")
        names = names_of(estate or default_estate(), name, declared.aws)
        parts = Parts(name, names, declared, release, names.tags(tags or {}, declared.aws.tags), parent=self)
        self._build(parts, made_elsewhere, others, copy, service, looks_before_sending)
        self.register_outputs(
            {
                "url": self.url,
                "group": self.group,
                "site_bucket": self.site_bucket,
                "filestore_bucket": self.filestore_bucket,
                "database_host": self.database_host,
            }
        )

    def _build(
        self,
        parts: Parts,
        made_elsewhere: Mapping[str, str] | None,
        others: Sequence[str],
        copy: Copy | None,
        service: str | None,
        looks_before_sending: bool,
    ) -> None:
        name, names, site, tags, child = parts.name, parts.names, parts.site, parts.tags, parts.opts()
        key = make_key(parts)
        place = place_of(name, names, site.network, public=not site.load_balancer.internal, tags=tags, opts=child)
        parts.made.extend(place.made)
        ports = ports_of(site, others)
        security = parts.keep(
            NodeSecurity(f"{name}-nodes-security", names, place.vpc_id, tags, child, outward_ports=ports)
        )
        around = make_surroundings(parts, place, security, key)
        filestore = make_filestore(parts, place, security, key, copy)
        database = make_database(parts, place, security, key)
        ways = open_ways(security, database, filestore)
        bucket = parts.keep(SiteBucket(f"{name}-site", names.site_bucket, tags, child, kms_key_arn=key.arn))
        supply = make_licence_supply(parts, key)
        secrets = make_secrets(parts, supply, key)
        current = make_bundle(parts, bucket, database, secrets, filestore)
        zone_id = find_zone(parts)
        balancer = make_balancer(parts, place, zone_id, service)
        nodes = parts.keep(
            NodeGroup(
                f"{name}-nodes",
                names,
                site,
                parts.release,
                place=place,
                security=security,
                balancer=balancer,
                filestore_buckets=[made.bucket for made in filestore.buckets],
                file_systems=[made.arn for made in filestore.file_systems.values()],
                master_secret=database.master_secret if database else "",
                kms_key_arn=key.arn,
                # A bucket hands out what is needed; a surge has to be said.
                licences=0 if isinstance(site.licences, BucketLicences) else secrets.observed["licences"],
                tags=tags,
                after=[*around, *ways, supply, secrets, current, *filestore.made],
                opts=child,
            )
        )
        fronts = make_fronts(parts, place, security, balancer, key, [current, secrets, nodes])
        _watch(parts, balancer, database, filestore, key, copy)
        records = make_records(parts, balancer, zone_id)
        self.repositories = make_platform(
            parts,
            [nodes, *fronts, *records],
            nodes.template_version,
            made_elsewhere,
            looks_before_sending=looks_before_sending,
        )
        _guard(parts, filestore, database)
        self.url, self.group, self.site_bucket = site.url, nodes.group, bucket.bucket
        self.filestore_bucket = filestore.bucket
        self.database_host = database.host if database else None


def _watch(
    parts: Parts,
    balancer: LoadBalancer,
    database: Database | None,
    filestore: Storage,
    key: SiteKey,
    copy: Copy | None,
) -> None:
    names = parts.names
    watched = Watched(
        group=names.group,
        balancer=balancer.arn_suffix,
        target_groups=list(balancer.target_group_suffixes.values()),
        database=database.dimensions if database else {},
        max_connections=database.connections if database else 0,
        storage_gib=database.storage_gib if database else None,
        copies=[copy.watched(filestore.bucket)] if copy and filestore.bucket else [],
    )
    parts.keep(
        SiteAlarms(
            f"{parts.name}-alarms",
            names,
            parts.site,
            watched,
            log_group=names.log_group("nodes"),
            kms_key_arn=key.arn,
            tags=parts.tags,
            opts=parts.opts(),
        )
    )


def _guard(parts: Parts, filestore: Storage, database: Database | None) -> None:
    names, site = parts.names, parts.site
    declared = {
        "site": parts.name,
        **parts.where(),
        **({"bucket": filestore.bucket} if filestore.bucket else {}),
        "more_buckets": [made.bucket for made in filestore.buckets[1:]],
        "file_systems": [made.id for made in filestore.file_systems.values()],
        **({"database": names.database} if database else {}),
        "balancer": names.short("alb" if site.load_balancer.kind == "alb" else "nlb"),
        "allow_delete_bucket": site.filestore.bucket.allow_delete,
        "allow_delete_file_systems": all(mount.efs.allow_delete for mount in filestore.mounts if mount.efs),
        "allow_delete_database": site.database.allow_delete,
    }
    ManagedResource(f"{parts.name}-guard", DeletionGuard, declared, parts.opts(parts.made))
