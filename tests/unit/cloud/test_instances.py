"""An instance refresh is watched: it ends at the first node that does not start, and goes on with the next run."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from artifactory_estate.cloud import instances, node_commands
from artifactory_estate.cloud.instances import Instances, InstancesDeclaration, InstancesObservation
from artifactory_estate.cloud.node_commands import NodeFailed
from artifactory_estate.cloud.node_reports import NodeReport, NodesOf

PLACE = NodesOf(bucket="b", group="acme-nodes", script="true", region="us-east-1")
OLD, NEW = InstancesDeclaration(nodes_of=PLACE, template="1"), InstancesDeclaration(nodes_of=PLACE, template="2")


class Aws:
    """Replaces one instance at each look while a refresh runs."""

    def __init__(self) -> None:
        self.versions = {"i-1": "1", "i-2": "1", "i-3": "1"}
        self.status = ""
        self.started: list[dict[str, Any]] = []
        self.failed: list[NodeReport] = []
        self.bad = False
        self.refuses = ""

    def client(self, *_: Any, **__: Any) -> "Aws":
        return self

    def describe_auto_scaling_groups(self, **_: Any) -> dict[str, Any]:
        nodes = [{"InstanceId": name, "LifecycleState": "InService"} for name in self.versions]
        return {"AutoScalingGroups": [{"Instances": nodes, "TargetGroupARNs": [], "DesiredCapacity": 3}]}

    def describe_instances(self, **_: Any) -> dict[str, Any]:
        rows = [
            {"InstanceId": name, "Tags": [{"Key": "aws:ec2launchtemplate:version", "Value": version}]}
            for name, version in self.versions.items()
        ]
        return {"Reservations": [{"Instances": rows}]}

    def describe_instance_refreshes(self, **_: Any) -> dict[str, Any]:
        if self.status != "InProgress":
            rows = [{"Status": self.status, "Preferences": {"MinHealthyPercentage": 100}}] if self.status else []
            return {"InstanceRefreshes": rows}
        self._replace_one()
        return {"InstanceRefreshes": [{"Status": self.status}]}

    def _replace_one(self) -> None:
        old = next((name for name, version in self.versions.items() if version == "1"), None)
        if old is None:
            self.status = "Successful"
            return
        del self.versions[old]
        self.versions[f"{old}-new"] = "2"
        if self.bad:
            self.failed = [NodeReport(instance=f"{old}-new", status="failed", bundle="0", reason="no database")]

    def start_instance_refresh(self, **request: Any) -> None:
        self.started.append(request["Preferences"])
        self.status = "InProgress"
        self._refuse("StartInstanceRefresh")

    def cancel_instance_refresh(self, **_: Any) -> None:
        self.status = "Cancelled"
        self._refuse("CancelInstanceRefresh")

    def _refuse(self, operation: str) -> None:
        """As AWS answers the second attempt at a call whose first answer was lost."""
        if self.refuses:
            raise ClientError({"Error": {"Code": self.refuses, "Message": ""}}, operation)


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Aws:
    made = Aws()
    for module in (instances, node_commands):
        monkeypatch.setattr(module, "client", made.client)
    monkeypatch.setattr(instances, "failed_nodes", lambda _place: made.failed)
    monkeypatch.setattr(instances, "start_again", lambda _place: made.failed.clear())
    monkeypatch.setattr(instances, "_POLL_S", 0)
    return made


def test_instances_of_the_declared_template_are_left_alone(aws: Aws) -> None:
    assert Instances().create(OLD) == InstancesObservation(template="1")
    assert aws.started == []


def test_the_refresh_that_the_group_began_is_waited_for(aws: Aws) -> None:
    aws.status = "InProgress"
    Instances().update(OLD, NEW, InstancesObservation(template="1"))
    assert set(aws.versions.values()) == {"2"} and aws.started == []


def test_the_first_node_that_does_not_start_ends_it_and_is_named(aws: Aws) -> None:
    aws.status, aws.bad = "InProgress", True
    with pytest.raises(
        NodeFailed, match=r"i-\d-new did not start: no database; the instances after it were left alone"
    ):
        Instances().update(OLD, NEW, InstancesObservation(template="1"))
    assert list(aws.versions.values()).count("1") >= 1 and aws.status == "Cancelled"


def test_the_next_run_starts_it_again_and_goes_on_with_the_rest(aws: Aws) -> None:
    aws.status, aws.versions = "Cancelled", {"i-1-new": "2", "i-2": "1", "i-3": "1"}
    aws.failed = [NodeReport(instance="i-1-new", status="failed", bundle="0", reason="no database")]
    Instances().update(OLD, NEW, InstancesObservation(template="1"))
    assert set(aws.versions.values()) == {"2"}
    assert aws.started == [{"MinHealthyPercentage": 100, "SkipMatching": True}]


def test_a_refresh_whose_first_answer_was_lost_is_under_way(aws: Aws) -> None:
    aws.refuses = "InstanceRefreshInProgress"
    Instances().update(OLD, NEW, InstancesObservation(template="1"))
    assert set(aws.versions.values()) == {"2"} and len(aws.started) == 1


def test_a_refresh_that_ended_before_it_was_stopped_still_names_the_node(aws: Aws) -> None:
    aws.status, aws.bad, aws.refuses = "InProgress", True, "ActiveInstanceRefreshNotFound"
    with pytest.raises(NodeFailed, match="did not start: no database"):
        Instances().update(OLD, NEW, InstancesObservation(template="1"))


def test_what_aws_refuses_for_another_reason_is_an_error(aws: Aws) -> None:
    aws.refuses = "AccessDenied"
    with pytest.raises(ClientError, match="AccessDenied"):
        Instances().update(OLD, NEW, InstancesObservation(template="1"))


def test_old_instances_are_pending(aws: Aws) -> None:
    _, observed = Instances().read(NEW, InstancesObservation(template="2"))
    assert observed.pending == ("still the old instance: i-1, i-2, i-3",)
    Instances().delete(NEW, observed)
