"""What must hold of a whole estate, in the order of its life: this file's tests build on each other."""

import json
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import requests

from artifactory_estate.cloud.find import FOUND, find_id, mark_of
from artifactory_estate.operations.interrupted import region_of
from tests.support.aws import forget_clients
from tests.support.processes import ArgumentWatch, processes_in
from tests.support.sandbox import SandboxProject, eventually

REGIONS = ("us-east-1", "us-west-2")


def secret_values(project: SandboxProject) -> dict[str, str]:
    """Every value in Secrets Manager and every file that a reference names."""
    found = {}
    for region in REGIONS:
        manager = project.aws("secretsmanager", region)
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
        ec2 = project.aws("ec2", region)
        for template in ec2.describe_launch_templates()["LaunchTemplates"]:
            versions = ec2.describe_launch_template_versions(LaunchTemplateId=template["LaunchTemplateId"])
            found[f"user data {region}"] = json.dumps(versions["LaunchTemplateVersions"], default=str)
        s3 = project.aws("s3", region)
        for bucket in (b["Name"] for b in s3.list_buckets()["Buckets"] if "-site-" in b["Name"]):
            for item in s3.list_objects_v2(Bucket=bucket).get("Contents", []):
                body = s3.get_object(Bucket=bucket, Key=item["Key"])["Body"].read()
                found[f"{bucket}/{item['Key']}"] = body.decode(errors="replace")
    return found


def plan(project: SandboxProject, stack: str) -> str:
    """What `pulumi preview` says, as the guide tells one to run it by hand."""
    return by_hand_pulumi(project, "preview", "--json", "--show-secrets", "-s", stack)


def by_hand_pulumi(project: SandboxProject, *arguments: str) -> str:
    done = subprocess.run(
        ["pulumi", *arguments, "--non-interactive"],
        cwd=project.folder,
        env={**project.environment(), **by_hand(project)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
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


LAB_REPOSITORIES = """\
lab-local: {package_type: generic}
        taken-local: {package_type: generic}"""
STORES_MAY_GO = """\
  load_balancer: {kind: nginx}
  database: {allow_delete: true}
  filestore: {bucket: {allow_delete: true}}"""


def put(project: SandboxProject, site: str, path: str, token: str, **body: Any) -> None:
    """As a client would, through the proxy; `body` as `requests` takes it."""
    answer = requests.put(
        f"http://{site}.repo.small.example/artifactory/{path}",
        headers={"Authorization": f"Bearer {token}"},
        proxies={"http": project.about["proxy"]},
        timeout=30,
        **body,
    )
    assert answer.ok, answer.text


def admin_token(project: SandboxProject, site: str) -> str:
    """Of a managed site."""
    secret = project.aws("secretsmanager").get_secret_value(SecretId=f"small/{site}/admin-token")
    return str(secret["SecretString"])


def left_over(project: SandboxProject, region: str) -> dict[str, list[str]]:
    """What is in the account: kind to names, kinds without any left out but for the two that are expected."""
    ec2, ours = project.aws("ec2", region), [{"Name": "tag:artifactory-estate", "Values": ["small"]}]
    alive = [{"Name": "instance-state-name", "Values": ["pending", "running", "stopping", "stopped"]}]
    secrets = project.aws("secretsmanager", region).list_secrets(MaxResults=100, IncludePlannedDeletion=True)
    rds, elb, route53 = (project.aws(service, region) for service in ("rds", "elbv2", "route53"))
    zones = [zone["Id"] for zone in route53.list_hosted_zones()["HostedZones"]]
    records = [
        record
        for zone in zones
        for record in route53.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
    ]
    iam = project.aws("iam", region)
    found = {
        "networks": [found["VpcId"] for found in ec2.describe_vpcs(Filters=ours)["Vpcs"]],
        "security groups": [found["GroupId"] for found in ec2.describe_security_groups(Filters=ours)["SecurityGroups"]],
        "addresses": [found["AllocationId"] for found in ec2.describe_addresses()["Addresses"]],
        "templates": [found["LaunchTemplateName"] for found in ec2.describe_launch_templates()["LaunchTemplates"]],
        "instances": [str(found["Instances"]) for found in ec2.describe_instances(Filters=alive)["Reservations"]],
        "groups": project.aws("autoscaling", region).describe_auto_scaling_groups()["AutoScalingGroups"],
        "balancers": elb.describe_load_balancers()["LoadBalancers"],
        "target groups": elb.describe_target_groups()["TargetGroups"],
        "databases": rds.describe_db_instances()["DBInstances"],
        "buckets": [found["Name"] for found in project.aws("s3", region).list_buckets()["Buckets"]],
        "alarms": project.aws("cloudwatch", region).describe_alarms()["MetricAlarms"],
        "health checks": route53.list_health_checks()["HealthChecks"],
        "records": [record["Name"] for record in records if record["Type"] not in {"NS", "SOA"}],
        "roles": [role["RoleName"] for role in iam.list_roles()["Roles"] if role["RoleName"].startswith("small-")],
    }
    return {kind: names for kind, names in found.items() if names} | {
        "secrets that are not scheduled for deletion": [
            secret["Name"] for secret in secrets["SecretList"] if "DeletedDate" not in secret
        ],
        "snapshots": [
            snapshot["DBSnapshotIdentifier"].rpartition("-")[0]
            for snapshot in rds.describe_db_snapshots()["DBSnapshots"]
        ],
    }


def deployment(project: SandboxProject, stack: str) -> dict[str, Any]:
    """The stack's resources, as the backend has them."""
    path = project.sandbox_folder / "state" / ".pulumi" / "stacks" / "artifactory-estate" / f"{stack}.json"
    found: dict[str, Any] = json.loads(path.read_text())["checkpoint"]["latest"]
    return found


def would_be_found(resource: dict[str, Any], resources: list[dict[str, Any]]) -> str | None:
    kind, urn = resource["type"], resource["urn"]
    mark = mark_of("small", urn.split(":")[2], kind, urn.rpartition("::")[2])
    return find_id(kind, mark, resource["inputs"], region_of(resource, resources))


def foreign_processes(project: SandboxProject) -> list[str]:
    """Of the project, but not the sandbox itself, its guardian, its AWS client and the platform that was there before."""
    own = ("artifactory_sandbox start", "platform bare", "while read -r verb", "data_plane.aws_client")
    found = processes_in(project.folder).values()
    return [arguments for arguments in found if not any(part in arguments for part in own)]


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


@pytest.fixture(scope="module")
def plans(estate: SandboxProject) -> dict[str, str]:
    """The plan of a stack of each kind; two at a time, an engine each."""
    stacks = ("us-east", "lab", "federation-shared", "dr-east")
    with ThreadPoolExecutor(2) as pool:
        return dict(zip(stacks, pool.map(partial(plan, estate), stacks), strict=True))


def test_no_secret_is_anywhere_but_where_its_reference_leads(
    estate: SandboxProject, arguments: ArgumentWatch, plans: dict[str, str]
) -> None:
    where = places(estate, arguments) | {f"plan {stack}": text for stack, text in plans.items()}
    secrets = secret_values(estate)
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


def test_by_hand_pulumi_sees_the_same(plans: dict[str, str]) -> None:
    for plan_ in plans.values():
        operations = re.findall(r'"op": "(\w+)"', plan_)
        assert operations and set(operations) == {"same"}


@pytest.mark.parametrize("stack", ["us-east", "dr-east"])
def test_every_aws_resource_would_be_found_again_after_a_kill(
    estate: SandboxProject, monkeypatch: pytest.MonkeyPatch, stack: str
) -> None:
    """By the mark in its tags or its fixed name, were its creation interrupted: the id is the one that the state has."""
    for name, value in estate.about["env"].items():
        if name.startswith("AWS_"):
            monkeypatch.setenv(name, value)
    forget_clients()
    resources = deployment(estate, stack)["resources"]
    lookups = [resource for resource in resources if resource["type"] in FOUND]
    assert len(lookups) >= 6
    found = {resource["urn"]: would_be_found(resource, resources) for resource in lookups}
    forget_clients()
    expected = {resource["urn"]: resource["id"] for resource in lookups}
    if (
        stack == "us-east"
    ):  # the sandbox's AWS gives all databases the same id, which the plugin replaces by one of its own
        database = next(urn for urn in expected if urn.endswith("::us-east-database-instance"))
        assert (found.pop(database) or "").startswith("db-") and expected.pop(database)
    assert found == expected


def test_a_foreign_repository_of_the_same_key_is_refused_and_named(estate: SandboxProject) -> None:
    token, foreign = (
        (estate.sandbox_folder / "lab.token").read_text().strip(),
        {"rclass": "local", "packageType": "generic"},
    )
    put(estate, "lab", "api/repositories/taken-local", token, json=foreign)
    before = estate.text
    estate.replace("lab-local: {package_type: generic}", LAB_REPOSITORIES)
    said = estate.estate("up", "lab", fails=True)
    estate.write(before)
    assert "sites.lab.repositories.local.taken-local" in said, said


def test_a_repository_of_ours_that_the_state_does_not_know_is_taken_over(estate: SandboxProject) -> None:
    resources = deployment(estate, "lab")["resources"]
    lost = next(
        resource["urn"]
        for resource in resources
        if resource["urn"].endswith("dynamic/estate:Repositories::lab-repositories")
    )
    by_hand_pulumi(estate, "state", "delete", lost, "--yes", "-s", "lab")
    estate.control("counters/reset", {})
    estate.estate("up", "lab")
    assert lost in {resource["urn"] for resource in deployment(estate, "lab")["resources"]}
    assert estate.counters()["platforms"]["lab"]["writes"] == 0


def test_a_rotated_token_needs_no_new_document(estate: SandboxProject) -> None:
    before = (estate.sandbox_folder / "lab.token").read_text()
    estate.fault(kind="rotate-token", site="lab")
    assert (estate.sandbox_folder / "lab.token").read_text() != before
    by_hand_pulumi(estate, "refresh", "--yes", "-s", "lab")
    assert "created" not in estate.estate("up", "lab")
    by_hand_pulumi(estate, "destroy", "--yes", "-s", "lab")
    assert "created" in estate.estate("up", "lab")


def test_a_site_taken_off_the_network_blocks_nobody_else(estate: SandboxProject) -> None:
    estate.fault(kind="partition", sites=["us-east", "lab"])
    estate.replace(
        'credentials: {token: "file:.sandbox/lab.token"}\n    available: true',
        'credentials: {token: "file:.sandbox/lab.token"}\n    available: false',
    )
    estate.replace("files-local: {package_type: generic}", "files-local: {package_type: generic, description: changed}")
    said = estate.estate("up", "us-east", "federation-shared", "dr-east")
    assert "left alone" in said and "updated" in said
    status = estate.status()
    assert next(site for site in status["sites"] if site["name"] == "lab")["state"].startswith("left alone")
    assert any("lab" in sentence for sentence in status["federations"][0]["deferred"])
    estate.fault(kind="heal")
    estate.replace("available: false", "available: true")
    estate.estate("up", "lab", "federation-shared")
    estate.estate("watch", "federation-shared", "--timeout", "60")


def test_destroy_refuses_what_holds_data_until_the_word_was_applied(estate: SandboxProject) -> None:
    """First the filestore and the database, before anything is gone; then, with their words, the repository."""
    put(estate, "us-east", "files-local/kept.txt", admin_token(estate, "us-east"), data=b"kept")
    said = estate.estate("destroy", "us-east", "--yes", fails=True)
    assert "sites.us-east.filestore.bucket.allow_delete: small-us-east-filestore-123456789012 holds binaries" in said
    assert "sites.us-east.database.allow_delete: small-us-east holds the metadata" in said
    assert said.count("`allow_delete: true`") == 2, said
    assert estate.site("us-east")["state"] == "serving"
    estate.replace("  load_balancer: {kind: nginx}", STORES_MAY_GO)
    estate.estate("up", "us-east")
    said = estate.estate("destroy", "us-east", "--yes", fails=True)
    assert "sites.us-east.repositories.local.files-local: files-local" in said and "`allow_delete: true`" in said, said
    site = estate.site("us-east")
    assert site["state"] == "serving" and site["repositories"]["local"] == 3, site


def test_after_a_failover_an_old_document_is_refused(estate: SandboxProject) -> None:
    estate.estate("watch", "dr-east", "--timeout", "60")
    old = estate.text
    estate.replace("serving: us-east", "serving: us-west")
    estate.replace("epoch: 1", "epoch: 2")
    estate.estate("up", "dr-east")
    assert estate.status()["pairs"][0]["serving"] == "us-west"
    new = estate.text
    estate.write(old)
    said = estate.estate("up", "dr-east", fails=True)
    estate.write(new)
    assert "epoch" in said and "2" in said, said
    assert estate.status()["pairs"][0]["serving"] == "us-west"


def test_destroy_with_the_words_leaves_nothing_and_the_estate_can_be_made_again(estate: SandboxProject) -> None:
    for local in ("libs-local: {package_type: maven", "files-local: {package_type: generic, description: changed"):
        estate.replace(local, f"{local}, allow_delete: true")
    estate.replace(
        "shared-federated: {package_type: generic", "shared-federated: {package_type: generic, allow_delete: true"
    )
    estate.estate("up")
    estate.estate("destroy", "--yes")
    assert {region: left_over(estate, region) for region in REGIONS} == {
        region: {"secrets that are not scheduled for deletion": [], "snapshots": [f"small-{site}-final"]}
        for region, site in zip(REGIONS, ("us-east", "us-west"), strict=True)
    }
    eventually("nothing runs but the sandbox and the lab", lambda: not foreign_processes(estate), 20)
    estate.estate("up", "us-east")
    site = estate.site("us-east")
    assert site["state"] == "serving" and site["repositories"]["local"] == 3, site


def test_the_plugin_is_not_on_the_path_of_an_activated_environment() -> None:
    script = f"source {Path(sys.executable).parent}/activate && ! command -v pulumi-resource-aws"
    assert subprocess.run(["bash", "-c", script], check=False).returncode == 0
