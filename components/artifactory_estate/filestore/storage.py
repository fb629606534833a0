"""Everything on AWS behind a site's filestore: buckets, file systems, data volumes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi

from artifactory_estate.filestore.component import VersionedFilestore
from artifactory_estate.filestore.copies import Copy
from artifactory_estate.filestore.efs import SharedFilestore
from artifactory_estate.filestore.traits import Mount, made_buckets, mounts_of
from artifactory_estate.filestore.volumes import DataVolumes
from artifactory_estate.site.model import ManagedSite
from artifactory_estate.site.names import SiteNames, shortened

NFS = "nfs4 nfsvers=4.1,rsize=1048576,wsize=1048576,hard,timeo=600,retrans=2,noresvport,_netdev"
"""Type and options (files reference 7.4); `_netdev`: when the network is there."""
EFS = "efs tls,_netdev"
"""The mount helper of EFS adds the same options, and TLS."""


@dataclass(frozen=True)
class Storage:
    """What was made, and what nodes are told of it."""

    buckets: Sequence[VersionedFilestore]
    """None for stores that are not ours."""
    file_systems: Mapping[str, SharedFilestore]
    """By the directory where nodes mount it."""
    volumes: DataVolumes | None
    mounts: Sequence[Mount]

    @property
    def made(self) -> Sequence[pulumi.Resource]:
        """All of it."""
        return [*self.buckets, *self.file_systems.values(), *([self.volumes] if self.volumes else [])]

    @property
    def bucket(self) -> pulumi.Output[str] | None:
        """Name of the first bucket."""
        return self.buckets[0].bucket if self.buckets else None

    @property
    def mount_lines(self) -> pulumi.Output[str]:
        """The bundle's file `mounts`: a line each, `SOURCE DIRECTORY TYPE OPTIONS`."""
        sources = [
            self.file_systems[mount.directory].source if mount.efs else pulumi.Output.from_input(mount.export or "")
            for mount in self.mounts
        ]
        wanted = [f"{mount.directory} {EFS if mount.efs else NFS}" for mount in self.mounts]
        return pulumi.Output.all(*sources).apply(
            lambda known: "".join(f"{source} {how}\n" for source, how in zip(known, wanted, strict=True))
        )


def storage_of(
    name: str,
    names: SiteNames,
    site: ManagedSite,
    *,
    vpc_id: pulumi.Input[str],
    subnet_ids: Sequence[pulumi.Input[str]],
    node_security_group_id: pulumi.Input[str],
    kms_key_arn: pulumi.Input[str] | None,
    copy: Copy | None,
    tags: Mapping[str, str],
    opts: pulumi.ResourceOptions,
) -> Storage:
    """Makes `{name}-filestore` (a bucket; of a shard `{name}-filestore-SHARD`), `{name}-files-mnt-filestore` (EFS,
    called after its directory) and `{name}-data`."""
    buckets = [
        VersionedFilestore(
            f"{name}-filestore" + (f"-{shard}" if shard else ""),
            names.filestore_bucket,
            bucket,
            tags,
            opts,
            kms_key_arn=kms_key_arn,
            copy=copy,
        )
        for shard, bucket in made_buckets(site.filestore, names.filestore_bucket).items()
    ]
    mounts = mounts_of(site.filestore)
    file_systems = {
        mount.directory: SharedFilestore(
            f"{name}-files{_dashed(mount)}",
            mount.efs,
            file_system_name=shortened(f"{names.prefix}{_dashed(mount)}", 255),
            vpc_id=vpc_id,
            subnet_ids=subnet_ids,
            node_security_group_id=node_security_group_id,
            kms_key_arn=kms_key_arn,
            tags=tags,
            opts=opts,
        )
        for mount in mounts
        if mount.efs
    }
    volumes = None
    if site.nodes.data_volume:
        volumes = DataVolumes(
            f"{name}-data",
            site.nodes.data_volume,
            site.nodes.ceiling,
            subnet_ids=subnet_ids,
            kms_key_arn=kms_key_arn,
            tags=tags,
            opts=opts,
        )
    return Storage(buckets, file_systems, volumes, mounts)


def _dashed(mount: Mount) -> str:
    """`/mnt/filestore` as `-mnt-filestore`: the same before, during and after a move."""
    return mount.directory.replace("/", "-")
