"""Commands of Systems Manager run on the instances and tell the truth: stock moto says Success and runs nothing."""

from typing import Any

from botocore.exceptions import ClientError
from moto.core.responses import ActionResult
from moto.ssm.exceptions import ValidationException
from moto.ssm.models import Command, SimpleSystemManagerBackend
from moto.ssm.responses import SimpleSystemManagerResponse

from artifactory_sandbox.aws.patches.hooks import Hooks
from artifactory_sandbox.aws.patches.scratch import Scratch, expect

_OVER = {"Success", "Failed", "TimedOut", "Cancelled"}


class _InvalidInstanceId(ValidationException):  # type: ignore[misc]
    def __init__(self, instance_id: str) -> None:
        super().__init__(f"Instances [[{instance_id}]] not in a valid state for account")
        self.error_type = self.code = "InvalidInstanceId"


def apply(hooks: Hooks) -> None:
    """Hands commands to the data plane and derives a command's status from its invocations."""
    send, describe = SimpleSystemManagerBackend.send_command, Command.response_object
    select = Command._get_instance_ids_from_targets  # of no targets it makes every instance there is

    def send_command(self: Any, **kwargs: Any) -> Any:
        for instance_id in kwargs.get("instance_ids") or []:
            if not hooks.reachable_by_commands(instance_id):
                raise _InvalidInstanceId(instance_id)
        command = send(self, **kwargs)
        for invocation in command.invocations:
            invocation.update(_PENDING)
        hooks.run_command(command)
        return command

    def instances_of_targets(self: Any) -> list[str]:
        found = select(self) if self.targets else []
        return [instance_id for instance_id in found if hooks.reachable_by_commands(instance_id)]

    def response_object(self: Any) -> dict[str, Any]:
        states = [invocation["Status"] for invocation in self.invocations]
        done, failed = (
            [state for state in states if state in _OVER],
            [state for state in states if state in _OVER - {"Success"}],
        )
        over = len(done) == len(states)
        status = (
            ("Failed" if failed else "Success")
            if over
            else "InProgress"
            if done or "InProgress" in states
            else "Pending"
        )
        counts = {"CompletedCount": len(done), "ErrorCount": len(failed), "Status": status, "StatusDetails": status}
        return {**describe(self), **counts, "TargetCount": len(states)}

    def list_command_invocations(self: Any) -> Any:
        wanted, instance_id = self._get_param("CommandId"), self._get_param("InstanceId")
        commands = self.ssm_backend.list_commands(wanted, instance_id)
        rows = [_listed(command, row) for command in commands for row in command.invocations]
        return ActionResult({"CommandInvocations": [row for row in rows if instance_id in {None, row["InstanceId"]}]})

    SimpleSystemManagerBackend.send_command = send_command
    Command._get_instance_ids_from_targets = instances_of_targets
    Command.response_object = response_object
    SimpleSystemManagerResponse.list_command_invocations = list_command_invocations


def check(aws: Scratch) -> None:
    """A command for an instance whose agent does not run is refused as AWS refuses it; the list of invocations answers."""
    ssm = aws.client("ssm")
    expect(ssm.list_command_invocations()["CommandInvocations"] == [], "invocations can be listed")
    member = aws.group("check-command", 1)[0]["InstanceId"]
    try:
        ssm.send_command(InstanceIds=[member], DocumentName="AWS-RunShellScript", Parameters={"commands": ["true"]})
    except ClientError as error:
        expect(error.response["Error"]["Code"] == "InvalidInstanceId", f"refused as InvalidInstanceId, not {error}")
    else:
        expect(False, "an instance without an agent takes no command")


_PENDING = {
    "Status": "Pending",
    "StatusDetails": "Pending",
    "ResponseCode": -1,
    "ExecutionStartDateTime": "",
    "ExecutionElapsedTime": "",
    "ExecutionEndDateTime": "",
}


def _listed(command: Any, invocation: dict[str, Any]) -> dict[str, Any]:
    plugin = {
        "Name": invocation["PluginName"],
        "Status": invocation["Status"],
        "ResponseCode": invocation["ResponseCode"],
        "Output": invocation["StandardOutputContent"] + invocation["StandardErrorContent"],
    }
    return {
        "CommandId": command.command_id,
        "InstanceId": invocation["InstanceId"],
        "DocumentName": command.document_name,
        "Comment": command.comment,
        "RequestedDateTime": command.requested_date_time,
        "Status": invocation["Status"],
        "StatusDetails": invocation["StatusDetails"],
        "CommandPlugins": [plugin],
    }
