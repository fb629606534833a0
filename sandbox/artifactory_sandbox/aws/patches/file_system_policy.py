"""The policy of a file system can be taken away: stock moto only puts and describes it."""

from typing import Any

from botocore.exceptions import ClientError
from moto.efs.responses import EFSResponse

from artifactory_sandbox.aws.patches.hooks import Hooks
from artifactory_sandbox.aws.patches.scratch import Scratch, expect


def apply(hooks: Hooks) -> None:
    """`delete_file_system_policy`."""
    del hooks

    def delete_file_system_policy(self: Any) -> Any:
        self.efs_backend.file_systems_by_id[self._get_param("FileSystemId")].file_system_policy = None
        return "{}", {"Content-Type": "application/json"}

    EFSResponse.delete_file_system_policy = delete_file_system_policy


def check(aws: Scratch) -> None:
    """What was put is described until it is deleted."""
    efs = aws.client("efs")
    system = efs.create_file_system(CreationToken="check-policy")["FileSystemId"]
    efs.put_file_system_policy(FileSystemId=system, Policy="{}")
    expect(efs.describe_file_system_policy(FileSystemId=system)["Policy"] == "{}", "the policy is kept")
    efs.delete_file_system_policy(FileSystemId=system)
    try:
        efs.describe_file_system_policy(FileSystemId=system)
    except ClientError as error:
        expect(error.response["Error"]["Code"] == "PolicyNotFound", "a deleted policy is not found")
    else:
        expect(False, "a deleted policy is not found")
