"""The loaded AWS command line client: a machine sees no difference to the program itself."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from artifactory_sandbox.data_plane import aws_client, stubs
from artifactory_sandbox.processes import Processes
from tests.support.aws import REGION, running_aws
from tests.support.processes import processes_in
from tests.support.sandbox import eventually

TOOLS = Path(sys.executable).parent


@dataclass
class Machine:
    """A folder with the scripts of a machine, and what they need."""

    folder: Path
    aws: str

    def begin(self, command: str, path: str) -> "subprocess.Popen[str]":
        environment = {
            "PATH": f"{path}:/usr/bin:/bin",
            "HOME": str(self.folder),
            "AWS_ENDPOINT_URL": self.aws,
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_DEFAULT_REGION": REGION,
        }
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        return subprocess.Popen(["/bin/bash", "-c", command], cwd=self.folder, env=environment, **pipes)

    def run(self, command: str, path: str | None = None) -> tuple[int, str, str]:
        """Exit code, output and errors of a command line, with the loaded client or with what is on `path`."""
        process = self.begin(command, path or str(self.folder / "stubs"))
        output, errors = process.communicate("from standard input", timeout=60)
        return process.returncode, output, errors


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    folder: Path = tmp_path_factory.mktemp("machine")
    running = Processes()
    with running_aws() as aws:
        aws_client.start(stubs.write(folder / "stubs") / stubs.AWS, running, folder / "log")
        made = Machine(folder, aws)
        assert made.run("aws s3api create-bucket --bucket kept")[0] == 0
        yield made
        running.end_all()


@pytest.mark.parametrize(
    "command",
    [
        "aws --version",
        "aws s3 cp --only-show-errors - s3://kept/a && aws s3 cp s3://kept/a - | cat",
        "echo said >file && aws s3api put-object --bucket kept --key b --body file --query ETag --output text",
        "aws s3api head-object --bucket kept --key missing",
        "aws s3api put-object --bucket kept",
        "aws nonsense",
        "AWS_ENDPOINT_URL=http://127.0.0.1:1 AWS_MAX_ATTEMPTS=1 aws s3api list-buckets",
        "mkdir -p sub && cd sub && echo there >body && aws s3 cp --quiet body s3://kept/c && aws s3 ls s3://kept/c | cut -d' ' -f3-",
    ],
)
def test_a_command_says_and_ends_as_the_program_does(machine: Machine, command: str) -> None:
    assert machine.run(command) == machine.run(command, str(TOOLS))


def test_commands_run_side_by_side_each_with_its_own_environment(machine: Machine) -> None:
    said = machine.run("for id in one two; do AWS_ACCESS_KEY_ID=$id aws configure list | grep access_key & done; wait")[
        1
    ]
    assert sorted(line.split()[1][-3:] for line in said.splitlines()) == ["one", "two"]


def test_a_command_whose_caller_is_killed_is_over(machine: Machine) -> None:
    before = len(processes_in(machine.folder))
    process = machine.begin("exec aws s3 cp - s3://kept/never", str(machine.folder / "stubs"))
    eventually("the command to run", lambda: len(processes_in(machine.folder)) == before + 2, 20)
    process.kill()
    process.wait()
    eventually("the command to end", lambda: len(processes_in(machine.folder)) == before, 20)


def test_a_client_that_does_not_start_is_an_error(tmp_path: Path) -> None:
    running = Processes()
    (tmp_path / "taken").mkdir()
    with pytest.raises(aws_client.NotStarted, match=r"did not start; see .*log"):
        aws_client.start(tmp_path / "taken" / ("n" * 200), running, tmp_path / "log")
    running.end_all()
