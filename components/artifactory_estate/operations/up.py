"""Make stacks true, or take them away, in order and side by side, telling a listener what happens."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from pulumi import automation

from artifactory_estate.cloud.node_commands import PROGRESS
from artifactory_estate.estate.slices import slice_of, stacks_of
from artifactory_estate.operations.engine_stack import EngineStack, Outcome, engine_text
from artifactory_estate.operations.interrupted import take_over_interrupted
from artifactory_estate.operations.out_of_service import read_back_bundles
from artifactory_estate.operations.project import Project
from artifactory_estate.operations.schedule import Report, run_in_order

SIDE_BY_SIDE = 3
"""Engine runs at once. Each costs about 450 MB and, while it starts, a core."""


class Listener(Protocol):
    """Hears of progress; called from several threads."""

    def started(self, stack: str) -> None:
        """The engine runs."""

    def event(self, stack: str, text: str, done: int) -> None:
        """A resource began or ended; `done` have ended."""

    def ended(self, report: Report[Any]) -> None:
        """The stack is done, failed, or was skipped."""


def up(
    project: Project, only: Sequence[str], listener: Listener, side_by_side: int = SIDE_BY_SIDE
) -> list[Report[Outcome]]:
    """Make the named stacks true, or all of them when none is named."""

    def work(stack: EngineStack, hear: Callable[[automation.EngineEvent], None]) -> Outcome:
        take_over_interrupted(stack)
        read_back_bundles(stack)
        return stack.up(hear)

    return _run(project, waits_for(project, only), work, listener, side_by_side)


def destroy(
    project: Project, only: Sequence[str], listener: Listener, side_by_side: int = SIDE_BY_SIDE
) -> list[Report[Outcome]]:
    """Take the named stacks away, or all of them, each before what it rests on."""
    forward = waits_for(project, only)
    backward: dict[str, Sequence[str]] = {
        stack: [other for other, before in forward.items() if stack in before] for stack in reversed(forward)
    }

    def work(stack: EngineStack, hear: Callable[[automation.EngineEvent], None]) -> Outcome:
        take_over_interrupted(stack)
        outcome = stack.destroy(hear)
        stack.remove()
        return outcome

    return _run(project, backward, work, listener, side_by_side)


def waits_for(project: Project, only: Sequence[str]) -> dict[str, Sequence[str]]:
    """Stack to the stacks it waits for, in dependency order. A site that is not available has no stack to run.

    Raises `UnknownStack`.
    """
    for name in only:
        slice_of(project.estate, name)
    stacks = stacks_of(project.estate)
    away = {name for name, site in project.estate.sites.items() if not site.available}
    return {
        stack.name: stack.depends_on for stack in stacks if (not only or stack.name in only) and stack.name not in away
    }


def _run(
    project: Project,
    order: dict[str, Sequence[str]],
    work: Callable[[EngineStack, Callable[[automation.EngineEvent], None]], Outcome],
    listener: Listener,
    side_by_side: int,
) -> list[Report[Outcome]]:
    def one(name: str) -> Outcome:
        listener.started(name)
        ended = 0

        def hear(event: automation.EngineEvent) -> None:
            nonlocal ended
            if event.resource_pre_event and event.resource_pre_event.metadata.op != automation.OpType.SAME:
                metadata = event.resource_pre_event.metadata
                listener.event(name, f"{metadata.op.value} {metadata.urn.rsplit('::', 1)[1]}", ended)
            if event.diagnostic_event and PROGRESS in event.diagnostic_event.message:
                listener.event(name, engine_text(event.diagnostic_event.message).partition(PROGRESS)[2], ended)
            if event.res_outputs_event:
                ended += 1

        return work(EngineStack(project, name, lambda text: listener.event(name, text, ended)), hear)

    return run_in_order(order, one, side_by_side, listener.ended)
