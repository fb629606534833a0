"""Version paths, and the words that an upgrade needs."""

from typing import Any

import pytest

from tests.unit.estate.documents import mistakes_in, said
from tests.unit.estate.judged import Rule

EU = "sites.eu-west"
EXTERNAL = {
    "url": "jdbc:postgresql://db.acme.example:5432/artifactory?sslmode=verify-full",
    "username": "artifactory",
    "password": "env:DB",
}
DATABASE = {"engine": "postgresql", "version": None, "multi_az": None, "external": EXTERNAL}
VERSION, PACKAGE = "artifactory.version", "artifactory.package.source"


def over(old: str, new: str = "7.111.4", **more: Any) -> dict[str, Any]:
    """eu-west on the database of an installation of version `old`, with every word that this needs."""
    return {
        "artifactory.version": new,
        "federations": {},
        "disaster_recovery": {},
        f"{EU}.database": {"external": EXTERNAL},
        f"{EU}.nodes": {"count": 1, "size": "small"},
        f"{EU}.keys": {"master": "env:MASTER_KEY"},
        f"{EU}.upgrade": {"from_version": old, "snapshot": "before-acme"},
        "defaults": {
            "aws": {"account": "123456789012"},
            "filestore": {"kind": "s3-storage-v3"},
            "load_balancer": {"kind": "nginx"},
        },
        **more,
    }


def words(**upgrade: Any) -> dict[str, Any]:
    return over("7.90.8", **{f"{EU}.upgrade": upgrade})


GOOD = over("7.90.8")
CONVERTED = "the database was converted"
FLOOR = "files reference 2.9: an upgrade to 7.x begins with 6.10.x"
LATE = "files reference 2.9: from 6.23.21 on an upgrade leads to 7.21.3 or newer"
RULES = {
    "no older patch": Rule(over("7.111.4"), over("7.111.5"), VERSION, CONVERTED),
    "no older minor, by number and not by text": Rule(over("7.9.0"), over("7.112.0"), VERSION, CONVERTED),
    "no older major": Rule(over("7.111.3"), over("8.0.0"), VERSION, CONVERTED),
    "a downgrade names both versions": Rule(
        over("7.111.4"), over("7.117.5"), VERSION, "7.111.4 is older than 7.117.5, which has run on the site's database"
    ),
    "six point ten is the floor": Rule(over("6.10.0"), over("6.9.6"), VERSION, FLOOR),
    "five is below the floor": Rule(over("6.23.13"), over("5.11.0"), VERSION, FLOOR),
    "four is below the floor": Rule(over("6.18.1"), over("4.16.1"), VERSION, FLOOR),
    "a late six has a later target": Rule(over("6.23.21", "7.21.3"), over("6.23.21", "7.21.2"), VERSION, LATE),
    "the last six too": Rule(over("6.23.38", "7.25.7"), over("6.23.38", "7.19.4"), VERSION, LATE),
    "an earlier six has not": Rule(over("6.23.20", "7.19.4"), over("6.23.22", "7.19.4"), VERSION, LATE),
    "several nodes do not convert six": Rule(
        over("6.23.13"),
        over("6.23.13", **{f"{EU}.nodes": {"count": 3, "size": "small"}}),
        "sites.eu-west.nodes.count",
        "files reference 4.2: nodes start one at a time",
    ),
    "an old database has its master key": Rule(
        GOOD,
        over("7.90.8", **{f"{EU}.keys": {}}),
        "sites.eu-west.keys.master",
        "files reference 4.1: the database is encrypted with the master key",
    ),
    "an upgrade of an external database has a snapshot": Rule(
        words(from_version="7.90.8", snapshot="acme-2"),
        words(from_version="7.90.8"),
        "sites.eu-west.upgrade.snapshot",
        "only a snapshot leads back",
    ),
    "no snapshot of yours of a database of ours": Rule(
        {},
        {f"{EU}.upgrade": {"snapshot": "mine"}},
        "sites.eu-west.upgrade.snapshot",
        "we make its snapshot before the first node is upgraded",
    ),
    "no earlier version of a database of ours": Rule(
        {},
        {f"{EU}.upgrade": {"from_version": "7.90.8"}},
        "sites.eu-west.upgrade.from_version",
        "a database that we make is empty",
    ),
    "a restored snapshot is used up": Rule(
        words(restored="one", snapshot="two"),
        words(restored="one", snapshot="one"),
        "sites.eu-west.upgrade.snapshot",
        "what was written since is in no snapshot",
    ),
    "a restored database has the declared version": Rule(
        words(restored="one", snapshot="two"),
        words(restored="one", snapshot="two", from_version="7.90.8"),
        "sites.eu-west.upgrade.from_version",
        "a restored database has the version that is declared",
    ),
    "the package is of the version": Rule(
        {PACKAGE: "s3://acme-packages/jfrog-artifactory-pro-7.111.4.rpm"},
        {PACKAGE: "s3://acme-packages/jfrog-artifactory-pro-7.104.15.rpm"},
        PACKAGE,
        "a package of 7.104.15, with version 7.111.4",
    ),
    "a site's own package is of its own version": Rule(
        {
            **GOOD,
            f"{EU}.artifactory": {
                "version": "7.117.5",
                "package": {"source": "https://repo.example/jfrog-artifactory-pro-7.117.5.rpm", "sha256": "0" * 64},
            },
        },
        {
            **GOOD,
            f"{EU}.artifactory": {
                "version": "7.117.5",
                "package": {"source": "https://repo.example/jfrog-artifactory-pro-7.111.4.rpm", "sha256": "0" * 64},
            },
        },
        "sites.eu-west.artifactory.package.source",
        "a package of 7.111.4, with version 7.117.5",
    ),
    "a site's own version is judged where it stands": Rule(
        {
            **over("7.117.5"),
            f"{EU}.artifactory": {"version": "7.117.5", "package": {"source": "sandbox", "sha256": "0" * 64}},
        },
        {
            **over("7.117.6"),
            f"{EU}.artifactory": {"version": "7.117.5", "package": {"source": "sandbox", "sha256": "0" * 64}},
        },
        "sites.eu-west.artifactory.version",
        CONVERTED,
    ),
}


@pytest.mark.parametrize("rule", RULES.values(), ids=[name.replace(" ", "-") for name in RULES])
def test_accepts_and_refuses(rule: Rule) -> None:
    rule.holds()


def test_a_version_that_is_used_already_needs_no_snapshot() -> None:
    mistakes = mistakes_in(over("7.111.4", **{f"{EU}.upgrade": {"from_version": "7.111.4"}}))
    assert not mistakes, said(mistakes)
