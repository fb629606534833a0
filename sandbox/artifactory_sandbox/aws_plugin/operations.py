"""Check, diff, create, read, update and delete of any type in the table. Plain Python: no gRPC, no engine."""

import re
from collections.abc import Mapping, Set
from dataclasses import dataclass
from typing import Any

from artifactory_sandbox.aws_plugin import inputs, sdk
from artifactory_sandbox.aws_plugin.connection import Connection, Refused, explain, not_found
from artifactory_sandbox.aws_plugin.inputs import ALL_TAGS, DEFAULTS
from artifactory_sandbox.aws_plugin.rows import Call, Problem, Row
from artifactory_sandbox.aws_plugin.services import row_of
from artifactory_sandbox.aws_plugin.shape import differences, project, same
from artifactory_sandbox.aws_plugin.wire import UNKNOWN, Props


@dataclass(frozen=True)
class Plan:
    """What a change of inputs means."""

    changes: Mapping[str, str]
    """Path of an input to `add`, `delete` or `update`."""
    replaces: frozenset[str]
    """Top-level properties among them that AWS cannot change in place."""
    delete_first: bool
    """The replacement has the same name, so the old one must go first."""


@dataclass(frozen=True)
class Made:
    """A created thing. `problem`: it exists, but not all of it could be done."""

    id: str
    outputs: Props
    problem: str | None = None


class Operations:
    """The operations of one configured provider."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._default_tags = dict(connection.configuration.default_tags)

    def check(self, token: str, olds: Props, news: Props, proposed: str, name: str) -> tuple[Props, list[Problem]]:
        """The completed inputs and what is wrong with them. Asks AWS nothing."""
        try:
            row = row_of(token)
        except sdk.NoSuchType as error:
            return news, [("", str(error))]
        if problems := list(inputs.strange(row, news)):
            return news, problems
        news = {key: value for key, value in news.items() if key not in {DEFAULTS, ALL_TAGS}}
        full = inputs.completed(row, olds, inputs.converted(row, news), proposed, name)
        if row.tag is not None and self._default_tags:
            full = {**full, ALL_TAGS: self._all_tags(full)}
        problems = list(inputs.broken_limits(row, full, self._default_tags))
        if "region" in sdk.inputs(token) and not self._region(full):
            problems.append(("region", "no region: give the resource or the provider one, or set AWS_REGION"))
        return full, problems

    def diff(self, token: str, olds: Props, old_inputs: Props, news: Props) -> Plan:
        """Compares declarations, and the effective region. Asks AWS nothing."""
        row, declared = row_of(token), sdk.outputs(token)
        changes: dict[str, str] = {}
        for key in sorted((old_inputs.keys() | news.keys()) - {DEFAULTS, "region"}):
            computed = key in declared and not declared[key].optional
            if key not in news and computed and key != ALL_TAGS:
                continue  # AWS's own value stays when a declaration is taken back
            changes.update(differences(_meant(row, key, old_inputs), _meant(row, key, news), key))
        if "region" in declared and olds.get("region", self._region(news)) != self._region(news):
            changes["region"] = "update"
        replaces = frozenset(_top(path) for path in changes) & (row.replaces | {"region"})
        return Plan(changes, replaces, bool(replaces) and _name_stays(row, old_inputs, news))

    def preview_create(self, token: str, news: Props) -> Props:
        """Outputs as far as they are known before AWS is asked: what AWS computes is unknown."""
        row, props = row_of(token), self._effective(token, news)
        for key, field in sdk.outputs(token).items():
            if key not in props and not field.optional:
                props[key] = UNKNOWN
        return _without_defaults(row, props)

    def create(self, token: str, news: Props) -> Made:
        """Makes it. Raises when nothing was made; a later failure is reported as `problem`."""
        row, props = row_of(token), self._effective(token, news)
        call = self._call(props)
        id_ = row.create(call, props)
        try:
            if row.finish is not None:
                row.finish(call, id_, props)
            return Made(id_, self._outputs(row, call, id_, props))
        except Exception as error:  # noqa: BLE001 - whatever it is, the thing exists and must be kept in state
            return Made(id_, _without_defaults(row, props), explain(error, call.region))

    def preview_update(self, token: str, olds: Props, old_inputs: Props, news: Props) -> Props:
        """Old outputs with the new inputs; what moves is unknown."""
        row, props, declared = row_of(token), self._effective(token, news), sdk.outputs(token)
        changed = {_top(path) for path in self.diff(token, olds, old_inputs, news).changes}
        taken_back = {key for key in old_inputs.keys() - news.keys() if key in declared and declared[key].optional}
        kept = {key: value for key, value in olds.items() if key not in taken_back}
        moved = {key: UNKNOWN for key, causes in row.moves.items() if causes & changed and key not in news}
        return _without_defaults(row, {**kept, **props, **moved})

    def update(self, token: str, id_: str, olds: Props, old_inputs: Props, news: Props) -> Props:
        """Changes it in place; after a creation that failed half way, everything is done again."""
        row, props = row_of(token), self._effective(token, news)
        call = self._call(props)
        changed = frozenset(_top(path) for path in self.diff(token, olds, old_inputs, news).changes) or props.keys()
        if row.update is not None and changed - {"tags", ALL_TAGS} - row.local:
            row.update(call, id_, olds, {**_taken_back(row, changed, news), **props}, changed)
        if row.tag is not None and changed & {"tags", ALL_TAGS}:
            wanted = props[ALL_TAGS]
            gone = sorted((olds.get(ALL_TAGS) or {}).keys() - wanted.keys())
            row.tag(call, id_, {**olds, **props}, wanted, gone)
        return self._outputs(row, call, id_, props, olds)

    def read(self, token: str, id_: str, olds: Props, old_inputs: Props) -> tuple[str, Props, Props] | None:
        """Id, outputs and inputs as AWS has them now; None when it is gone. Without inputs it is an import."""
        row = row_of(token)
        if not old_inputs and (match := _ID_AT_REGION.fullmatch(id_)):
            id_, olds = match[1], {"region": match[2], **olds}
        if "region" in sdk.inputs(token):
            olds = {"region": self._region(olds), **olds}
        call = self._call(olds)
        try:
            cloud = row.read(call, id_, olds)
        except Exception as error:
            if not_found(error):
                return None
            raise
        if cloud is None:
            return None
        id_ = cloud.pop("id", id_)
        declared = self._declared(row, cloud, old_inputs) if old_inputs else self._imported(row, cloud)
        base = {**declared, "region": olds["region"]} if "region" in olds else declared
        if not old_inputs and olds.get("region") != self.connection.configuration.region and "region" in base:
            declared = base
        return id_, self._merged(row, base, cloud, olds), declared

    def delete(self, token: str, id_: str, olds: Props) -> None:
        """Takes it away; gone already is success."""
        row = row_of(token)
        try:
            row.delete(self._call(olds), id_, olds)
        except Exception as error:
            if not not_found(error):
                raise

    def region_of(self, props: Props) -> str:
        """The region that an operation on `props` talks to."""
        return self._region(props) or "us-east-1"

    def _call(self, props: Props) -> Call:
        return Call(self.connection, self.region_of(props))

    def _region(self, props: Props) -> str | None:
        region = props.get("region")
        return region if isinstance(region, str) else self.connection.configuration.region

    def _all_tags(self, props: Props) -> Any:
        tags = props.get("tags") or {}
        return UNKNOWN if tags is UNKNOWN else {**self._default_tags, **tags}

    def _effective(self, token: str, news: Props) -> Props:
        """Inputs with what the provider adds: the tags of all its resources, the region."""
        props = dict(news)
        if row_of(token).tag is not None:
            props[ALL_TAGS] = self._all_tags(news)
        if "region" in sdk.inputs(token):
            props["region"] = news["region"] if news.get("region") is UNKNOWN else self._region(news)
        return props

    def _outputs(self, row: Row, call: Call, id_: str, props: Props, olds: Props | None = None) -> Props:
        cloud = row.read(call, id_, {**(olds or {}), **props})
        if cloud is None:
            raise Refused(f"{row.token} {id_} is not listed by AWS any more")
        cloud.pop("id", None)
        return self._merged(row, props, cloud, olds or {})

    def _merged(self, row: Row, declared: Props, cloud: Props, olds: Props) -> Props:
        """Outputs: the cloud's values in the declaration's words, and something of the right kind for what is left."""
        merged: Props = {}
        for key, field in sdk.outputs(row.token).items():
            seen, wanted = cloud.get(key), declared.get(key)
            if key == "tags":
                merged[key] = wanted
            elif key == ALL_TAGS:
                merged[key] = {**cloud.get("tags", {})} if row.tag is not None else None
            elif seen is not None:
                merged[key] = project(seen, wanted, key) if wanted is not None else seen
            elif wanted is not None:
                merged[key] = wanted
            elif not field.optional:
                merged[key] = olds.get(key, _EMPTY.get(field.kind.name))
        return {key: value for key, value in merged.items() if value is not None}

    def _declared(self, row: Row, cloud: Props, old_inputs: Props) -> Props:
        """The cloud's state as a declaration of the old shape. Tags that somebody added show up."""
        declared = project({**cloud, DEFAULTS: old_inputs.get(DEFAULTS)}, old_inputs)
        if row.tag is not None and "tags" in cloud:
            tags = self._own_tags(cloud["tags"], old_inputs.get("tags") or {})
            declared.pop("tags", None)
            if tags or "tags" in old_inputs:
                declared["tags"] = tags
            if ALL_TAGS in old_inputs:
                declared[ALL_TAGS] = cloud["tags"]
        return dict(declared)

    def _own_tags(self, tags: Mapping[str, str], declared: Mapping[str, str]) -> dict[str, str]:
        by_default = self._default_tags
        return {key: value for key, value in tags.items() if key in declared or by_default.get(key) != value}

    def _imported(self, row: Row, cloud: Props) -> Props:
        found = {key: value for key, value in cloud.items() if key in row.inputs}
        if row.tag is not None and "tags" in cloud:
            found["tags"] = self._own_tags(cloud["tags"], {})
            if self._default_tags:
                found[ALL_TAGS] = cloud["tags"]
        return {
            key: value for key, value in found.items() if not same(_meant(row, key, found), row.undeclared.get(key))
        }


_ID_AT_REGION = re.compile(r"(.+)@([a-z]{2}(?:-[a-z]+)+-\d)")
"""How an import names a thing outside the provider's region."""

_EMPTY: Mapping[str, Any] = {
    "text": "", "whole": 0, "number": 0, "flag": False, "list": [], "map": {}, "any": "", "document": "",
}  # fmt: skip
"""A declared output that is missing would be unknown in every preview, and so would all that depends on it."""


def _top(path: str) -> str:
    return path.partition(".")[0].partition("[")[0]


def _meant(row: Row, key: str, props: Props) -> Any:
    """The value of an input, or what it is undeclared; false, zero and empty are as good as undeclared."""
    value = props.get(key)
    if value is None:
        return row.undeclared.get(key)
    return None if not value and key not in row.undeclared else value


def _taken_back(row: Row, changed: Set[str], news: Props) -> Props:
    return {key: value for key, value in row.undeclared.items() if key in changed and key not in news}


def _name_stays(row: Row, old: Props, new: Props) -> bool:
    """The user gave the name, so old and new cannot exist side by side."""
    if row.name is None or row.name.property in new.get(DEFAULTS, ()):
        return False
    given = new.get(row.name.property)
    return given is not None and same(old.get(row.name.property), given)


def _without_defaults(row: Row, props: Props) -> Props:
    declared = sdk.outputs(row.token)
    return {key: value for key, value in props.items() if key in declared}
