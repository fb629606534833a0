from typing import Any

import pytest

from tests.unit.estate.judged import Rule

EU = "sites.eu-west"
AT = f"{EU}.observability.alarms"
TOPIC = "arn:aws:sns:eu-west-1:123456789012:artifactory"


def alarms(**words: Any) -> dict[str, Any]:
    return {f"{EU}.observability": {"alarms": words}}


RULES = {
    "one way to be told": Rule(
        alarms(notify=TOPIC),
        alarms(notify=TOPIC, emails=["platform@acme.example"]),
        f"{AT}.emails",
        "given, with notify (one of the two: a topic of yours has its own subscriptions)",
    ),
    "a topic of the region": Rule(
        alarms(notify=TOPIC),
        alarms(notify=TOPIC.replace("eu-west-1", "us-east-1")),
        f"{AT}.notify",
        "a topic of us-east-1 (an alarm of eu-west-1 notifies topics of its own region)",
    ),
    "a topic of the account": Rule(
        alarms(notify=TOPIC),
        alarms(notify=TOPIC.replace("123456789012", "210987654321")),
        f"{AT}.notify",
        "a topic of the account 210987654321",
    ),
    "a topic, no FIFO": Rule(
        alarms(notify=TOPIC),
        alarms(notify=f"{TOPIC}.fifo"),
        f"{AT}.notify",
        "arn:aws:sns:REGION:ACCOUNT:TOPIC is wanted",
    ),
    "each address once": Rule(
        alarms(emails=["platform@acme.example", "night@acme.example"]),
        alarms(emails=["platform@acme.example", "platform@acme.example"]),
        f"{AT}.emails[1]",
        "platform@acme.example is there twice (each address is subscribed once)",
    ),
    "an address": Rule(
        alarms(emails=["platform@acme.example"]),
        alarms(emails=["platform"]),
        f"{AT}.emails[0]",
        "an address such as platform@acme.example is wanted",
    ),
    "a latency that can be seen": Rule(
        alarms(latency="10s"), alarms(latency="2h"), f"{AT}.latency", "2h (1s to 1h: a load balancer gives up"
    ),
    "a percentage": Rule(
        alarms(database_connections=90), alarms(database_connections=100), f"{AT}.database_connections", "99"
    ),
    "some storage": Rule(alarms(free_storage=5), alarms(free_storage=0), f"{AT}.free_storage", "1"),
    "no lag of nothing": Rule(
        alarms(),
        alarms(replication_lag="30m"),
        f"{AT}.replication_lag",
        "given (filestore.bucket.replicate_to names no copy that could lag)",
    ),
    "a lag in minutes": Rule(
        alarms(), alarms(replication_lag="30s"), f"{AT}.replication_lag", "30s (1m to 1d: S3 reports by the minute)"
    ),
    "whole days before a licence ends": Rule(
        alarms(licence_expiry="60d"),
        alarms(licence_expiry="36h"),
        f"{AT}.licence_expiry",
        "36h (whole days, 1d to 365d: the metric counts days)",
    ),
    "no year and more before a licence ends": Rule(
        alarms(licence_expiry="365d"), alarms(licence_expiry="400d"), f"{AT}.licence_expiry", "400d (whole days"
    ),
    "no end of no certificate": Rule(
        {
            **alarms(certificate_expiry="14d"),
            f"{EU}.url": "https://eu-west.repo.acme.example",
            f"{EU}.load_balancer": {"own_certificate": {"certificate": "file:site.crt", "key": "file:site.key"}},
        },
        alarms(certificate_expiry="14d"),
        f"{AT}.certificate_expiry",
        "given (only a certificate that the document names can end",
    ),
    "logs that CloudWatch keeps": Rule(
        {f"{EU}.observability": {"keep_logs": "3653d"}},
        {f"{EU}.observability": {"keep_logs": "4000d"}},
        f"{EU}.observability.keep_logs",
        "4000d (CloudWatch keeps logs for 1d to 3653d)",
    ),
    "logs for a day": Rule(
        {f"{EU}.observability": {"keep_logs": "1d"}},
        {f"{EU}.observability": {"keep_logs": "6h"}},
        f"{EU}.observability.keep_logs",
        "6h (CloudWatch keeps logs",
    ),
}


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_rule(rule: Rule) -> None:
    rule.holds()
