from typing import Any

import pytest

from artifactory_estate.database.rules import connections_of
from tests.unit.estate.judged import Rule

EAST, EU = "sites.us-east", "sites.eu-west"
MOUNT = {"kind": "file-system", "directory": "/mnt/filestore", "cache": None}
EXTERNAL = {
    "url": "jdbc:postgresql://db.acme.example:5432/artifactory",
    "username": "artifactory",
    "password": "env:DB",
}


def external(**more: Any) -> dict[str, Any]:
    return {f"{EU}.database": {"external": {**EXTERNAL, **more}}}


RULES = {
    "a cluster shares its filestore": Rule(
        {f"{EU}.filestore": MOUNT},
        {f"{EU}.filestore": {**MOUNT, "directory": "filestore"}},
        "sites.eu-west.filestore.directory",
        "seed 004: the 3 nodes of a cluster share one filestore",
    ),
    "a cluster that may grow shares its filestore": Rule(
        {f"{EU}.filestore": MOUNT, f"{EU}.nodes": {"count": 1, "max": 2}},
        {f"{EU}.filestore": {"kind": "cache-fs"}, f"{EU}.nodes": {"count": 1, "max": 2}},
        "sites.eu-west.filestore.directory",
        "seed 004: the 2 nodes of a cluster",
    ),
    "nothing is kept on an instance's disk": Rule(
        {f"{EU}.filestore": MOUNT, f"{EU}.nodes": {"count": 1}},
        {f"{EU}.filestore": {"kind": "cache-fs"}, f"{EU}.nodes": {"count": 1}},
        "sites.eu-west.filestore.directory",
        "design 4: an acknowledged upload would go with the instance",
    ),
    "no redundancy": Rule(
        {},
        {f"{EU}.filestore.redundancy": 2},
        "sites.eu-west.filestore.redundancy",
        "seed 001: R copies on M mounts, R must not exceed M",
    ),
    "no directory in a bucket": Rule(
        {f"{EU}.filestore.path": "artifactory/filestore"},
        {f"{EU}.filestore.directory": "/mnt"},
        "sites.eu-west.filestore.directory",
        "given, with kind: s3-storage-v3",
    ),
    "no bucket on a mount": Rule(
        {f"{EU}.filestore": MOUNT},
        {f"{EU}.filestore": {**MOUNT, "bucket": {"name": "acme-binaries"}}},
        "sites.eu-west.filestore.bucket",
        "given, with kind: file-system",
    ),
    "no cache of a file system": Rule(
        {f"{EU}.filestore": {**MOUNT, "kind": "cache-fs", "cache": "10GiB"}},
        {f"{EU}.filestore": {**MOUNT, "cache": "10GiB"}},
        "sites.eu-west.filestore.cache",
        "write `cache: null`",
    ),
    "no cache of nothing": Rule(
        {}, {f"{EU}.filestore.cache": "0GiB"}, "sites.eu-west.filestore.cache", "an empty cache"
    ),
    "room beside the cache": Rule(
        {f"{EU}.filestore.cache": "400GiB"},
        {f"{EU}.filestore.cache": "500GiB"},
        "sites.eu-west.filestore.cache",
        "500GiB is too much (files reference 1.4: the node's volume has 500 GiB",
    ),
    "room beside the cache of a given volume": Rule(
        {f"{EU}.filestore.cache": "30GiB", f"{EU}.nodes.volume_gib": 40},
        {f"{EU}.filestore.cache": "40GiB", f"{EU}.nodes.volume_gib": 40},
        "sites.eu-west.filestore.cache",
        "40GiB is too much",
    ),
    "old versions as long as the window": Rule(
        {f"{EU}.filestore.bucket.keep_old_versions": "7d"},
        {f"{EU}.filestore.bucket.keep_old_versions": "6d"},
        "sites.eu-west.filestore.bucket.keep_old_versions",
        "6d is less than the database's point_in_time of 7d",
    ),
    "a longer window": Rule(
        {f"{EU}.database.point_in_time": "35d"},
        {f"{EU}.database.point_in_time": "35d", f"{EU}.filestore.bucket.keep_old_versions": "34d"},
        "sites.eu-west.filestore.bucket.keep_old_versions",
        "34d is less",
    ),
    "old versions by the day": Rule(
        {f"{EU}.filestore.bucket.keep_old_versions": "240h"},
        {f"{EU}.filestore.bucket.keep_old_versions": "200h"},
        "sites.eu-west.filestore.bucket.keep_old_versions",
        "no whole days",
    ),
    "a copy at another site": Rule(
        {f"{EU}.filestore.bucket.replicate_to": "us-east"},
        {f"{EU}.filestore.bucket.replicate_to": "lab"},
        "sites.eu-west.filestore.bucket.replicate_to",
        "there is no managed site lab with an S3 filestore",
    ),
    "no copy into itself": Rule(
        {},
        {f"{EU}.filestore.bucket.replicate_to": "eu-west"},
        "sites.eu-west.filestore.bucket.replicate_to",
        "a copy into itself",
    ),
    "a bucket each": Rule(
        {f"{EAST}.filestore.bucket.name": "acme-one", f"{EU}.filestore.bucket.name": "acme-two"},
        {f"{EAST}.filestore.bucket.name": "acme-one", f"{EU}.filestore.bucket.name": "acme-one"},
        "sites.eu-west.filestore.bucket.name",
        "the same bucket as us-east's",
    ),
    "a bucket that another site's has by default": Rule(
        {f"{EU}.filestore.bucket.name": "acme-eu-west-binaries-123456789012"},
        {f"{EU}.filestore.bucket.name": "acme-us-east-filestore-123456789012"},
        "sites.eu-west.filestore.bucket.name",
        "the same bucket as us-east's",
    ),
    "not the bucket that bundles are in": Rule(
        {f"{EU}.filestore.bucket.name": "acme-eu-west-filestore-123456789012"},
        {f"{EU}.filestore.bucket.name": "acme-eu-west-site-123456789012"},
        "sites.eu-west.filestore.bucket.name",
        "acme-eu-west-site-123456789012 is the name of another bucket of the site's",
    ),
    "name of a bucket": Rule(
        {},
        {f"{EAST}.filestore.bucket.name": "Acme_One"},
        "sites.us-east.filestore.bucket.name",
        "3 to 63 lower-case letters",
    ),
    "RDS's shortest window": Rule(
        {f"{EU}.database.point_in_time": "1d"},
        {f"{EU}.database.point_in_time": "12h"},
        "sites.eu-west.database.point_in_time",
        "1 to 35 whole days",
    ),
    "RDS's longest window": Rule(
        {f"{EU}.database.point_in_time": "35d"},
        {f"{EU}.database.point_in_time": "36d", f"{EU}.filestore.bucket.keep_old_versions": "40d"},
        "sites.eu-west.database.point_in_time",
        "1 to 35 whole days",
    ),
    "an engine of this decade": Rule(
        {f"{EU}.database.version": "13.4"},
        {f"{EU}.database.version": "9.6"},
        "sites.eu-west.database.version",
        "PostgreSQL 10 or newer",
    ),
    "connections within the instance's memory": Rule(
        {f"{EU}.database.pools": {"artifactory": 200, "access": 200, "metadata": 200}},
        {f"{EU}.database.pools": {"artifactory": 600, "access": 200, "metadata": 200}},
        "sites.eu-west.database.pools",
        "connections for 3 nodes (files reference 2.6: db.m8g.2xlarge allows 3604)",
    ),
    "connections of a small instance": Rule(
        {f"{EU}.database.instance_class": "db.t4g.large", f"{EU}.nodes": {"count": 2, "max": 3}},
        {f"{EU}.database.instance_class": "db.t4g.medium", f"{EU}.nodes": {"count": 2, "max": 3}},
        "sites.eu-west.database.pools",
        "716 connections for 3 nodes (files reference 2.6: db.t4g.medium allows 450)",
    ),
    "an external database": Rule(
        external(),
        {f"{EU}.database": {"external": EXTERNAL, "storage_gib": 200}},
        "sites.eu-west.database.storage_gib",
        "given, with external",
    ),
    "no password in a URL": Rule(
        external(url="jdbc:postgresql://h1:5432,h2:5432/a?targetServerType=primary"),
        external(url="jdbc:postgresql://h:5432/a?user=x&password=hunter2"),
        "sites.eu-west.database.external.url",
        "a user or a password in the URL",
    ),
    "no user in a URL": Rule(
        external(),
        external(url="jdbc:postgresql://me:hunter2@h:5432/a"),
        "sites.eu-west.database.external.url",
        "a user or a password in the URL",
    ),
    "a URL of PostgreSQL": Rule(
        external(),
        external(url="jdbc:mysql://h/a"),
        "sites.eu-west.database.external.url",
        "jdbc:postgresql://HOST:5432/artifactory",
    ),
}


@pytest.mark.parametrize("rule", RULES.values(), ids=[name.replace(" ", "-") for name in RULES])
def test_accepts_and_refuses(rule: Rule) -> None:
    rule.holds()


@pytest.mark.parametrize(
    ("instance_class", "allowed"),
    [
        ("db.t3.micro", 112),
        ("db.t4g.medium", 450),
        ("db.m7i.2xlarge", 3604),
        ("db.r7g.large", 1802),
        ("db.m8g.4xlarge", 5000),
        ("db.x2iedn.large", None),
        ("db.m9.huge", None),
    ],
)
def test_connections_that_rds_allows(instance_class: str, allowed: int | None) -> None:
    assert connections_of(instance_class) == allowed
