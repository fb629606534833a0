"""A Pulumi program run against mocks that see everything a registration carries, its options too (pulumi-practice 4.1)."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from google.protobuf import json_format
from pulumi.runtime import mocks, settings
from pulumi.runtime.stack import wait_for_rpcs


@dataclass(frozen=True)
class Registered:
    """One resource as the engine would be told of it."""

    type: str
    name: str
    inputs: Mapping[str, Any]
    parent: str
    """Its parent's name."""
    depends_on: frozenset[str]
    """Names, of explicit and implied dependencies."""


@dataclass
class Recording:
    """What a program registered, by resource name; a child that has its component's name stands as `<name> <type>`. The
    same name and type twice raises."""

    resources: dict[str, Registered] = field(default_factory=dict)

    def of_type(self, type_: str) -> list[Registered]:
        """All of one type."""
        return [resource for resource in self.resources.values() if resource.type == type_]

    def before(self, name: str) -> set[str]:
        """Everything that `name` waits for, directly or not, parents and their dependencies included."""
        found: set[str] = set()
        waiting = [name]
        while waiting:
            resource = self.resources.get(waiting.pop())
            news = ({*resource.depends_on, resource.parent} if resource else set()) - found - {""}
            found |= news
            waiting.extend(news)
        return found


Outputs = Mapping[str, Mapping[str, Any]]
"""By type: what the cloud would add to the inputs."""


class _Mocks(mocks.Mocks):
    def __init__(self, outputs: Outputs) -> None:
        self._outputs = outputs

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        known = {"arn": f"arn:mock:{args.name}", **args.inputs, **self._outputs.get(args.typ, {})}
        return f"{args.name}-id", known

    def call(self, args: mocks.MockCallArgs) -> dict[str, Any]:
        if args.token == "aws:index/getAvailabilityZones:getAvailabilityZones":
            return {"names": ["zone-a", "zone-b", "zone-c"]}
        if args.token == "aws:ec2/getSubnet:getSubnet":
            return {"id": args.args["id"], "availabilityZone": f"zone of {args.args['id']}"}
        if args.token == "aws:index/getCallerIdentity:getCallerIdentity":
            return {"accountId": "123456789012"}
        if args.token == "aws:index/getRegion:getRegion":
            return {"region": "us-east-1"}
        raise AssertionError(f"unexpected function {args.token}")


class _Monitor(mocks.MockMonitor):
    def __init__(self, given: mocks.Mocks, recording: Recording) -> None:
        super().__init__(given)
        self._recording = recording

    def RegisterResource(self, request: Any) -> Any:
        if request.type == "pulumi:pulumi:Stack":
            return super().RegisterResource(request)
        key = request.name if request.name not in self._recording.resources else f"{request.name} {request.type}"
        assert key not in self._recording.resources, f"{key} twice"
        self._recording.resources[key] = Registered(
            request.type,
            request.name,
            json_format.MessageToDict(request.object),
            _name(request.parent),
            frozenset(map(_name, request.dependencies)),
        )
        return super().RegisterResource(request)


def _name(urn: str) -> str:
    return urn.rsplit("::", 1)[-1] if urn else ""


@contextmanager
def recorded(
    program: Callable[[], None], outputs: Outputs | None = None, stack: str = "us-east"
) -> Iterator[Recording]:
    """Runs `program` to its end and gives what it registered."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    recording = Recording()
    given = _Mocks(outputs or {})
    mocks.set_mocks(given, project="artifactory-estate", stack=stack, monitor=_Monitor(given, recording))
    try:
        program()
        loop.run_until_complete(wait_for_rpcs())
        yield recording
    finally:
        settings.SETTINGS.rpc_manager.clear()
        settings.SETTINGS.outputs.clear()
        asyncio.set_event_loop(None)
        loop.close()
