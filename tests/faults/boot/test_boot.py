"""Nodes that must not start: each is stopped by a reason in its log, which `estate status` shows.

A node says why it does not start when its bootstrap runs: at first boot, and whenever a bundle reaches it. So a bundle with the
broken file is applied to the running node as `estate up` would do it, through Systems Manager. A node that ends later
leaves its last words in its own log only; `status` then shows that it does not serve, and the load balancer that it is away.
"""

import base64
import io
import shlex
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import yaml

from artifactory_estate.cloud.bundle import POINTER, digest_of, key_of, pack
from artifactory_sandbox import licence
from tests.support.documents import ONE_SITE
from tests.support.sandbox import SandboxProject, eventually

BUCKET, GROUP = "small-us-east-site-123456789012", "small-us-east-nodes"
DATABASE = "small-us-east"
BINARYSTORE, BOOTSTRAP = "binarystore.xml", "bootstrap.sh"


@dataclass
class Node:
    """The one node of the site, and what makes it start."""

    project: SandboxProject
    id: str
    script: str
    """What its user data writes and runs."""
    files: dict[str, str]
    """The bundle that works."""

    @property
    def log(self) -> str:
        path = (
            self.project.sandbox_folder
            / "instances"
            / self.id
            / "opt/jfrog/artifactory/var/log/artifactory-service.log"
        )
        return path.read_text()

    def apply(self, **changed: str) -> str:
        """Run the bundle with some files changed on the node; how the command ended."""
        files = {**self.files, **changed}
        digest = digest_of(files)
        self.project.aws("s3").put_object(Bucket=BUCKET, Key=key_of(digest), Body=pack(files))
        ssm = self.project.aws("ssm")
        sent = ssm.send_command(
            InstanceIds=[self.id],
            DocumentName="AWS-RunShellScript",
            Parameters={"commands": [f"ESTATE_BUNDLE={digest} exec bash -c {shlex.quote(self.script)}"]},
        )
        command = sent["Command"]["CommandId"]

        def ended() -> str:
            status = ssm.get_command_invocation(CommandId=command, InstanceId=self.id)["Status"]
            return "" if status in {"Pending", "InProgress"} else str(status)

        return str(eventually("the command's end", ended, 60))


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProject]:
    """A site of one node that has one licence and may grow to two nodes."""
    project = SandboxProject(
        tmp_path_factory.mktemp("boot") / "project", ONE_SITE.replace("{count: 1,", "{count: 1, max: 2,")
    )
    pool = project.sandbox_folder / "licences" / "us-east.txt"
    pool.parent.mkdir(parents=True)
    pool.write_text(licence.file_text(licence.make(1)))
    with project.running():
        project.estate("up")
        yield project


@pytest.fixture(scope="module")
def node(project: SandboxProject) -> Node:
    ec2, s3 = project.aws("ec2"), project.aws("s3")
    templates = ec2.describe_launch_template_versions(LaunchTemplateName=GROUP, Versions=["$Latest"])
    user_data = base64.b64decode(templates["LaunchTemplateVersions"][0]["LaunchTemplateData"]["UserData"])
    script = yaml.safe_load(user_data)["write_files"][0]["content"]
    digest = s3.get_object(Bucket=BUCKET, Key=POINTER)["Body"].read().decode()
    packed = io.BytesIO(s3.get_object(Bucket=BUCKET, Key=key_of(digest))["Body"].read())
    with tarfile.open(fileobj=packed) as archive:
        files = {entry.name: _text(archive, entry) for entry in archive}
    (running,) = instances(project)
    return Node(project, running, script, files)


def _text(archive: tarfile.TarFile, entry: tarfile.TarInfo) -> str:
    content = archive.extractfile(entry)
    assert content is not None
    return content.read().decode()


def instances(project: SandboxProject) -> list[str]:
    group = project.aws("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=[GROUP])["AutoScalingGroups"][
        0
    ]
    return [instance["InstanceId"] for instance in group["Instances"]]


def shown(project: SandboxProject, instance: str) -> str:
    """What `estate status --json` says of an instance that did not start."""
    found: list[dict[str, Any]] = project.site("us-east")["nodes"]
    return next((str(node["state"]) for node in found if node["name"] == instance and not node["serving"]), "")


def without(file: str, secret: str) -> tuple[str, str]:
    """The line of the bootstrap that writes a key, and one that takes the key away."""
    path = f'"$var/etc/security/{file}"'
    return f'write_file {path} 0600 <"$work/secrets/{secret}"', f"rm -f {path}"


REFUSALS = {
    "binarystore.xml that is no XML": (BINARYSTORE, ("</config>", ""), "is not valid XML"),
    "unknown provider": (
        BINARYSTORE,
        (
            '<chain template="s3-storage-v3-direct"/>',
            '<chain><provider id="tape" type="tape"/></chain>',
        ),
        "unknown provider type 'tape'",
    ),
    "missing master key": (BOOTSTRAP, without("master.key", "master-key"), "the master key is missing"),
    "missing join key": (BOOTSTRAP, without("join.key", "$JOIN_KEY"), "the join key is missing"),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_a_broken_bundle_stops_the_node_and_status_says_why(node: Node, case: str) -> None:
    file, (old, new), reason = REFUSALS[case]
    assert node.files[file].count(old) == 1
    assert node.apply(**{file: node.files[file].replace(old, new)}) == "Failed"
    assert reason in node.log
    assert reason in shown(node.project, node.id)


def test_an_unreachable_database_stops_the_node_and_status_says_why(node: Node) -> None:
    node.project.fault(kind="database-down", database=DATABASE)
    assert node.apply() == "Failed"
    node.project.fault(kind="heal")
    assert "cannot reach the database" in node.log
    assert "cannot reach the database" in shown(node.project, node.id)


def test_the_bundle_that_works_brings_the_node_back(node: Node) -> None:
    assert node.apply() == "Success"
    eventually("the site serves", lambda: node.project.site("us-east")["state"] == "serving")
    assert shown(node.project, node.id) == ""


def test_one_licence_is_not_enough_for_two_nodes(node: Node) -> None:
    project = node.project
    project.aws("autoscaling").set_desired_capacity(AutoScalingGroupName=GROUP, DesiredCapacity=2)
    (second,) = set(instances(project)) - {node.id}
    reason = eventually("the second node's refusal", lambda: shown(project, second), 90, 1)
    assert "the licence is already in use by us-east-1" in reason
    assert project.site("us-east")["state"] == "serving"
