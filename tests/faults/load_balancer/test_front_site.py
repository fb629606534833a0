"""A site with web servers of their own in the sandbox: they follow the nodes by themselves, and nobody's request breaks.

The tests share a site and build on each other.
"""

import re
from collections.abc import Iterator

import pytest
import requests

from tests.support import cluster_site
from tests.support.documents import EAST, HEAD
from tests.support.sandbox import SandboxProject, eventually

HOST = "us-east.repo.small.example"
DOCUMENT = (
    (HEAD + EAST)
    .replace("{kind: nginx}", "{kind: nginx, placement: front, deregistration_delay: 30s}")
    .replace("nodes: {count: 1,", "nodes: {count: 1, max: 2,")
    .replace("    licences:", "    system_properties: {artifactory.search.maxResults: 500}\n    licences:")
)
FOLLOWED_WITHIN_S = 120.0


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProject]:
    project = SandboxProject(tmp_path_factory.mktemp("fronts") / "project", DOCUMENT)
    with project.running():
        project.estate("up")
        yield project


def fronts(project: SandboxProject) -> list[str]:
    """Ids of the instances of the fronts' group."""
    groups = project.aws("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=["small-us-east-fronts"])
    return [row["InstanceId"] for row in groups["AutoScalingGroups"][0]["Instances"]]


def nodes(project: SandboxProject) -> dict[str, str]:
    """Instance ids of the nodes by private address."""
    rows = {row["id"]: row["private_ip"] for row in project.control("nodes")["nodes"]}
    return {rows[node]: node for node in cluster_site.members(project)}


def known(project: SandboxProject) -> list[set[str]]:
    """Addresses of the nodes that each front knows."""
    files = [
        project.sandbox_folder / "instances" / front / "etc/nginx/conf.d/artifactory.conf" for front in fronts(project)
    ]
    return [set(re.findall(r"([0-9.]+):8082 ", file.read_text())) for file in files]


def all_know(project: SandboxProject, addresses: set[str]) -> None:
    says = f"both fronts to know {sorted(addresses)}"
    eventually(says, lambda: all(found == addresses for found in known(project)), FOLLOWED_WITHIN_S)


def outside(project: SandboxProject) -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    session.proxies = {"http": project.about["proxy"]}
    return session


def serving(project: SandboxProject) -> set[str]:
    """Ids in the cluster of the nodes that answer a dozen requests, all of which have to be answered."""
    session = outside(project)
    answers = [session.get(f"http://{HOST}/artifactory/api/system/ping", timeout=30) for _ in range(12)]
    assert {answer.status_code for answer in answers} == {200}
    return {answer.headers["X-Artifactory-Node-Id"] for answer in answers}


def test_requests_go_through_the_fronts(project: SandboxProject) -> None:
    assert len(serving(project)) == 1
    realm = outside(project).get(f"http://{HOST}/v2/", timeout=30).headers["WWW-Authenticate"]
    assert f'realm="http://{HOST}/' in realm
    assert len(fronts(project)) == 2


def test_a_front_that_cannot_do_as_declared_says_why_and_up_tells(project: SandboxProject) -> None:
    front = fronts(project)[0]
    in_the_way = project.sandbox_folder / "instances" / front / "etc/nginx/conf.d/artifactory.conf.new"
    in_the_way.mkdir()
    project.replace("{count: 1, max: 2,", "{count: 2, max: 2,")
    said = project.estate("up", fails=True)
    assert f"the front {front} does not serve as declared: line " in said
    assert serving(project)
    states = {node["name"]: node["state"] for node in project.site("us-east")["nodes"]}
    assert states[front].startswith("did not start: line ")
    in_the_way.rmdir()
    project.estate("up")
    assert front not in {node["name"] for node in project.site("us-east")["nodes"]}
    all_know(project, set(nodes(project)))
    assert len(serving(project)) == 2


def test_a_rolling_restart_breaks_no_request(project: SandboxProject) -> None:
    project.replace("maxResults: 500", "maxResults: 600")
    with cluster_site.load(project) as load:
        said = project.estate("up")
    assert load.failures == []
    assert "node 2 of 2" in said
    assert load.answered > 100
    assert load.lost() == []
    all_know(project, set(nodes(project)))


def test_a_front_that_refuses_a_later_bundle_ends_that_up(project: SandboxProject) -> None:
    front = fronts(project)[1]
    in_the_way = project.sandbox_folder / "instances" / front / "etc/nginx/conf.d/artifactory.conf.new"
    in_the_way.mkdir()
    project.replace("placement: front,", "placement: front, max_body: 1GiB,")
    said = project.estate("up", fails=True)
    assert f"the front {front} does not serve as declared: line " in said
    assert len(serving(project)) == 2
    in_the_way.rmdir()
    project.estate("up")
    for one in fronts(project):
        conf = project.sandbox_folder / "instances" / one / "etc/nginx/conf.d/artifactory.conf"
        assert f"client_max_body_size {1 << 30};" in conf.read_text()


def test_a_node_that_is_killed_is_passed_over_and_dropped_until_it_is_back(project: SandboxProject) -> None:
    killed, node = min(nodes(project).items())
    assert all(killed in found for found in known(project))
    project.fault(kind="kill-node", node=node)
    assert len(serving(project)) == 1
    with cluster_site.load(project) as load:
        all_know(project, set(nodes(project)) - {killed})
    assert load.failures == []
    project.fault(kind="start-node", node=node)
    all_know(project, set(nodes(project)))
    assert len(serving(project)) == 2
