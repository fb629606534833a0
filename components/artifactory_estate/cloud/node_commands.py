"""Commands on the nodes of an Auto Scaling group through Systems Manager: one node after another, each taken out of the load
balancer first, stopped by the first that does not come back."""

import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from artifactory_estate.base import EstateError
from artifactory_estate.cloud.session import client
from artifactory_estate.cloud.target_groups import TargetGroups

COMMAND_TIMEOUT_S = 3600
"""A node's own bootstrap gives up earlier (it waits 1800 s for readiness)."""
DELIVERY_TIMEOUT_S = 120
REACHABLE_TIMEOUT_S = 600
"""A new instance answers to Systems Manager a minute or two after its start."""
HEALTHY_TIMEOUT_S = 300
REPLACED_TIMEOUT_S = 1800
"""How long the other nodes may take to be in service: one that was replaced boots first."""
_POLL_S = 2.0
_TRIES = 2
_MOST_NODES = 60
"""Three times the largest cluster: nodes that come and go without end are no progress."""
_RUNNING = {"Pending", "InProgress", "Delayed"}


PROGRESS = "progress: "
"""Begins the lines that `up` shows."""


class NodeFailed(EstateError):
    """A command on a node failed, or the node did not become healthy again; the nodes after it were left alone."""


def to_standard_error(text: str) -> None:
    """What a provider process writes there, the engine shows as the resource's progress."""
    sys.stderr.write(f"{PROGRESS}{text}\n")
    sys.stderr.flush()


@dataclass(frozen=True)
class Group:
    """An Auto Scaling group's nodes. `sleep` is for tests; `say` hears of progress."""

    name: str
    region: str
    role: str | None
    sleep: Callable[[float], None] = time.sleep
    say: Callable[[str], None] = to_standard_error

    def roll(self, script: str, is_done: Callable[[str], bool] = lambda _node: False) -> Sequence[str]:
        """Run `script` on every node in service, one at a time. The instance ids, in order.

        A node leaves every target group, finishes what it has begun, runs the script, comes back, and must be healthy
        before the next one leaves; those that are out already, left so by a killed or a stopped run, are first. None is
        taken out while another is missing. A node that `is_done` and serves is left alone; nodes that come into service
        meanwhile are done too, and one that fell ill afterwards once more. Safe to repeat. Raises `NodeFailed` for the
        first that fails, before the next one is touched.
        """
        tried: Counter[str] = Counter()
        while waiting := self._still_to_do(tried, is_done):
            node = waiting[0]
            if tried[node] == _TRIES or len(tried) > _MOST_NODES:
                raise NodeFailed(f"{node}: does not stay healthy; the nodes after it were left alone")
            if not self._may_leave(node):
                continue
            tried[node] += 1
            self._roll_one(node, script, f"node {len(tried)} of {len({*tried, *waiting})}, {node}")
        return list(tried)

    def nodes(self) -> Sequence[str]:
        """Instance ids in service, sorted; none when there is no such group."""
        found = self._describe()
        instances = found["Instances"] if found else []
        return sorted(node["InstanceId"] for node in instances if node["LifecycleState"] == "InService")

    def not_serving(self) -> Sequence[str]:
        """Of the nodes in service, those that some target group lacks or finds unhealthy."""
        groups = self._target_groups()
        return [node for node in self.nodes() if not groups.all_healthy(node)]

    def run(self, node: str, script: str) -> None:
        """Run a bash script on one node and wait for its end. Raises `NodeFailed` with its last words."""
        ssm = client("ssm", region=self.region, role=self.role)
        sent = self._until(
            lambda: self._sent(ssm, node, script), REACHABLE_TIMEOUT_S, f"{node}: Systems Manager does not reach it"
        )
        command = sent["Command"]["CommandId"]
        answer = self._until(
            lambda: _ended(ssm, command, node) or self._gone(node),
            COMMAND_TIMEOUT_S + DELIVERY_TIMEOUT_S,
            f"{node}: the command {command} did not end",
        )
        if answer["Status"] != "Success":
            raise NodeFailed(f"{node}: the command {command} ended with {answer['Status']}: {_last_words(answer)}")

    def _sent(self, ssm: Any, node: str, script: str) -> dict[str, Any] | None:
        """None while the agent of a node that boots does not answer yet."""
        try:
            sent: dict[str, Any] = ssm.send_command(
                InstanceIds=[node],
                DocumentName="AWS-RunShellScript",
                TimeoutSeconds=DELIVERY_TIMEOUT_S,
                Parameters={"commands": [script], "executionTimeout": [str(COMMAND_TIMEOUT_S)]},
            )
        except ClientError as error:
            if error.response["Error"]["Code"] == "InvalidInstanceId" and node in self.nodes():
                return None
            raise NodeFailed(f"{node}: Systems Manager does not take a command: {error}") from error
        return sent

    def _still_to_do(self, tried: Counter[str], is_done: Callable[[str], bool]) -> list[str]:
        """Those that do not serve first: they are out already."""
        groups = self._target_groups()
        healthy = {node: groups.all_healthy(node) for node in self.nodes()}
        left = [node for node in healthy if not (healthy[node] and (node in tried or is_done(node)))]
        return sorted(left, key=lambda node: (healthy[node], node))

    def _roll_one(self, node: str, script: str, which: str) -> None:
        groups = self._target_groups()
        self.say(f"{which}: leaves the load balancer{self._if_alone()}")
        groups.deregister(node)
        self._until(lambda: groups.is_out(node), groups.longest_delay() + HEALTHY_TIMEOUT_S, f"{node}: drains too long")
        self.say(f"{which}: is brought up to date")
        try:
            self.run(node, script)
            groups.register(node)
            self._until(
                lambda: groups.all_healthy(node) or self._gone(node),
                HEALTHY_TIMEOUT_S,
                f"{node}: not healthy at the load balancer within {HEALTHY_TIMEOUT_S} s",
            )
        except (NodeFailed, ClientError):
            if not self._gone(node):
                raise
        self.say(f"{which}: {'is gone, its replacement is next' if self._gone(node) else 'serves'}")

    def _if_alone(self) -> str:
        return "; it is the only one, so the site is down until it is back" if self._wanted() == 1 else ""

    def _may_leave(self, node: str) -> bool:
        """Waits until all other nodes serve, so that at most one is out at a time. False when one has fallen ill: it is next."""
        groups = self._target_groups()
        if not groups.all_healthy(node):
            return True

        def others() -> list[bool]:
            return [groups.all_healthy(other) for other in self.nodes() if other != node]

        def settled() -> list[bool] | None:
            found = others()
            return found if not all(found) or len(found) >= self._wanted() - 1 else None

        missing = (
            f"{node}: stays in service, since fewer than {self._wanted() - 1} others serve; look at `estate status`"
        )
        return self._wanted() == 1 or all(self._until(settled, REPLACED_TIMEOUT_S, missing))

    def _wanted(self) -> int:
        found = self._describe()
        return int(found["DesiredCapacity"]) if found else 0

    def _gone(self, node: str) -> dict[str, Any] | None:
        """An end for a command whose node is no longer there."""
        gone = node not in self.nodes()
        return {"Status": "Failed", "StandardErrorContent": "the instance is gone"} if gone else None

    def _target_groups(self) -> TargetGroups:
        found = self._describe()
        return TargetGroups(tuple(found["TargetGroupARNs"]) if found else (), self.region, self.role)

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


def _last_words(answer: dict[str, Any]) -> str:
    said = answer.get("StandardOutputContent") or answer.get("StandardErrorContent") or ""
    return said.strip().splitlines()[-1][:600] if said.strip() else "no output"
