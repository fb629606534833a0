"""A site: a cluster of nodes, built by us on AWS or running already."""

from typing import Annotated, Literal

from pydantic import Field

from artifactory_estate.base import Model, SecretRef
from artifactory_estate.base.name import HostName, HttpUrl
from artifactory_estate.base.text_form import form
from artifactory_estate.database.model import Database
from artifactory_estate.filestore.model import Filestore
from artifactory_estate.load_balancer.model import LoadBalancer
from artifactory_estate.replication.model import Replications
from artifactory_estate.repositories.model import Repositories
from artifactory_estate.site.installation import Artifactory, Version
from artifactory_estate.site.observability_model import Observability
from artifactory_estate.site.properties.model import SystemProperties
from artifactory_estate.site.sizes import PRESETS

RoleArn = Annotated[str, form(r"^arn:aws[a-z-]*:iam::[0-9]{12}:role/\S+$", "arn:aws:iam::ACCOUNT:role/NAME")]
PolicyArn = Annotated[
    str, form(r"^arn:aws[a-z-]*:iam::([0-9]{12}|aws):policy/\S+$", "arn:aws:iam::ACCOUNT:policy/NAME")
]
InstanceType = Annotated[str, form(r"^[a-z][a-z0-9-]*\.[a-z0-9-]+$", "an EC2 type such as m7i.2xlarge")]
SubnetId = Annotated[str, form(r"^subnet-[0-9a-f]+$", "subnet-… and hexadecimal digits")]
KmsKeyArn = Annotated[
    str, form(r"^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/\S+$", "arn:aws:kms:REGION:ACCOUNT:key/ID")
]
Reach = Literal["direct", "proxy", "ssm"]
Size = Literal["small", "medium", "large", "xlarge", "2xlarge"]


class Aws(Model):
    """Where and as whom."""

    account: Annotated[str, form(r"^[0-9]{12}$", "an account number, twelve digits in quotes,")]
    """Twelve digits, quoted."""
    region: Annotated[str, form(r"^[a-z]{2}(-[a-z]+)+-[0-9]$", "a region such as us-east-1")]
    """`us-east-1`."""
    assume_role: RoleArn | None = None
    """Role that makes and reads this site's resources and secrets."""
    permissions_boundary: PolicyArn | None = None
    """Put on every role we make."""
    kms_key: KmsKeyArn | None = None
    """Of this region, for everything at rest. Default: one made for the site."""
    tags: dict[str, str] = {}
    """On every resource, besides the estate's own."""


class CreateNetwork(Model):
    """Our own small VPC with an S3 gateway endpoint."""

    cidr: Annotated[
        str, form(r"^[0-9]{1,3}(\.[0-9]{1,3}){3}/(1[6-9]|2[0-4])$", "a network of /16 to /24 such as 10.10.0.0/16")
    ]
    """/16 to /24, private."""
    zones: Annotated[int, Field(ge=2, le=6)] = 2
    """Availability zones."""
    nat: bool = True
    """A way out for what the nodes fetch; false where endpoints or a proxy of yours do."""
    nat_gateways: Literal["each_zone", "one"] = "each_zone"
    """`one` costs less, and takes every zone's way out with it when its zone fails."""
    endpoints: bool | None = None
    """Interface endpoints for the AWS services that nodes call. Default: where `nat` is false."""
    flow_logs: bool = True
    """The VPC's flow logs in a log group of the site."""

    @property
    def has_endpoints(self) -> bool:
        """`endpoints`, or whether there is no other way to AWS."""
        return not self.nat if self.endpoints is None else self.endpoints


class Network(Model):
    """`create`, or the ids of one that exists."""

    create: CreateNetwork | None = None
    """Make a VPC."""
    vpc: Annotated[str, form(r"^vpc-[0-9a-f]+$", "vpc-… and hexadecimal digits")] | None = None
    """An existing VPC."""
    private_subnets: tuple[SubnetId, ...] = ()
    """In at least two zones."""
    public_subnets: tuple[SubnetId, ...] = ()
    """Only for a load balancer that is not internal."""
    outward_ports: tuple[Annotated[int, Field(ge=1, le=65535)], ...] = (80, 443)
    """TCP ports that nodes may reach outside: remote repositories, other sites, AWS; add those of your directory, mail
    and so on. What the site itself has (database, mounts) needs no word."""


class DataVolume(Model):
    """One EBS volume for each slot up to `max`, mounted at `/var/opt/jfrog/artifactory/data`: what an instance leaves
    there, the one that takes its slot finds again. gp3, encrypted."""

    size_gib: Annotated[int, Field(ge=20, le=16384)]
    """GiB."""
    iops: Annotated[int, Field(ge=3000, le=16000)] = 3000
    """I/O operations a second."""
    throughput_mib: Annotated[int, Field(ge=125, le=1000)] = 125
    """MiB/s."""


class Threads(Model):
    """Of a node's services, instead of the preset's (files reference 2.3)."""

    artifactory: Annotated[int, Field(ge=20, le=4000)] | None = None
    """Tomcat's `maxThreads`."""
    accept: Annotated[int, Field(ge=20, le=10000)] | None = None
    """Tomcat's `acceptCount`: connections that wait."""
    access: Annotated[int, Field(ge=10, le=1000)] | None = None
    """Tomcat's in Access, and `artifactory.access.client.max.connections`, which is equal."""


class Nodes(Model):
    """The cluster."""

    size: Size = "medium"
    """Preset (files reference 7.1): number of nodes, instance type, volume, heap, threads, pools, database;
    `estate validate --explain` prints each number. `small` is not for production."""
    count: Annotated[int, Field(ge=1, le=20, default_factory=lambda data: PRESETS[data.get("size", "medium")].nodes)]
    """Nodes wanted now; two or more for high availability (seed 004). One stands alone, as a cluster of one, so that others
    can join it: its licence is an Enterprise one too. Default by size: 1, 2, 3, 4, 6."""
    max: Annotated[int, Field(ge=1, le=20)] | None = None
    """What the database's connections are sized for, so that adding a node below it reboots nothing. Default: count."""
    instance_type: InstanceType | None = None
    """Overrides the preset; x86, since native packages do not support ARM (files reference 4.4)."""
    volume_gib: Annotated[int, Field(ge=20, le=16384)] | None = None
    """Overrides the preset; GiB, gp3, encrypted."""
    iops: Annotated[int, Field(ge=3000, le=16000)] | None = None
    """Overrides the preset; of the volume."""
    throughput_mib: Annotated[int, Field(ge=125, le=1000)] | None = None
    """Overrides the preset; of the volume, MiB/s."""
    heap_gib: Annotated[int, Field(ge=1, le=512)] | None = None
    """Overrides the preset; Artifactory's heap, which leaves a quarter of the memory to Access and 4 GiB to the others."""
    threads: Threads = Threads()
    """Overrides the preset."""
    data_volume: DataVolume | None = None
    """A disk of its own for each node, which outlives the instance; for filestores that keep binaries on the nodes."""
    refresh: Literal["surge", "terminate_first"] | None = None
    """How instances are replaced for a new image or machine type. `surge` starts the new one first and needs a licence
    and a place below `max` more. Default: `surge` where both are there and no bucket gives the licences, else
    `terminate_first`."""
    ha: Literal["cloud_native", "primary"] | None = None
    """Who runs the cluster's tasks (GC, backups, cron replication): any node, or the one in slot 1 (files reference
    4.3). Default: `cloud_native` from 7.17.4 on, `primary` before."""
    without_tasks: tuple[Annotated[int, Field(ge=1, le=20)], ...] = ()
    """Slots whose nodes never run the cluster's tasks (`taskAffinity: none`); `[2]` leaves out the second node."""

    @property
    def ceiling(self) -> int:
        """`max`, or `count` when none is given."""
        return self.max or self.count


class LicenceBucket(Model):
    """A licence bucket of Mission Control (REST reference 7.2)."""

    name: Annotated[str, Field(min_length=1, max_length=128)]
    """Of the bucket."""
    url: HttpUrl
    """Platform whose Mission Control has it, without `/mc`."""
    token: SecretRef
    """Of an administrator there."""


class BucketLicences(Model):
    """One licence for each node is acquired, and returned when the node is gone for good."""

    bucket: LicenceBucket
    """Which."""


class Upgrade(Model):
    """Words about the database, which every upgrade of Artifactory converts. None is needed for a database of ours."""

    snapshot: Annotated[str, Field(min_length=1)] | None = None
    """External database: the name of a snapshot that you made for this upgrade; going back means restoring it."""
    from_version: Version | None = None
    """External database that an earlier installation has used: the version of that one."""
    restored: Annotated[str, Field(min_length=1)] | None = None
    """You restored the snapshot of that name: the database is used by the declared, older version again."""


class Keys(Model):
    """Master and join key. Default: made once by us into Secrets Manager."""

    master: SecretRef | None = None
    """Reference to a master key, hexadecimal, 32 or 64 characters."""
    join: SecretRef | None = None
    """Reference to a join key, hexadecimal, 32 or 64 characters."""
    join_generation: Annotated[int, Field(ge=1, le=1000)] = 1
    """Raise it to give the cluster another join key: a new one of ours, or the one that `join` then leads to
    (decision 0016)."""


class Credentials(Model):
    """Of an administrator: a token, or user and password."""

    token: SecretRef | None = None
    """Access token."""
    username: str | None = None
    """With `password`."""
    password: SecretRef | None = None
    """With `username`."""


class SiteBase(Model):
    """What both kinds of site have."""

    url: HttpUrl
    """Platform URL, as clients and other sites see it, without `/artifactory`."""
    available: bool = True
    """False: the site is away; every stack leaves it alone and says so."""
    reach: Reach = "direct"
    """How we get to it: as the environment says, through `proxy`, or through Session Manager."""
    proxy: HttpUrl | None = None
    """For `reach: proxy`."""
    ca_bundle: str | None = None
    """File with the authority that signed the site's certificate."""
    repositories: Repositories = Repositories()
    """Local, remote and virtual; federated ones stand in their federation."""
    replications: Replications = Replications()
    """Push and pull."""


class ManagedSite(SiteBase):
    """Built by us on AWS."""

    platform: Literal["managed"]
    """Built by us."""
    aws: Aws
    """Account and region."""
    network: Network = Network(create=CreateNetwork(cidr="10.0.0.0/16", zones=3))
    """Where its nodes are. Default: a VPC of our own, 10.0.0.0/16 over 3 zones."""
    nodes: Nodes
    """How many."""
    licences: SecretRef | tuple[SecretRef, ...] | BucketLicences
    """One a node: a reference to licences separated by an empty line (files reference 4.1), a list of references, or
    `{bucket: …}`."""
    keys: Keys = Keys()
    """Master and join key."""
    system_properties: SystemProperties = SystemProperties()
    """artifactory.system.properties."""
    database: Database = Database()
    """Metadata."""
    filestore: Filestore = Filestore()
    """Binaries."""
    load_balancer: LoadBalancer = LoadBalancer()
    """In front."""
    observability: Observability = Observability()
    """Alarms, dashboard, logs."""
    artifactory: Artifactory | None = None
    """Overrides the estate's, for promotion site by site."""
    upgrade: Upgrade = Upgrade()
    """What only you know when Artifactory is upgraded."""
    zone: HostName | Literal["none"] | None = None
    """Route 53 hosted zone of the URL's host; default: its last two labels. `none`: names are made elsewhere."""

    @property
    def licence_references(self) -> tuple[SecretRef, ...]:
        """What leads to the licences: the references, or the token of the bucket."""
        if isinstance(self.licences, BucketLicences):
            return (self.licences.bucket.token,)
        return (self.licences,) if isinstance(self.licences, str) else self.licences


class ExternalSite(SiteBase):
    """Runs already: Helm, an own data centre, SaaS."""

    platform: Literal["external"]
    """Runs already."""
    credentials: Credentials
    """An administrator's."""
    aws: Aws | None = None
    """Where a DR pair's journal is kept; without it the site cannot be part of a pair."""


Site = Annotated[ManagedSite | ExternalSite, Field(discriminator="platform")]
