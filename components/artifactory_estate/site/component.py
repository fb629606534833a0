"""A whole site on AWS, from an empty account to a cluster that serves."""

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
from pulumi_aws import route53

from artifactory_estate.base import Owner, duration_text
from artifactory_estate.base.project import in_project
from artifactory_estate.cloud.lifecycle import Bundle, DeletionGuard, HostedZone, Package, SiteSecrets
from artifactory_estate.database.component import Database
from artifactory_estate.database.render import jdbc_url
from artifactory_estate.engine import ManagedResource
from artifactory_estate.engine.resource import identity
from artifactory_estate.filestore.component import VersionedFilestore
from artifactory_estate.load_balancer.component import LoadBalancer
from artifactory_estate.repositories.component import Repositories
from artifactory_estate.site.connection import connection_to
from artifactory_estate.site.lifecycle import (
    BaseUrlDeclaration,
    BaseUrlLifecycle,
    LicencesDeclaration,
    LicencesLifecycle,
    ReadinessLifecycle,
)
from artifactory_estate.site.model import Artifactory, ManagedSite
from artifactory_estate.site.names import host_of, names_of, zone_of
from artifactory_estate.site.network import place_of
from artifactory_estate.site.nodes import NodeGroup, NodeSecurity
from artifactory_estate.site.render import DatabaseFacts, bundle, user_data
from artifactory_estate.site.site_bucket import SiteBucket
from artifactory_estate.site.sizes import preset_of

APPLICATION_USER = "artifactory"
_FIRST_NODE_S, _NEXT_NODE_S = 1800, 600
"""Nodes start one after another; the first one makes the database's tables."""


class Site(pulumi.ComponentResource):
    """One managed site.

    Pulumi type `artifactory-estate:index:Site`. Makes, in this order: `{name}-network` or nothing, `-nodes-security`,
    `-filestore`, `-database`, `-site` (its own bucket), `-secrets`, `-package`, `-bundle`, `-balancer`, `-nodes`,
    `-zone` and `-record`, and on the platform `-readiness`, `-licences`, `-base-url`, `-repositories`; last `-guard`,
    which refuses a destruction before anything is gone. Needs an AWS provider of the site's region and account, and
    the `pulumi-python` provider of the lifecycles, in `opts.providers`.
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
        estate: str,
        declared: ManagedSite,
        *,
        artifactory: Artifactory | None = None,
        tags: Mapping[str, str] | None = None,
        made_elsewhere: Mapping[str, str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """`artifactory` is the estate's, for a site that does not name its own; `tags` are the estate's too.
        `made_elsewhere`: as of `Repositories`."""
        super().__init__("artifactory-estate:index:Site", name, {}, opts)
        release = declared.artifactory or artifactory
        if release is None:
            raise ValueError(f"{name}: which Artifactory? Give `artifactory`, or declare it at the site.")
        self._name, self._site, self._release = name, declared, release
        self._names = names_of(estate, name, declared.aws)
        self._tags = self._names.tags(tags or {}, declared.aws.tags)
        self._child = pulumi.ResourceOptions(parent=self)
        self._made_elsewhere = made_elsewhere
        self._made: list[pulumi.Resource] = []
        self._build()
        self.register_outputs(
            {
                "url": self.url,
                "group": self.group,
                "site_bucket": self.site_bucket,
                "filestore_bucket": self.filestore_bucket,
                "database_host": self.database_host,
            }
        )

    def _build(self) -> None:
        name, names, site, tags, child = self._name, self._names, self._site, self._tags, self._child
        public = not site.load_balancer.internal
        place = place_of(name, site.network, region=names.region, public=public, tags=tags, opts=child)
        self._made += place.made
        security = self._keep(NodeSecurity(f"{name}-nodes-security", names, place.vpc_id, tags, child))
        filestore = self._filestore()
        database = self._database(place.vpc_id, place.private_subnets, security.id)
        bucket = self._keep(SiteBucket(f"{name}-site", names.site_bucket, tags, child))
        secrets = self._secrets()
        current = self._bundle(bucket, database)
        balancer = self._keep(
            LoadBalancer(
                f"{name}-balancer",
                site.load_balancer,
                url=site.url,
                short_name=names.short,
                vpc_id=place.vpc_id,
                subnet_ids=place.public_subnets if public else place.private_subnets,
                tags=tags,
                opts=child,
            )
        )
        nodes = self._keep(
            NodeGroup(
                f"{name}-nodes",
                names,
                site,
                self._release,
                place=place,
                security=security,
                balancer=balancer,
                filestore_bucket=filestore.bucket if filestore else "",
                master_secret=database.master_secret if database else "",
                tags=tags,
                after=[secrets, current, *([filestore] if filestore else [])],
                opts=child,
            )
        )
        record = self._record(balancer)
        self._platform([nodes, *record])
        self._guard(filestore, database)
        self.url, self.group, self.site_bucket = site.url, nodes.group, bucket.bucket
        self.filestore_bucket = filestore.bucket if filestore else None
        self.database_host = database.host if database else None

    def _keep(self, made: Any) -> Any:
        """Remembers what the guard stands behind."""
        self._made.append(made)
        return made

    def _managed(self, name: str, lifecycle: Any, declared: Any, after: Sequence[pulumi.Resource] = ()) -> Any:
        opts = pulumi.ResourceOptions(parent=self, depends_on=list(after))
        return self._keep(ManagedResource(f"{self._name}-{name}", lifecycle, declared, opts))

    def _where(self) -> dict[str, Any]:
        """Region and role of the lifecycles' own AWS calls."""
        role = {"role": self._names.role} if self._names.role else {}
        return {"region": self._names.region, **role}

    def _filestore(self) -> VersionedFilestore | None:
        if self._site.filestore.kind != "s3-storage-v3":
            return None
        made: VersionedFilestore = self._keep(
            VersionedFilestore(
                f"{self._name}-filestore",
                self._names.filestore_bucket,
                self._site.filestore.bucket,
                self._tags,
                self._child,
            )
        )
        return made

    def _database(
        self, vpc_id: pulumi.Input[str], subnet_ids: Sequence[pulumi.Input[str]], clients: pulumi.Output[str]
    ) -> Database | None:
        if self._site.database.external:
            return None
        made: Database = self._keep(
            Database(
                f"{self._name}-database",
                self._names.database,
                self._site.database,
                vpc_id=vpc_id,
                subnet_ids=list(subnet_ids),
                client_security_group_id=clients,
                instance_class=preset_of(self._site.nodes).database_class,
                nodes=self._site.nodes.ceiling,
                tags=self._tags,
                opts=self._child,
            )
        )
        return made

    def _secrets(self) -> pulumi.Resource:
        site, external = self._site, self._site.database.external
        given = {
            "master_key": site.keys.master,
            "join_key": site.keys.join,
            "database_password": external.password if external else None,
        }
        made: pulumi.Resource = self._managed(
            "secrets",
            SiteSecrets,
            {
                "prefix": self._names.secret_prefix,
                **self._where(),
                "owner": Owner(estate=self._names.estate, resource=identity(f"{self._name}-secrets")).to_data(),
                "tags": self._tags,
                "licences": site.licences,
                **{key: reference for key, reference in given.items() if reference},
            },
        )
        return made

    def _bundle(self, bucket: SiteBucket, database: Database | None) -> pulumi.Resource:
        hooks = {
            hook: in_project(path).read_text(encoding="utf-8")
            for hook, path in (("pre_install", self._release.pre_install), ("post_install", self._release.post_install))
            if path
        }
        known = {
            "host": database.host if database else "",
            "master": database.master_secret if database else "",
            "package": self._package(bucket),
        }
        files = pulumi.Output.all(**known).apply(
            lambda found: bundle(
                self._names,
                self._site,
                self._release,
                self._facts(found["host"], found["master"]),
                found["package"],
                hooks,
            )
        )
        made: pulumi.Resource = self._managed(
            "bundle",
            Bundle,
            {
                "bucket": bucket.bucket,
                **self._where(),
                "files": files,
                "script": user_data(self._names),
                "group": self._names.group,
            },
            after=[bucket],
        )
        return made

    def _facts(self, host: str, master_secret: str) -> DatabaseFacts:
        if external := self._site.database.external:
            return DatabaseFacts(url=external.url, username=external.username)
        return DatabaseFacts(url=jdbc_url(host), username=APPLICATION_USER, host=host, master_secret=master_secret)

    def _package(self, bucket: SiteBucket) -> pulumi.Input[str]:
        package = self._release.package
        if package is None or package.source == "sandbox":
            return package.source if package else ""
        mirrored = self._managed(
            "package",
            Package,
            {"source": package.source, "sha256": package.sha256, "bucket": bucket.bucket, **self._where()},
            after=[bucket],
        )
        url: pulumi.Output[str] = mirrored.observed["url"]
        return url

    def _record(self, balancer: LoadBalancer) -> Sequence[pulumi.Resource]:
        host = host_of(self._site)
        zone = zone_of(host, self._site.zone)
        if zone is None:
            return ()
        found = self._managed("zone", HostedZone, {"name": zone, **self._where()})
        alias = {"name": balancer.dns_name, "zone_id": balancer.zone_id, "evaluate_target_health": False}
        record = route53.Record(
            f"{self._name}-record",
            zone_id=found.observed["zone_id"],
            name=host,
            type="A",
            aliases=[alias],
            opts=self._child,
        )
        return (self._keep(record),)

    def _platform(self, before: Sequence[pulumi.Resource]) -> None:
        """What is true over REST, one after another: ready, licensed, its own URL, its repositories."""
        site, connection = self._site, connection_to(self._names.estate, self._name, self._site)
        ready = {
            "connection": connection.to_data(),
            "version": self._release.version,
            "nodes": site.nodes.count,
            "deadline": duration_text(_FIRST_NODE_S + _NEXT_NODE_S * (site.nodes.count - 1)),
            "nodes_of": {
                "bucket": self._names.site_bucket,
                "group": self._names.group,
                "script": user_data(self._names),
                **self._where(),
            },
        }
        last = self._managed("readiness", ReadinessLifecycle, ready, before)
        licences = LicencesDeclaration(connection=connection, pool=site.licences, nodes=site.nodes.count)
        last = self._managed("licences", LicencesLifecycle, licences, [last])
        base_url = BaseUrlDeclaration(connection=connection, url=site.url)
        self._managed("base-url", BaseUrlLifecycle, base_url, [last])
        if site.repositories.all():
            # Behind everything, so that one that must not be lost refuses before anything else of the site is gone.
            opts = pulumi.ResourceOptions(parent=self, depends_on=list(self._made))
            name = f"{self._name}-repositories"
            self.repositories = self._keep(
                Repositories(
                    name,
                    self._names.estate,
                    connection,
                    site.repositories,
                    opts,
                    made_elsewhere=self._made_elsewhere,
                )
            )

    def _guard(self, filestore: VersionedFilestore | None, database: Database | None) -> None:
        names, site = self._names, self._site
        declared = {
            "site": self._name,
            **self._where(),
            **({"bucket": filestore.bucket} if filestore else {}),
            **({"database": names.database} if database else {}),
            "allow_delete_bucket": site.filestore.bucket.allow_delete,
            "allow_delete_database": site.database.allow_delete,
        }
        opts = pulumi.ResourceOptions(parent=self, depends_on=list(self._made))
        ManagedResource(f"{self._name}-guard", DeletionGuard, declared, opts)
