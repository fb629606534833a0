"""`estate up` killed with SIGKILL in the middle of a site's first update: the next `up` finishes, nothing twice or lost."""

import os
import random
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

from tests.support.documents import ONE_SITE
from tests.support.sandbox import SandboxProject, eventually

Moment = Callable[[SandboxProject], bool]
ALL_WRITES = 77
"""Of a first update of this site: 74 to AWS, 3 to the platform."""
OURS = [{"Name": "tag:artifactory-estate", "Values": ["small"]}]


@pytest.fixture
def project(tmp_path: Path) -> Iterator[SandboxProject]:
    project = SandboxProject(tmp_path / "project", ONE_SITE)
    with project.running():
        yield project


def aws_writes(project: SandboxProject) -> int:
    return int(project.counters()["aws"]["writes"])


def writes(project: SandboxProject) -> int:
    """To AWS and to the platform."""
    found = project.counters()
    return int(found["aws"]["writes"]) + int(found["platforms"].get("us-east", {}).get("writes", 0))


def network_is_half_made(project: SandboxProject) -> bool:
    """The VPC and a subnet are there, the endpoint or the NAT gateway is not."""
    ec2 = project.aws("ec2")
    begun = ec2.describe_vpcs(Filters=OURS)["Vpcs"] and ec2.describe_subnets(Filters=OURS)["Subnets"]
    complete = ec2.describe_nat_gateways(Filters=OURS)["NatGateways"] and ec2.describe_vpc_endpoints()["VpcEndpoints"]
    return bool(begun) and not complete


def nodes_boot(project: SandboxProject) -> bool:
    """User data runs on a node, and the cluster has not answered yet."""
    return any(node.get("state") == "booting" for node in project.control("nodes")["nodes"])


MOMENTS: dict[str, Moment] = {"while the network is made": network_is_half_made, "while the nodes boot": nodes_boot}


def kill(pid: int, whole_group: bool) -> None:
    (os.killpg if whole_group else os.kill)(pid, signal.SIGKILL)


def run_killed(project: SandboxProject, moment: Moment, whole_group: bool) -> None:
    """Begin an `up` and kill it when `moment` has come, which must come before its end."""
    running = project.begin("up")
    try:
        eventually("the moment", lambda: moment(project) or running.poll() is not None, 120, 0.02)
        assert running.poll() is None, f"the up ended before it could be killed:\n{project.log.read_text()}"
    finally:
        if running.poll() is None:
            kill(running.pid, whole_group)
        running.wait()


def inventory(project: SandboxProject) -> Counter[str]:
    """What is in the account, by kind: a thing that was made twice shows."""
    ec2, count = project.aws("ec2"), Counter[str]()
    count["vpcs"] = len(ec2.describe_vpcs(Filters=OURS)["Vpcs"])
    count["subnets"] = len(ec2.describe_subnets(Filters=OURS)["Subnets"])
    count["security groups"] = len(ec2.describe_security_groups(Filters=OURS)["SecurityGroups"])
    count["gateways"] = len(ec2.describe_internet_gateways(Filters=OURS)["InternetGateways"])
    count["templates"] = len(ec2.describe_launch_templates(Filters=OURS)["LaunchTemplates"])
    running = [{"Name": "instance-state-name", "Values": ["running", "pending"]}]
    count["instances"] = sum(
        len(found["Instances"]) for found in ec2.describe_instances(Filters=running)["Reservations"]
    )
    count["buckets"] = len(project.aws("s3").list_buckets()["Buckets"])
    count["databases"] = len(project.aws("rds").describe_db_instances()["DBInstances"])
    count["load balancers"] = len(project.aws("elbv2").describe_load_balancers()["LoadBalancers"])
    count["target groups"] = len(project.aws("elbv2").describe_target_groups()["TargetGroups"])
    count["groups"] = len(project.aws("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"])
    count["secrets"] = len(project.aws("secretsmanager").list_secrets(MaxResults=100)["SecretList"])
    return count


def assert_whole(project: SandboxProject) -> None:
    """The site serves, a further up has nothing to do, and nothing is there twice."""
    site = project.site("us-east")
    assert site["state"] == "serving" and site["repositories"] == {"local": 3, "virtual": 1}, site
    once = inventory(project)
    project.control("counters/reset", {})
    said = project.estate("up")
    assert "unchanged" in said and "created" not in said and "updated" not in said, said
    assert aws_writes(project) == 0
    assert {
        kind: number
        for kind, number in once.items()
        if kind in {"vpcs", "databases", "load balancers", "groups", "instances"}
    } == {
        "vpcs": 1,
        "databases": 1,
        "load balancers": 1,
        "groups": 1,
        "instances": 1,
    }
    assert once["buckets"] == 2 and once["gateways"] == 1 and once["templates"] == 1, once


@pytest.mark.parametrize("whole_group", [True, False], ids=["process group", "parent alone"])
@pytest.mark.parametrize("moment", MOMENTS)
def test_the_next_up_finishes_what_a_killed_one_left(project: SandboxProject, moment: str, whole_group: bool) -> None:
    run_killed(project, MOMENTS[moment], whole_group)
    assert project.site("us-east")["state"] != "serving", "the kill came too late to interrupt anything"
    project.estate("up")
    assert_whole(project)


def seeds(part: str, numbers: range) -> list[ParameterSet]:
    return [pytest.param(seed, marks=pytest.mark.long(part=part)) for seed in numbers]


@pytest.mark.parametrize("seed", [*seeds("killed-1", range(10)), *seeds("killed-2", range(10, 20))])
def test_killed_at_any_moment(project: SandboxProject, seed: int) -> None:
    after = random.Random(seed).randrange(1, ALL_WRITES)
    run_killed(project, lambda running: writes(running) >= after, whole_group=seed % 2 == 0)
    project.estate("up")
    assert_whole(project)
