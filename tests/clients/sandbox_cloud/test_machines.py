"""Instances that moto lists boot, serve, die and are replaced."""

import time

import pytest

from tests.clients.sandbox_cloud.running import Fleet, Running, until


def test_two_instances_boot_in_two_zones_and_answer_in_turn(sandbox: Running, east: Fleet) -> None:
    east.wait_healthy(2)
    assert len({row["AvailabilityZone"] for row in east.members}) == 2
    seen = {sandbox.get(east.url).json()["node"] for _ in range(4)}
    assert seen == {sandbox.node(row["InstanceId"])["address"] for row in east.members}


def test_a_machine_reads_its_own_metadata_with_a_token_only(sandbox: Running, east: Fleet) -> None:
    member = east.members[0]["InstanceId"]
    root = sandbox.state / "instances" / member
    assert (root / "etc/instance-id").read_text() == member
    assert "401" in str(
        sandbox._session.get(f"{sandbox.description['control']}/metadata/{member}/latest/meta-data/instance-id")
    )


def test_a_killed_node_is_taken_out_and_comes_back_when_started(sandbox: Running, east: Fleet) -> None:
    victim, other = sorted(east.wait_healthy(2))
    sandbox.fault("kill-node", node=victim)
    until(lambda: east.healthy == {other}, "the killed node leaves the load balancer")
    assert {sandbox.get(east.url).json()["node"] for _ in range(4)} == {sandbox.node(other)["address"]}
    assert sandbox.node(victim)["units"]["artifactory"]["state"] == "failed"
    sandbox.fault("start-node", node=victim)
    assert east.wait_healthy(2) == {victim, other}


def test_a_terminated_instance_ends_and_its_replacement_serves(sandbox: Running, east: Fleet) -> None:
    victim = sorted(east.wait_healthy(2))[0]
    address = sandbox.node(victim)["address"]
    east.ec2.terminate_instances(InstanceIds=[victim])
    until(lambda: sandbox.node(victim) is None, "the terminated instance is gone")
    assert victim not in east.wait_healthy(2)
    assert not (sandbox.state / "instances" / victim).exists()
    assert (sandbox.state / "logs" / victim / "var/log/cloud-init-output.log").is_file()
    assert address not in {row["address"] for row in sandbox.control("/nodes")["nodes"]}


def test_a_node_that_cannot_start_says_why_and_is_not_healthy(sandbox: Running) -> None:
    broken = Fleet(sandbox, "broken", "us-east-1", "broken.repo.acme.example", size=1, broken=True)
    member = broken.members[0]["InstanceId"]
    until(
        lambda: sandbox.control("/lookup/failures").get(member) == "system.yaml is missing",
        "the fatal line of the node",
    )
    assert broken.healthy == set()
    broken.scaling.delete_auto_scaling_group(AutoScalingGroupName="broken", ForceDelete=True)
    until(lambda: sandbox.node(member) is None, "the instance is gone")


def test_a_stopped_instance_starts_again_with_its_enabled_services(sandbox: Running, east: Fleet) -> None:
    reservation = east.ec2.run_instances(
        LaunchTemplate={"LaunchTemplateName": "east"}, MinCount=1, MaxCount=1, ImageId="ami-0a5ab0c5a0d000001"
    )
    lone = reservation["Instances"][0]["InstanceId"]

    def state() -> object:
        node = sandbox.node(lone)
        return node and (node["state"], node["units"].get("artifactory", {}).get("state"))

    until(lambda: state() == ("running", "active"), "the instance runs")
    east.ec2.stop_instances(InstanceIds=[lone])
    until(lambda: state() == ("stopped", "inactive"), "the instance stops")
    east.ec2.start_instances(InstanceIds=[lone])
    until(lambda: state() == ("running", "active"), "the instance runs again")
    east.ec2.terminate_instances(InstanceIds=[lone])
    until(lambda: sandbox.node(lone) is None, "the instance is gone")


@pytest.mark.parametrize(
    ("script", "status", "output"),
    [("cat $ESTATE_ROOT/etc/instance-id", "Success", "{id}"), ("echo no >&2; exit 3", "Failed", "")],
)
def test_a_command_really_runs(sandbox: Running, east: Fleet, script: str, status: str, output: str) -> None:
    ssm, member = sandbox.aws("ssm"), sorted(east.wait_healthy(2))[0]
    sent = ssm.send_command(InstanceIds=[member], DocumentName="AWS-RunShellScript", Parameters={"commands": [script]})
    command = sent["Command"]["CommandId"]
    read = until(
        lambda: (
            (found := ssm.get_command_invocation(CommandId=command, InstanceId=member))["Status"]
            in {"Success", "Failed"}
            and found
        ),
        "the command ends",
    )
    assert (read["Status"], read["StandardOutputContent"]) == (status, output.format(id=member))
    assert ssm.list_command_invocations(CommandId=command)["CommandInvocations"][0]["Status"] == status
    assert ssm.list_commands(CommandId=command)["Commands"][0]["Status"] == status


def test_a_long_command_is_in_progress_first(sandbox: Running, east: Fleet) -> None:
    ssm, member = sandbox.aws("ssm"), sorted(east.wait_healthy(2))[0]
    began = time.monotonic()
    sent = ssm.send_command(
        InstanceIds=[member], DocumentName="AWS-RunShellScript", Parameters={"commands": ["sleep 1"]}
    )
    assert sent["Command"]["Status"] in {"Pending", "InProgress"}
    command = sent["Command"]["CommandId"]
    until(
        lambda: ssm.get_command_invocation(CommandId=command, InstanceId=member)["Status"] == "Success",
        "the command ends",
    )
    assert time.monotonic() - began > 1
