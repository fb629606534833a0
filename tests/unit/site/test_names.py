"""Names, computed from the document alone, within AWS's limits."""

import re

import pytest

from artifactory_estate.rest import Connection
from artifactory_estate.site.connection import connection_to
from artifactory_estate.site.model import Aws, ExternalSite
from artifactory_estate.site.names import SiteNames, host_of, names_of, shortened, zone_of
from tests.unit.site.site_values import names, site_of

LONG = SiteNames("e" * 32, "s" * 32, "123456789012", "us-east-1")


def test_names_of_the_sample() -> None:
    found = names()
    assert found.filestore_bucket == "acme-us-east-filestore-123456789012"
    assert found.site_bucket == "acme-us-east-site-123456789012"
    assert found.secret("admin-token") == "acme/us-east/admin-token"
    assert (found.short("nlb"), found.database, found.group) == (
        "acme-us-east-nlb",
        "acme-us-east",
        "acme-us-east-nodes",
    )


@pytest.mark.parametrize("suffix", ["nlb", "router-http", "balancer"])
def test_names_stay_within_awss_limits(suffix: str) -> None:
    assert len(LONG.short(suffix)) <= 32
    assert len(LONG.filestore_bucket) <= 63
    assert len(LONG.site_bucket) <= 63
    assert LONG.filestore_bucket != LONG.site_bucket
    assert len(f"{LONG.database}-16") <= 63
    assert re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", SiteNames("a--b", "c-d", "1", "us-east-1").database)


def test_shortened_names_differ_when_the_long_ones_do() -> None:
    assert shortened("a" * 40 + "1", 32) != shortened("a" * 40 + "2", 32)


@pytest.mark.parametrize(
    ("region", "arn"),
    [
        ("us-east-1", "arn:aws:s3:::b"),
        ("cn-north-1", "arn:aws-cn:s3:::b"),
        ("us-gov-west-1", "arn:aws-us-gov:s3:::b"),
    ],
)
def test_partition_follows_the_region(region: str, arn: str) -> None:
    found = SiteNames("acme", "site", "123456789012", region)
    assert found.arn("s3", "b", regional=False) == arn
    assert found.arn("rds", "db:x").split(":")[3:5] == [region, "123456789012"]


def test_estates_tags_win() -> None:
    assert names().tags({"artifactory-estate": "other", "a": "1"}, {"a": "2"}) == {
        "artifactory-estate": "acme",
        "artifactory-estate-site": "us-east",
        "a": "2",
    }


def test_token_of_a_managed_site_is_read_with_its_region_and_role() -> None:
    role = "arn:aws:iam::123456789012:role/estate"
    aws = Aws(account="123456789012", region="eu-west-1", assume_role=role)
    assert names_of("acme", "eu", aws).secret_ref("admin-token") == (
        f"aws-secretsmanager:acme/eu/admin-token?region=eu-west-1&role={role}"
    )
    found = connection_to("acme", "us-east", site_of(available=False))
    assert found.token == "aws-secretsmanager:acme/us-east/admin-token?region=us-east-1"
    assert not found.available


@pytest.mark.parametrize(
    "credentials", [{"token": "file:lab.token"}, {"username": "admin", "password": "env:LAB_PASSWORD"}]
)
def test_external_site_is_reached_as_its_document_says(credentials: dict[str, str]) -> None:
    lab = ExternalSite.from_data({"platform": "external", "url": "http://lab.example", "credentials": credentials})
    assert connection_to("acme", "lab", lab) == Connection(site="lab", url="http://lab.example", **credentials)


@pytest.mark.parametrize(("reach", "used"), [("proxy", "http://proxy.example:3128"), ("direct", None)])
def test_proxy_only_where_the_site_is_reached_through_one(reach: str, used: str | None) -> None:
    site = site_of(reach=reach, proxy="http://proxy.example:3128")
    assert connection_to("acme", "us-east", site).proxy == used


def test_host_and_zone() -> None:
    assert host_of(site_of()) == "us-east.repo.acme.example"
    assert zone_of("us-east.repo.acme.example") == "acme.example"
    assert zone_of("us-east.repo.acme.example", "repo.acme.example") == "repo.acme.example"
    assert zone_of("us-east.repo.acme.example", "none") is None
