"""What one row of the type table holds, and the access to AWS that its functions get."""

import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

from artifactory_sandbox.aws_plugin.connection import Connection, not_found
from artifactory_sandbox.aws_plugin.shape import camel, pascal
from artifactory_sandbox.aws_plugin.wire import Props

Problem = tuple[str, str]
"""Property (path) and what is wrong with it."""
Limit = Callable[[Props], Iterable[Problem]]
"""A limit of AWS; sees inputs that may hold unknowns and leaves those alone."""


@dataclass(frozen=True)
class Call:
    """One operation's access to AWS, in the region of the resource."""

    connection: Connection
    region: str

    def aws(self, service: str, region: str | None = None) -> Any:
        """A boto3 client."""
        return self.connection.client(service, region or self.region)

    @property
    def account(self) -> str:
        """The account of the provider."""
        return self.connection.account(self.region)

    @property
    def partition(self) -> str:
        """`aws`, `aws-cn` or `aws-us-gov`."""
        return partition(self.region)

    def arn(self, service: str, resource: str, *, region: bool = True, account: bool = True) -> str:
        """An ARN that the sandbox's AWS does not return."""
        place = self.region if region else ""
        return f"arn:{self.partition}:{service}:{place}:{self.account if account else ''}:{resource}"

    @staticmethod
    def unique() -> str:
        """What the real plugin appends to a name prefix: 26 digits that grow with time."""
        return f"{datetime.now(UTC):%Y%m%d%H%M%S%f}{secrets.randbelow(10**6):06d}"


def partition(region: str) -> str:
    """The partition that a region lies in."""
    return {"cn": "aws-cn", "us-gov": "aws-us-gov"}.get(region.rpartition("-")[0].rpartition("-")[0], "aws")


Create = Callable[[Call, Props], str]
Read = Callable[[Call, str, Props], Props | None]
Delete = Callable[[Call, str, Props], None]
Finish = Callable[[Call, str, Props], None]


class Update(Protocol):
    """Changes in place. `changed` are the top-level inputs that differ."""

    def __call__(self, call: Call, id_: str, olds: Props, news: Props, changed: Set[str], /) -> None: ...


class Tagger(Protocol):
    """Makes the tags of an existing thing so. `gone` are keys to take away; `tags` is the whole wanted set."""

    def __call__(self, call: Call, id_: str, props: Props, tags: Mapping[str, str], gone: list[str], /) -> None: ...


@dataclass(frozen=True)
class Name:
    """The property that names the resource and is made up when not given."""

    property: str = "name"
    prefix: str | None = "namePrefix"
    lower: bool = False
    longest: int = 255
    start: str = ""
    """What a made-up name must begin with."""


@dataclass(frozen=True)
class Row:
    """One resource type. All functions see plain Pulumi-shaped properties: secrets opened, no unknowns but in `limits`."""

    token: str
    inputs: frozenset[str]
    """Inputs that the stand-in honours; any other is refused, never ignored. `region` is added by itself."""
    create: Create
    """Makes it, with `tagsAll`, and returns the id. Only what makes the id known; the rest is `finish`."""
    read: Read
    """All that AWS says, under Pulumi's names; None for a value that AWS says is not there, and for a gone thing.
    Tags as `tags`, all of them. `props` are the last outputs, empty at an import."""
    delete: Delete
    finish: Finish | None = None
    """The rest of a creation. When it fails the resource is kept, with the error."""
    update: Update | None = None
    tag: Tagger | None = None
    replaces: frozenset[str] = frozenset()
    """Inputs that AWS cannot change in place."""
    local: frozenset[str] = frozenset()
    """Inputs that only the provider itself looks at (how to delete, say)."""
    moves: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Outputs that move when one of these inputs changes: unknown in the preview of an update."""
    secrets: frozenset[str] = frozenset()
    """Outputs that are secret whatever the inputs."""
    name: Name | None = None
    defaults: Mapping[str, Any] = field(default_factory=dict)
    """Inputs that the real provider fills in."""
    undeclared: Mapping[str, Any] = field(default_factory=dict)
    """What an input is when nobody declares it, and is set to when a declaration is taken back; declaring just that
    changes nothing. One that is not here is false, zero or empty, or AWS's own value, which stays."""
    limits: tuple[Limit, ...] = ()


def words(text: str) -> frozenset[str]:
    """A set of names, written as one text."""
    return frozenset(text.split())


@dataclass(frozen=True)
class Fields:
    """Simple properties of one AWS structure: under the same name with a large first letter, or as `renames` has it."""

    names: frozenset[str]
    renames: Mapping[str, str] = field(default_factory=dict)

    def request(self, props: Mapping[str, Any], only: Set[str] | None = None) -> dict[str, Any]:
        """Parameters for boto3, from the properties that are given (and are in `only`)."""
        wanted = self.names if only is None else self.names & only
        return {
            self._boto(key): pascal(props[key], self.renames) for key in sorted(wanted) if props.get(key) is not None
        }

    def answer(self, cloud: Mapping[str, Any]) -> Props:
        """Properties from boto3's answer; None for what AWS does not mention."""
        return {key: camel(cloud.get(self._boto(key)), self.renames) for key in self.names}

    def _boto(self, key: str) -> str:
        return self.renames.get(key, key[:1].upper() + key[1:])


def fields(names: str, **renames: str) -> Fields:
    """`Fields` from a text of names and the names that do not follow the rule."""
    return Fields(words(names) | renames.keys(), renames)


def tag_list(tags: Mapping[str, str] | None) -> list[dict[str, str]]:
    """Tags as most services take them."""
    return [{"Key": key, "Value": value} for key, value in (tags or {}).items()]


def tag_map(tags: Iterable[Mapping[str, str]] | None, key: str = "Key", value: str = "Value") -> dict[str, str]:
    """Tags as Pulumi has them; AWS's own (`aws:`) are left out."""
    return {tag[key]: tag.get(value, "") for tag in tags or () if not tag[key].startswith("aws:")}


def only(answer: Callable[[], Iterable[Any]]) -> Any:
    """The one thing that a describe call finds; None when AWS says it is not there."""
    try:
        found: Iterator[Any] = iter(answer())
    except Exception as error:
        if not_found(error):
            return None
        raise
    return next(found, None)


def ignore_gone(action: Callable[[], Any]) -> None:
    """Does `action`; a thing that is gone already is fine."""
    try:
        action()
    except Exception as error:
        if not not_found(error):
            raise
