"""One stack through the Automation API: what `pulumi up -s <stack>` does, with our locks and our words for errors."""

import re
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pulumi import automation

from artifactory_estate.base import EstateError
from artifactory_estate.operations import lock, torn_write
from artifactory_estate.operations.project import NAME, Project

_NO_ENGINE = (
    "there is no pulumi on PATH, which makes every change. Install it, and put it there: "
    'python3 tools/toolchain.py install, then eval "$(python3 tools/toolchain.py env)"'
)

OnEvent = Callable[[automation.EngineEvent], None]


class StackFailed(EstateError):
    """The engine's errors of one stack, without its ornaments."""

    def __init__(self, stack: str, messages: list[str]) -> None:
        self.stack = stack
        self.messages = messages
        super().__init__("\n".join(f"{stack}: {message.removeprefix(f'{stack}: ')}" for message in messages))


@dataclass
class Outcome:
    """What one engine run did."""

    stack: str
    changes: Mapping[str, int]
    """Operation to count: `{"create": 12, "same": 3}`."""
    diagnostics: list[str] = field(default_factory=list)
    """Warnings, one text each."""
    outputs: Mapping[str, Any] = field(default_factory=dict)

    @property
    def changed(self) -> int:
        """Resources that were made, changed or taken away."""
        return sum(count for operation, count in self.changes.items() if operation != "same")


class EngineStack:
    """A stack of the project; made when it does not exist yet."""

    def __init__(self, project: Project, name: str, say: Callable[[str], None] = lambda _text: None) -> None:
        """Waits until no other run works on it; `say` hears what is waited for. Raises `Locked`, `StackFailed`."""
        self._say = say
        self._exported: dict[str, Any] | None = None
        self.name = name
        self.project = project
        if not shutil.which("pulumi"):
            raise StackFailed(name, [_NO_ENGINE])
        lock.wait_or_break(project, name, say=say)
        torn_write.mend(project, name)
        options = automation.LocalWorkspaceOptions(
            work_dir=str(project.root),
            env_vars=project.engine_environment(name),
            secrets_provider=project.estate.state.secrets_provider,
        )
        try:
            try:
                self._stack = automation.create_or_select_stack(name, work_dir=str(project.root), opts=options)
            except automation.StackAlreadyExistsError:  # another run made it between our look and our making
                self._stack = automation.select_stack(name, work_dir=str(project.root), opts=options)
        except (automation.CommandError, automation.InvalidVersionError) as error:
            raise StackFailed(name, [command_text(error)]) from error

    def up(self, on_event: OnEvent | None = None) -> Outcome:
        """Make the stack's slice true. Raises `StackFailed`."""
        return self._run("up", lambda listen: self._stack.up(on_event=listen, log_flow=False, **_QUIETLY), on_event)

    def preview(self, on_event: OnEvent | None = None) -> Outcome:
        """What an `up` would change. Asks no server."""
        return self._run("preview", lambda listen: self._stack.preview(on_event=listen, on_output=_silent), on_event)

    def destroy(self, on_event: OnEvent | None = None) -> Outcome:
        """Take the stack's slice away. Raises `StackFailed` when a loss is not allowed."""
        return self._run("destroy", lambda listen: self._stack.destroy(on_event=listen, **_QUIETLY), on_event)

    def remove(self) -> None:
        """Forget an empty stack."""
        try:
            self._stack.workspace.remove_stack(self.name)
        except automation.CommandError as error:
            raise StackFailed(self.name, [command_text(error)]) from error

    def exported(self) -> dict[str, Any]:
        """The checkpoint's deployment; the engine is asked once, and again after it has changed."""
        if self._exported is None:
            try:
                self._exported = dict(self._stack.export_stack().deployment or {})
            except automation.CommandError as error:
                raise StackFailed(self.name, [command_text(error)]) from error
        return self._exported

    def import_deployment(self, deployment: dict[str, Any]) -> None:
        """Replace the checkpoint's deployment."""
        self._exported = None
        try:
            self._stack.import_stack(automation.Deployment(version=3, deployment=deployment))
        except automation.CommandError as error:
            raise StackFailed(self.name, [command_text(error)]) from error

    def refresh_only(self, urns: list[str]) -> None:
        """Read the named resources back into state."""
        self._run("refresh", lambda listen: self._stack.refresh(target=urns, on_event=listen, **_QUIETLY), None)

    def _run(self, kind: str, call: Callable[[OnEvent], Any], on_event: OnEvent | None, again: int = 2) -> Outcome:
        lock.wait_or_break(self.project, self.name, say=self._say)
        self._exported = None
        collected = _Collected()

        def listen(event: automation.EngineEvent) -> None:
            collected.hear(event)
            if on_event:
                on_event(event)

        try:
            result = call(listen)
        except automation.CommandError as error:
            # Another run took the lock between our look and the engine's: nothing was done, and there is one to wait for.
            if again and isinstance(error, automation.ConcurrentUpdateError) and lock.can_wait(self.project):
                return self._run(kind, call, on_event, again - 1)
            raise StackFailed(self.name, collected.errors or [command_text(error)]) from error
        outputs = {key: value.value for key, value in getattr(result, "outputs", {}).items()} if kind == "up" else {}
        return Outcome(self.name, collected.changes, collected.warnings, outputs)


class _Collected:
    def __init__(self) -> None:
        self.errors: list[str] = []
        self.warnings: list[str] = []
        self.changes: Mapping[str, int] = {}

    def hear(self, event: automation.EngineEvent) -> None:
        if event.summary_event:
            self.changes = {
                str(getattr(key, "value", key)): count for key, count in event.summary_event.resource_changes.items()
            }
        said = event.diagnostic_event
        if not said or said.ephemeral:
            return
        text = engine_text(said.message)
        if said.severity == "error" and text not in self.errors and text not in {"update failed", "preview failed"}:
            self.errors.append(text)
        elif said.severity == "warning" and "from $PATH" not in text:
            self.warnings.append(text)


def command_text(error: Exception) -> str:
    """What the engine's command complained of, without its exit code and what else it printed."""
    complaint = str(error).rpartition("\n stderr: ")[2].strip() or str(error)
    return engine_text(complaint).removeprefix("error: ")


def engine_text(message: str) -> str:
    """The engine's message without colours, gRPC's preamble and the bail-out lines around our own text."""
    text = re.sub(r"<\{%[^%]*%\}>|\x1b\[[0-9;]*m", "", message)
    text = re.sub(r"^(\w+:? )?rpc error: code = \w+ desc = ", "", text.strip())
    return text.replace("Exception calling application: ", "").strip()


def _silent(_line: str) -> None:
    """Progress comes from events."""


_QUIETLY: dict[str, Any] = {"on_output": _silent, "show_secrets": False}
"""No lines, and a summary of the run, which nobody reads, without its secrets: to decrypt them takes a while."""

__all__ = ["NAME", "EngineStack", "OnEvent", "Outcome", "StackFailed"]
