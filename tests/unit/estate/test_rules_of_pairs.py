from typing import Any

import pytest

from tests.unit.estate.documents import Changes
from tests.unit.estate.judged import Rule

PAIR, SERVICE = "disaster_recovery.east", "disaster_recovery.east.service"
GENERIC = {"package_type": "generic"}
PACKAGE = {"source": "sandbox", "sha256": "0" * 64}
ASIA: dict[str, Any] = {
    "platform": "managed",
    "url": "http://asia.repo.acme.example",
    "aws": {"region": "ap-southeast-1"},
    "network": {"create": {"cidr": "10.40.0.0/16"}},
    "nodes": {"count": 1},
    "licences": "file:asia.txt",
}


def second_pair(**more: Any) -> Changes:
    pair = {"master": "eu-west", "target": "asia", "serving": "eu-west", "epoch": 1}
    return {"sites.asia": ASIA, "disaster_recovery.eu": {**pair, **more}}


def at(site: str, version: str) -> Changes:
    return {f"sites.{site}.artifactory": {"version": version, "package": PACKAGE}}


def scheme(*sites: str) -> dict[str, Any]:
    regions = {"us-east": "us-east-1", "us-west": "us-west-2"}
    arn = "arn:aws:acm:{}:123456789012:certificate/1"
    urls = {f"sites.{site}.url": f"https://{site}.repo.acme.example" for site in sites}
    return urls | {f"sites.{site}.load_balancer.certificate": arn.format(regions[site]) for site in sites}


RULES = {
    "master exists": Rule(
        {}, {f"{PAIR}.master": "us-esat"}, f"{PAIR}.master", "there is no site us-esat (sites: us-east"
    ),
    "serving exists": Rule({}, {f"{PAIR}.serving": "asia"}, f"{PAIR}.serving", "there is no site asia"),
    "target is another site": Rule({}, {f"{PAIR}.target": "us-east"}, f"{PAIR}.target", "us-east is the master"),
    "one of the pair serves": Rule(
        {f"{PAIR}.serving": "us-west"}, {f"{PAIR}.serving": "lab"}, f"{PAIR}.serving", "lab is not in the pair"
    ),
    "one to one": Rule(
        second_pair(),
        second_pair(target="us-west"),
        "disaster_recovery.eu.target",
        "us-west is in the pair east already (seed 000, limitation 3",
    ),
    "one master, one target": Rule(
        {},
        second_pair(master="us-east", serving="us-east"),
        "disaster_recovery.eu.master",
        "us-east is in the pair east already",
    ),
    "matching versions": Rule(
        {**at("us-east", "7.117.5"), **at("us-west", "7.117.5")},
        at("us-west", "7.117.5"),
        f"{PAIR}.target",
        "7.117.5, and the master has 7.111.4 (seed 000: master and target run the same version",
    ),
    "no 6.1": Rule(
        {},
        {**at("us-east", "6.1.0"), **at("us-west", "6.1.0")},
        f"{PAIR}.master",
        "us-east has 6.1.0 (seed 000: disaster recovery cannot",
    ),
    "no 6.3": Rule({}, {**at("us-east", "6.3.2"), **at("us-west", "6.3.2")}, f"{PAIR}.target", "us-west has 6.3.2"),
    "two regions": Rule(
        {"sites.us-west.aws.region": "us-east-2"},
        {"sites.us-west.aws.region": "us-east-1"},
        f"{PAIR}.target",
        "both sides are in us-east-1",
    ),
    "an external side has a region": Rule(
        {
            "disaster_recovery.far": {"master": "lab", "target": "eu-west", "serving": "lab", "epoch": 1},
            "sites.lab.aws": {"account": "1" * 12, "region": "ap-east-1"},
        },
        {"disaster_recovery.far": {"master": "lab", "target": "eu-west", "serving": "lab", "epoch": 1}},
        "disaster_recovery.far.master",
        "lab has no region",
    ),
    "a target declares no repositories": Rule(
        {"sites.us-east.repositories.local.more": GENERIC},
        {"sites.us-west.repositories.local.more": GENERIC},
        "sites.us-west.repositories.local",
        "1 repositories at the target of the pair east",
    ),
    "a reason for a loss": Rule(
        {f"{PAIR}.accept_data_loss": "the region burnt down"},
        {f"{PAIR}.accept_data_loss": " "},
        f"{PAIR}.accept_data_loss",
        "an empty reason",
    ),
    "some recovery point": Rule(
        {f"{PAIR}.objectives.rpo": "1s"},
        {f"{PAIR}.objectives.rpo": "0s"},
        f"{PAIR}.objectives.rpo",
        "0s cannot be kept",
    ),
    "a name of its own": Rule(
        {},
        {f"{SERVICE}.name": "us-west.repo.acme.example"},
        f"{SERVICE}.name",
        "us-west.repo.acme.example is the host of us-west",
    ),
    "a name for one pair": Rule(
        second_pair(service={"name": "eu.acme.example"}),
        second_pair(service={"name": "repo.acme.example"}),
        "disaster_recovery.eu.service.name",
        "repo.acme.example is the name of the pair east",
    ),
    "generated URLs": Rule(
        {"sites.us-west.load_balancer.kind": "apache"},
        {"sites.us-west.load_balancer.kind": "alb"},
        "sites.us-west.load_balancer.kind",
        "files reference 5.4: it cannot set X-JFrog-Override-Base-Url",
    ),
    "an alb without a service name": Rule(
        {"sites.us-west.load_balancer.kind": "alb", SERVICE: ...},
        {"sites.us-west.load_balancer.kind": "nlb"},
        "sites.us-west.load_balancer.kind",
        "nlb, behind the service name repo.acme.example",
    ),
    "one scheme": Rule(
        scheme("us-east", "us-west"),
        scheme("us-east"),
        f"{SERVICE}.name",
        "us-east answers https, us-west answers http",
    ),
    "one zone": Rule(
        {SERVICE: {"name": "repo.acme.example", "zone": "acme.example"}},
        {f"{SERVICE}.name": "repo.acme.org"},
        f"{SERVICE}.zone",
        "us-east.repo.acme.example of us-east is in the zone acme.example, the service in acme.org",
    ),
    "the name in its zone": Rule(
        {},
        {f"{SERVICE}.zone": "acme.org"},
        f"{SERVICE}.zone",
        "repo.acme.example is not in the zone acme.org",
    ),
    "zones elsewhere matter not with a hook": Rule(
        {SERVICE: {"name": "repo.acme.org", "switch": "hook", "command": ["./switch"]}},
        {SERVICE: {"name": "repo.acme.org", "switch": "hook"}},
        f"{SERVICE}.command",
        "missing (switch: hook runs it)",
    ),
    "a command for a hook": Rule(
        {}, {f"{SERVICE}.command": ["./switch"]}, f"{SERVICE}.command", "given, with switch: route53"
    ),
    "time to live": Rule(
        {f"{SERVICE}.ttl": "1m"}, {f"{SERVICE}.ttl": "0s"}, f"{SERVICE}.ttl", "out of range (1s to 1d)"
    ),
    "time to live within the objective": Rule(
        {f"{SERVICE}.ttl": "5m"},
        {f"{SERVICE}.ttl": "10m"},
        f"{SERVICE}.ttl",
        "600 s is longer than objectives.rto of 300 s",
    ),
    "state survives": Rule(
        {"state.backend": "s3://acme-state?region=eu-central-1"},
        {"state.backend": "s3://acme-state?region=us-east-1"},
        "state.backend",
        "kept in us-east-1 only (the pair east has to survive the loss of us-east-1)",
    ),
    "state survives the target too": Rule(
        {}, {"state.backend": "s3://acme-state?region=us-west-2&awssdk=v2"}, "state.backend", "kept in us-west-2 only"
    ),
    "the key of secrets survives": Rule(
        {"state.secrets_provider": "awskms://alias/estate?region=eu-central-1"},
        {"state.secrets_provider": "awskms://alias/estate?region=us-east-1"},
        "state.secrets_provider",
        "kept in us-east-1 only",
    ),
    "the key by its ARN survives": Rule(
        {"state.secrets_provider": "awskms:///arn:aws:kms:eu-central-1:123456789012:key/1"},
        {"state.secrets_provider": "awskms:///arn:aws:kms:us-west-2:123456789012:key/1"},
        "state.secrets_provider",
        "kept in us-west-2 only",
    ),
    "state of an estate without pairs": Rule(
        {"state.backend": "s3://acme-state?region=us-east-1", "disaster_recovery": {}},
        {"state.backend": "s3://acme-state?region=us-east-1"},
        "state.backend",
        "kept in us-east-1 only",
    ),
    "packages survive": Rule(
        {"artifactory.package.source": "s3://acme/artifactory.rpm"},
        {"artifactory.package.source": "s3://acme/artifactory.rpm?region=us-east-1"},
        "artifactory.package.source",
        "kept in us-east-1 only",
    ),
    "keys survive": Rule(
        {"sites.us-west.keys.master": "aws-secretsmanager:acme/key?region=us-west-2"},
        {"sites.us-west.keys.master": "aws-secretsmanager:acme/key?region=us-east-1"},
        "sites.us-west.keys.master",
        "kept in us-east-1 only (us-west has to survive the loss of us-east",
    ),
    "licences survive": Rule(
        {},
        {
            "sites.us-west.licences": "aws-secretsmanager:arn:aws:secretsmanager:us-east-1:123456789012:secret:licences-x"
        },
        "sites.us-west.licences",
        "kept in us-east-1 only",
    ),
}


@pytest.mark.parametrize("rule", RULES.values(), ids=[name.replace(" ", "-") for name in RULES])
def test_accepts_and_refuses(rule: Rule) -> None:
    rule.holds()
