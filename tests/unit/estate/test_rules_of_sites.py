from typing import Any

import pytest

from tests.unit.estate.documents import mistakes_in, said
from tests.unit.estate.judged import Rule

EAST, LAB = "sites.us-east", "sites.lab"
OTHER = {"version": "7.117.5", "ami": "ami-0123456789abcdef0"}
IDS = {"vpc": "vpc-12ab", "private_subnets": ["subnet-1a", "subnet-2b"]}
TLS = {f"{EAST}.url": "https://us-east.repo.acme.example", "sites.us-west.url": "https://us-west.repo.acme.example"}
CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/1-2"
CERTIFICATES = {
    f"{EAST}.load_balancer.certificate": CERTIFICATE,
    "sites.us-west.load_balancer.certificate": CERTIFICATE.replace("us-east-1", "us-west-2"),
}
BULK = "artifactory.federated.mirror.events.bulk.max.pools"
POOLS = BULK.replace(".", r"\.")


def external_site(url: str, **more: Any) -> dict[str, Any]:
    return {"platform": "external", "url": url, "credentials": {"token": "env:TOKEN"}, **more}


RULES = {
    "no stack's name for a site": Rule(
        {"sites.dr": external_site("http://dr.example.org")},
        {"sites.dr-two": external_site("http://dr.example.org")},
        "sites.dr-two",
        "the name begins with dr-",
    ),
    "no federation's name for a site": Rule(
        {"sites.federations": external_site("http://f.example.org")},
        {"sites.federation-x": external_site("http://f.example.org")},
        "sites.federation-x",
        "the name begins with federation-",
    ),
    "url of the platform": Rule(
        {f"{LAB}.url": "http://lab.repo.acme.example/tools"},
        {f"{LAB}.url": "http://lab.repo.acme.example/artifactory"},
        "sites.lab.url",
        "ends with /artifactory",
    ),
    "a managed site at its host's root": Rule(
        {},
        {f"{EAST}.url": "http://us-east.repo.acme.example/tools"},
        "sites.us-east.url",
        "has a path",
    ),
    "a managed site without a port": Rule(
        {f"{LAB}.url": "http://127.0.0.1:8082"},
        {f"{EAST}.url": "http://us-east.repo.acme.example:8082"},
        "sites.us-east.url",
        "has a port",
    ),
    "a managed site has a name": Rule(
        {}, {f"{EAST}.url": "http://10.0.0.1"}, "sites.us-east.url", "10.0.0.1 is no name in a domain"
    ),
    "the site's host in its zone": Rule(
        {"sites.eu-west.zone": "repo.acme.example"},
        {"sites.eu-west.zone": "acme.org"},
        "sites.eu-west.zone",
        "eu-west.repo.acme.example is not in the zone acme.org",
    ),
    "names made elsewhere": Rule(
        {"sites.eu-west.zone": "none"},
        {"sites.eu-west.zone": "None!"},
        "sites.eu-west.zone",
        "or allowed: none",
    ),
    "reach through a proxy": Rule(
        {f"{LAB}.reach": "proxy", f"{LAB}.proxy": "http://proxy.acme.example:3128"},
        {f"{LAB}.reach": "proxy"},
        "sites.lab.proxy",
        "missing (reach: proxy goes through one)",
    ),
    "a proxy only for reach: proxy": Rule(
        {},
        {f"{LAB}.proxy": "http://proxy.acme.example:3128"},
        "sites.lab.proxy",
        "a proxy, with reach: direct",
    ),
    "ssm reaches our nodes": Rule(
        {f"{EAST}.reach": "ssm"}, {f"{LAB}.reach": "ssm"}, "sites.lab.reach", "ssm, at an external site"
    ),
    "user and password": Rule(
        {f"{LAB}.credentials": {"username": "admin", "password": "env:PASSWORD"}},
        {f"{LAB}.credentials": {"username": "admin"}},
        "sites.lab.credentials",
        "no token, no complete user and password",
    ),
    "one kind of credentials": Rule(
        {},
        {f"{LAB}.credentials": {"token": "env:T", "username": "admin", "password": "env:P"}},
        "sites.lab.credentials",
        "a token, and user and password",
    ),
    "a managed site needs artifactory": Rule(
        {
            "artifactory": ...,
            f"{EAST}.artifactory": OTHER,
            "sites.us-west.artifactory": OTHER,
            "sites.eu-west.artifactory": OTHER,
        },
        {"artifactory": ...},
        "sites.eu-west.artifactory",
        "missing (a managed site needs a version",
    ),
    "package or image": Rule(
        {"artifactory": OTHER},
        {"artifactory.ami": "ami-0123456789abcdef0"},
        "artifactory.ami",
        "an image, and a package",
    ),
    "something to install": Rule(
        {}, {"artifactory.package": ...}, "artifactory.package", "missing (a node installs a package"
    ),
    "generation of the files": Rule(
        {"sites.eu-west.artifactory": {**OTHER, "version": "7.90.1"}},
        {"sites.eu-west.artifactory": {**OTHER, "version": "6.23.0"}},
        "sites.eu-west.artifactory.version",
        "6.23.0 is too old for a site that we build",
    ),
    "cluster without a primary": Rule(
        {"sites.eu-west.artifactory": {**OTHER, "version": "7.90.1"}},
        {"sites.eu-west.artifactory": {**OTHER, "version": "7.10.2"}, "sites.eu-west.nodes.ha": "cloud_native"},
        "sites.eu-west.nodes.ha",
        "cloud_native, with 7.10.2",
    ),
    "max is above count": Rule(
        {f"{EAST}.nodes": {"count": 2, "max": 2}},
        {f"{EAST}.nodes": {"count": 2, "max": 1}},
        "sites.us-east.nodes.max",
        "1 is less than count: 2",
    ),
    "no ARM for packages": Rule(
        {f"{EAST}.nodes.instance_type": "g5.xlarge"},
        {f"{EAST}.nodes.instance_type": "m8g.2xlarge"},
        "sites.us-east.nodes.instance_type",
        "m8g.2xlarge is an ARM type (files reference 4.4",
    ),
    "one host a site": Rule(
        {"sites.two": external_site("http://lab.repo.acme.example:8082")},
        {"sites.two": external_site("http://LAB.repo.acme.example")},
        "sites.two.url",
        "the same as lab's",
    ),
    "one licence file a site": Rule(
        {},
        {"sites.eu-west.licences": "file:.sandbox/licences/us-east.txt"},
        "sites.eu-west.licences",
        "the same as us-east's (files reference 4.1",
    ),
    "one way to a network": Rule(
        {f"{EAST}.network": IDS},
        {f"{EAST}.network": {**IDS, "create": {"cidr": "10.0.0.0/16"}}},
        "sites.us-east.network.vpc",
        "given, with create",
    ),
    "some network": Rule(
        {f"{EAST}.network": IDS}, {f"{EAST}.network": {}}, "sites.us-east.network", "neither `create` nor `vpc`"
    ),
    "two zones": Rule(
        {f"{EAST}.network": IDS},
        {f"{EAST}.network": {**IDS, "private_subnets": ["subnet-1a", "subnet-1a"]}},
        "sites.us-east.network.private_subnets",
        "1 subnets (design 4",
    ),
    "public subnets for a public load balancer": Rule(
        {
            f"{EAST}.network": {**IDS, "public_subnets": ["subnet-3c", "subnet-4d"]},
            f"{EAST}.load_balancer.internal": False,
        },
        {f"{EAST}.network": IDS, f"{EAST}.load_balancer.internal": False},
        "sites.us-east.network.public_subnets",
        "0 subnets (a load balancer that is not internal",
    ),
    "a network, not a host": Rule(
        {f"{EAST}.network.create.cidr": "10.1.0.0/16"},
        {f"{EAST}.network.create.cidr": "10.1.2.0/16"},
        "sites.us-east.network.create.cidr",
        "10.1.2.0/16 is no network",
    ),
    "no number above 255": Rule(
        {}, {f"{EAST}.network.create.cidr": "10.300.0.0/16"}, "sites.us-east.network.create.cidr", "is no network"
    ),
    "a name that AWS takes for a load balancer": Rule(
        {"estate": "internals"},
        {"estate": "internal"},
        "estate",
        "internal (AWS: no name of a load balancer begins with internal-, and ours begin with the estate's)",
    ),
    "a name that AWS takes for a security group": Rule(
        {"estate": "sga"}, {"estate": "sg"}, "estate", "sg (AWS: no name of a security group begins with sg-"
    ),
    "a name that S3 takes for a bucket": Rule(
        {"estate": "sthrees"}, {"estate": "sthree-two"}, "estate", "AWS: no name of a bucket begins with sthree-"
    ),
    "a private network": Rule(
        {f"{EAST}.network.create.cidr": "172.20.0.0/16"},
        {f"{EAST}.network.create.cidr": "52.1.0.0/16"},
        "sites.us-east.network.create.cidr",
        "52.1.0.0/16 is not private",
    ),
    "room for the nodes": Rule(
        {f"{EAST}.network.create": {"cidr": "10.1.0.0/24", "zones": 2}},
        {f"{EAST}.network.create": {"cidr": "10.1.0.0/24", "zones": 6}, f"{EAST}.nodes": {"count": 2, "max": 20}},
        "sites.us-east.network.create.cidr",
        "gives 6 zones subnets of /28",
    ),
    "overlapping networks are no mistake": Rule(
        {"sites.eu-west.network.create.cidr": "10.10.0.0/16"},
        {"sites.eu-west.network": {}},
        "sites.eu-west.network",
        "neither",
    ),
    "prefix of a property": Rule(
        {f"{EAST}.system_properties.extra": {"artifactory.x.y": "z"}},
        {f"{EAST}.system_properties.federated\\.x": 1},
        "sites.us-east.system_properties.federated.x",
        "Write artifactory.federated.x.",
    ),
    "form of a property": Rule(
        {},
        {f"{EAST}.system_properties.artifactory\\.x y": 1},
        "sites.us-east.system_properties.artifactory.x y",
        "the key has a wrong form",
    ),
    "one line a property": Rule(
        {f"{EAST}.system_properties.extra": {"artifactory.x": "a b"}},
        {f"{EAST}.system_properties.extra": {"artifactory.x": "a\nartifactory.y=1"}},
        "sites.us-east.system_properties.extra.artifactory.x",
        "a line break",
    ),
    "range of a property": Rule(
        {f"{EAST}.system_properties.{POOLS}": 5},
        {f"{EAST}.system_properties.{POOLS}": 6},
        f"sites.us-east.system_properties.{BULK}",
        "6 is not allowed (files reference 3.2: at most 5)",
    ),
    "type of a property": Rule(
        {f"{EAST}.system_properties.{POOLS}": "3"},
        {f"{EAST}.system_properties.{POOLS}": True},
        f"sites.us-east.system_properties.{BULK}",
        "True is not allowed (files reference 3.2: a whole number is wanted)",
    ),
    "truth of a property": Rule(
        {f"{EAST}.system_properties.artifactory\\.federated\\.metrics\\.enabled": True},
        {f"{EAST}.system_properties.artifactory\\.federated\\.metrics\\.enabled": 1},
        "sites.us-east.system_properties.artifactory.federated.metrics.enabled",
        "true or false is wanted",
    ),
    "a property with its partner": Rule(
        {
            f"{EAST}.system_properties.artifactory\\.federated\\.full\\.sync\\.page\\.size": 5,
            f"{EAST}.system_properties.artifactory\\.federated\\.full\\.sync\\.use\\.aql": False,
        },
        {f"{EAST}.system_properties.artifactory\\.federated\\.full\\.sync\\.page\\.size": 5},
        "sites.us-east.system_properties.artifactory.federated.full.sync.page.size",
        "has no effect",
    ),
    "key of a tag": Rule(
        {"tags": {"cost centre": "a:b/c=d+e@f"}}, {"tags": {"a!": "b"}}, "tags.a!", "AWS does not allow this key"
    ),
    "value of a tag": Rule({"tags": {"a": ""}}, {"tags": {"a": "b" * 257}}, "tags.a", "AWS does not allow this value"),
    "tags that AWS writes": Rule(
        {"tags": {"awful": "x"}},
        {f"{EAST}.aws.tags": {"AWS:x": "y"}},
        "sites.us-east.aws.tags.AWS:x",
        "begins with aws:",
    ),
    "tags that we write": Rule(
        {}, {"tags": {"artifactory-estate-site": "x"}}, "tags.artifactory-estate-site", "begins with artifactory-estate"
    ),
    "role of the account": Rule(
        {f"{EAST}.aws.assume_role": "arn:aws:iam::123456789012:role/estate"},
        {f"{EAST}.aws.assume_role": "arn:aws:iam::210987654321:role/estate"},
        "sites.us-east.aws.assume_role",
        "of the account 210987654321 (the site's account is 123456789012)",
    ),
    "boundary of the account": Rule(
        {f"{EAST}.aws.permissions_boundary": "arn:aws:iam::aws:policy/PowerUserAccess"},
        {f"{EAST}.aws.permissions_boundary": "arn:aws:iam::210987654321:policy/x"},
        "sites.us-east.aws.permissions_boundary",
        "of the account 210987654321",
    ),
    "number of tags": Rule(
        {"tags": {f"t{n}": "" for n in range(41)}},
        {"tags": {f"t{n}": "" for n in range(42)}},
        "defaults.aws.tags",
        "43 tags with the estate's",
    ),
    "certificate without https": Rule(
        {}, CERTIFICATES, "sites.us-east.load_balancer.certificate", "given, but the site's URL is http"
    ),
    "certificate of the region": Rule(
        {**TLS, **CERTIFICATES},
        {
            **TLS,
            "sites.us-west.load_balancer.certificate": CERTIFICATE,
            f"{EAST}.load_balancer.certificate": CERTIFICATE,
        },
        "sites.us-west.load_balancer.certificate",
        "a certificate of us-east-1 (the load balancer is in us-west-2",
    ),
    "longest idle time": Rule(
        {"sites.eu-west.load_balancer": {"kind": "alb", "idle_timeout": "1h"}},
        {"sites.eu-west.load_balancer": {"kind": "alb", "idle_timeout": "2h"}},
        "sites.eu-west.load_balancer.idle_timeout",
        "7200 s is out of range",
    ),
    "idle time of an ALB": Rule(
        {},
        {"sites.eu-west.load_balancer": {"kind": "nlb", "idle_timeout": "1h"}},
        "sites.eu-west.load_balancer.idle_timeout",
        "given, with kind: nlb",
    ),
}


@pytest.mark.parametrize("rule", RULES.values(), ids=[name.replace(" ", "-") for name in RULES])
def test_accepts_and_refuses(rule: Rule) -> None:
    rule.holds()


def test_a_mistake_of_the_defaults_is_said_once() -> None:
    mistakes = mistakes_in({"defaults.load_balancer.kind": "alb"})
    assert [str(m.path[0]) for m in mistakes] == ["defaults"], said(mistakes)
