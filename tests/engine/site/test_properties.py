"""A changed system property through the real engine: the plan names the restart, and no instance is replaced."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.documents import ONE_SITE
from tests.support.sandbox import SandboxProject

DOCUMENT = ONE_SITE.replace(
    '    licences: "file:.sandbox/licences/us-east.txt"\n',
    '    licences: "file:.sandbox/licences/us-east.txt"\n    system_properties: {artifactory.search.maxResults: 500}\n',
    1,
)
GROUP, FILE = "small-us-east-nodes", "opt/jfrog/artifactory/var/etc/artifactory/artifactory.system.properties"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProject]:
    project = SandboxProject(tmp_path_factory.mktemp("properties"), DOCUMENT)
    with project.running():
        project.estate("up")
        yield project


def group(project: SandboxProject) -> dict[str, Any]:
    (found,) = project.aws("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=[GROUP])[
        "AutoScalingGroups"
    ]
    return {"instances": sorted(one["InstanceId"] for one in found["Instances"]), "template": found["LaunchTemplate"]}


def properties(project: SandboxProject) -> dict[str, str]:
    (instance,) = group(project)["instances"]
    text = (project.sandbox_folder / "instances" / instance / FILE).read_text()
    return dict(line.split("=", 1) for line in text.splitlines())


def test_user_data_is_applied_as_cloud_init_would(project: SandboxProject) -> None:
    (instance,) = group(project)["instances"]
    root: Path = project.sandbox_folder / "instances" / instance
    assert (root / "usr/local/sbin/artifactory-estate").stat().st_mode & 0o777 == 0o700
    assert properties(project)["artifactory.search.maxResults"] == "500"
    assert properties(project)["artifactory.async.corePoolSize"] == "40"


def test_a_changed_property_restarts_the_node_and_replaces_no_instance(project: SandboxProject) -> None:
    before, starts = group(project), _starts(project)
    project.replace("artifactory.search.maxResults: 500", "artifactory.search.maxResults: 600")
    said = project.estate("preview")
    assert "no instance is replaced, for artifactory.search.maxResults 500 to 600" in said, said
    project.estate("up")
    assert group(project) == before
    assert properties(project)["artifactory.search.maxResults"] == "600"
    assert _starts(project) == starts + 1


def _starts(project: SandboxProject) -> int:
    (node,) = [one for one in project.control("nodes")["nodes"] if "units" in one]
    starts: int = node["units"]["artifactory"]["starts"]
    return starts
