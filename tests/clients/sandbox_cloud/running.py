"""A running sandbox for tests, and what they do to it: AWS calls as a client makes them, HTTP through the proxy, faults."""

import base64
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import boto3
import requests
from botocore.config import Config

NODE = Path(__file__).with_name("node.py")
PARAMETER = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"

USER_DATA = """#!/bin/bash
set -euo pipefail
dnf install -y jfrog-artifactory-pro nginx
etc=$ESTATE_ROOT/opt/jfrog/artifactory/var/etc
[ "{broken}" = yes ] || echo "shared: {{}}" > "$etc/system.yaml"
token=$(curl -sf -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' "$ESTATE_METADATA/latest/api/token")
curl -sf -H "X-aws-ec2-metadata-token: $token" "$ESTATE_METADATA/latest/meta-data/instance-id" > "$ESTATE_ROOT/etc/instance-id"
systemctl enable --now artifactory
"""


Found = TypeVar("Found")


def until(condition: Callable[[], Found], says: str, seconds: float = 30.0) -> Found:
    """Waits for a condition to become true; fails with what it waited for."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, f"waited {seconds} s for: {says}"
        time.sleep(0.05)
    return found


class Running:
    """One sandbox, started by its command line."""

    def __init__(self, directory: Path, document: Path | None = None, *more: str) -> None:
        self.directory = directory
        self.state = directory / "state"
        self.run("start", *(["--document", str(document)] if document else []), *more)
        self.description: dict[str, Any] = json.loads((self.state / "sandbox.json").read_text())
        self.proxies = {"http": self.description["proxy"]}
        self._session = requests.Session()
        self._session.trust_env = False

    def run(self, command: str, *arguments: str) -> str:
        """The sandbox's own command line."""
        line = [sys.executable, "-m", "artifactory_sandbox", command, "--state", str(self.state), *arguments]
        done = subprocess.run(line, cwd=self.directory, capture_output=True, text=True, timeout=90, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def aws(self, service: str, region: str = "us-east-1") -> Any:
        """A boto3 client as a user of the sandbox has it."""
        env = self.description["env"]
        session = boto3.Session(env["AWS_ACCESS_KEY_ID"], env["AWS_SECRET_ACCESS_KEY"], region_name=region)
        return session.client(
            service,
            endpoint_url=self.description["aws_endpoint"],
            config=Config(retries={"total_max_attempts": 1}, proxies={}),
        )

    def control(self, path: str, body: dict[str, Any] | None = None) -> Any:
        """The control API."""
        url = self.description["control"] + path
        answer = self._session.get(url) if body is None else self._session.post(url, json=body)
        return answer.json()

    def fault(self, kind: str, **fields: Any) -> Any:
        """Breaks something; the sandbox's answer."""
        answer = self._session.post(self.description["control"] + "/faults", json={"kind": kind, **fields})
        assert answer.status_code == 200, answer.text
        return answer.json()["done"]

    def get(self, url: str, **options: Any) -> requests.Response:
        """GET through the clients' proxy."""
        return self._session.get(url, proxies=self.proxies, timeout=10, **options)

    def answers(self, url: str) -> dict[str, Any] | None:
        """What a node answers as JSON; None for anything but 200."""
        try:
            answer = self.get(url)
        except requests.ConnectionError:
            return None
        return dict(answer.json()) if answer.status_code == 200 else None

    def node(self, instance_id: str) -> dict[str, Any] | None:
        """What the control API says of an instance."""
        return next((row for row in self.control("/nodes")["nodes"] if row["id"] == instance_id), None)

    def children(self) -> list[int]:
        """Process ids of the supervisor and everything below it."""
        found, row = [], [int(self.description["pid"])]
        while row:
            pid = row.pop()
            found.append(pid)
            try:
                row += [
                    int(word)
                    for task in Path(f"/proc/{pid}/task").iterdir()
                    for word in (task / "children").read_text().split()
                ]
            except OSError:
                continue
        return found


class Fleet:
    """A group of instances behind a load balancer and a name, made as a site makes it, with boto3."""

    def __init__(
        self,
        sandbox: Running,
        name: str,
        region: str,
        host: str,
        *,
        size: int = 2,
        broken: bool = False,
        kind: str = "network",
    ) -> None:
        self.sandbox, self.name, self.region, self.host = sandbox, name, region, host
        self.url = f"http://{host}"
        self.ec2, self.scaling, self.elb = (sandbox.aws(service, region) for service in ("ec2", "autoscaling", "elbv2"))
        vpc = self.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        subnets = [
            self.ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{row}.0/24", AvailabilityZone=f"{region}{zone}")[
                "Subnet"
            ]["SubnetId"]
            for row, zone in enumerate("ab")
        ]
        script = base64.b64encode(USER_DATA.format(broken="yes" if broken else "no").encode()).decode()
        data = {"ImageId": f"resolve:ssm:{PARAMETER}", "InstanceType": "m6i.large", "UserData": script}
        self.ec2.create_launch_template(LaunchTemplateName=name, LaunchTemplateData=data)
        protocol = {"network": "TCP", "application": "HTTP"}[kind]
        self.group_arn = self.elb.create_target_group(
            Name=name, Protocol=protocol, Port=8082, VpcId=vpc, HealthCheckProtocol="HTTP", HealthCheckPath="/router/api/v1/system/health",
            HealthCheckIntervalSeconds=10, HealthCheckTimeoutSeconds=5, HealthyThresholdCount=2, UnhealthyThresholdCount=2,
        )["TargetGroups"][0]["TargetGroupArn"]  # fmt: skip
        balancer = self.elb.create_load_balancer(Name=name, Subnets=subnets, Type=kind, Scheme="internal")[
            "LoadBalancers"
        ][0]
        self.elb.create_listener(
            LoadBalancerArn=balancer["LoadBalancerArn"], Protocol=protocol, Port=80,
            DefaultActions=[{"Type": "forward", "TargetGroupArn": self.group_arn}],
        )  # fmt: skip
        tags = {"artifactory-estate": "acme", "artifactory-estate-site": name}
        self.scaling.create_auto_scaling_group(
            AutoScalingGroupName=name, LaunchTemplate={"LaunchTemplateName": name, "Version": "$Latest"}, MinSize=0, MaxSize=4,
            DesiredCapacity=size, VPCZoneIdentifier=",".join(subnets), TargetGroupARNs=[self.group_arn],
            Tags=[{"Key": key, "Value": value, "PropagateAtLaunch": True} for key, value in tags.items()],
        )  # fmt: skip
        self.elb.add_tags(
            ResourceArns=[balancer["LoadBalancerArn"]],
            Tags=[{"Key": key, "Value": value} for key, value in tags.items()],
        )
        alias = {
            "HostedZoneId": balancer["CanonicalHostedZoneId"],
            "DNSName": balancer["DNSName"],
            "EvaluateTargetHealth": True,
        }
        put_record(sandbox, {"Name": host, "Type": "A", "AliasTarget": alias})

    @property
    def members(self) -> list[dict[str, Any]]:
        """The group's instances."""
        return list(
            self.scaling.describe_auto_scaling_groups(AutoScalingGroupNames=[self.name])["AutoScalingGroups"][0][
                "Instances"
            ]
        )

    @property
    def healthy(self) -> set[str]:
        """Ids of healthy targets."""
        rows = self.elb.describe_target_health(TargetGroupArn=self.group_arn)["TargetHealthDescriptions"]
        return {row["Target"]["Id"] for row in rows if row["TargetHealth"]["State"] == "healthy"}

    def wait_healthy(self, count: int) -> set[str]:
        """Waits until so many targets are healthy, and all of them members."""
        return until(
            lambda: (
                self.healthy
                if len(self.healthy) == count and self.healthy == {row["InstanceId"] for row in self.members}
                else set()
            ),
            f"{count} healthy targets of {self.name}",
        )


def put_record(sandbox: Running, record: dict[str, Any]) -> None:
    """Makes or changes a record in the zone that the document's hosts are in."""
    route53 = sandbox.aws("route53")
    zone = route53.list_hosted_zones_by_name(DNSName="acme.example")["HostedZones"][0]["Id"]
    change = {"Changes": [{"Action": "UPSERT", "ResourceRecordSet": record}]}
    route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch=change)


def environment_without_proxy() -> dict[str, str]:
    """Our environment, for programs that must not go through a proxy of the machine's."""
    return {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
