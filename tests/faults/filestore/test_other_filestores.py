"""Whole sites on EFS and on shards: what an upload survives. The tests share one sandbox and build on each other."""

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.support.documents import HEAD
from tests.support.load import Load
from tests.support.sandbox import SandboxProject, eventually

_SITE = """\
  {name}:
    platform: managed
    url: http://{name}.repo.small.example
    aws: {{region: us-east-1}}
    network: {{create: {{cidr: {cidr}}}}}
    licences: "file:.sandbox/licences/{name}.txt"
    repositories: {{local: {{files-local: {{package_type: generic}}}}}}
"""
MOUNTED = f"""\
{_SITE.format(name="mounted", cidr="10.10.0.0/16")}\
    nodes: {{count: 2, size: small, data_volume: {{size_gib: 100}}}}
    filestore: {{kind: nfs, directory: /mnt/filestore, efs: {{}}, caching: {{uploads: false}}}}
"""
SHARDED = f"""\
{_SITE.format(name="sharded", cidr="10.20.0.0/16")}\
    filestore:
      kind: s3-sharding
      redundancy: 2
      caching: {{uploads: false}}
      shards: {{shard-a: {{}}, shard-b: {{}}}}
"""
DOCUMENT = (
    HEAD.replace("{count: 1, size: small}", "{count: 2, size: small}").replace("nginx", "alb") + MOUNTED + SHARDED
)
DATA = "opt/jfrog/artifactory/var/data/artifactory"


@dataclass
class Cluster:
    """A site whose nodes are spoken to one by one."""

    project: SandboxProject
    name: str

    @property
    def nodes(self) -> dict[str, Any]:
        """What runs, by instance."""
        found = self.project.control("nodes")["nodes"]
        return {str(node["id"]): node for node in found if node["site"] == self.name and node["state"] == "running"}

    @property
    def token(self) -> str:
        secret = f"small/{self.name}/admin-token"
        return str(self.project.aws("secretsmanager").get_secret_value(SecretId=secret)["SecretString"])

    def load(self, rate: float) -> Load:
        """Not begun."""
        url = f"http://{self.name}.repo.small.example/artifactory/files-local"
        return Load(url, self.token, self.project.about["proxy"], rate)

    def put(self, node: str, content: bytes) -> str:
        """Uploads through one node; its SHA-1, which is its path too."""
        sha1 = hashlib.sha1(content).hexdigest()
        self._ask("PUT", node, sha1, content)
        return sha1

    def digest(self, node: str, path: str) -> str:
        """SHA-1 of what one node hands out."""
        return hashlib.sha1(self._ask("GET", node, path).content).hexdigest()

    def replaced(self, node: str) -> str:
        """Terminates an instance; the one that takes its place, once both nodes run."""
        before = set(self.nodes)
        self.project.fault(kind="kill-node", node=node, instance=True)
        eventually("another instance", lambda: len(self.nodes) == 2 and node not in self.nodes, 120)
        (new,) = set(self.nodes) - before
        return new

    def file(self, node: str, path: str) -> Path:
        """Of the instance's disks."""
        return self.project.sandbox_folder / "instances" / node / path

    def _ask(self, method: str, node: str, path: str, content: bytes | None = None) -> requests.Response:
        url = f"http://{self.nodes[node]['address']}:8082/artifactory/files-local/{path}"
        headers = {"Authorization": f"Bearer {self.token}"}
        with requests.Session() as session:
            session.trust_env = False
            answer = session.request(method, url, data=content, headers=headers, timeout=30)
        assert answer.ok, f"{method} {path} at {node}: {answer.status_code} {answer.text[:200]}"
        return answer


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProject]:
    made = SandboxProject(tmp_path_factory.mktemp("filestores") / "project", DOCUMENT)
    with made.running():
        made.estate("up")
        yield made


@pytest.fixture
def mounted(project: SandboxProject) -> Cluster:
    return Cluster(project, "mounted")


@pytest.fixture
def sharded(project: SandboxProject) -> Cluster:
    return Cluster(project, "sharded")


def volumes(project: SandboxProject) -> dict[str, str]:
    """Instance by slot, of the volumes that are attached."""
    found = project.aws("ec2").describe_volumes(Filters=[{"Name": "tag-key", "Values": ["estate-slot"]}])["Volumes"]
    return {
        next(tag["Value"] for tag in volume["Tags"] if tag["Key"] == "estate-slot"): attachment["InstanceId"]
        for volume in found
        for attachment in volume["Attachments"]
    }


def shards(project: SandboxProject) -> dict[str, set[str]]:
    """SHA-1 of what is in each shard's bucket, whose versions are not counted."""
    s3 = project.aws("s3")
    pages = {
        bucket["Name"][-1]: s3.get_paginator("list_objects_v2").paginate(Bucket=bucket["Name"], Prefix="filestore/")
        for bucket in s3.list_buckets()["Buckets"]
        if "-shard-" in bucket["Name"]
    }
    return {
        shard: {each["Key"].rpartition("/")[2] for page in found for each in page.get("Contents", ())}
        for shard, found in pages.items()
    }


def copies(project: SandboxProject, binaries: Sequence[str]) -> set[int]:
    """In how many shards any of them is."""
    held = shards(project).values()
    return {sum(sha1 in shard for shard in held) for sha1 in binaries}


def lose(project: SandboxProject, shard: str) -> None:
    """Every object of its bucket."""
    (bucket,) = [
        each["Name"] for each in project.aws("s3").list_buckets()["Buckets"] if each["Name"].endswith(f"-shard-{shard}")
    ]
    for sha1 in shards(project)[shard]:
        project.aws("s3").delete_object(Bucket=bucket, Key=f"filestore/{sha1[:2]}/{sha1}")
    assert shards(project)[shard] == set()


def test_what_a_terminated_instance_took_is_on_the_mount_and_its_volume_at_its_successor(mounted: Cluster) -> None:
    first, second = mounted.nodes
    unread, read = mounted.put(first, b"only uploaded"), mounted.put(first, b"read here too")
    cached = f"{DATA}/cache/{read[:2]}/{read}"
    assert mounted.digest(second, unread) == unread
    assert mounted.digest(first, read) == read and mounted.file(first, cached).exists()
    held = volumes(mounted.project)
    assert sorted(held.values()) == sorted([first, second])
    new = mounted.replaced(first)
    assert volumes(mounted.project) == {slot: new if node == first else node for slot, node in held.items()}
    assert mounted.file(new, cached).exists(), "what stood on the volume"
    assert not mounted.file(new, f"{DATA}/cache/{unread[:2]}/{unread}").exists()
    assert mounted.digest(new, unread) == unread


def test_a_lost_shard_is_read_past_and_made_good_by_balancing(sharded: Cluster) -> None:
    first, second = sharded.nodes
    binaries = [sharded.put(first, f"binary {number}".encode() * 500) for number in range(6)]
    assert copies(sharded.project, binaries) == {2}
    lose(sharded.project, "a")
    assert [sharded.digest(second, sha1) for sha1 in binaries] == binaries
    said = sharded.project.estate("filestore balance", "sharded")
    assert "balancing: started" in said
    eventually("the lost copies", lambda: copies(sharded.project, binaries) == {2}, 30)
    lose(sharded.project, "b")
    assert [sharded.digest(first, sha1) for sha1 in binaries] == binaries
    sharded.project.estate("filestore balance", "sharded")
    eventually("the other shard's", lambda: copies(sharded.project, binaries) == {2}, 30)


def test_a_shard_is_added_under_load_and_takes_its_share(sharded: Cluster) -> None:
    project = sharded.project
    project.replace("shard-b: {}}", "shard-b: {}, shard-c: {}}")
    with sharded.load(rate=8) as load:
        said = project.estate("up", "sharded")
    assert load.failures == [] and load.answered > 50
    for number in (1, 2):
        assert f"node {number} of 2" in said, said
    everything = set.union(*shards(project).values())
    project.estate("filestore balance", "sharded")
    fair = len(everything) * 2 / 3
    eventually("the new shard to fill", lambda: len(shards(project)["c"]) > 0.75 * fair, 60)
    eventually("two copies of each", lambda: copies(project, sorted(everything)) == {2}, 60)
    assert load.lost() == []


def test_a_second_up_changes_nothing(project: SandboxProject) -> None:
    said = project.estate("up")
    assert len(re.findall(r"^\w+: done: \d+ unchanged \(", said, re.M)) == 2, said
