"""A site of three nodes in a sandbox of its own, and what its load balancer says of them."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.support.documents import ONE_SITE
from tests.support.load import Load
from tests.support.sandbox import SandboxProject

BUCKET, GROUP = "small-us-east-site-123456789012", "small-us-east-nodes"
_MORE = """\
  load_balancer: {kind: alb}
  keys: {join_generation: 1}
  database: {pools: {metadata: 20}}
  system_properties: {artifactory.search.maxResults: 500}"""
DOCUMENT = ONE_SITE.replace(
    "nodes: {count: 1, size: small}", "nodes: {count: 3, max: 4, size: small, instance_type: m7i.xlarge}"
).replace("  load_balancer: {kind: nginx}", _MORE)


@contextmanager
def cluster(folder: Path) -> Iterator[SandboxProject]:
    """The project with its site up."""
    with SandboxProject(folder, DOCUMENT).running() as project:
        project.estate("up")
        yield project


def load(project: SandboxProject, rate: float = 20.0) -> Load:
    """Not begun."""
    token = project.aws("secretsmanager").get_secret_value(SecretId="small/us-east/admin-token")["SecretString"]
    return Load("http://us-east.repo.small.example/artifactory/files-local", token, project.about["proxy"], rate)


def members(project: SandboxProject) -> list[str]:
    """Instance ids of the group."""
    (group,) = describe(project)
    return sorted(instance["InstanceId"] for instance in group["Instances"])


def describe(project: SandboxProject) -> list[dict[str, Any]]:
    found = project.aws("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=[GROUP])
    groups: list[dict[str, Any]] = found["AutoScalingGroups"]
    return groups


def healthy(project: SandboxProject) -> set[str]:
    """Nodes that every target group finds healthy."""
    elb, (group,) = project.aws("elbv2"), describe(project)
    found = [
        {
            row["Target"]["Id"]
            for row in elb.describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]
            if row["TargetHealth"]["State"] == "healthy"
        }
        for arn in group["TargetGroupARNs"]
    ]
    return set.intersection(*found)


def versions(project: SandboxProject) -> dict[str, str]:
    """What is installed, by instance."""
    return {
        node: (project.sandbox_folder / "instances" / node / "opt/jfrog/artifactory/app/version.txt")
        .read_text()
        .strip()
        for node in members(project)
    }


class InService:
    """Samples how many nodes serve, five times a second."""

    def __init__(self, project: SandboxProject) -> None:
        self._project = project
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="in-service", daemon=True)
        self.seen: list[int] = []

    def __enter__(self) -> "InService":
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(0.2):
            self.seen.append(len(healthy(self._project)))
