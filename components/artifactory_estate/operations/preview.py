"""What an up would change, and whether the servers would refuse it. Only what changes is asked about."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from pulumi import automation

from artifactory_estate.base import EstateError, Refusal
from artifactory_estate.engine import border
from artifactory_estate.operations.engine_stack import EngineStack, Outcome
from artifactory_estate.operations.project import Project
from artifactory_estate.operations.schedule import Report, run_in_order
from artifactory_estate.operations.up import SIDE_BY_SIDE, Listener, waits_for


@dataclass
class Previewed(Outcome):
    """An outcome with what would change and what would be refused."""

    lines: list[str] = field(default_factory=list)
    """`update repositories [repositories]`, and what could not be asked."""
    refusals: list[Refusal] = field(default_factory=list)
    """What the servers make impossible."""


def preview(
    project: Project, only: Sequence[str], listener: Listener, side_by_side: int = SIDE_BY_SIDE
) -> list[Report[Previewed]]:
    """Preview the named stacks, or all of them. Writes nothing but the empty state of a stack that is new."""

    def one(name: str) -> Previewed:
        listener.started(name)
        steps: list[automation.StepEventMetadata] = []

        def hear(event: automation.EngineEvent) -> None:
            if event.resource_pre_event and event.resource_pre_event.metadata.op != automation.OpType.SAME:
                steps.append(event.resource_pre_event.metadata)
                listener.event(name, _line(steps[-1]), len(steps))

        outcome = EngineStack(project, name).preview(hear)
        previewed = Previewed(
            outcome.stack, outcome.changes, outcome.diagnostics, outcome.outputs, [_line(step) for step in steps]
        )
        for step in steps:
            _ask(step, previewed)
        return previewed

    return run_in_order(waits_for(project, only), one, side_by_side, listener.ended)


def _ask(step: automation.StepEventMetadata, previewed: Previewed) -> None:
    if not step.type.startswith("pulumi-python:dynamic/") or not step.new or step.op == automation.OpType.DELETE:
        return
    new: dict[str, Any] = dict(step.new.inputs or {})
    if border.has_unknown(border.declaration(new)):
        previewed.lines.append(f"{_name(step)}: the servers are asked when the rest is known")
        return
    try:
        lifecycle = border.lifecycle_of(new)
        old = border.parse_last(lifecycle, step.old.outputs) if step.old and step.old.outputs else None
        wanted = border.parse(lifecycle, new)
        previewed.refusals.extend(lifecycle.preflight(old, wanted))
        previewed.lines.extend(f"{_name(step)}: {text}" for text in lifecycle.notices(old, wanted))
    except (EstateError, BotoCoreError, ClientError) as error:
        previewed.lines.append(f"{_name(step)}: could not ask: {error}")


def _line(step: automation.StepEventMetadata) -> str:
    keys = sorted({str(key).split(".")[0].split("[")[0] for key in step.detailed_diff or step.diffs or ()})
    return f"{step.op.value} {_name(step)}" + (f" [{', '.join(keys)}]" if keys else "")


def _name(step: automation.StepEventMetadata) -> str:
    return step.urn.rsplit("::", 1)[1]
