from typing import Any

import pytest

from tests.unit.estate.judged import Rule

EU, EAST = "sites.eu-west", "sites.us-east"


def licences(value: Any) -> dict[str, Any]:
    return {f"{EU}.licences": value}


def bucket(**words: Any) -> dict[str, Any]:
    return licences({"bucket": {"name": "acme", "url": "https://mc.acme.example", "token": "env:MC", **words}})


RULES = {
    "one place a licence": Rule(
        {**licences("env:EU"), f"{EAST}.licences": "env:EAST"},
        {**licences("env:BOTH"), f"{EAST}.licences": "env:BOTH"},
        "sites.eu-west.licences",
        "the same as us-east's (files reference 4.1: one licence a node, and no licence at two sites)",
    ),
    "one site a licence of a list": Rule(
        {**licences(["env:A", "env:B"]), f"{EAST}.licences": ["env:C", "env:D"]},
        {**licences(["env:A", "env:B"]), f"{EAST}.licences": ["env:C", "env:B"]},
        "sites.eu-west.licences[1]",
        "the same as us-east's (files reference 4.1",
    ),
    "one site a licence of a list and a text": Rule(
        {**licences(["env:A", "env:B"]), f"{EAST}.licences": "env:C"},
        {**licences(["env:A", "env:B"]), f"{EAST}.licences": "env:A"},
        "sites.eu-west.licences[0]",
        "the same as us-east's (files reference 4.1",
    ),
    "one node a licence": Rule(
        licences(["env:A", "env:B"]),
        licences(["env:A", "env:B", "env:A"]),
        "sites.eu-west.licences[2]",
        "the same reference twice (REST reference 1.2: a licence serves one node)",
    ),
    "some licence": Rule(
        licences(["env:A"]),
        licences([]),
        "sites.eu-west.licences",
        "an empty list (files reference 4.4: one licence a node)",
    ),
    "a reference": Rule(
        licences("file:licences.txt"),
        licences("cHJvZHVjdHM6"),
        "sites.eu-west.licences",
        "this text is not a reference to a secret (write env:NAME, file:PATH or aws-secretsmanager:NAME",
    ),
    "references in a list": Rule(
        licences(["file:a", "aws-secretsmanager:acme/b?region=eu-west-1"]),
        licences(["file:a", "cHJvZHVjdHM6"]),
        "sites.eu-west.licences[1]",
        "this text is not a reference to a secret",
    ),
    "a known form": Rule(
        licences(["env:A"]),
        licences(3),
        "sites.eu-west.licences",
        "wrong type: a number (a text or a list or a mapping is wanted)",
    ),
    "the platform of a bucket": Rule(
        bucket(),
        bucket(url="https://mc.acme.example/mc"),
        "sites.eu-west.licences.bucket.url",
        "https://mc.acme.example/mc ends with /mc (the platform's URL is wanted)",
    ),
    "the platform of a bucket, not Artifactory": Rule(
        bucket(),
        bucket(url="https://mc.acme.example/artifactory"),
        "sites.eu-west.licences.bucket.url",
        "ends with /artifactory (the platform's URL is wanted)",
    ),
    "a bucket that runs before the site": Rule(
        bucket(url="http://us-east.repo.acme.example"),
        bucket(url="http://eu-west.repo.acme.example"),
        "sites.eu-west.licences.bucket.url",
        "the site's own (REST reference 7.2: the bucket's licences come from a Mission Control that runs",
    ),
    "a bucket that answers": Rule(
        bucket(url="http://lab.repo.acme.example"),
        {**bucket(url="http://lab.repo.acme.example"), "sites.lab.available": False},
        "sites.eu-west.licences.bucket.url",
        "lab's, which is not available (licences are acquired there when a node is added)",
    ),
    "the administrator of a bucket": Rule(
        bucket(),
        licences({"bucket": {"name": "acme", "url": "https://mc.acme.example"}}),
        "sites.eu-west.licences.bucket.token",
        "missing (required: Of an administrator there)",
    ),
    "no secret in place of its name": Rule(
        bucket(token="file:mc.token"),
        bucket(token="eyJhbGciOi"),
        "sites.eu-west.licences.bucket.token",
        "this text is not a reference to a secret",
    ),
    "a name of a bucket": Rule(
        bucket(),
        bucket(name=""),
        "sites.eu-west.licences.bucket.name",
        "nothing stands here",
    ),
    "words of a bucket": Rule(
        bucket(),
        bucket(key="env:KEY"),
        "sites.eu-west.licences.bucket.key",
        "unknown key (allowed here: name, token, url)",
    ),
}


@pytest.mark.parametrize("rule", RULES.values(), ids=[name.replace(" ", "-") for name in RULES])
def test_accepts_and_refuses(rule: Rule) -> None:
    rule.holds()
