"""A repository between its model, the compact text that goes into state, and the server's JSON (REST reference 2.4, 2.7, 12.3).

The compact text holds class, package type and what is declared besides, by REST names:
`{"rclass":"local","packageType":"maven","description":"our own"}`. Only what stands there is managed. What somebody
sets besides stays, and what is no longer declared returns to its default.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, Self, cast

from artifactory_estate.base import EstateError, Owner, ParsedReference, without_mark
from artifactory_estate.repositories.model import LocalRepository, RemoteRepository, Repositories, VirtualRepository
from artifactory_estate.rest.repositories import Configuration

Class = Literal["local", "remote", "virtual", "federated"]
AnyRepository = LocalRepository | RemoteRepository | VirtualRepository

_CLASS: dict[type[AnyRepository], Class] = {
    LocalRepository: "local",
    RemoteRepository: "remote",
    VirtualRepository: "virtual",
}
_REST_NAMES = {
    "description": "description",
    "notes": "notes",
    "layout": "repoLayoutRef",
    "includes": "includesPattern",
    "excludes": "excludesPattern",
    "project": "projectKey",
    "environments": "environments",
    "xray_index": "xrayIndex",
    "url": "url",
    "username": "username",
    "store_artifacts": "storeArtifactsLocally",
    "repositories": "repositories",
    "deploy_to": "defaultDeploymentRepo",
}
_OURS = ("credentials", "allow_delete", "adopt")
"""Keys of the compact text that are not sent: none of them is a REST name."""
_DEFAULTS: Mapping[str, Any] = {
    "includesPattern": "**/*",
    "storeArtifactsLocally": True,
    "environments": [],
    "repositories": [],
    "xrayIndex": False,
    **dict.fromkeys(("description", "notes", "excludesPattern", "projectKey", "username", "defaultDeploymentRepo"), ""),
}
_CREATED_WITH: Mapping[Class, Mapping[str, Any]] = {
    "local": {},
    # A create that leaves it out stores false, while the UI and the vendor's clients say true (2.8).
    "remote": {"blockMismatchingMimeTypes": True},
    "virtual": {},
    "federated": {},
}
_LAYOUTS = {
    "gradle": "maven-2-default",
    "maven": "maven-2-default",
    **{
        package_type: f"{package_type}-default"
        for package_type in (
            "ansible", "bower", "composer", "conan", "go", "ivy", "nix", "npm", "nuget", "puppet", "sbt", "swift",
        )
    },
}  # fmt: skip
_NEVER_TOLD = {"symbolServerUrl", "customHttpHeaders"}
"""Left out or encrypted by GET (12.2, 5): what was last declared is what is there."""
_SETS = {"environments", "propertySets"}
_CACHE_SUFFIX = " (local file cache)"


def compact(key: str, repository: AnyRepository, rclass: Class | None = None) -> str:
    """The text of one repository, of the model's class or, for a federation's, of `rclass`. Raises `EstateError` when
    `extra` names a field that has a name of its own here."""
    if reserved := repository.extra.keys() & {
        *_REST_NAMES.values(),
        *_OURS,
        "key",
        "rclass",
        "packageType",
        "password",
    }:
        name = min(reserved)
        own = next((ours for ours, theirs in _REST_NAMES.items() if theirs == name), None)
        raise EstateError(f"{key}.extra.{name}: has a place of its own" + (f": write `{own}`" if own else ""))
    data = repository.model_dump(mode="json", exclude_defaults=True, exclude={"extra", "package_type"})
    named = {_REST_NAMES.get(name, name): value for name, value in data.items()}
    if "notes" in named:
        named["notes"] = without_mark(named["notes"])
    kind = {"rclass": rclass or _CLASS[type(repository)], "packageType": repository.package_type}
    return _text({**kind, **named, **repository.extra})


def compact_all(repositories: Repositories) -> dict[str, str]:
    """Every repository of a site by key, sorted."""
    return {key: compact(key, repository) for key, repository in sorted(repositories.all().items())}


@dataclass(frozen=True)
class Form:
    """A compact text, taken apart."""

    text: str = field(repr=False)
    rclass: Class
    package_type: str
    fields: Mapping[str, Any]
    """What is declared, by REST names."""
    credentials: str | None
    """Reference to the upstream's password or token."""
    allow_delete: bool
    adopt: bool

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises `ValueError` saying what is wrong with the text."""
        data = json.loads(text)
        if not isinstance(data, dict) or data.get("rclass") not in _CREATED_WITH or not data.get("packageType"):
            raise ValueError(
                "not a repository: an object with rclass (local, remote, virtual, federated) and packageType"
            )
        credentials = data.get("credentials")
        if credentials is not None:
            ParsedReference(credentials)
        return cls(
            text=text,
            rclass=cast(Class, data["rclass"]),
            package_type=str(data["packageType"]),
            fields={name: value for name, value in data.items() if name not in ("rclass", "packageType", *_OURS)},
            credentials=credentials,
            allow_delete=bool(data.get("allow_delete", False)),
            adopt=bool(data.get("adopt", False)),
        )

    @cached_property
    def members(self) -> tuple[str, ...]:
        """What a virtual repository names, its deployment repository included."""
        if self.rclass != "virtual":
            return ()
        named = (*self.fields.get("repositories", ()), self.fields.get("defaultDeploymentRepo"))
        return tuple(dict.fromkeys(key for key in named if key))

    def is_of_kind(self, found: Configuration) -> bool:
        """Whether the server's repository has this class and package type, which no update can change."""
        return (self.rclass, self.package_type) == kind_of(found)


def kind_of(found: Configuration) -> tuple[str, str]:
    """Class and package type of a server's repository."""
    return str(found.get("rclass", "")).lower(), str(found.get("packageType", "")).lower()


def to_create(key: str, form: Form, owner: Owner, password: str | None) -> dict[str, Any]:
    """The configuration that makes it, marked as ours.

    The layout is always sent: a create that leaves it out gets Maven's, whatever the package type (2.7).
    """
    configuration = {
        "key": key,
        "rclass": form.rclass,
        "packageType": form.package_type,
        "repoLayoutRef": layout_of(form),
        **_CREATED_WITH[form.rclass],
        **form.fields,
        "notes": owner.append_to(form.fields.get("notes")),
    }
    return configuration if password is None else {**configuration, "password": password}


def differences(form: Form, before: Form | None, found: Configuration, owner: Owner) -> dict[str, Any]:
    """Fields to send so that the server's repository is as declared; empty when it is. `before` is the last
    declaration: what it named and this one does not goes back to its default."""
    wanted = {**_given_up(form, before), **form.fields}
    known = {**found, **{name: before.fields.get(name) for name in _NEVER_TOLD if before}}
    changed = {
        name: value for name, value in wanted.items() if name != "notes" and not same(name, value, known.get(name))
    }
    notes = owner.append_to(wanted.get("notes", without_mark(found.get("notes"))))
    if notes != (found.get("notes") or ""):
        changed["notes"] = notes
    return changed


def projected(form: Form, found: Configuration) -> str:
    """What the server has, as a text of the same fields: equal to the declared text unless one of them drifted."""
    rclass, package_type = kind_of(found)
    live = {name: _live(name, value, found) for name, value in form.fields.items()}
    if form.is_of_kind(found) and live == form.fields:
        return form.text
    kept = {name: value for name, value in json.loads(form.text).items() if name in _OURS}
    present = {name: value for name, value in live.items() if value is not None}
    return _text({"rclass": rclass, "packageType": package_type, **present, **kept})


def _live(name: str, declared: Any, found: Configuration) -> Any:
    value = without_mark(found.get("notes")) if name == "notes" else found.get(name)
    return declared if name in _NEVER_TOLD or same(name, declared, value) else value


def _given_up(form: Form, before: Form | None) -> dict[str, Any]:
    names = before.fields.keys() - form.fields.keys() if before else set()
    return {name: layout_of(form) if name == "repoLayoutRef" else _DEFAULTS.get(name) for name in sorted(names)}


def layout_of(form: Form) -> str:
    """The declared layout, else the one that the UI preselects for the package type (12.3.2)."""
    declared = form.fields.get("repoLayoutRef")
    if declared:
        return str(declared)
    if form.package_type == "terraform" and form.rclass in ("local", "federated"):
        return f"terraform-{form.fields.get('terraformType', 'module')}-default"
    return _LAYOUTS.get(form.package_type, "simple-default")


def same(name: str, wanted: Any, found: Any) -> bool:
    """Whether the server's value is the wanted one (12.2): absent, null, empty and false are one; an object may carry
    members that nobody asked for; some lists are sets; old servers decorate some texts."""
    if isinstance(wanted, Mapping):
        return isinstance(found, Mapping) and all(same(key, value, found.get(key)) for key, value in wanted.items())
    if name == "projectKey":
        wanted, found = ("" if value == "default" else value for value in (wanted, found))
    if name == "description" and isinstance(found, str):
        found = found.removesuffix(_CACHE_SUFFIX)
    if name in _SETS and isinstance(wanted, list) and isinstance(found, list):
        return set(wanted) == set(found)
    return bool(wanted == found) or (not wanted and not found)


def _text(data: Mapping[str, Any]) -> str:
    return json.dumps(data, separators=(",", ":"), ensure_ascii=False)
