from typing import Any

import pytest

from tests.unit.estate.judged import Rule

EU = "sites.eu-west"
KEY = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
BOUNDARY = "arn:aws:iam::123456789012:policy/most"
ROLE = "arn:aws:iam::123456789012:role/estate"
CERTIFICATE = "arn:aws:acm:eu-west-1:123456789012:certificate/9c8b"


def https(certificate: str) -> dict[str, Any]:
    return {f"{EU}.url": "https://eu-west.repo.acme.example", f"{EU}.load_balancer": {"certificate": certificate}}


RULES = {
    "a key of the region": Rule(
        {f"{EU}.aws.kms_key": KEY},
        {f"{EU}.aws.kms_key": KEY.replace("eu-west-1", "us-east-1")},
        f"{EU}.aws.kms_key",
        "a key of us-east-1 (the site is in eu-west-1, and disks, buckets and databases take keys of their own region)",
    ),
    "a key of the account": Rule(
        {f"{EU}.aws.kms_key": KEY},
        {f"{EU}.aws.kms_key": KEY.replace("123456789012", "210987654321")},
        f"{EU}.aws.kms_key",
        "a key of the account 210987654321 (the site's account is 123456789012",
    ),
    "a key, not its alias": Rule(
        {f"{EU}.aws.kms_key": KEY},
        {f"{EU}.aws.kms_key": "arn:aws:kms:eu-west-1:123456789012:alias/estate"},
        f"{EU}.aws.kms_key",
        "arn:aws:kms:REGION:ACCOUNT:key/ID is wanted",
    ),
    "a key of the partition": Rule(
        {f"{EU}.aws.kms_key": KEY},
        {f"{EU}.aws.kms_key": KEY.replace("arn:aws:", "arn:aws-us-gov:")},
        f"{EU}.aws.kms_key",
        "an ARN of aws-us-gov (eu-west-1 is in aws)",
    ),
    "a role of the partition": Rule(
        {f"{EU}.aws.assume_role": ROLE},
        {f"{EU}.aws.assume_role": ROLE.replace("arn:aws:", "arn:aws-cn:")},
        f"{EU}.aws.assume_role",
        "an ARN of aws-cn (eu-west-1 is in aws)",
    ),
    "a role that can be taken": Rule(
        {f"{EU}.aws.assume_role": ROLE},
        {f"{EU}.aws.assume_role": ROLE.replace("role/", "role/aws-service-role/rds.amazonaws.com/")},
        f"{EU}.aws.assume_role",
        "a role of an AWS service (only the service can take it)",
    ),
    "a boundary that bounds": Rule(
        {f"{EU}.aws.permissions_boundary": BOUNDARY},
        {f"{EU}.aws.permissions_boundary": "arn:aws:iam::aws:policy/AdministratorAccess"},
        f"{EU}.aws.permissions_boundary",
        "AdministratorAccess bounds nothing (a boundary is the most that a role may do)",
    ),
    "a boundary of the account": Rule(
        {f"{EU}.aws.permissions_boundary": BOUNDARY},
        {f"{EU}.aws.permissions_boundary": BOUNDARY.replace("123456789012", "210987654321")},
        f"{EU}.aws.permissions_boundary",
        "of the account 210987654321",
    ),
    "a certificate of the partition": Rule(
        https(CERTIFICATE),
        https(CERTIFICATE.replace("arn:aws:", "arn:aws-cn:")),
        f"{EU}.load_balancer.certificate",
        "an ARN of aws-cn (eu-west-1 is in aws)",
    ),
}


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_rule(rule: Rule) -> None:
    rule.holds()
