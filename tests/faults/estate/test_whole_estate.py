"""What must hold of a whole estate, in the order of its life: this file's tests build on each other."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.support.processes import ArgumentWatch
from tests.support.sandbox import SandboxProject, eventually

REGIONS = ("us-east-1", "us-west-2")


def aws(project: SandboxProject, service: str, region: str) -> Any:
    return boto3.client(
        service,
        region_name=region,
        endpoint_url=project.about["env"]["AWS_ENDPOINT_URL"],
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )


def secret_values(project: SandboxProject) -> dict[str, str]:
    """Every value in Secrets Manager and every file that a reference names."""
    found = {}
    for region in REGIONS:
        manager = aws(project, "secretsmanager", region)
        for secret in manager.list_secrets(MaxResults=100)["SecretList"]:
            value = manager.get_secret_value(SecretId=secret["ARN"])["SecretString"]
            name = f"{region} {secret['Name']}"
            found[name] = json.loads(value)["password"] if value.startswith("{") else value
    for path in [*(project.sandbox_folder / "licences").glob("*.txt"), project.sandbox_folder / "lab.token"]:
        found[path.name] = path.read_text().strip()
    return found


def needles(name: str, value: str) -> list[str]:
    """What to look for: a licence file holds several licences of several lines."""
    return (
        [line for line in value.splitlines() if len(line) > 12]
        if "licence" in name or name.endswith(".txt")
        else [value]
    )


def places(project: SandboxProject, arguments: ArgumentWatch) -> dict[str, str]:
    """Everything that a secret must not be in."""
    found = {"what estate said": project.said, "process arguments": "\n".join(arguments.seen)}
    for path in (project.sandbox_folder / "state").rglob("*"):
        if path.is_file():
            found[f"state {path.name}"] = path.read_text(errors="replace")
    for path in project.sandbox_folder.glob("instances/*/var/log/*.log"):
        found[f"log {path.parts[-4]} {path.name}"] = path.read_text(errors="replace")
    for path in project.sandbox_folder.glob("logs/*"):
        found[f"log {path.name}"] = path.read_text(errors="replace")
    for region in REGIONS:
        ec2 = aws(project, "ec2", region)
        for template in ec2.describe_launch_templates()["LaunchTemplates"]:
            versions = ec2.describe_launch_template_versions(LaunchTemplateId=template["LaunchTemplateId"])
            found[f"user data {region}"] = json.dumps(versions["LaunchTemplateVersions"], default=str)
        s3 = aws(project, "s3", region)
        for bucket in (b["Name"] for b in s3.list_buckets()["Buckets"] if "-site-" in b["Name"]):
            for item in s3.list_objects_v2(Bucket=bucket).get("Contents", []):
                body = s3.get_object(Bucket=bucket, Key=item["Key"])["Body"].read()
                found[f"{bucket}/{item['Key']}"] = body.decode(errors="replace")
    for stack in ("us-east", "us-west", "lab", "federation-shared", "dr-east"):
        found[f"plan {stack}"] = plan(project, stack)
    return found


def plan(project: SandboxProject, stack: str) -> str:
    done = subprocess.run(
        ["pulumi", "preview", "--json", "--show-secrets", "-s", stack, "--non-interactive"],
        cwd=project.folder,
        env={**project.environment(), **by_hand(project)},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return done.stdout + done.stderr


def by_hand(project: SandboxProject) -> dict[str, str]:
    """What the guide tells somebody to export who runs `pulumi` by hand."""
    about = dict(project.about["env"])
    plugin = about.pop("ESTATE_SANDBOX_PLUGIN_PATH")
    return {
        "PULUMI_CONFIG_PASSPHRASE": "sandbox",
        **about,
        "PATH": f"{plugin}:{project.environment()['PATH']}",
        "PULUMI_BACKEND_URL": f"file://{project.sandbox_folder}/state",
        "ESTATE_DOCUMENT": str(project.document),
        "ESTATE_PROJECT": str(project.folder),
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
    }


def test_status_shows_it_whole(estate: SandboxProject) -> None:
    status = estate.status()
    assert {site["name"]: site["state"] for site in status["sites"]} == {
        "us-east": "serving",
        "us-west": "serving",
        "lab": "serving",
    }
    (federation,), (pair,) = status["federations"], status["pairs"]
    assert federation["settled"] and federation["state"] == "healthy"
    assert (pair["phase"], pair["serving"], pair["epoch"]) == ("protected", "us-east", 1)
    tables = estate.estate("status")
    assert "us-east" in tables and "protected" in tables


def test_a_second_up_changes_nothing_and_writes_nothing(estate: SandboxProject) -> None:
    estate.control("counters/reset", {})
    said = estate.estate("up")
    assert "created" not in said and "updated" not in said and "deleted" not in said, said
    counters = estate.counters()
    assert {name: found["writes"] for name, found in counters["platforms"].items() if found["writes"]} == {}
    assert counters["aws"]["writes"] == 0


def test_no_secret_is_anywhere_but_where_its_reference_leads(estate: SandboxProject, arguments: ArgumentWatch) -> None:
    secrets, where = secret_values(estate), places(estate, arguments)
    assert {"admin-password", "admin-token", "master-key", "join-key", "database-password"} <= {
        name.rsplit("/", 1)[-1] for name in secrets
    }
    assert any("artifactory_sandbox" in line for line in arguments.seen), "the watch saw no process"
    leaks = [
        f"{name} in {place}"
        for name, value in secrets.items()
        for needle in needles(name, value)
        for place, text in where.items()
        if needle in text
    ]
    assert leaks == []


def test_by_hand_pulumi_sees_the_same(estate: SandboxProject) -> None:
    for stack in ("us-east", "dr-east"):
        operations = re.findall(r'"op": "(\w+)"', plan(estate, stack))
        assert operations and set(operations) == {"same"}


def test_a_rotated_token_needs_no_new_document(estate: SandboxProject) -> None:
    before = (estate.sandbox_folder / "lab.token").read_text()
    estate.fault(kind="rotate-token", site="lab")
    assert (estate.sandbox_folder / "lab.token").read_text() != before
    subprocess.run(
        ["pulumi", "refresh", "--yes", "-s", "lab", "--non-interactive"],
        cwd=estate.folder,
        env={**estate.environment(), **by_hand(estate)},
        timeout=120,
        check=True,
        capture_output=True,
    )
    assert "created" not in estate.estate("up", "lab")


def test_a_site_taken_off_the_network_blocks_nobody_else(estate: SandboxProject) -> None:
    estate.fault(kind="partition", sites=["us-east", "lab"])
    estate.replace(
        'credentials: {token: "file:.sandbox/lab.token"}\n    available: true',
        'credentials: {token: "file:.sandbox/lab.token"}\n    available: false',
    )
    estate.replace("files-local: {package_type: generic}", "files-local: {package_type: generic, description: changed}")
    said = estate.estate("up")
    assert "left alone" in said
    status = estate.status()
    assert next(site for site in status["sites"] if site["name"] == "lab")["state"].startswith("left alone")
    assert any("lab" in sentence for sentence in status["federations"][0]["deferred"])
    estate.fault(kind="heal")
    estate.replace("available: false", "available: true")
    estate.estate("up")
    eventually("the federation is whole again", lambda: estate.status()["federations"][0]["settled"])


def test_after_a_failover_an_old_document_is_refused(estate: SandboxProject) -> None:
    estate.estate("watch", "dr-east", "--timeout", "60")
    old = estate.text
    estate.replace("serving: us-east", "serving: us-west")
    estate.replace("epoch: 1", "epoch: 2")
    estate.estate("up", "dr-east")
    assert estate.status()["pairs"][0]["serving"] == "us-west"
    estate.write(old)
    said = estate.estate("up", "dr-east", fails=True)
    assert "epoch" in said and "2" in said, said
    assert estate.status()["pairs"][0]["serving"] == "us-west"


@pytest.mark.parametrize("stack", ["us-east"])
def test_destroy_refuses_what_holds_data(estate: SandboxProject, stack: str) -> None:
    said = estate.estate("destroy", stack, "--yes", fails=True)
    assert "allow_delete" in said, said
    assert next(site for site in estate.status()["sites"] if site["name"] == stack)["state"] == "serving"


def test_the_plugin_is_not_on_the_path_of_an_activated_environment() -> None:
    script = f"source {Path(sys.executable).parent}/activate && ! command -v pulumi-resource-aws"
    assert subprocess.run(["bash", "-c", script], check=False).returncode == 0
