"""Targets that drain, groups that shrink, refresh and replace: nobody's request breaks but by a crash."""

from typing import Any

import pytest
import requests

from tests.clients.sandbox_cloud.running import Fleet, Running, until

CHUNKS = 400
REPLACED_WITHIN_S = 60.0


@pytest.fixture(scope="module")
def fleet(sandbox: Running) -> Fleet:
    made = Fleet(sandbox, "drain", "eu-central-1", "drain.repo.acme.example", size=2, kind="application")
    made.wait_healthy(2)
    return made


class Download:
    """A large answer that has begun, and that somebody reads slowly."""

    def __init__(self, sandbox: Running, fleet: Fleet) -> None:
        before = self._counts(sandbox)
        self._answer = requests.get(
            f"{fleet.url}/big?chunks={CHUNKS}", proxies=sandbox.proxies, stream=True, timeout=60
        )
        assert len(self._answer.raw.read(65536)) == 65536
        after = self._counts(sandbox)
        (self.node,) = (node for node in after if node.startswith("i-") and after[node] != before.get(node))

    @staticmethod
    def _counts(sandbox: Running) -> dict[str, Any]:
        answer = sandbox._session.get(f"{sandbox.description['control']}/counters")
        found: dict[str, Any] = answer.json()["platforms"]
        return found

    def is_whole(self) -> bool:
        left = sum(len(piece) for piece in iter(lambda: self._answer.raw.read(1 << 20), b""))
        return left == (CHUNKS - 1) * 65536


def state(fleet: Fleet, node: str) -> str:
    rows = fleet.elb.describe_target_health(TargetGroupArn=fleet.group_arn)["TargetHealthDescriptions"]
    return next((str(row["TargetHealth"]["State"]) for row in rows if row["Target"]["Id"] == node), "")


def test_a_deregistered_target_drains_gets_nothing_new_and_comes_back(sandbox: Running, fleet: Fleet) -> None:
    download = Download(sandbox, fleet)
    target = {"TargetGroupArn": fleet.group_arn, "Targets": [{"Id": download.node}]}
    fleet.elb.deregister_targets(**target)
    assert state(fleet, download.node) == "draining"
    (other,) = fleet.healthy
    assert {sandbox.get(fleet.url).json()["node"] for _ in range(4)} == {sandbox.node(other)["address"]}
    assert download.is_whole()
    until(lambda: state(fleet, download.node) == "", "the target has drained")
    fleet.elb.register_targets(**target)
    fleet.wait_healthy(2)


def test_a_member_that_was_deregistered_stays_out_when_the_group_changes(fleet: Fleet) -> None:
    first, second = sorted(fleet.wait_healthy(2))
    fleet.elb.deregister_targets(TargetGroupArn=fleet.group_arn, Targets=[{"Id": first}])
    fleet.ec2.terminate_instances(InstanceIds=[second])
    until(lambda: len(fleet.healthy) == 1 and second not in fleet.healthy, "the replacement serves", REPLACED_WITHIN_S)
    assert state(fleet, first) == ""
    fleet.elb.register_targets(TargetGroupArn=fleet.group_arn, Targets=[{"Id": first}])
    fleet.wait_healthy(2)


def test_a_group_that_shrinks_lets_its_member_finish(sandbox: Running, fleet: Fleet) -> None:
    fleet.wait_healthy(2)
    downloads = [Download(sandbox, fleet) for _ in range(2)]
    fleet.scaling.set_desired_capacity(AutoScalingGroupName="drain", DesiredCapacity=1)
    until(lambda: len(fleet.healthy) == 1, "one is left")
    assert all(download.is_whole() for download in downloads)
    (left,) = fleet.healthy
    gone = next(download.node for download in downloads if download.node != left)
    until(lambda: sandbox.node(gone) is None, "the other is gone")
    fleet.scaling.set_desired_capacity(AutoScalingGroupName="drain", DesiredCapacity=2)
    until(lambda: len(fleet.healthy) == 2, "two again", REPLACED_WITHIN_S)


def test_a_stopped_member_is_replaced(fleet: Fleet) -> None:
    victim = sorted(fleet.wait_healthy(2))[0]
    fleet.ec2.stop_instances(InstanceIds=[victim])
    until(lambda: victim not in {row["InstanceId"] for row in fleet.members}, "it has left the group")
    until(lambda: len(fleet.healthy) == 2, "its replacement serves", REPLACED_WITHIN_S)


def test_an_unhealthy_target_is_replaced_by_a_group_that_asks_the_balancer_only(sandbox: Running, fleet: Fleet) -> None:
    victim = sorted(fleet.wait_healthy(2))[0]
    sandbox.fault("kill-node", node=victim)
    until(lambda: victim not in fleet.healthy, "the node is ill")
    assert victim in {row["InstanceId"] for row in fleet.members}, "its group asks EC2"
    fleet.scaling.update_auto_scaling_group(
        AutoScalingGroupName="drain", HealthCheckType="ELB", HealthCheckGracePeriod=0
    )
    until(lambda: victim not in {row["InstanceId"] for row in fleet.members}, "it has left the group")
    fleet.scaling.update_auto_scaling_group(
        AutoScalingGroupName="drain", HealthCheckType="EC2", HealthCheckGracePeriod=300
    )
    until(lambda: len(fleet.healthy) == 2, "its replacement serves", REPLACED_WITHIN_S)


@pytest.mark.parametrize(("least", "most", "fewest"), [(100, 110, 2), (50, 100, 1)], ids=["surge", "terminate first"])
def test_an_instance_refresh_surges_or_terminates_first(fleet: Fleet, least: int, most: int, fewest: int) -> None:
    before = fleet.wait_healthy(2)
    preferences = {"MinHealthyPercentage": least, "MaxHealthyPercentage": most}
    refresh = fleet.scaling.start_instance_refresh(AutoScalingGroupName="drain", Preferences=preferences)
    seen: list[int] = []

    def over() -> bool:
        seen.append(len(fleet.healthy))
        (found,) = fleet.scaling.describe_instance_refreshes(
            AutoScalingGroupName="drain", InstanceRefreshIds=[refresh["InstanceRefreshId"]]
        )["InstanceRefreshes"]
        assert found["Status"] != "Failed", found
        return bool(found["Status"] == "Successful")

    until(over, "the refresh is done", 2 * REPLACED_WITHIN_S)
    assert min(seen) == fewest
    assert not fleet.wait_healthy(2) & before
