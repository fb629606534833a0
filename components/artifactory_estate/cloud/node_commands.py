"""Commands on the nodes of an Auto Scaling group through Systems Manager: one node after another, stopped by the first
that does not come back."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from botocore.exceptions import ClientError

from artifactory_estate.base import EstateError
from artifactory_estate.cloud.session import client

COMMAND_TIMEOUT_S = 3600
"""A node's own bootstrap gives up earlier (it waits 1800 s for readiness)."""
DELIVERY_TIMEOUT_S = 120
HEALTHY_TIMEOUT_S = 300
_POLL_S = 2.0
_RUNNING = {"Pending", "InProgress", "Delayed"}


class NodeFailed(EstateError):
    """A command on a node failed, or the node did not become healthy again; the nodes after it were left alone."""


@dataclass(frozen=True)
class Group:
    """An Auto Scaling group's nodes. `sleep` is for tests."""

    name: str
    region: str
    role: str | None
    sleep: Callable[[float], None] = time.sleep

    def roll(self, script: str) -> Sequence[str]:
        """Run `script` on every node in service, one at a time, waiting after each until the load balancer sends it
        requests again; nodes that come into service meanwhile are done too. The instance ids, in order.

        Raises `NodeFailed` for the first that fails, before the next one is touched.
        """
        done: list[str] = []
        while waiting := [node for node in self.nodes() if node not in done]:
            self.run(waiting[0], script)
            self._wait_until_healthy(waiting[0])
            done.append(waiting[0])
        return done

    def nodes(self) -> Sequence[str]:
        """Instance ids in service, sorted; none when there is no such group."""
        found = self._describe()
        instances = found["Instances"] if found else []
        return sorted(node["InstanceId"] for node in instances if node["LifecycleState"] == "InService")

    def run(self, node: str, script: str) -> None:
        """Run a bash script on one node and wait for its end. Raises `NodeFailed` with its last words."""
        ssm = client("ssm", region=self.region, role=self.role)
        try:
            sent = ssm.send_command(
                InstanceIds=[node],
                DocumentName="AWS-RunShellScript",
                TimeoutSeconds=DELIVERY_TIMEOUT_S,
                Parameters={"commands": [script], "executionTimeout": [str(COMMAND_TIMEOUT_S)]},
            )
        except ClientError as error:
            raise NodeFailed(f"{node}: Systems Manager does not take a command: {error}") from error
        command = sent["Command"]["CommandId"]
        answer = self._until(
            lambda: _ended(ssm, command, node),
            COMMAND_TIMEOUT_S + DELIVERY_TIMEOUT_S,
            f"{node}: the command {command} did not end",
        )
        if answer["Status"] != "Success":
            raise NodeFailed(f"{node}: the command {command} ended with {answer['Status']}: {_last_words(answer)}")

    def _wait_until_healthy(self, node: str) -> None:
        elb = client("elbv2", region=self.region, role=self.role)
        found = self._describe()
        for target_group in found["TargetGroupARNs"] if found else ():
            self._until(
                partial(_is_healthy, elb, target_group, node),
                HEALTHY_TIMEOUT_S,
                f"{node}: not healthy at the load balancer within {HEALTHY_TIMEOUT_S} s",
            )

    def _describe(self) -> dict[str, Any] | None:
        scaling = client("autoscaling", region=self.region, role=self.role)
        groups = scaling.describe_auto_scaling_groups(AutoScalingGroupNames=[self.name])["AutoScalingGroups"]
        return groups[0] if groups else None

    def _until(self, ask: Callable[[], Any], timeout_s: float, text: str) -> Any:
        deadline = time.monotonic() + timeout_s
        while not (answer := ask()):
            if time.monotonic() > deadline:
                raise NodeFailed(text)
            self.sleep(_POLL_S)
        return answer


def _ended(ssm: Any, command: str, node: str) -> dict[str, Any] | None:
    try:
        answer: dict[str, Any] = ssm.get_command_invocation(CommandId=command, InstanceId=node)
    except ClientError as error:
        if error.response["Error"]["Code"] == "InvocationDoesNotExist":
            return None
        raise
    return None if answer["Status"] in _RUNNING else answer


def _is_healthy(elb: Any, target_group: str, node: str) -> bool:
    found = elb.describe_target_health(TargetGroupArn=target_group)["TargetHealthDescriptions"]
    return any(item["Target"]["Id"] == node and item["TargetHealth"]["State"] == "healthy" for item in found)


def _last_words(answer: dict[str, Any]) -> str:
    said = answer.get("StandardOutputContent") or answer.get("StandardErrorContent") or ""
    return said.strip().splitlines()[-1][:600] if said.strip() else "no output"
