"""An example as a user would run it: its own folder, its own Pulumi.yaml, the real engine."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import boto3
import yaml
from botocore.config import Config

from tests.support.engine import Engine

EXAMPLES = Path(__file__).parents[3] / "docs" / "examples"


@dataclass(frozen=True)
class Sandbox:
    """A running sandbox, in `folder`."""

    folder: Path

    @cached_property
    def environment(self) -> dict[str, str]:
        """For the engine and all it starts; the stand-in AWS plugin is found first."""
        env = dict(json.loads((self.folder / ".sandbox" / "sandbox.json").read_text(encoding="utf-8"))["env"])
        plugin = env.pop("ESTATE_SANDBOX_PLUGIN_PATH")
        berlin, tokyo = self._file("berlin.token"), self._file("tokyo.token")
        return {
            **env,
            "ARTIFACTORY_TOKEN": berlin,
            "BERLIN_TOKEN": berlin,
            "TOKYO_TOKEN": tokyo,
            "PATH": f"{plugin}{os.pathsep}{os.environ['PATH']}",
            "ACME_LICENCES": self._file("licences.txt"),
        }

    def aws(self, service: str, region: str = "us-east-1") -> Any:
        """A client of the sandbox's AWS, past its proxy."""
        env = self.environment
        return boto3.client(
            service,
            region_name=region,
            endpoint_url=env["AWS_ENDPOINT_URL"],
            aws_access_key_id=env["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=env["AWS_SECRET_ACCESS_KEY"],
            config=Config(proxies={}),
        )

    @cached_property
    def network(self) -> dict[str, str]:
        """The account's default network, as configuration of an example."""
        ec2 = self.aws("ec2")
        vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
        mine = [{"Name": "vpc-id", "Values": [vpc]}]
        subnets = [found["SubnetId"] for found in ec2.describe_subnets(Filters=mine)["Subnets"]]
        group = ec2.describe_security_groups(Filters=mine)["SecurityGroups"][0]["GroupId"]
        return {"vpc": vpc, "clients": group, "subnets[0]": subnets[0], "subnets[1]": subnets[1]}

    def _file(self, name: str) -> str:
        return (self.folder / name).read_text(encoding="utf-8").rstrip("\n")


@contextmanager
def running_sandbox(folder: Path, document: str) -> Iterator[Sandbox]:
    """Prepared for `document`, below `folder`; ends with the block."""
    (folder / "estate.yaml").write_text(document, encoding="utf-8")
    _run(folder, "start", "--state", ".sandbox", "--document", "estate.yaml")
    try:
        yield Sandbox(folder)
    finally:
        _run(folder, "stop", "--state", ".sandbox")


def _run(folder: Path, *arguments: str) -> None:
    command = [sys.executable, "-m", "artifactory_sandbox", *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@dataclass
class Example(Engine):
    """`program` is the example's folder; a copy of it, with its own Pulumi.yaml, is the project."""

    def __post_init__(self) -> None:
        shutil.copytree(self.program, self.folder)
        (self.folder / "state").mkdir()
        self.run("stack", "init", self.stack)

    def configure(self, values: dict[str, str]) -> None:
        """`pulumi config set` for each; a name may be a path such as `subnets[0]`."""
        pairs = [word for name, value in values.items() for word in ("--plaintext", f"{name}={value}")]
        self.run("config", "set-all", "--path", "-s", self.stack, *pairs)

    def unchanged(self) -> str:
        """A second `up`, which must find nothing to do."""
        return self.run("up", "--yes", "--skip-preview", "--expect-no-changes", "-s", self.stack)

    def gone(self) -> None:
        """Destroyed, and nothing is left in state."""
        self.run("destroy", "--yes", "--skip-preview", "-s", self.stack)
        assert self.resources() == {}

    def outputs(self) -> dict[str, Any]:
        """What the program exports."""
        found: dict[str, Any] = self.resources()[f"{self.name}-{self.stack}"]["outputs"]
        return found

    @property
    def name(self) -> str:
        """The project's."""
        return str(yaml.safe_load((self.folder / "Pulumi.yaml").read_text(encoding="utf-8"))["name"])
