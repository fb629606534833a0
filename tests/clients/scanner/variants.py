"""Whole sites of every kind that the scanner looks at, as recorded registrations."""

from typing import Any

from artifactory_estate.filestore.copies import Copy
from artifactory_estate.site.component import Site
from tests.support.recording import Recording, recorded
from tests.unit.site.site_values import ARTIFACTORY, site_of
from tests.unit.site.test_component import OUTPUTS

CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/9c8b"
URL = "https://us-east.repo.acme.example"
KNOWN = {
    "aws:rds/cluster:Cluster": {
        "endpoint": "db.example",
        "masterUserSecrets": [{"secretArn": "arn:aws:secretsmanager:s"}],
    },
    **OUTPUTS,
}
"""What the cloud would add to the inputs."""


def balancer(kind: str, **more: Any) -> dict[str, Any]:
    return {"load_balancer": {"kind": kind, "certificate": CERTIFICATE, **more}}


def database(engine: str, **more: Any) -> dict[str, Any]:
    return {"database": {"engine": engine, **more}}


COPY = Copy(
    bucket_arn="arn:aws:s3:::acme-us-west-filestore-123456789012",
    kms_key_arn="arn:aws:kms:us-west-2:123456789012:alias/acme-us-west",
    from_region="us-east-1",
    to_region="us-west-2",
    role_name="acme-us-east-copy-us-east-1",
    permissions_boundary=None,
    deletes=False,
)


VARIANTS: dict[str, dict[str, Any]] = {
    "alb": {**balancer("alb"), "observability": {"alarms": {"emails": ["platform@acme.example"]}}},
    "nlb": balancer("nlb"),
    "nginx": balancer("nginx"),
    "apache": balancer("apache"),
    "nginx-in-front": balancer("nginx", placement="front"),
    "public": balancer("alb", internal=False),
    "no-way-out": {"network": {"create": {"cidr": "10.10.0.0/16", "nat": False}}},
    "given-network": {"network": {"vpc": "vpc-1", "private_subnets": ["subnet-1", "subnet-2"]}},
    "efs": {"filestore": {"kind": "nfs", "directory": "/mnt/filestore", "efs": {}}},
    "data-volumes": {
        "filestore": {"kind": "cluster-file-system"},
        "nodes": {"count": 2, "max": 3, "size": "small", "data_volume": {"size_gib": 500}},
    },
    "mysql": database("mysql", version="8.0"),
    "mariadb": database("mariadb", version="10.11"),
    "oracle": database("oracle", version="19", edition="se2", licence="included"),
    "sql-server": database("mssql", version="15.00", edition="se", licence="included"),
    "aurora": database("aurora-postgresql", version="15"),
    "copied": {"copy": COPY},
}
"""Changes to the sample's us-east, by name."""


def registered(copy: Copy | None = None, **changes: Any) -> Recording:
    """What a site of these words registers, behind https."""

    def program() -> None:
        declared = site_of(**{"url": URL, **balancer("nginx"), **changes})
        Site("us-east", "acme", declared, artifactory=ARTIFACTORY, tags={"owner": "platform"}, copy=copy)

    with recorded(program, KNOWN) as found:
        return found


def default_program() -> Recording:
    """A program of a user's own with the fewest words."""
    package = {"source": "s3://acme-packages/jfrog-artifactory-pro-7.111.4.rpm", "sha256": "5f" * 32}

    def program() -> None:
        Site("repo", url="https://repo.acme.example", nodes=2, licences="env:LICENCES", package=package)

    with recorded(program, KNOWN) as found:
        return found
