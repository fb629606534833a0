"""What the nodes of a site stand on: its key, what surrounds them in the network, its filestore and its database."""

from collections.abc import Sequence

import pulumi

from artifactory_estate.cloud.given import Given
from artifactory_estate.database.component import Database
from artifactory_estate.database.limit import ConnectionLimit
from artifactory_estate.filestore.copies import Copy
from artifactory_estate.filestore.storage import Storage, storage_of
from artifactory_estate.site.encryption import SiteKey
from artifactory_estate.site.endpoints import Endpoints
from artifactory_estate.site.flow_logs import FlowLogs
from artifactory_estate.site.network import Place
from artifactory_estate.site.network_rules import addresses_wanted
from artifactory_estate.site.nodes import NodeSecurity
from artifactory_estate.site.observability import SiteLogs
from artifactory_estate.site.outward import NFS_PORT
from artifactory_estate.site.parts import Parts
from artifactory_estate.site.sizes import preset_of


def make_key(parts: Parts) -> SiteKey:
    """The site's key, once what the document names has been looked at."""
    site, network = parts.site, parts.site.network
    given = parts.managed(
        "given",
        Given,
        {
            "site": parts.name,
            **parts.where(),
            **({"vpc": network.vpc} if network.vpc else {}),
            "private_subnets": list(network.private_subnets),
            "public_subnets": list(network.public_subnets),
            "addresses": addresses_wanted(site),
            **({"kms_key": site.aws.kms_key} if site.aws.kms_key else {}),
        },
    )
    return parts.keep(
        SiteKey(
            f"{parts.name}-key",
            parts.names,
            site.aws.kms_key,
            parts.tags,
            keep=not site.database.external,
            after=[given],
            opts=parts.opts(),
        )
    )


def make_surroundings(parts: Parts, place: Place, security: NodeSecurity, key: SiteKey) -> Sequence[pulumi.Resource]:
    """Flow logs; and what nodes need at boot, which is given: their log group, endpoints of AWS's services."""
    name, names, tags, create = parts.name, parts.names, parts.tags, parts.site.network.create
    keep = parts.site.observability.keep_logs
    logs = parts.keep(SiteLogs(f"{name}-logs", names, keep=keep, kms_key_arn=key.arn, tags=tags, opts=parts.opts()))
    if create and create.flow_logs:
        parts.keep(
            FlowLogs(
                f"{name}-flow-logs",
                names,
                place.vpc_id,
                keep=keep,
                kms_key_arn=key.arn,
                permissions_boundary=parts.site.aws.permissions_boundary,
                tags=tags,
                opts=parts.opts(),
            )
        )
    if not create or not create.has_endpoints:
        return [logs]
    endpoints = Endpoints(
        f"{name}-endpoints", names, place, node_security_group_id=security.id, tags=tags, opts=parts.opts()
    )
    return [logs, parts.keep(endpoints)]


def make_filestore(parts: Parts, place: Place, security: NodeSecurity, key: SiteKey, copy: Copy | None) -> Storage:
    """`copy`: where a bucket's objects are copied to."""
    made = storage_of(
        parts.name,
        parts.names,
        parts.site,
        vpc_id=place.vpc_id,
        subnet_ids=place.private_subnets,
        node_security_group_id=security.id,
        kms_key_arn=key.arn,
        copy=copy,
        tags=parts.tags,
        opts=parts.opts(),
    )
    parts.made.extend(made.made)
    return made


def make_database(parts: Parts, place: Place, security: NodeSecurity, key: SiteKey) -> Database | None:
    """None when it is not ours."""
    site = parts.site
    if site.database.external:
        return None
    made = parts.keep(
        Database(
            f"{parts.name}-database",
            parts.names.database,
            site.database,
            vpc_id=place.vpc_id,
            subnet_ids=list(place.private_subnets),
            client_security_group_id=security.id,
            preset=preset_of(site.nodes),
            nodes=site.nodes.ceiling,
            kms_key_arn=key.arn,
            tags=parts.tags,
            opts=parts.opts(),
        )
    )
    if made.limit_waits:
        limit = {"database": made.identifier, "is_cluster": made.is_cluster, "connections": made.connections}
        parts.managed("connections", ConnectionLimit, {**limit, **parts.where()}, [made])
    return made


def open_ways(security: NodeSecurity, database: Database | None, filestore: Storage) -> list[pulumi.Resource]:
    """The nodes' way to what the site keeps."""
    to = [("database", database.security_group_id, database.port)] if database else []
    to += [
        (f"files{directory.replace('/', '-')}", files.security_group_id, NFS_PORT)
        for directory, files in filestore.file_systems.items()
    ]
    return [security.reach(what, group, port) for what, group, port in to]
