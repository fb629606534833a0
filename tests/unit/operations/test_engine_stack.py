"""One stack of the engine: what its command complains of, and a lock that another run takes first."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from pulumi import automation
from pulumi.automation._cmd import CommandResult

from artifactory_estate.operations import engine_stack
from artifactory_estate.operations.engine_stack import EngineStack, OnEvent, StackFailed, command_text
from artifactory_estate.operations.project import Project
from tests.unit.operations.test_lock import project

__all__ = ["project"]

LOCKED = CommandResult("", "error: the stack is currently locked by 1 lock(s)", 255)
BROKEN = CommandResult("Updating (lab)\n", "error: could not load it:\n  EOF\n", 255)


class Engine:
    """Locked for the first `busy` runs."""

    def __init__(self, busy: int) -> None:
        self.busy = busy
        self.runs = 0
        self.workspace = SimpleNamespace(remove_stack=self.broken)

    def up(self, **_: Any) -> Any:
        self.runs += 1
        if self.runs <= self.busy:
            raise automation.ConcurrentUpdateError(LOCKED)
        return SimpleNamespace(outputs={})

    def destroy(self, on_event: OnEvent, **_: Any) -> Any:
        """Fails as a lifecycle does that raised, through its provider and the engine."""
        for message in (
            "<{%reset%}>Exception calling application: lab: GET ping got no answer<{%reset%}>\n",
            "error: rpc error: code = Unknown desc = Exception calling application: sites.lab: [x] is no key",
            "update failed\n",
        ):
            said = SimpleNamespace(message=message, severity="error", ephemeral=False)
            on_event(SimpleNamespace(summary_event=None, diagnostic_event=said))  # type: ignore[arg-type]
        raise automation.CommandError(BROKEN)

    def preview(self, **_: Any) -> Any:
        raise automation.CommandError(BROKEN)

    def broken(self, _name: str) -> None:
        raise automation.CommandError(BROKEN)


def stack(project: Project, monkeypatch: pytest.MonkeyPatch, busy: int = 0) -> tuple[EngineStack, Engine]:
    engine = Engine(busy)
    monkeypatch.setattr(engine_stack.shutil, "which", lambda _name: "pulumi")
    monkeypatch.setattr(engine_stack.automation, "create_or_select_stack", lambda *_, **__: engine)
    return EngineStack(project, "lab"), engine


def test_a_run_that_took_the_lock_between_is_waited_for(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    made, engine = stack(project, monkeypatch, busy=1)
    assert made.up().stack == "lab" and engine.runs == 2


def test_it_is_not_tried_for_ever(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    made, engine = stack(project, monkeypatch, busy=99)
    with pytest.raises(StackFailed, match="currently locked") as failed:
        made.up()
    assert engine.runs == 3 and failed.value.messages == ["the stack is currently locked by 1 lock(s)"]


def test_where_locks_are_not_seen_the_engines_word_stands(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    made, engine = stack(project, monkeypatch, busy=1)
    monkeypatch.setattr(engine_stack.lock, "can_wait", lambda _project: False)
    with pytest.raises(StackFailed):
        made.up()
    assert engine.runs == 1


def test_every_command_of_the_engine_fails_in_our_words(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    made, _ = stack(project, monkeypatch)
    for call in (made.preview, made.remove):
        with pytest.raises(StackFailed) as failed:
            call()
        assert str(failed.value) == "lab: could not load it:\n  EOF"


def test_what_a_lifecycle_says_is_shown_without_the_engines_ornaments(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, _ = stack(project, monkeypatch)
    with pytest.raises(StackFailed) as failed:
        made.destroy()
    assert str(failed.value) == "lab: GET ping got no answer\nlab: sites.lab: [x] is no key"


def test_a_stack_that_another_run_makes_meanwhile_is_taken(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    def made_meanwhile(*_: Any, **__: Any) -> Any:
        raise automation.StackAlreadyExistsError(CommandResult("", "error: stack 'lab' already exists", 255))

    engine = Engine(busy=0)
    monkeypatch.setattr(engine_stack.shutil, "which", lambda _name: "pulumi")
    monkeypatch.setattr(engine_stack.automation, "create_or_select_stack", made_meanwhile)
    monkeypatch.setattr(engine_stack.automation, "select_stack", lambda *_, **__: engine)
    assert EngineStack(project, "lab").up().stack == "lab" and engine.runs == 1


def test_a_complaint_is_what_the_command_says_on_standard_error() -> None:
    assert command_text(automation.CommandError(BROKEN)) == "could not load it:\n  EOF"
    assert command_text(automation.CommandError(CommandResult("panic", "", 2))) == "code: 2\n stdout: panic\n stderr:"


def test_without_an_engine_it_says_how_to_get_one(
    project: Project, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(StackFailed, match=r"no pulumi on PATH.*toolchain.py install"):
        EngineStack(project, "lab")
