"""A new image or machine type reaches a site's instances by an instance refresh of AWS's. Here it is watched: AWS looks at EC2's
health alone, so a node that does not start would not stop it."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from artifactory_estate.base import Lifecycle, Model, Observation
from artifactory_estate.cloud.node_commands import Group, NodeFailed, to_standard_error
from artifactory_estate.cloud.node_reports import NodesOf, failed_nodes, start_again
from artifactory_estate.cloud.session import client

_RUNNING = {"Pending", "InProgress", "Cancelling", "RollbackInProgress"}
_VERSION_TAG = "aws:ec2launchtemplate:version"
_EACH_S = 3600
_POLL_S = 3.0


class InstancesDeclaration(Model):
    """What every instance of a site shall be made from."""

    nodes_of: NodesOf
    """Group, and where its nodes say how they started."""
    template: str
    """Version of the launch template."""


class InstancesObservation(Observation):
    """What they are made from."""

    template: str = ""


class Instances(Lifecycle[InstancesDeclaration, InstancesObservation]):
    """Waits until every instance is made from the declared version of the launch template. 2 requests when all are.

    The first node that does not start ends the refresh and is named; the others are left alone and serve. The next `up`
    starts that node again, and then goes on with the rest.
    """

    declared = InstancesDeclaration
    observed = InstancesObservation

    def create(self, wanted: InstancesDeclaration) -> InstancesObservation:
        place = wanted.nodes_of
        refresh = _Refresh(Group(place.group, place.region, place.role), wanted.template)
        if refresh.stale():
            start_again(place)
        deadline, said = time.monotonic() + _EACH_S * (1 + len(refresh.group.nodes())), ""
        while True:
            runs, stale = refresh.runs(), refresh.stale()  # in this order: one that ends in between leaves none
            if not runs and not stale:
                return InstancesObservation(template=wanted.template)
            if failed := failed_nodes(place):
                refresh.stop()
                raise NodeFailed(
                    f"{failed[0].instance} did not start: {failed[0].reason}; the instances after it were left alone"
                )
            if (text := refresh.progress(stale)) != said:
                to_standard_error(text)
            said = text
            if not runs:
                refresh.start()
            if time.monotonic() > deadline:
                refresh.stop()
                raise NodeFailed(f"{', '.join(stale)}: not replaced in time; run `up` again")
            refresh.group.sleep(_POLL_S)

    def read(
        self, last: InstancesDeclaration, observed: InstancesObservation
    ) -> tuple[InstancesDeclaration, InstancesObservation]:
        place = last.nodes_of
        stale = _Refresh(Group(place.group, place.region, place.role), last.template).stale()
        pending = (f"still the old instance: {', '.join(stale)}",) if stale else ()
        return last, observed.model_copy(update={"pending": pending})

    def update(
        self, old: InstancesDeclaration, wanted: InstancesDeclaration, observed: InstancesObservation
    ) -> InstancesObservation:
        """As `create`."""
        del old, observed
        return self.create(wanted)

    def delete(self, last: InstancesDeclaration, observed: InstancesObservation) -> None:
        """The group goes by itself."""


@dataclass(frozen=True)
class _Refresh:
    """The instance refresh of one group."""

    group: Group
    template: str

    def stale(self) -> Sequence[str]:
        """Instances of another version of the launch template."""
        nodes = self.group.nodes()
        if not nodes:
            return ()
        ec2 = client("ec2", region=self.group.region, role=self.group.role)
        found = ec2.describe_instances(InstanceIds=list(nodes))["Reservations"]
        instances = [instance for reservation in found for instance in reservation["Instances"]]
        return sorted(row["InstanceId"] for row in instances if self._version(row) not in (None, self.template))

    def progress(self, stale: Sequence[str]) -> str:
        return f"node replacement: {len(stale)} of {len(self.group.nodes())} instances are still the old ones"

    def runs(self) -> bool:
        return self._newest().get("Status") in _RUNNING

    def start(self) -> None:
        """With what the last one was started with: how many may be away is the group's matter."""
        preferences = {**self._newest().get("Preferences", {}), "SkipMatching": True}
        try:
            self._scaling.start_instance_refresh(AutoScalingGroupName=self.group.name, Preferences=preferences)
        except ClientError as error:
            if error.response["Error"]["Code"] != "InstanceRefreshInProgress":  # the answer to a first attempt was lost
                raise

    def stop(self) -> None:
        if self.runs():
            try:
                self._scaling.cancel_instance_refresh(AutoScalingGroupName=self.group.name)
            except ClientError as error:
                if error.response["Error"]["Code"] != "ActiveInstanceRefreshNotFound":  # it has just ended by itself
                    raise

    def _newest(self) -> dict[str, Any]:
        found = self._scaling.describe_instance_refreshes(AutoScalingGroupName=self.group.name, MaxRecords=1)
        return next(iter(found["InstanceRefreshes"]), {})

    @staticmethod
    def _version(instance: dict[str, Any]) -> str | None:
        return next((tag["Value"] for tag in instance.get("Tags", ()) if tag["Key"] == _VERSION_TAG), None)

    @property
    def _scaling(self) -> Any:
        return client("autoscaling", region=self.group.region, role=self.group.role)
