"""A whole site in a Pulumi program: what is made, in which order, and what never enters state."""

import base64
import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pulumi
import pulumi_aws
import pytest

from artifactory_estate.site.component import Site
from artifactory_estate.site.installation import Artifactory
from artifactory_estate.site.network import enough_zones, subnets_of
from artifactory_estate.site.render import apply_script, user_data
from tests.support.recording import Recording, recorded
from tests.unit.site.site_values import ARTIFACTORY, DATABASE, names, site_of

OUTPUTS: dict[str, dict[str, Any]] = {
    "aws:rds/instance:Instance": {
        "address": "db.example",
        "masterUserSecrets": [{"secretArn": DATABASE.master_secret}],
    },
    "aws:ec2/launchTemplate:LaunchTemplate": {"latestVersion": 1},
    "aws:lb/loadBalancer:LoadBalancer": {"dnsName": "nlb.example", "zoneId": "Z1"},
    "pulumi-python:dynamic/estate:HostedZone": {"observed": {"zone_id": "Z2"}},
    "aws:acm/certificate:Certificate": {
        "domainValidationOptions": [
            {
                "domainName": host,
                "resourceRecordName": f"_x.{host}.",
                "resourceRecordType": "CNAME",
                "resourceRecordValue": "_y.validations.example.",
            }
            for host in ("repo.acme.example", "us-east.repo.acme.example")
        ]
    },
    "pulumi-python:dynamic/estate:SiteSecrets": {"observed": {"fingerprints": {}, "licences": 2}},
    "pulumi-python:dynamic/estate:Licences": {"observed": {"ours": ["1a", "2b"]}},
    "pulumi-python:dynamic/estate:Package": {"observed": {"url": "s3://acme/packages/x.rpm"}},
}


def made(estates: Artifactory = ARTIFACTORY, **changes: Any) -> Recording:
    def program() -> None:
        Site("us-east", "acme", site_of(**changes), artifactory=estates, tags={"owner": "platform"})

    with recorded(program, OUTPUTS) as found:
        return found


@pytest.fixture(scope="module")
def sample() -> Recording:
    """The sample's us-east, with one repository."""
    return made(repositories={"local": {"libs-local": {"package_type": "maven"}}})


def test_nodes_start_when_everything_they_need_is_there(sample: Recording) -> None:
    before = sample.before("us-east-nodes-group")
    assert {"us-east-secrets", "us-east-bundle", "us-east-database-instance", "us-east-nodes-permissions"} <= before
    assert {
        "us-east-filestore-bucket",
        "us-east-network-private-0-default",
        "us-east-nodes-from-balancer-8000",
    } <= before


def test_platform_is_made_true_step_by_step(sample: Recording) -> None:
    steps = [
        f"us-east-{part}"
        for part in ("nodes-group", "readiness", "licences", "entitlement", "base-url", "repositories")
    ]
    for earlier, later in pairwise(steps):
        assert earlier in sample.before(later)
    assert "us-east-record" in sample.before("us-east-readiness")


def test_what_federations_make_reaches_the_repositories() -> None:
    libs = {"package_type": "generic", "repositories": ["shared-federated"]}

    def program() -> None:
        declared = site_of(repositories={"virtual": {"libs": libs}})
        Site("us-east", "acme", declared, artifactory=ARTIFACTORY, made_elsewhere={"shared-federated": "shared"})

    with recorded(program, OUTPUTS) as found:
        (made,) = found.of_type("pulumi-python:dynamic/estate:Repositories")
    assert made.inputs["made_elsewhere"] == {"shared-federated": "shared"}


def test_an_https_site_asks_for_a_certificate_of_its_name_and_of_its_pairs() -> None:
    def program() -> None:
        declared = site_of(url="https://us-east.repo.acme.example")
        Site("us-east", "acme", declared, artifactory=ARTIFACTORY, service="repo.acme.example")

    with recorded(program, OUTPUTS) as found:
        made = found.resources
    asked = made["us-east-certificate-certificate"].inputs
    assert asked["domainName"] == "us-east.repo.acme.example"
    assert asked["subjectAlternativeNames"] == ["repo.acme.example"]
    proofs = ("us-east-certificate-record", "us-east-certificate-record-repo.acme.example")
    assert [made[name].inputs["name"] for name in proofs] == ["_x.us-east.repo.acme.example.", "_x.repo.acme.example."]
    assert "us-east-certificate-validation" in found.before("us-east-balancer-listener")


def test_guard_is_made_last_so_that_a_destruction_asks_it_first(sample: Recording) -> None:
    everything = {name.split()[0] for name in sample.resources} - {"us-east-guard"}
    assert everything <= sample.before("us-east-guard")


def test_repositories_are_next_so_that_one_that_must_stay_refuses_before_anything_is_gone(sample: Recording) -> None:
    behind = {"us-east-guard", "us-east-repositories", "us-east-repositories-platform"}
    everything = {name.split()[0] for name in sample.resources if sample.resources[name].type != "Site"} - behind
    assert everything <= sample.before("us-east-repositories")


@pytest.mark.parametrize("word", [False, True])
def test_guard_knows_the_words(word: bool) -> None:
    found = made(filestore={"bucket": {"allow_delete": word}}, database={"allow_delete": word})
    guard = found.resources["us-east-guard"].inputs
    assert (guard["allow_delete_bucket"], guard["allow_delete_database"]) == (word, word)
    assert (guard["bucket"], guard["database"]) == ("acme-us-east-filestore-123456789012", "acme-us-east")
    assert found.resources["us-east-filestore-bucket"].inputs["forceDestroy"] is word


def test_machines_hold_to_imdsv2_and_encryption(sample: Recording) -> None:
    template = sample.resources["us-east-nodes-template"].inputs
    assert template["metadataOptions"]["httpTokens"] == "required"
    assert template["blockDeviceMappings"][0]["ebs"]["encrypted"] == "true"
    assert template["instanceType"] == "m7i.2xlarge"
    assert base64.b64decode(template["userData"]).decode() == user_data(names())


def test_group_has_the_declared_nodes_over_the_zones(sample: Recording) -> None:
    group = sample.resources["us-east-nodes-group"].inputs
    assert (group["minSize"], group["desiredCapacity"], group["maxSize"]) == (1, 2, 3)
    assert len(group["vpcZoneIdentifiers"]) == 2
    assert (group["healthCheckType"], group["healthCheckGracePeriod"]) == ("EC2", 1800)
    assert group["suspendedProcesses"] == ["AZRebalance"]
    zones = {sample.resources[f"us-east-network-private-{n}"].inputs["availabilityZone"] for n in (0, 1)}
    assert zones == {"zone-a", "zone-b"}


@pytest.mark.parametrize(("nodes", "zones"), [({"count": 1}, 1), ({"count": 1, "max": 2}, 2)])
def test_a_node_starts_where_a_data_volume_is(nodes: dict[str, int], zones: int) -> None:
    made_ = made(nodes={**nodes, "size": "small", "data_volume": {"size_gib": 100}}, filestore={"kind": "file-system"})
    assert len(made_.resources["us-east-nodes-group"].inputs["vpcZoneIdentifiers"]) == zones
    assert len(made_.of_type("aws:ebs/volume:Volume")) == sum(nodes.values()) - (zones > 1)


def test_bundle_is_rendered_from_what_was_made(sample: Recording) -> None:
    bundle = sample.resources["us-east-bundle"].inputs
    assert "jdbc:postgresql://db.example:5432/artifactory?sslmode=require" in bundle["files"]["system.yaml"]
    assert f"DATABASE_MASTER='{DATABASE.master_secret}'" in bundle["files"]["bootstrap.sh"]
    assert bundle["group"] == sample.resources["us-east-nodes-group"].inputs["name"]
    assert bundle["script"] == apply_script(names())


def test_role_reaches_its_own_things_only(sample: Recording) -> None:
    policy = json.loads(sample.resources["us-east-nodes-permissions"].inputs["policy"])
    wide = {statement["Sid"] for statement in policy["Statement"] if statement["Resource"] == ["*"]}
    assert wide == {"SecretsBatch", "SystemsManager", "Slots", "Metrics"}
    actions = {action for statement in policy["Statement"] for action in statement["Action"]}
    assert not {action for action in actions if "*" in action}
    secrets = next(statement for statement in policy["Statement"] if statement["Sid"] == "SecretsRead")
    assert secrets["Resource"] == [
        "arn:aws:secretsmanager:us-east-1:123456789012:secret:acme/us-east/*",
        DATABASE.master_secret,
    ]


def test_nothing_comes_in_but_through_the_load_balancer(sample: Recording) -> None:
    rules = [
        resource.inputs
        for resource in sample.of_type("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
        if resource.inputs["securityGroupId"] == "us-east-nodes-security-group-id"
    ]
    sources = {(rule["referencedSecurityGroupId"], rule.get("fromPort")) for rule in rules}
    assert sources == {("us-east-nodes-security-group-id", None), ("us-east-balancer-security-id", 8000)}
    assert not [rule for rule in rules if "cidrIpv4" in rule]


def test_every_taggable_resource_carries_the_estates_tags(sample: Recording) -> None:
    tagged = [
        resource.inputs["tags"]
        for resource in sample.resources.values()
        if resource.type.startswith("aws:") and isinstance(resource.inputs.get("tags"), dict)
    ]
    assert len(tagged) > 20
    for tags in tagged:
        assert {
            "artifactory-estate": "acme",
            "artifactory-estate-site": "us-east",
            "owner": "platform",
        }.items() <= tags.items()


def test_record_is_an_alias_of_the_load_balancer(sample: Recording) -> None:
    record = sample.resources["us-east-record"].inputs
    assert (record["zoneId"], record["name"], record["type"]) == ("Z2", "us-east.repo.acme.example", "A")
    assert record["aliases"] == [{"name": "nlb.example", "zoneId": "Z1", "evaluateTargetHealth": False}]


def test_no_zone_no_record() -> None:
    assert not {"us-east-zone", "us-east-record"} & set(made(zone="none").resources)


def test_site_without_repositories_declares_none() -> None:
    assert "us-east-repositories" not in made().resources


def test_given_network_makes_no_vpc() -> None:
    network = {"vpc": "vpc-1", "private_subnets": ["subnet-1", "subnet-2"], "public_subnets": ["subnet-3", "subnet-4"]}
    internal = made(network=network)
    assert not [resource for resource in internal.resources.values() if resource.type == "aws:ec2/vpc:Vpc"]
    assert internal.resources["us-east-balancer-balancer"].inputs["subnets"] == ["subnet-1", "subnet-2"]
    public = made(network=network, load_balancer={"kind": "nginx", "internal": False})
    assert public.resources["us-east-balancer-balancer"].inputs["subnets"] == ["subnet-3", "subnet-4"]
    assert public.resources["us-east-nodes-group"].inputs["vpcZoneIdentifiers"] == ["subnet-1", "subnet-2"]


@pytest.mark.parametrize(
    ("nat", "internal", "public"), [(True, True, True), (False, True, False), (False, False, True)]
)
def test_public_side_only_where_something_needs_it(nat: bool, internal: bool, public: bool) -> None:
    found = made(
        network={"create": {"cidr": "10.0.0.0/16", "nat": nat}}, load_balancer={"kind": "nlb", "internal": internal}
    ).resources
    assert ("us-east-network-nat-0" in found) is nat
    assert ("us-east-network-internet" in found) is public


def test_subnets_leave_room_for_six_zones() -> None:
    private, public = subnets_of("10.1.0.0/20", 6)
    assert len({*private, *public}) == 12
    assert all(block.endswith("/24") for block in (*private, *public))


def test_zones_without_machines_of_today_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, Any] = {}
    real = pulumi_aws.get_availability_zones_output

    def looked(**words: Any) -> Any:
        asked.update(words)
        return real(**words)

    monkeypatch.setattr(pulumi_aws, "get_availability_zones_output", looked)
    made()
    assert (asked["state"], "use1-az3" in asked["exclude_zone_ids"]) == ("available", True)


def test_a_region_has_as_many_zones_as_are_asked_for() -> None:
    zones = ["us-east-1a", "us-east-1b"]
    assert enough_zones(names(), 2, zones) == zones
    wrong = r"^sites\.us-east\.network\.create\.zones: 3 zones \(us-east-1 has us-east-1a, us-east-1b\)\s+Write `zones: 2`\.$"
    with pytest.raises(pulumi.RunError, match=wrong):
        enough_zones(names(), 3, zones)


def test_database_and_filestore_that_are_not_ours_are_not_made() -> None:
    external = {"url": "jdbc:postgresql://own:5432/artifactory", "username": "art", "password": "env:DB"}
    found = made(database={"external": external}, filestore={"kind": "file-system", "directory": "/mnt/binaries"})
    assert not {"us-east-database", "us-east-filestore"} & set(found.resources)
    assert found.resources["us-east-secrets"].inputs["database_password"] == "env:DB"
    assert "DATABASE_MASTER=''" in found.resources["us-east-bundle"].inputs["files"]["bootstrap.sh"]
    policy = found.resources["us-east-nodes-permissions"].inputs["policy"]
    assert "Filestore" not in policy
    guard = found.resources["us-east-guard"].inputs
    assert not {"bucket", "database"} & set(guard)


def test_package_is_mirrored_unless_the_sandbox_or_an_image_has_it() -> None:
    package = {"source": "https://example.com/artifactory.rpm", "sha256": "a" * 64}
    mirrored = made(Artifactory.from_data({"version": "7.111.4", "package": package}))
    assert "us-east-package" in mirrored.before("us-east-bundle")
    assert "PACKAGE=s3://acme/packages/x.rpm\n" in mirrored.resources["us-east-bundle"].inputs["files"]["bootstrap.sh"]
    image = made(Artifactory.from_data({"version": "7.111.4", "ami": "ami-0123456789abcdef0"}))
    assert "us-east-package" not in image.resources
    assert image.resources["us-east-nodes-template"].inputs["imageId"] == "ami-0123456789abcdef0"


def test_hooks_go_into_the_bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "before.sh").write_text("echo before\n")
    monkeypatch.setenv("ESTATE_PROJECT", str(tmp_path))
    found = made(
        Artifactory.from_data({"version": "7.111.4", "ami": "ami-0123456789abcdef0", "pre_install": "before.sh"})
    )
    assert found.resources["us-east-bundle"].inputs["files"]["pre_install.sh"] == "echo before\n"


def test_sites_own_artifactory_wins_over_the_estates() -> None:
    found = made(artifactory={"version": "7.120.1", "ami": "ami-0123456789abcdef0"})
    assert "VERSION=7.120.1\n" in found.resources["us-east-bundle"].inputs["files"]["bootstrap.sh"]
    assert found.resources["us-east-readiness"].inputs["version"] == "7.120.1"


def test_no_input_holds_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLANTED", "0123456789abcdef" * 2)
    found = made(keys={"master": "env:PLANTED"}, licences="env:PLANTED")
    assert "env:PLANTED" in json.dumps(found.resources["us-east-secrets"].inputs)
    state = json.dumps([dict(resource.inputs) for resource in found.resources.values()])
    assert "0123456789abcdef" not in state
