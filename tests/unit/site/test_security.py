"""Least privilege, one key for everything, no way in but the declared ones, no secret where others read."""

import base64
import json
from typing import Any

import pytest

from artifactory_estate.site.encryption import key_policy
from artifactory_estate.site.observability_files import namespace
from artifactory_estate.site.permissions import node_policy
from tests.support.recording import Recording
from tests.unit.site.site_values import names, site_of
from tests.unit.site.test_component import made

KEY = "arn:mock:us-east-key-key"
BOUNDARY = "arn:aws:iam::123456789012:policy/most"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"


@pytest.fixture(scope="module")
def site() -> Recording:
    return made(aws={"account": "123456789012", "region": "us-east-1", "permissions_boundary": BOUNDARY})


def statements(policy: str) -> dict[str, dict[str, Any]]:
    return {statement["Sid"]: statement for statement in json.loads(policy)["Statement"]}


def test_one_key_encrypts_everything_that_is_kept(site: Recording) -> None:
    by = {
        "us-east-nodes-template": lambda found: found["blockDeviceMappings"][0]["ebs"]["kmsKeyId"],
        "us-east-database-instance": lambda found: found["kmsKeyId"],
        "us-east-logs-nodes": lambda found: found["kmsKeyId"],
        "us-east-flow-logs-group": lambda found: found["kmsKeyId"],
        "us-east-filestore-encryption": _bucket_key,
        "us-east-site-encryption": _bucket_key,
    }
    assert {name: read(site.resources[name].inputs) for name, read in by.items()} == dict.fromkeys(by, KEY)
    assert site.resources["us-east-database-instance"].inputs["masterUserSecretKmsKeyId"] == KEY
    assert site.resources["us-east-secrets"].inputs["kms_key"] == "alias/acme-us-east"
    assert site.resources["us-east-key-key"].inputs["enableKeyRotation"] is True


def _bucket_key(inputs: Any) -> str:
    return str(inputs["rules"][0]["applyServerSideEncryptionByDefault"]["kmsMasterKeyId"])


def test_a_given_key_is_taken_and_none_is_made() -> None:
    key = "arn:aws:kms:us-east-1:123456789012:key/1234abcd"
    found = made(aws={"account": "123456789012", "region": "us-east-1", "kms_key": key}).resources
    assert "us-east-key-key" not in found
    assert found["us-east-logs-nodes"].inputs["kmsKeyId"] == key
    assert found["us-east-secrets"].inputs["kms_key"] == key
    assert found["us-east-given"].inputs["kms_key"] == key


def test_nobody_uses_the_key_but_through_services() -> None:
    found = statements(key_policy(names()))
    used = {sid for sid, each in found.items() if any("crypt" in action for action in each["Action"])}
    assert used == {"ThroughServices", "NodeVolumes", "Logs", "Alarms"}
    assert found["NodeVolumes"]["Principal"]["AWS"].endswith("/AWSServiceRoleForAutoScaling")
    assert not any("kms:*" in each["Action"] or each["Principal"] == "*" for each in found.values())
    assert all("Condition" in found[sid] for sid in used - {"NodeVolumes"})


def test_a_node_may_do_nothing_without_a_resource_but_what_has_none() -> None:
    site = site_of(nodes={"count": 2, "data_volume": {"size_gib": 100}})
    found = statements(node_policy(names(), site, ["binaries"], "arn:aws:secretsmanager:s", KEY, ["arn:aws:efs:f"]))
    wide = {sid: each["Action"] for sid, each in found.items() if each["Resource"] == ["*"]}
    assert wide.keys() == {"SecretsBatch", "SystemsManager", "Slots", "Metrics"}
    assert wide["Slots"] == ["ec2:DescribeInstances", "ec2:DescribeVolumes"]
    assert found["Metrics"]["Condition"] == {"StringEquals": {"cloudwatch:namespace": namespace(names())}}
    tags = {"aws:ResourceTag/artifactory-estate": "acme", "aws:ResourceTag/artifactory-estate-site": "us-east"}
    assert found["Volumes"]["Condition"]["StringEquals"] == tags
    assert found["Volumes"]["Action"] == ["ec2:AttachVolume"]
    assert found["Key"]["Resource"] == [KEY]
    assert not any("*" in action for each in found.values() for action in each["Action"])


def test_a_node_without_a_data_volume_may_do_nothing_with_volumes() -> None:
    found = statements(node_policy(names(), site_of(), ["binaries"], "arn:aws:secretsmanager:s", KEY))
    assert found["Slots"]["Action"] == ["ec2:DescribeInstances"]
    assert not {"Volumes", "VolumeKey"} & found.keys()


@pytest.mark.parametrize(
    ("key", "resource", "aliases"),
    [
        ("1234abcd", "arn:aws:kms:us-east-1:123456789012:key/1234abcd", None),
        ("arn:aws:kms:us-west-2:123456789012:key/1", "arn:aws:kms:us-west-2:123456789012:key/1", None),
        ("alias/binaries", "arn:aws:kms:us-east-1:123456789012:key/*", "alias/binaries"),
    ],
)
def test_a_key_that_the_filestore_names_may_be_used(key: str, resource: str, aliases: str | None) -> None:
    s3 = {"server_side_kms_key": key, "client_side_kms_key": key}
    found = statements(node_policy(names(), site_of(filestore={"s3": s3}), ["binaries"], "", KEY))
    through = {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}
    named = {"ForAnyValue:StringEquals": {"kms:ResourceAliases": aliases}} if aliases else {}
    assert found["ServerSideKey"]["Resource"] == found["ClientSideKey"]["Resource"] == [resource]
    assert found["ServerSideKey"]["Condition"] == through | named
    assert found["ClientSideKey"].get("Condition", {}) == named
    assert not {"ServerSideKey", "ClientSideKey"} & statements(node_policy(names(), site_of(), ["b"], "", KEY)).keys()


def test_every_role_has_the_boundary(site: Recording) -> None:
    roles = site.of_type("aws:iam/role:Role")
    assert {role.inputs["permissionsBoundary"] for role in roles} == {BOUNDARY}
    assert {role.name for role in roles} >= {"us-east-nodes-role", "us-east-flow-logs-role"}


def test_flow_logs_are_written_to_their_own_group_alone(site: Recording) -> None:
    found = statements(site.resources["us-east-flow-logs-permissions"].inputs["policy"])
    assert found["Write"]["Resource"] == ["arn:mock:us-east-flow-logs-group:*"]
    assert found["Look"]["Action"] == ["logs:DescribeLogGroups"]
    assert found["Look"]["Resource"] == ["arn:aws:logs:us-east-1:123456789012:log-group:*"]


def test_every_rule_is_described_and_narrow(site: Recording) -> None:
    inward, outward = site.of_type(INGRESS), site.of_type(EGRESS)
    assert all(rule.inputs.get("description") for rule in (*inward, *outward))
    clients = {rule.name for rule in inward if "cidrIpv4" in rule.inputs}
    assert clients and all(name.startswith("us-east-balancer-clients-") for name in clients)
    every_port = {rule.name for rule in (*inward, *outward) if rule.inputs["ipProtocol"] == "-1"}
    assert every_port == {"us-east-nodes-security-each-other", "us-east-nodes-security-to-each-other"}
    ports = {int(rule.inputs["fromPort"]) for rule in outward if rule.name.startswith("us-east-nodes-security-outward")}
    assert ports == {80, 443}
    assert site.resources["us-east-nodes-security-to-database"].inputs["referencedSecurityGroupId"]


def test_the_default_security_group_lets_nothing_through(site: Recording) -> None:
    group = site.resources["us-east-network-default"].inputs
    assert not group.get("ingress") and not group.get("egress")


def test_buckets_deny_what_is_not_tls_and_not_by_key(site: Recording) -> None:
    for bucket in ("us-east-filestore", "us-east-site"):
        found = statements(site.resources[f"{bucket}-policy"].inputs["policy"])
        assert {sid: each["Effect"] for sid, each in found.items()} == dict.fromkeys(
            ("TlsOnly", "RecentTlsOnly", "KeyOnly"), "Deny"
        )


@pytest.mark.parametrize("zones", [2, 3])
def test_each_zone_has_its_own_way_out(zones: int) -> None:
    create = {"cidr": "10.10.0.0/16", "zones": zones}
    each, one = (
        made(network={"create": {**create, **more}}).of_type("aws:ec2/natGateway:NatGateway")
        for more in ({}, {"nat_gateways": "one"})
    )
    assert (len(each), len(one)) == (zones, 1)
    assert len({gateway.inputs["subnetId"] for gateway in each}) == zones


def test_without_a_way_out_services_are_inside() -> None:
    found = made(network={"create": {"cidr": "10.10.0.0/16", "nat": False}})
    services = {
        one.inputs["serviceName"].rpartition(".")[2]
        for one in found.of_type("aws:ec2/vpcEndpoint:VpcEndpoint")
        if one.inputs["vpcEndpointType"] == "Interface"
    }
    assert services == {"ec2", "ec2messages", "logs", "monitoring", "secretsmanager", "ssm", "ssmmessages"}
    assert "us-east-endpoints-ssm" in found.before("us-east-nodes-group")
    assert not found.of_type("aws:ec2/natGateway:NatGateway")


def test_no_planted_secret_is_in_state_bundle_or_user_data(monkeypatch: pytest.MonkeyPatch) -> None:
    planted = {name: f"planted-{name.lower()}-0123456789abcdef" for name in ("MASTER", "JOIN", "LICENCES", "DB")}
    for name, value in planted.items():
        monkeypatch.setenv(name, value)
    external = {"url": "jdbc:postgresql://own:5432/artifactory", "username": "art", "password": "env:DB"}
    found = made(
        keys={"master": "env:MASTER", "join": "env:JOIN"}, licences="env:LICENCES", database={"external": external}
    )
    text = json.dumps([dict(each.inputs) for each in found.resources.values()])
    text += base64.b64decode(found.resources["us-east-nodes-template"].inputs["userData"]).decode()
    assert "env:MASTER" in text and "monitor.sh" in text
    assert not [name for name, value in planted.items() if value in text]
