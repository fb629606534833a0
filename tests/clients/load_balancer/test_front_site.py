"""A site with web servers of their own in the sandbox: they follow the nodes that the load balancer calls healthy."""

from collections.abc import Iterator

import pytest
import requests

from tests.support.documents import EAST, HEAD
from tests.support.sandbox import SandboxProject, eventually

HOST = "us-east.repo.small.example"
DOCUMENT = (
    (HEAD + EAST)
    .replace("{kind: nginx}", "{kind: nginx, placement: front}")
    .replace("nodes: {count: 1,", "nodes: {count: 1, max: 2,")
)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProject]:
    project = SandboxProject(tmp_path_factory.mktemp("fronts") / "project", DOCUMENT)
    project.start()
    try:
        project.estate("up")
        yield project
    finally:
        project.stop()


def fronts(project: SandboxProject) -> list[str]:
    """Ids of the instances of the fronts' group."""
    groups = project.aws("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=["small-us-east-fronts"])
    return [row["InstanceId"] for row in groups["AutoScalingGroups"][0]["Instances"]]


def test_requests_go_through_the_fronts_and_more_nodes_are_found(project: SandboxProject) -> None:
    outside = requests.Session()
    outside.trust_env = False
    outside.proxies = {"http": project.about["proxy"]}
    answer = outside.get(f"http://{HOST}/artifactory/api/system/ping", timeout=30)
    assert answer.status_code == 200
    realm = outside.get(f"http://{HOST}/v2/", timeout=30).headers["WWW-Authenticate"]
    assert f'realm="http://{HOST}/' in realm
    assert len(fronts(project)) == 2
    project.replace("{count: 1, max: 2,", "{count: 2, max: 2,")
    project.estate("up")

    def files() -> list[str]:
        root = project.sandbox_folder / "instances"
        return [(root / front / "etc/nginx/conf.d/artifactory.conf").read_text() for front in fronts(project)]

    def refreshed() -> bool:
        """As the timer would have it; the sandbox keeps no time for it."""
        ssm = project.aws("ssm")
        command = {"commands": ["/bin/bash $ESTATE_ROOT/usr/local/sbin/artifactory-estate"]}
        ssm.send_command(InstanceIds=fronts(project), DocumentName="AWS-RunShellScript", Parameters=command)
        return all(text.count(":8082 ") == 2 for text in files())

    eventually("both fronts to know both nodes", refreshed, 120, every_s=3)
    nodes = {
        outside.get(f"http://{HOST}/artifactory/api/system/ping", timeout=30).headers["X-Artifactory-Node-Id"]
        for _ in range(12)
    }
    assert len(nodes) == 2
