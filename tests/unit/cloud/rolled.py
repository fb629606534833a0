"""Systems Manager, Auto Scaling and load balancer of a group, as far as a roll asks them."""

from typing import Any

from botocore.exceptions import ClientError


class Nodes:
    """`log` says what was done to whom, in order."""

    def __init__(self, *instances: str) -> None:
        self.instances = list(instances)
        self.states = dict.fromkeys(instances, "healthy")
        self.log: list[str] = []
        self.fails: set[str] = set()
        self.dies: set[str] = set()
        self.ill_for: dict[str, int] = {}
        """How many looks a node that was registered again takes to be healthy."""
        self.drains_for = 0
        self.unreachable: dict[str, int] = {}
        self.scripts: list[str] = []
        self.fewest = len(instances)

    def client(self, service: str, **_: Any) -> "Nodes":
        del service
        return self

    def describe_auto_scaling_groups(self, **_: Any) -> dict[str, Any]:
        nodes = [{"InstanceId": name, "LifecycleState": "InService"} for name in self.instances]
        nodes.append({"InstanceId": "i-leaving", "LifecycleState": "Terminating"})
        return {
            "AutoScalingGroups": [
                {"Instances": nodes, "TargetGroupARNs": ["arn:web"], "DesiredCapacity": len(self.instances)}
            ]
        }

    def describe_target_group_attributes(self, **_: Any) -> dict[str, Any]:
        return {"Attributes": [{"Key": "deregistration_delay.timeout_seconds", "Value": "120"}]}

    def describe_target_health(self, **_: Any) -> dict[str, Any]:
        self._time_passes()
        listed = [{"Target": {"Id": node}, "TargetHealth": {"State": state}} for node, state in self.states.items()]
        self.fewest = min(self.fewest, list(self.states.values()).count("healthy"))
        return {"TargetHealthDescriptions": listed}

    def deregister_targets(self, **request: Any) -> None:
        node = request["Targets"][0]["Id"]
        self.log.append(f"out {node}")
        self.states[node] = "draining"
        self.ill_for[f"drains {node}"] = self.drains_for

    def register_targets(self, **request: Any) -> None:
        node = request["Targets"][0]["Id"]
        self.log.append(f"in {node}")
        self.states[node] = "initial"

    def send_command(self, **request: Any) -> dict[str, Any]:
        node = request["InstanceIds"][0]
        self.unreachable[node] = self.unreachable.get(node, 0) - 1
        if self.unreachable[node] >= 0:
            raise ClientError({"Error": {"Code": "InvalidInstanceId", "Message": "no agent"}}, "SendCommand")
        assert self.states.get(node, "") not in {"healthy", "draining"}, f"{node} was not taken out"
        self.log.append(f"run {node}")
        self.scripts += request["Parameters"]["commands"]
        return {"Command": {"CommandId": f"command-{node}"}}

    def get_command_invocation(self, **request: Any) -> dict[str, Any]:
        node = request["InstanceId"]
        if node in self.dies:
            self.dies.discard(node)
            self.replace(node, f"{node}-again")
            return {"Status": "InProgress"}
        if node not in self.instances:
            return {"Status": "InProgress"}
        failed = node in self.fails
        said = "starting\nFAILED: Artifactory stopped: bad binarystore.xml\n" if failed else "ready\n"
        return {"Status": "Failed" if failed else "Success", "StandardOutputContent": said}

    def replace(self, node: str, other: str) -> None:
        """As Auto Scaling does when an instance is gone."""
        self.instances = sorted({*self.instances, other} - {node})
        self.states.pop(node, None)
        self.states[other] = "initial"

    def _time_passes(self) -> None:
        for node, state in list(self.states.items()):
            if state == "draining":
                self.ill_for[f"drains {node}"] -= 1
                if self.ill_for[f"drains {node}"] < 0:
                    del self.states[node]
            elif state == "initial":
                self.ill_for[node] = self.ill_for.get(node, 0) - 1
                if self.ill_for[node] < 0:
                    self.states[node] = "healthy"
