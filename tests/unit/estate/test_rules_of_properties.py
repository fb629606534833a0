import json
from typing import Any

import pytest

from artifactory_estate.base import dotted
from artifactory_estate.estate.load import loads
from artifactory_estate.estate.warnings import warnings
from artifactory_estate.site.properties.table import known
from tests.unit.estate.documents import Changes, changed, mistakes_in
from tests.unit.estate.judged import Rule
from tests.unit.estate.test_rules_of_database import ORACLE as ORACLE_ENGINE
from tests.unit.estate.test_rules_of_database import external

AT = "sites.us-east.system_properties"
BULK = "artifactory.federated.mirror.events.bulk"
SYNC = "artifactory.federated.full.sync"
METRICS = "artifactory.federated.metrics"
HTTP = "artifactory.http.client.max"
HEARTBEAT = "artifactory.ha.heartbeat"
THREADS = "artifactory.persistentQueue.trigger.number.of.threads"
ORACLE = "artifactory.oracle.node.events.sequence.is.no.cache"
UPLOADED = "artifactory.federated.mirror.events.upload.info.propagate.enabled"

ON_ORACLE = external("jdbc:oracle:thin:@h:1521/ORCL", {**ORACLE_ENGINE, "rac": True})


def east(properties: dict[str, Any] | None = None, /, **more: Any) -> Changes:
    return {AT: {**(properties or {}), **more}}


def of_version(version: str, properties: dict[str, Any]) -> Changes:
    return {"artifactory.version": version, "federations": {}, "disaster_recovery": {}, **east(properties)}


def refused(key: str, value: Any, text: str, good: Any) -> Rule:
    return Rule(east({key: good}), east({key: value}), f"{AT}.{key}", text)


RULES = {
    "a name that the reference has": Rule(
        east({"artifactory.search.maxResults": 500}),
        east({"artifactory.search.maxResult": 500}),
        f"{AT}.artifactory.search.maxResult",
        "Did you mean artifactory.search.maxResults? Else write it below `extra`.",
    ),
    "any other name below extra": Rule(
        east(extra={"artifactory.of.our.own": True}),
        east({"artifactory.of.our.own": True}),
        f"{AT}.artifactory.of.our.own",
        "unknown property (files reference 3",
    ),
    "a known name beside extra": Rule(
        east({HEARTBEAT + ".staleSecs": 60}),
        east(extra={HEARTBEAT + ".staleSecs": 60}),
        f"{AT}.extra.{HEARTBEAT}.staleSecs",
        "Write it above `extra`.",
    ),
    "a prefix below extra": Rule(
        east(extra={"artifactory.x.y": 1}), east(extra={"x.y": 1}), f"{AT}.extra.x.y", "Write artifactory.x.y."
    ),
    "a form below extra": Rule(
        east(extra={"artifactory.x": 1}),
        east(extra={"artifactory.x=1\n#": 1}),
        f"{AT}.extra.artifactory.x=1\n#",
        "the key has a wrong form",
    ),
    "a documented name without a prefix": Rule(
        east({"federated.negotiation.enabled": True}),
        east({"federated.metrics.enabled": True}),
        f"{AT}.federated.metrics.enabled",
        "files reference 3.1: keys carry the prefix",
    ),
    "the documented spelling of rfts": Rule(
        east({"rfts.full.sync.execution.time.threshold.min": 60}),
        east({"rtfs.full.sync.execution.time.threshold.min": 60}),
        f"{AT}.rtfs.full.sync.execution.time.threshold.min",
        "Did you mean rfts.full.sync.execution.time.threshold.min?",
    ),
    "pools": refused(f"{BULK}.max.pools", 6, "files reference 3.2: at most 5", 5),
    "threads of a pool": refused(f"{BULK}.threadsPerPool", 9, "files reference 3.2: at most 5", 1),
    "threshold of a metric": refused(f"{METRICS}.sync.threshold.time.ms", 10000, "at least 20000", 20000),
    "interval of a metric": refused(f"{METRICS}.monitoring.interval.time.sec", 4, "at least 5", 5),
    "a whole number": refused("artifactory.full.sync.batch.retry.count", "few", "a whole number is wanted", "7"),
    "no negative number": refused("artifactory.gc.delaySecs", -1, "files reference 3.4: at least 0", 0),
    "a truth": refused("artifactory.node.events.enabled", "on", "true or false is wanted", "True"),
    "package types": refused(f"{BULK}.exclude.repo.types", "docker, npm", "commas between them", "docker,npm"),
    "one word": refused("artifactory.locking.provider.type", "a b", "one word is wanted", "db"),
    "a time": refused("rtfs.file.list.process.rate.threshold.ms.per.artifact", "soon", "a time such as 5s", "5 s"),
    "a property that is not there yet": Rule(
        of_version("7.90.1", {UPLOADED: True}),
        of_version("7.90.0", {UPLOADED: True}),
        f"{AT}.{UPLOADED}",
        "7.90.0 does not have it (files reference 3.2: it begins with 7.90.1)",
    ),
    "a property that is there no more": Rule(
        of_version("7.70.2", {"artifactory.federated.repo.max.threads.percent": 15}),
        of_version("7.71.0", {"artifactory.federated.repo.max.threads.percent": 15}),
        f"{AT}.artifactory.federated.repo.max.threads.percent",
        "files reference 3.3: it ended with 7.71.0",
    ),
    "a property of 6.x": Rule(
        {},
        east({"artifactory.hazelcast.max.lock.lease.time.minutes": 30}),
        f"{AT}.artifactory.hazelcast.max.lock.lease.time.minutes",
        "it ended with 7.0.0",
    ),
    "pages only without AQL": Rule(
        east({f"{SYNC}.use.aql": False, f"{SYNC}.paging.threshold": 10}),
        east({f"{SYNC}.use.aql": True, f"{SYNC}.paging.threshold": 10}),
        f"{AT}.{SYNC}.paging.threshold",
        f"has no effect (files reference 3.2: only with {SYNC}.use.aql=false)",
    ),
    "pages of a file only without AQL": Rule(
        east({f"{SYNC}.use.aql": "false", f"{SYNC}.pages.per.file": 2}),
        east({f"{SYNC}.pages.per.file": 2}),
        f"{AT}.{SYNC}.pages.per.file",
        "has no effect",
    ),
    "a split only with the sorter": Rule(
        east(
            {
                "artifactory.federated.repo.full.sync.enabled.inMemorySorter": True,
                "artifactory.federated.repo.full.sync.limit.entries.for.split": 9,
            }
        ),
        east({"artifactory.federated.repo.full.sync.limit.entries.for.split": 9}),
        f"{AT}.artifactory.federated.repo.full.sync.limit.entries.for.split",
        "inMemorySorter=true",
    ),
    "a host's share of connections": Rule(
        east({f"{HTTP}.connections.per.route": 80, f"{HTTP}.total.connections": 80}),
        east({f"{HTTP}.connections.per.route": 80, f"{HTTP}.total.connections": 60}),
        f"{AT}.{HTTP}.connections.per.route",
        "files reference 3.4: the one within the other",
    ),
    "a heartbeat before a node counts as dead": Rule(
        east({f"{HEARTBEAT}.intervalSecs": 10}),
        east({f"{HEARTBEAT}.intervalSecs": 40}),
        f"{AT}.{HEARTBEAT}.intervalSecs",
        f"{HEARTBEAT}.intervalSecs is 40, {HEARTBEAT}.staleSecs 30",
    ),
    "tasks for the processors": Rule(
        east({"artifactory.async.corePoolSize": 64}),
        east({"artifactory.async.corePoolSize": 65}),
        f"{AT}.artifactory.async.corePoolSize",
        "65 threads (files reference 3.4, 7.1: at most 64 on the 8 processors of m7i.2xlarge)",
    ),
    "full syncs for the processors": Rule(
        east({f"{BULK}.fullSync.threadsPerPool": 8}),
        east({f"{BULK}.fullSync.threadsPerPool": 12}),
        f"{AT}.{BULK}.fullSync.threadsPerPool",
        "at most 8 on the 8 processors",
    ),
    "Oracle's property": Rule(
        {"sites.eu-west.system_properties": {ORACLE: True}, **ON_ORACLE},
        east({ORACLE: True}),
        f"{AT}.{ORACLE}",
        "files reference 3.2: on Oracle RAC only",
    ),
    "all members new enough": Rule(
        east({"artifactory.auto.healing.job.interval.sec": 30}),
        {
            **east({"artifactory.auto.healing.job.interval.sec": 30}),
            "sites.eu-west.artifactory": {
                "version": "7.70.2",
                "package": {"source": "sandbox", "sha256": "0" * 64},
            },
        },
        f"{AT}.artifactory.auto.healing.job.interval.sec",
        "eu-west has 7.70.2 (files reference 3.2: all members on 7.71.1 or newer)",
    ),
    "no password by its name": Rule(
        east(extra={"artifactory.ldap.timeout": 5}),
        east(extra={"artifactory.ldap.managerPassword": "hunter2"}),
        f"{AT}.extra.artifactory.ldap.managerPassword",
        "this looks like a secret",
    ),
    "no token by its name": Rule(
        east(extra={"artifactory.own.tokenExpirySecs": "3600", "artifactory.own.password.maxAgeDays": 90}),
        east(extra={"artifactory.own.token": "3600s"}),
        f"{AT}.extra.artifactory.own.token",
        "this looks like a secret",
    ),
    "no key by its form": Rule(
        east(extra={"artifactory.x": "AKIA"}),
        east(extra={"artifactory.x": "AKIAIOSFODNN7EXAMPLE"}),
        f"{AT}.extra.artifactory.x",
        "design 3: the file is in the bundle and in state",
    ),
    "no reference to a secret": Rule(
        east(extra={"artifactory.x": "environment"}),
        east(extra={"artifactory.x": "env:PASSPHRASE"}),
        f"{AT}.extra.artifactory.x",
        "this looks like a secret",
    ),
    "no password in a URL": Rule(
        east(extra={"artifactory.x": "https://proxy.example:3128"}),
        east(extra={"artifactory.x": "https://me:hunter2@proxy.example:3128"}),
        f"{AT}.extra.artifactory.x",
        "this looks like a secret",
    ),
    "one number of Access's threads": Rule(
        east({"artifactory.access.client.max.connections": 90}),
        {**east({"artifactory.access.client.max.connections": 90}), "sites.us-east.nodes.threads": {"access": 80}},
        f"{AT}.artifactory.access.client.max.connections",
        "files reference 2.3: equal to the 80 threads of nodes.threads.access",
    ),
}


@pytest.mark.parametrize("rule", RULES.values(), ids=[name.replace(" ", "-") for name in RULES])
def test_accepts_and_refuses(rule: Rule) -> None:
    rule.holds()


def test_no_refusal_shows_what_looks_like_a_secret() -> None:
    for rule in RULES.values():
        assert not [mistake for mistake in mistakes_in(rule.refuses) if "hunter2" in str(mistake)]


@pytest.mark.parametrize(
    ("version", "has_it"),
    [("7.71.15", False), ("7.71.16", True), ("7.72.0", False), ("7.77.7", False), ("7.77.8", True), ("7.111.4", True)],
)
def test_a_property_that_an_older_version_got_by_a_patch(version: str, has_it: bool) -> None:
    release = tuple(int(part) for part in version.split("."))
    assert (known()[ORACLE].absent_from(release) is None) == has_it


WARNINGS: dict[str, tuple[Changes, str, str]] = {
    "fewer pools than workers": (
        east({THREADS: 20}),
        f"{AT}.{THREADS}",
        "20 metadata workers (seed 003: the receiver's artifactory.federated.mirror.events.bulk.max.pools should not",
    ),
    "known from 6.20": (
        east({"artifactory.gc.delaySecs": 60}),
        f"{AT}.artifactory.gc.delaySecs",
        "known from 6.20; whether this version still honours it is not documented",
    ),
    "below extra": (east(extra={"artifactory.x": 1}), f"{AT}.extra.artifactory.x", "written as it stands"),
    "at one member only": (east({UPLOADED: True}), f"{AT}.{UPLOADED}", "not at eu-west (seed 003"),
    "a small site": ({}, "sites.us-east.nodes.size", "not for production"),
    "a data volume in the other zone": (
        {"sites.us-east.nodes": {"count": 3, "data_volume": {"size_gib": 100}}},
        "sites.us-east.nodes.data_volume",
        "3 volumes over 2 zones (Auto Scaling may start 2 nodes in a zone that has 1, and one of them finds none)",
    ),
    "a digest that no file has": (
        {"artifactory.package.source": "s3://acme-packages/jfrog-artifactory-pro-7.111.4.rpm"},
        "artifactory.package.sha256",
        "nothing but zeros (no file has this digest)",
    ),
    "an unknown machine": (
        {"sites.us-east.nodes.instance_type": "u7i-6tb.112xlarge"},
        "sites.us-east.nodes.instance_type",
        "heap and threads are not checked",
    ),
}


@pytest.mark.parametrize("nodes", [{"count": 1}, {"count": 2, "max": 3}, {"count": 3, "max": 4}, {"count": 2}])
def test_data_volumes_enough_in_each_zone_are_no_surprise(nodes: dict[str, int]) -> None:
    estate = loads(json.dumps(changed({"sites.us-east.nodes": {**nodes, "data_volume": {"size_gib": 100}}})))
    assert not [each for each in warnings(estate) if dotted(each.path) == "sites.us-east.nodes.data_volume"]


@pytest.mark.parametrize("case", WARNINGS.values(), ids=[name.replace(" ", "-") for name in WARNINGS])
def test_warns_and_refuses_nothing(case: tuple[Changes, str, str]) -> None:
    changes, path, text = case
    estate = loads(json.dumps(changed(changes)))
    found = [str(warning) for warning in warnings(estate) if dotted(warning.path) == path]
    assert any(text in each for each in found), found
