"""A site: a cluster of nodes, built by us on AWS or running already."""

from typing import Annotated, Literal

from pydantic import Field

from artifactory_estate.base import Model, SecretRef
from artifactory_estate.base.name import Digest, HostName, HttpUrl
from artifactory_estate.base.text_form import form
from artifactory_estate.database.model import Database
from artifactory_estate.filestore.model import Filestore
from artifactory_estate.load_balancer.model import LoadBalancer
from artifactory_estate.replication.model import Replications
from artifactory_estate.repositories.model import Repositories

Version = Annotated[str, form(r"^[0-9]{1,4}\.[0-9]{1,4}\.[0-9]{1,4}$", "a whole version such as 7.111.4")]
RoleArn = Annotated[str, form(r"^arn:aws[a-z-]*:iam::[0-9]{12}:role/\S+$", "arn:aws:iam::ACCOUNT:role/NAME")]
PolicyArn = Annotated[
    str, form(r"^arn:aws[a-z-]*:iam::([0-9]{12}|aws):policy/\S+$", "arn:aws:iam::ACCOUNT:policy/NAME")
]
InstanceType = Annotated[str, form(r"^[a-z][a-z0-9-]*\.[a-z0-9-]+$", "an EC2 type such as m7i.2xlarge")]
SubnetId = Annotated[str, form(r"^subnet-[0-9a-f]+$", "subnet-… and hexadecimal digits")]
Reach = Literal["direct", "proxy", "ssm"]
Size = Literal["small", "medium", "large", "xlarge", "2xlarge"]


class Package(Model):
    """The installer, mirrored into the estate's bucket: no public download at boot."""

    source: Annotated[str, form(r"^(sandbox|s3://[^\s@]+|https://[^\s@]+)$", "s3://…, https://… or sandbox")]
    """`s3://…`, `https://…`, or `sandbox` for the simulated platform."""
    sha256: Digest
    """Of the file; checked before it is mirrored and on each node."""


class Artifactory(Model):
    """Which Artifactory, and from where."""

    version: Version
    """`7.111.4`."""
    package: Package | None = None
    """One of `package` and `ami`."""
    ami: Annotated[str, form(r"^ami-[0-9a-f]{8,17}$", "an image id, ami-…,")] | None = None
    """An image with Artifactory installed."""
    pre_install: str | None = None
    """Shell file, relative to the document, run on each node before the installation."""
    post_install: str | None = None
    """Shell file, relative to the document, run on each node after it."""

    @property
    def release(self) -> tuple[int, ...]:
        """The version as numbers, to compare: (7, 111, 4)."""
        return tuple(int(part) for part in self.version.split("."))


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
    """A NAT gateway for what the nodes fetch; false where endpoints or a proxy of yours do."""


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


class Nodes(Model):
    """The cluster."""

    count: Annotated[int, Field(ge=1, le=20)]
    """Nodes wanted now; two or more for high availability (seed 004)."""
    max: Annotated[int, Field(ge=1, le=20)] | None = None
    """What the database's connections are sized for, so that adding a node below it reboots nothing. Default: count."""
    size: Size = "medium"
    """Preset (files reference 7.1): instance type, volume, threads."""
    instance_type: InstanceType | None = None
    """Overrides the preset; x86, since native packages do not support ARM (files reference 4.4)."""
    volume_gib: Annotated[int, Field(ge=20, le=16384)] | None = None
    """Overrides the preset; GiB, gp3, encrypted."""

    @property
    def ceiling(self) -> int:
        """`max`, or `count` when none is given."""
        return self.max or self.count


class Keys(Model):
    """Master and join key. Default: made once by us into Secrets Manager."""

    master: SecretRef | None = None
    """Reference to a master key, hexadecimal, 32 or 64 characters."""
    join: SecretRef | None = None
    """Reference to a join key, hexadecimal, 32 or 64 characters."""


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
    network: Network
    """Where its nodes are."""
    nodes: Nodes
    """How many."""
    licences: SecretRef
    """One licence a node, separated by an empty line (files reference 4.1)."""
    keys: Keys = Keys()
    """Master and join key."""
    system_properties: dict[str, str | int | bool] = {}
    """artifactory.system.properties, each beginning with `artifactory.`."""
    database: Database = Database()
    """Metadata."""
    filestore: Filestore = Filestore()
    """Binaries."""
    load_balancer: LoadBalancer = LoadBalancer()
    """In front."""
    artifactory: Artifactory | None = None
    """Overrides the estate's, for promotion site by site."""
    zone: HostName | Literal["none"] | None = None
    """Route 53 hosted zone of the URL's host; default: its last two labels. `none`: names are made elsewhere."""


class ExternalSite(SiteBase):
    """Runs already: Helm, an own data centre, SaaS."""

    platform: Literal["external"]
    """Runs already."""
    credentials: Credentials
    """An administrator's."""
    aws: Aws | None = None
    """Where a DR pair's journal is kept; without it the site cannot be part of a pair."""


Site = Annotated[ManagedSite | ExternalSite, Field(discriminator="platform")]
